"""How clients really write SCIM, rewritten into the RFC's form: one function per quirk.

Entra's two dialects (with and without ``aadOptscim062020``) are read by the same functions on every request,
because both reach one URL (C16). Numbers are those of the request catalogue.
"""

import json
import re
from dataclasses import dataclass
from typing import Any

from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.schemas import ENTERPRISE

# What an entry of a multi-valued attribute may hold besides its value.
SHELL = frozenset({"type", "primary"})
SERVER_ATTRIBUTES = frozenset({"id", "meta", "groups", "schemas"})
MANAGER_PATHS = frozenset(
    path.lower()
    for path in (
        "manager",
        f"{ENTERPRISE}:manager",
        # As a product guide prints it; not the RFC's URN (B6).
        "urn:ietf:params:scim:schemas:extension:scim:2.0:EnterpriseUser:manager",
    )
)
MISPRINTED_ENTERPRISE = "urn:ietf:params:scim:schemas:extension:scim:2.0:EnterpriseUser"
# What Entra makes of a userPrincipalName when it soft-deletes a user: the object id without its dashes goes first.
SOFT_DELETED = re.compile(r"(?P<id>[0-9a-f]{32})(?P<name>[^@]+@.+)", re.IGNORECASE)
BOOLEANS = {"true": True, "false": False}

Operation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tolerance:
    """What one connection tolerates in a body; each field is a policy column."""

    managers: bool = True
    roles_add_replaces: bool = False
    refuse_unmapped: bool = False
    create_unmatched: bool = True


def read_resource(body: dict[str, Any], tolerance: Tolerance) -> dict[str, Any]:
    """Return the body of a POST or PUT in RFC form (R4, Okta's echoing PUT).

    Server attributes are ignored, empties count as absent, and strings become booleans where one is meant.
    """
    document: dict[str, Any] = {
        key: value for key, value in body.items() if key.lower() not in SERVER_ATTRIBUTES
    }
    document = _cleaned(document)
    lift_misprinted_manager(document)
    for key in [key for key in document if key.lower() == ENTERPRISE.lower()]:
        read_extension_manager(document[key], tolerance)
    for key in [key for key in document if key.lower() == "manager"]:
        # Under the core schema it is nobody's attribute; the RFC keeps it in the extension.
        _into_extension(document, _manager_members(document.pop(key), tolerance))
    read_booleans(document)
    for key, value in document.items():
        if key.lower() == "roles":
            document[key] = [entry for entry in read_roles(value) if entry]
    first_primary_wins(document)
    return _cleaned(document)


def without_empties(value: Any) -> Any:
    """Drop null, ``""``, ``[]`` and ``{}`` at every level: they mean unassigned (RFC 7643 section 2.5, R4)."""
    if isinstance(value, dict):
        cleaned = ((key, without_empties(item)) for key, item in value.items())
        return {key: item for key, item in cleaned if item not in (None, "", [], {})}
    if isinstance(value, list):
        entries = [(without_empties(item), item) for item in value]
        return [
            entry for entry, sent in entries if entry not in (None, "", [], {}) and not _is_shell(entry, sent)
        ]
    return value


def _is_shell(entry: Any, sent: Any) -> bool:
    """Return whether an entry has lost its value, and says only what it is for (T16)."""
    return isinstance(entry, dict) and len(entry) < len(sent) and {key.lower() for key in entry} <= SHELL


def _cleaned(document: dict[str, Any]) -> dict[str, Any]:
    cleaned: dict[str, Any] = without_empties(document)
    return cleaned


def lift_misprinted_manager(document: dict[str, Any]) -> None:
    """Read the manager under the URN that a product guide misprints as one of the enterprise extension (B6)."""
    for key in [key for key in document if key.lower() == MISPRINTED_ENTERPRISE.lower()]:
        misprinted = document.pop(key)
        if isinstance(misprinted, dict):
            _into_extension(document, misprinted)


def _into_extension(document: dict[str, Any], members: dict[str, Any]) -> None:
    extension = document.setdefault(ENTERPRISE, {})
    if not isinstance(extension, dict):
        raise ScimError("not_an_object", field=ENTERPRISE)
    extension.update(members)


