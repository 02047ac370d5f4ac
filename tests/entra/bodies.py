"""What Entra sends, word for word, with values of our own."""

import copy
from typing import Any

from tests.scim import ENTERPRISE, USER

OBJECT_ID = "5f0c6f0a-7a5e-4c2b-9d0e-0f7a1c2b3d4e"

# R4, the same in both dialects.
CREATE: dict[str, Any] = {
    "schemas": [USER, ENTERPRISE],
    "externalId": OBJECT_ID,
    "userName": "ada@contoso.example",
    "active": True,
    "displayName": "Ada L",
    "emails": [{"primary": True, "type": "work", "value": "ada@contoso.example"}],
    "meta": {"resourceType": "User"},
    "name": {"formatted": "Ada L", "familyName": "L", "givenName": "Ada"},
    "title": "Eng",
    "phoneNumbers": [{"type": "work", "value": "5551"}],
    "addresses": [{"type": "work", "locality": "Oslo"}],
    "roles": [],
    ENTERPRISE: {"department": "R&D", "employeeNumber": "7"},
}


def create_body(**changes: Any) -> dict[str, Any]:
    """Return the body of R4 with changes on top; an Ellipsis takes a member out."""
    body = {**copy.deepcopy(CREATE), **changes}
    return {key: value for key, value in body.items() if value is not ...}


def stored(body: dict[str, Any]) -> dict[str, Any]:
    """Return what a GET must show of a body of R4: all that was sent, but for empties and what is ours."""
    left_out = ("schemas", "meta", "id")
    return {key: value for key, value in body.items() if key not in left_out and value not in (None, "", [])}


def replace(path: str, value: Any) -> dict[str, Any]:
    """Return a replace as the legacy dialect writes it."""
    return {"op": "Replace", "path": path, "value": value}


def add(path: str, value: Any) -> dict[str, Any]:
    """Return an add as the legacy dialect writes it."""
    return {"op": "Add", "path": path, "value": value}


def folded(value: dict[str, Any], op: str = "replace") -> dict[str, Any]:
    """Return an operation without a path, as aadOptscim062020 writes it."""
    return {"op": op, "value": value}
