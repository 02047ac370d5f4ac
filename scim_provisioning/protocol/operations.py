"""PATCH operations as clients write them, rewritten into the RFC's form with one path each (section 3.5.2)."""

from collections.abc import Iterator
from typing import Any

from scim_provisioning.protocol.dialects import (
    MANAGER_PATHS,
    SERVER_ATTRIBUTES,
    Operation,
    Tolerance,
    read_boolean,
    read_manager,
    read_primary,
    read_roles,
    without_empties,
)
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.filters import check_escapes
from scim_provisioning.protocol.members import is_members_path
from scim_provisioning.protocol.schemas import ENTERPRISE, USER

MULTI_VALUED = frozenset(
    {
        "members",
        "emails",
        "phonenumbers",
        "ims",
        "photos",
        "addresses",
        "entitlements",
        "roles",
        "x509certificates",
    }
)
CORE_PREFIX = f"{USER}:".lower()
OPERATIONS = ("add", "remove", "replace")


def read_patch(operations: list[Any], tolerance: Tolerance) -> list[Operation]:
    """Return the operations of a PATCH in RFC form, each with one path (R5 to R13, R18 to R20, R24)."""
    normalized: list[Operation] = []
    for operation in operations:
        for single in split_pathless(read_operation(operation)):
            if single["path"].lower() in SERVER_ATTRIBUTES and not single.pop("explicit", False):
                continue
            single.pop("explicit", None)
            normalized.extend(_read_value(single, tolerance))
    return normalized


def read_operation(operation: Any) -> Operation:
    """Return one operation with its names in lower case; Entra sends ``Add``, ``Replace``, ``Remove`` (R5)."""
    if not isinstance(operation, dict):
        raise ScimError("not_an_object", field="Operations")
    members = {key.lower(): value for key, value in operation.items()}
    kind = members.get("op")
    if not isinstance(kind, str) or kind.lower() not in OPERATIONS:
        raise ScimError("bad_operation", value=kind)
    path = members.get("path")
    if path is not None and not isinstance(path, str):
        raise ScimError("bad_path", value=path)
    check_escapes(path or "")
    read: Operation = {"op": kind.lower(), "path": (path or "").strip()}
    if "value" in members:
        read["value"] = members["value"]
    elif kind.lower() != "remove":
        raise ScimError("bad_value", field=path or "Operations", value=None, reason=f"{kind} needs a value")
    return read


def split_pathless(operation: Operation) -> Iterator[Operation]:
    """Split an operation without a path: the keys of its value are paths, dotted or full URNs (R5, R7, R20)."""
    if operation["path"]:
        yield {**operation, "explicit": True}
        return
    if operation["op"] == "remove":
        raise ScimError("remove_without_path")
    value = operation["value"]
    if not isinstance(value, dict):
        raise ScimError("not_an_object", field="The value of an operation without a path")
    for key, item in value.items():
        check_escapes(key)
        yield {"op": operation["op"], "path": key.strip(), "value": item}


def _read_value(operation: Operation, tolerance: Tolerance) -> Iterator[Operation]:
    kind, path, value = operation["op"], operation["path"], operation.get("value")
    name = path.lower().removeprefix(CORE_PREFIX)
    if name.removesuffix(".value") in MANAGER_PATHS:
        yield from _manager_operation(kind, value, tolerance)
    elif is_members_path(path) and kind != "remove":
        yield from _members_operation(operation)
    elif name == "active":
        yield from _active_operation(kind, value)
    elif kind == "remove":
        yield from _removal(operation, name)
    elif value in (None, ""):
        # T16: an empty value clears, and leaves no entry behind that only says what it is for.
        yield {"op": "remove", "path": path, "clears": True}
    elif name == "roles":
        replaces = kind == "replace" or tolerance.roles_add_replaces
        yield {"op": "replace" if replaces else "add", "path": path, "value": read_roles(value)}
    elif isinstance(value, dict) and name.startswith("urn:") and _is_schema(name):
        for key, item in value.items():
            yield from _read_value({"op": kind, "path": f"{path}:{key}", "value": item}, tolerance)
    elif name.endswith(".primary"):
        yield {**operation, "value": read_boolean(value, path)}
    else:
        yield from _read_entries(operation)


def _active_operation(kind: str, value: Any) -> Iterator[Operation]:
    """Switch a user on or off (R8, R9).

    A user always has ``active``: what was said of it before, in the same request too, stays said (T11).
    """
    if kind != "remove" and value not in (None, ""):
        yield {"op": "replace", "path": "active", "value": read_boolean(value, "active")}


def _removal(operation: Operation, name: str) -> Iterator[Operation]:
    """Pass on a removal; a list that names nothing takes nothing out, without a value the path says it all (R19)."""
    if operation.get("value") != [] or name not in MULTI_VALUED:
        yield operation


def _members_operation(operation: Operation) -> Iterator[Operation]:
    """Leave members as they came: an entry that names nobody is refused, and never empties a group (R19)."""
    if operation["value"] not in (None, ""):
        yield operation
    elif operation["op"] == "replace":
        yield {**operation, "value": []}


def _is_schema(name: str) -> bool:
    return name.rpartition(":")[2] in ("user", "group")


def _manager_operation(kind: str, value: Any, tolerance: Tolerance) -> Iterator[Operation]:
    """Set or clear the manager; ``""`` clears it (T25), and a connection without managers drops both (B6)."""
    if not tolerance.managers:
        return
    path = f"{ENTERPRISE}:manager"
    manager = None if kind == "remove" else read_manager(value)
    if manager is None:
        yield {"op": "remove", "path": path}
    else:
        yield {"op": "replace", "path": path, "value": manager}


def _read_entries(operation: Operation) -> Iterator[Operation]:
    """Clear the empty members of an object value, and read the booleans of its entries (T16)."""
    value = operation["value"]
    if isinstance(value, list):
        kept = without_empties(value)
        for entry in kept:
            if isinstance(entry, dict):
                read_primary(entry, operation["path"])
        if kept or not value:
            yield {**operation, "value": kept}
        elif operation["op"] == "replace":
            yield {"op": "remove", "path": operation["path"]}
    elif isinstance(value, dict):
        emptied = [key for key, item in value.items() if item in (None, "")]
        kept_members = {key: item for key, item in value.items() if key not in emptied}
        read_primary(kept_members, operation["path"])
        yield from ({"op": "remove", "path": f"{operation['path']}.{key}"} for key in emptied)
        yield {**operation, "value": kept_members}
    else:
        yield operation