def read_extension_manager(extension: Any, tolerance: Tolerance) -> None:
    """Read ``manager`` of the enterprise extension, in place (R10)."""
    if not isinstance(extension, dict):
        return
    for key in [key for key in extension if key.lower() == "manager"]:
        extension.update(_manager_members(extension.pop(key), tolerance))


def _manager_members(value: Any, tolerance: Tolerance) -> dict[str, Any]:
    manager = read_manager(value)
    return {"manager": manager} if manager and tolerance.managers else {}


def read_manager(value: Any) -> dict[str, Any] | None:
    """Return a manager as an object; Entra sends a plain string, older versions a list (R10)."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str):
        return {"value": value} if value else None
    if isinstance(value, dict):
        members = {key.lower(): item for key, item in value.items()}
        if not members.get("value"):
            return None
        manager = {"value": members["value"], "$ref": members.get("$ref")}
        return {key: item for key, item in manager.items() if item}
    if value is None:
        return None
    raise ScimError("bad_value", field=f"{ENTERPRISE}:manager", value=value, reason="it is the id of a user")


def read_booleans(document: dict[str, Any]) -> None:
    """Turn ``"True"`` and ``"False"`` into booleans for ``active`` and every ``primary``, in place (R4, R8)."""
    for key, value in document.items():
        if key.lower() == "active":
            document[key] = read_boolean(value, "active")
        elif isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict):
                    read_primary(entry, key)


def read_primary(entry: dict[str, Any], field: str) -> None:
    """Turn the ``primary`` of one entry into a boolean, in place."""
    for key, value in entry.items():
        if key.lower() == "primary":
            entry[key] = read_boolean(value, f"{field}.primary")


def read_boolean(value: Any, field: str) -> bool:
    """Return the boolean that *value* is or spells; nothing but true and false is taken for one (R8)."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in BOOLEANS:
        return BOOLEANS[value.strip().lower()]
    raise ScimError("bad_value", field=field, value=value, reason="it must be true or false")


def name_before_soft_delete(value: Any, external_id: str, *, active: bool) -> str | None:
    """Return what a user was called before Entra soft-deleted it and renamed it ``<32 hex><upn>`` (C6), or None.

    Entra frees the name in its own directory by that; the person is called as before. It is such a name when it
    begins with the user's own object id, or when the user is Inactive.
    """
    match = SOFT_DELETED.fullmatch(value) if isinstance(value, str) else None
    if match is None or (active and match["id"].lower() != external_id.replace("-", "").lower()):
        return None
    return match["name"]


def read_roles(value: Any) -> list[Any]:
    """Return roles as objects: JSON inside ``value``, ``displayName`` for ``display``, bare strings (R13)."""
    entries = value if isinstance(value, list) else [value]
    return [read_role(entry) for entry in entries]


def read_role(entry: Any) -> Any:
    """Return one role entry in RFC form (R13)."""
    if isinstance(entry, str):
        entry = {"value": entry}
    if not isinstance(entry, dict):
        return entry
    role: dict[str, Any] = {_ROLE_KEYS.get(key.lower()) or key: item for key, item in entry.items()}
    role.pop("id", None)
    text = role.get("value")
    if isinstance(text, str) and text.lstrip().startswith("{"):
        role.update(_unpacked_role(text))
    read_primary(role, "roles")
    return {key: item for key, item in role.items() if item not in (None, "")}


_ROLE_KEYS = {
    "displayname": "display",
    "display": "display",
    "value": "value",
    "type": "type",
    "primary": "primary",
}


def _unpacked_role(text: str) -> dict[str, Any]:
    """Read the JSON document that AppRoleAssignmentsComplex puts inside ``value`` (R13)."""
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(inner, dict):
        return {}
    members = {_ROLE_KEYS.get(key.lower(), key): item for key, item in inner.items()}
    return {key: members[key] for key in ("value", "display") if isinstance(members.get(key), str)}


def first_primary_wins(document: dict[str, Any]) -> None:
    """Keep the first primary entry of each attribute, as clients that fill two mark both (PingFederate)."""
    for entries in document.values():
        if not isinstance(entries, list):
            continue
        seen = False
        for entry in entries:
            if isinstance(entry, dict) and entry.get("primary") is True:
                if seen:
                    entry["primary"] = False
                seen = True
