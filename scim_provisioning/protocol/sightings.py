"""What a request says about the client's setup: read off its body and its refusal, never off anything stored."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scim_provisioning.protocol.dialects import MANAGER_PATHS, MISPRINTED_ENTERPRISE
from scim_provisioning.protocol.errors import ScimError, shown
from scim_provisioning.protocol.schemas import ENTERPRISE

LONGEST_SAMPLE = 160
FLAG = "aadoptscim062020"
_GUID = re.compile(r"\{?[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}\}?", re.IGNORECASE)

# By which a client looks for one user; a user name stands for one anyhow (R2).
_MATCHING = frozenset({"externalid", "emails.value"})

# Which part of a client's setup a refusal tells of; what is not here tells of none.
SUBJECT_OF_CODE: Mapping[str, str] = {
    "not_lower_case": "lower_case",
    "external_id_not_guid": "external_id",
    "external_id_taken": "external_id",
    "unknown_role": "roles",
    "ambiguous_role": "roles",
    "role_not_allowed": "roles_allowed",
    "principal_lacks_role": "token_holder",
    "unknown_reference": "reference_known",
    "reference_elsewhere": "reference_known",
    "dependent_attribute": "dependent",
    "ambiguous_reference": "reference_unique",
    "exclusive_attributes": "exclusive",
    "unknown_choice": "choice",
    "groups_off": "groups",
    "unknown_path": "attributes",
    "bad_path": "attributes",
    "unmapped_attribute": "attributes",
    "missing_attribute": "attributes",
    "bad_value": "attributes",
    "value_too_long": "attributes",
    "unknown_filter_attribute": "matching",
    "bad_filter": "matching",
    "ambiguous_match": "accounts",
    "user_name_taken": "accounts",
    "email_taken": "accounts",
    "adopted_identifier": "accounts",
    "not_managed": "accounts",
    "group_name_taken": "group_names",
    "group_name_reserved": "group_names",
}
# Refusals whose value names a person; the others of which a value is kept name a thing of the product.
_NAMES_A_PERSON = frozenset(
    {
        "not_lower_case",
        "external_id_not_guid",
        "external_id_taken",
        "ambiguous_match",
        "user_name_taken",
        "email_taken",
        "adopted_identifier",
    }
)
_NAMES_A_THING = frozenset(
    {
        "unknown_role",
        "ambiguous_role",
        "role_not_allowed",
        "principal_lacks_role",
        "unknown_reference",
        "reference_elsewhere",
        "dependent_attribute",
        "ambiguous_reference",
        "exclusive_attributes",
        "unknown_choice",
        "unknown_path",
        "bad_path",
        "group_name_taken",
        "group_name_reserved",
    }
)


@dataclass(frozen=True, slots=True)
class Sighting:
    """One thing that a request shows, right or wrong; the sample says what was there, masked."""

    subject: str
    right: bool
    sample: str = ""


def masked(value: Any) -> str:
    """Return a name without its small letters and figures, but for the first character and a domain.

    Capital letters stay, because they may be what is wrong with it (B7).
    """
    local, at, domain = shown(value)[1:-1].partition("@")
    rest = "".join("•" if letter.isalnum() and not letter.isupper() else letter for letter in local[1:])
    return f"{local[:1]}{rest}{at}{domain}"


def of_refusal(error: ScimError, *, with_values: bool) -> Sighting | None:
    """Return what a refusal tells of the client's setup, if anything.

    :param with_values: whether a value may be kept at all.
    """
    return of_fault(error.code, error.field, error.value, with_values=with_values)


def of_fault(code: str, field: str | None, value: Any, *, with_values: bool) -> Sighting | None:
    """Return what is wrong with a value, refused or passed over, if that tells of the client's setup."""
    subject = SUBJECT_OF_CODE.get(code)
    if subject is None:
        return None
    parts = [field] if field else []
    if with_values and value is not None:
        if code in _NAMES_A_PERSON:
            parts.append(masked(value))
        elif code in _NAMES_A_THING:
            parts.append(shown(value)[1:-1])
    return Sighting(subject, right=False, sample=": ".join(parts)[:LONGEST_SAMPLE])


def of_match(path: str, value: str, *, with_values: bool) -> Sighting | None:
    """Return that several accounts were found for one user, where that is what a filter looks for (B10)."""
    if path.rpartition(":")[2].lower() not in _MATCHING:
        return None
    return Sighting("accounts", right=False, sample=f"{path}: {masked(value)}" if with_values else path)


def of_name(path: str, value: Any, *, with_values: bool) -> Sighting | None:
    """Return whether a matching attribute arrived in lower case (B7)."""
    if not isinstance(value, str):
        return None
    right = value == value.lower()
    return Sighting("lower_case", right, f"{path}: {masked(value)}" if with_values else path)


def of_external_id(value: Any, *, with_values: bool) -> Sighting | None:
    """Return whether externalId looks like an objectId (A32)."""
    if not isinstance(value, str) or not value:
        return None
    # A GUID is nobody's name, and tells nothing about the setup beyond being one.
    right = _GUID.fullmatch(value) is not None
    return Sighting(
        "external_id", right, f"externalId: {masked(value)}" if with_values and not right else "externalId"
    )


def manager_path(body: Any) -> str | None:
    """Return the path under which a body names a manager, under either URN, or None (B6, R10)."""
    if not isinstance(body, dict):
        return None
    for name, value in body.items():
        if name.lower() == "operations" and isinstance(value, list):
            return next((path for operation in value for path in _operation_paths(operation)), None)
    return next(_manager_members(body, ""), None)


def _operation_paths(operation: Any) -> Iterator[str]:
    if not isinstance(operation, dict):
        return
    members = {key.lower(): value for key, value in operation.items() if isinstance(key, str)}
    path, value = members.get("path"), members.get("value")
    if isinstance(path, str) and path.strip():
        if path.strip().lower().removesuffix(".value") in MANAGER_PATHS:
            yield path.strip()
        elif isinstance(value, dict):
            yield from _manager_members(value, path.strip())
    elif isinstance(value, dict):
        yield from _manager_members(value, "")


def _manager_members(document: Mapping[str, Any], prefix: str) -> Iterator[str]:
    """Yield the paths of managers in a document; an empty one is none (R4)."""
    for name, value in document.items():
        path = f"{prefix}:{name}" if prefix else name
        if path.lower().removesuffix(".value") in MANAGER_PATHS and value not in (None, "", [], {}):
            yield path
        elif not prefix and name.lower() in _EXTENSIONS and isinstance(value, dict):
            yield from _manager_members(value, name)


_EXTENSIONS = frozenset({ENTERPRISE.lower(), MISPRINTED_ENTERPRISE.lower()})
