"""What a PATCH operation does to a user, written down without the service's code (RFC 7644 section 3.5.2)."""

import re
from typing import Any

from tests.scim import ENTERPRISE, USER

Document = dict[str, Any]

SIMPLE = ("displayName", "title", "nickName", "locale", "externalId")
ENTERPRISE_SIMPLE = ("department", "employeeNumber", "costCenter")
NAME_PARTS = ("givenName", "familyName", "formatted")
LISTS = {
    "emails": ("value", "display"),
    "phoneNumbers": ("value", "display"),
    "addresses": ("locality", "country"),
}
SERVER_MADE = ("id", "meta", "schemas", "groups")
BOOLEANS = {"true": True, "false": False}

# Path in lower case to the names that lead there.
PLACES: dict[str, tuple[str, ...]] = {
    **{name.lower(): (name,) for name in SIMPLE},
    **{f"name.{part}".lower(): ("name", part) for part in NAME_PARTS},
    **{f"{ENTERPRISE}:{name}".lower(): (ENTERPRISE, name) for name in ENTERPRISE_SIMPLE},
}
FILTERED = re.compile(r'(\w+)\[type eq "(\w+)"\](?:\.(\w+))?')


class Refused(Exception):
    """A request that must be refused, and with which status; one of several where it breaks several rules."""

    def __init__(self, *statuses: int) -> None:
        super().__init__(statuses)
        self.statuses = statuses


def apply(document: Document, operation: Any, *, creates: bool) -> None:
    """Apply one operation to a document, in place.

    :param creates: whether a path whose filter selects nothing creates the entry.
    """
    kind = operation.get("op")
    if not isinstance(kind, str) or kind.lower() not in ("add", "replace", "remove"):
        raise Refused(400)
    kind, path = kind.lower(), operation.get("path")
    if kind != "remove" and "value" not in operation:
        raise Refused(400)
    if path:
        if path.lower() in SERVER_MADE:
            raise Refused(400)
        put(document, kind, path, operation.get("value"), creates=creates)
        return
    if kind == "remove" or not isinstance(operation["value"], dict):
        raise Refused(400)
    for key, value in operation["value"].items():
        if key.lower() not in SERVER_MADE:
            put(document, kind, key, value, creates=creates)


def put(document: Document, kind: str, path: str, value: Any, *, creates: bool) -> None:
    """Put a value at a path, or take it away."""
    name = path.lower().removeprefix(f"{USER.lower()}:")
    empties = kind == "remove" or value in (None, "")
    if name == "username":
        if empties or not isinstance(value, str):
            raise Refused(400)
        document["userName"] = value
    elif name == "active":
        if not empties:
            document["active"] = boolean(value)
    elif name in PLACES:
        if not empties and not isinstance(value, str):
            raise Refused(400)
        put_text(document, PLACES[name], None if empties else value)
    elif name in ("manager", f"{ENTERPRISE}:manager".lower()):
        put_manager(document, None if empties else value)
    elif name in ("name", ENTERPRISE.lower()) and isinstance(value, dict) and kind != "remove":
        separator = "." if name == "name" else ":"
        for part, item in value.items():
            put(document, kind, f"{name}{separator}{part}", item, creates=creates)
    elif name == "name" and empties:
        document.pop("name", None)
    elif name in [attribute.lower() for attribute in LISTS]:
        put_list(document, next(one for one in LISTS if one.lower() == name), kind, value)
    elif match := FILTERED.fullmatch(path):
        put_selected(document, kind, match, None if empties else value, creates=creates)
    else:
        raise Refused(400)


def boolean(value: Any) -> bool:
    """Return a boolean, or what spells one."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in BOOLEANS:
        return BOOLEANS[value.lower()]
    raise Refused(400)


def put_text(document: Document, names: tuple[str, ...], value: str | None) -> None:
    """Set or clear a text, and what is left empty by it."""
    holder = document if len(names) == 1 else document.setdefault(names[0], {})
    if value is None:
        holder.pop(names[-1], None)
    else:
        holder[names[-1]] = value
    if len(names) > 1 and not holder:
        del document[names[0]]


def put_manager(document: Document, value: Any) -> None:
    """Set or clear the manager; a text is the manager's id (R10)."""
    if isinstance(value, dict):
        value = value.get("value") or None
    if value is not None and not isinstance(value, str):
        raise Refused(400)
    extension = document.setdefault(ENTERPRISE, {})
    extension.pop("manager", None)
    if value:
        extension["manager"] = {"value": value}
    if not extension:
        del document[ENTERPRISE]


def put_list(document: Document, attribute: str, kind: str, value: Any) -> None:
    """Add entries that are not there yet, or replace them all."""
    if kind == "remove" or value in (None, ""):
        document.pop(attribute, None)
        return
    sent = value if isinstance(value, list) else [value]
    if not all(isinstance(entry, dict) for entry in sent):
        raise Refused(400)
    entries = [entry for one in sent if (entry := without_empties(one))]
    present = [] if kind == "replace" else document.get(attribute, [])
    if any(entry.get("primary") for entry in entries if entry not in present):
        # There is one primary entry at most: the newest (RFC 7644 section 3.5.2).
        present = [{**entry, "primary": False} if entry.get("primary") else entry for entry in present]
    document[attribute] = present + [entry for entry in entries if entry not in present]
    if not document[attribute]:
        del document[attribute]


def without_empties(entry: dict[str, Any]) -> dict[str, Any]:
    """Return an entry without what came empty; nothing of one that has lost all but its type."""
    kept = {key: item for key, item in entry.items() if item not in (None, "")}
    return {} if len(kept) < len(entry) and kept.keys() <= {"type", "primary"} else kept


def put_selected(document: Document, kind: str, match: re.Match[str], value: Any, *, creates: bool) -> None:
    """Change what the entries of one type hold, or take the entries away (R6)."""
    attribute, wanted, part = match.groups()
    if attribute not in LISTS or (part and part not in LISTS[attribute]):
        raise Refused(400)
    entries = document.get(attribute, [])
    selected = [entry for entry in entries if entry.get("type", "").lower() == wanted.lower()]
    if part is None:
        if kind != "remove":
            raise Refused(400)
        document[attribute] = [entry for entry in entries if entry not in selected]
    elif value is None:
        for entry in selected:
            entry.pop(part, None)
        document[attribute] = [
            entry for entry in entries if entry not in selected or not entry.keys() <= {"type", "primary"}
        ]
    elif not isinstance(value, str):
        raise Refused(400)
    elif selected:
        for entry in selected:
            entry[part] = value
    elif creates:
        document.setdefault(attribute, []).append({"type": wanted, part: value})
    else:
        raise Refused(400)
    if not document.get(attribute):
        document.pop(attribute, None)
