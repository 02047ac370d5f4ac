"""What a document must satisfy on one connection, whatever the operation."""

import unicodedata
from typing import Any

from django.db import IntegrityError

from scim_provisioning.mapping.rows import parse_id
from scim_provisioning.mapping.targets import Document
from scim_provisioning.mapping.users import WORK_EMAIL, ResourceMapping, UserMapping
from scim_provisioning.models import Connection, name_key
from scim_provisioning.models.resources import KEY_LENGTH
from scim_provisioning.protocol.errors import ScimError

# Invisible characters let two names look alike (T22): controls, formats such as zero-width and bidi marks.
FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cs", "Zl", "Zp"})
_SOURCES = {"userName": "userPrincipalName", WORK_EMAIL: "mail"}
_CODE_BY_CONSTRAINT = {
    "scim_user_name": ("user_name_taken", "userName"),
    "user_name_key": ("user_name_taken", "userName"),
    "external_id": ("external_id_taken", "externalId"),
    "scim_group_name": ("group_name_taken", "displayName"),
    "name_key": ("group_name_taken", "displayName"),
    "scim_user_row": ("user_name_taken", "userName"),
}


def check_name(field: str, value: Any) -> str:
    """Return the name of a resource, or refuse one that is missing, too long or misleading."""
    if not isinstance(value, str) or not value:
        raise ScimError("missing_attribute", field=field)
    if value != value.strip():
        raise ScimError("bad_value", field=field, value=value, reason="it begins or ends with a space")
    if any(unicodedata.category(character) in FORBIDDEN_CATEGORIES for character in value):
        raise ScimError("bad_value", field=field, value=value, reason="it holds an invisible character")
    if len(value) > KEY_LENGTH or len(name_key(value)) > KEY_LENGTH:
        raise ScimError("value_too_long", field=field, value=value, limit=KEY_LENGTH)
    return value


def check_external_id(connection: Connection, value: Any) -> str:
    """Return the externalId, or refuse one of another form than the connection wants (A32)."""
    text = value or ""
    if len(text) > KEY_LENGTH:
        raise ScimError("value_too_long", field="externalId", value=text, limit=KEY_LENGTH)
    if connection.external_id_format == Connection.ExternalIdFormat.GUID and text and parse_id(text) is None:
        raise ScimError("external_id_not_guid", field="externalId", value=text)
    return str(text)


def require_external_id(connection: Connection, document: Document) -> None:
    """Refuse a new user without the externalId that links it, where the connection wants a GUID (A32)."""
    if connection.external_id_format == Connection.ExternalIdFormat.GUID and not document.get("externalId"):
        raise ScimError("external_id_not_guid", field="externalId", value="")


def external_id_key(connection: Connection, external_id: str) -> str | None:
    """Return what the unique constraint on externalId sees; null where repeating is allowed."""
    return external_id if connection.external_id_unique and external_id else None


def fold_letters(mapping: UserMapping, document: Document, before: Document) -> None:
    """Keep, fold or refuse capital letters in the identifiers that changed, in place (B7)."""
    policy = mapping.connection.letter_case
    if policy == Connection.LetterCase.PRESERVE:
        return
    for path in ("userName", WORK_EMAIL):
        target = mapping.target(path)
        value = target.get(document)
        if not isinstance(value, str) or value == value.lower() or value == target.get(before):
            continue
        if policy == Connection.LetterCase.REJECT:
            raise ScimError("not_lower_case", field=path, value=value, source=_SOURCES[path])
        target.discard(document)
        target.set(document, value.lower())


def check_unmapped(mapping: ResourceMapping, document: Document) -> None:
    """Refuse attributes that the Hub has no place for, where the connection says so."""
    if mapping.connection.unmapped_attributes != Connection.Unmapped.REJECT:
        return
    mapped = mapped_attributes(mapping)
    for path in attribute_paths(document):
        if path not in mapped:
            raise ScimError("unmapped_attribute", field=":".join(part for part in path if part))


def mapped_attributes(mapping: ResourceMapping) -> set[tuple[str, str]]:
    """Return (extension URN or "", attribute) of all that the mapping or SCIM itself has a place for."""
    own = {("", mapping.name_attribute), ("", "externalId"), ("", "active")}
    return own | {(target.urn or "", target.attribute) for target, _attribute in mapping.lines()}


def attribute_paths(document: Document) -> list[tuple[str, str]]:
    """Return (extension URN or "", attribute) of everything in a document."""
    paths: list[tuple[str, str]] = []
    for name, value in document.items():
        if name.startswith("urn:") and isinstance(value, dict):
            paths += [(name, attribute) for attribute in value]
        else:
            paths.append(("", name))
    return paths


def check_adopted(mapping: UserMapping, before: Document, after: Document) -> None:
    """Keep an adopted account's identifiers, unless the new domain is a verified one (A13, T5)."""
    verified = {domain.lower().removeprefix("@") for domain in mapping.verified_domains()}
    for path in ("userName", WORK_EMAIL):
        target = mapping.target(path)
        old, new = target.get(before), target.get(after)
        if old == new or not isinstance(new, str):
            continue
        if isinstance(old, str) and name_key(old) == name_key(new):
            continue
        if new.rpartition("@")[2].lower() not in verified:
            raise ScimError("adopted_identifier", field=path, value=new)


def conflict(error: IntegrityError, document: Document) -> ScimError:
    """Translate a broken constraint; the database's own text never leaves the process (T18)."""
    diagnosis = getattr(error.__cause__, "diag", None)
    text = getattr(diagnosis, "constraint_name", None) or str(error)
    for mark, (code, field) in _CODE_BY_CONSTRAINT.items():
        if mark in text:
            return ScimError(code, field=field, value=document.get(field))
    return ScimError("value_taken")
