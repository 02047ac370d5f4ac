"""Bulk requests: operations read under limits, and references between them (RFC 7644 section 3.7)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import Limits

BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"
METHODS = ("POST", "PUT", "PATCH", "DELETE")
REFERENCE = "bulkId:"
_PATH = re.compile(r"/?(users|groups)(?:/([^/?]+))?/?", re.IGNORECASE)


@dataclass(slots=True)
class BulkOperation:
    """One operation of a bulk request."""

    method: str
    resource_type: str
    resource_id: str | None
    bulk_id: str | None
    version: str | None
    data: dict[str, Any]

    def references(self) -> set[str]:
        """Return the bulkIds that the operation needs to be resolved."""
        found = set(_references(self.data))
        if self.resource_id and self.resource_id.startswith(REFERENCE):
            found.add(self.resource_id[len(REFERENCE) :])
        return found


@dataclass(slots=True)
class BulkRequest:
    """The operations in the order they came, and how many errors end the request."""

    operations: list[BulkOperation] = field(default_factory=list)
    fail_on_errors: int | None = None


def read_bulk(body: dict[str, Any], limits: Limits) -> BulkRequest:
    """Return the bulk request of a body.

    :raises ScimError: 400 for what cannot be read, 413 for more operations than allowed.
    """
    members = {key.lower(): value for key, value in body.items()}
    schemas = members.get("schemas")
    if not isinstance(schemas, list) or BULK_REQUEST not in schemas:
        raise ScimError("bad_schema", value=BULK_REQUEST)
    operations = members.get("operations")
    if not isinstance(operations, list):
        raise ScimError("bad_bulk_operation", reason="Operations must be a list")
    if len(operations) > limits.operations:
        raise ScimError("too_many_bulk_operations", limit=limits.operations, value=str(len(operations)))
    errors = members.get("failonerrors")
    if errors is not None and (isinstance(errors, bool) or not isinstance(errors, int) or errors < 1):
        raise ScimError(
            "bad_value", field="failOnErrors", value=errors, reason="use a whole number above zero"
        )
    request = BulkRequest(fail_on_errors=errors)
    seen: set[str] = set()
    for position, sent in enumerate(operations, start=1):
        operation = _read_operation(sent, position)
        if operation.bulk_id is not None and operation.bulk_id in seen:
            raise _unreadable(position, f"the bulkId {operation.bulk_id[:40]!r} occurs twice")
        seen.add(operation.bulk_id or "")
        request.operations.append(operation)
    return request


def _unreadable(position: int, reason: str) -> ScimError:
    return ScimError("bad_bulk_operation", reason=f"in number {position}, {reason}")


def _read_operation(operation: Any, position: int) -> BulkOperation:
    if not isinstance(operation, dict):
        raise _unreadable(position, "there is no JSON object")
    members = {key.lower(): value for key, value in operation.items()}
    method = str(members.get("method")).upper()
    if method not in METHODS:
        raise _unreadable(position, f"{method[:20]!r} is no method; use POST, PUT, PATCH or DELETE")
    path = members.get("path")
    match = _PATH.fullmatch(path) if isinstance(path, str) else None
    if match is None or (method == "POST") != (match[2] is None):
        raise _unreadable(position, f"the path {str(path)[:80]!r} does not fit {method}")
    bulk_id = members.get("bulkid")
    if bulk_id is not None and (not isinstance(bulk_id, str) or not bulk_id):
        raise _unreadable(position, "the bulkId is no text")
    if method == "POST" and bulk_id is None:
        raise _unreadable(position, "a POST has no bulkId")
    data = members.get("data")
    if method == "PATCH" and isinstance(data, list):
        # As the RFC's own example prints it (section 3.7.3).
        data = {"Operations": data}
    if method != "DELETE" and not isinstance(data, dict):
        raise _unreadable(position, f"a {method} has no data")
    version = members.get("version")
    if version is not None and not isinstance(version, str):
        raise _unreadable(position, "the version is no text")
    resource_type = match[1].lower().rstrip("s").title()
    # A DELETE may carry data by accident; nobody reads it.
    read = data if isinstance(data, dict) and method != "DELETE" else {}
    return BulkOperation(method, resource_type, match[2], bulk_id, version, read)


def in_order(operations: Sequence[BulkOperation]) -> list[list[int]]:
    """Return the positions of the operations so that what is referred to comes first.

    Those that refer to each other in a circle stand together (RFC 7644 section 3.7.1); every other one stands
    alone. This is Tarjan's algorithm for strongly connected components, without recursion.
    """
    needs = _needs(operations)
    number: dict[int, int] = {}
    lowest: dict[int, int] = {}
    trail: list[int] = []
    open_ones: set[int] = set()
    circles: list[list[int]] = []
    for start in range(len(operations)):
        path = [(start, iter(needs[start]))] if start not in number else []
        while path:
            index, rest = path[-1]
            if index not in number:
                number[index] = lowest[index] = len(number)
                trail.append(index)
                open_ones.add(index)
            other = next((one for one in rest if one not in number or one in open_ones), None)
            if other is None:
                path.pop()
                if path:
                    lowest[path[-1][0]] = min(lowest[path[-1][0]], lowest[index])
                if lowest[index] == number[index]:
                    place = trail.index(index)
                    circles.append(sorted(trail[place:]))
                    open_ones.difference_update(trail[place:])
                    del trail[place:]
            elif other in number:
                lowest[index] = min(lowest[index], number[other])
            else:
                path.append((other, iter(needs[other])))
    return circles


def _needs(operations: Sequence[BulkOperation]) -> list[list[int]]:
    """Return for each operation the positions of those that create what it refers to."""
    makers = {
        operation.bulk_id: index for index, operation in enumerate(operations) if operation.method == "POST"
    }
    return [
        [makers[name] for name in sorted(operation.references()) if name in makers]
        for operation in operations
    ]


def late_operations(data: dict[str, Any], ids: dict[str, str]) -> list[dict[str, Any]]:
    """Return the PATCH operations that write the references which *data* was created without."""
    operations = []
    for name, value in data.items():
        inner = (
            value.items() if name.lower().startswith("urn:") and isinstance(value, dict) else [("", value)]
        )
        for attribute, part in inner:
            if next(_references(part), None) is not None:
                path = f"{name}:{attribute}" if attribute else name
                kind = "add" if isinstance(part, list) else "replace"
                operations.append({"op": kind, "path": path, "value": resolved(part, ids)})
    return operations


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for item in value.values():
            yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)
    elif isinstance(value, str) and value.startswith(REFERENCE):
        yield value[len(REFERENCE) :]


def resolved(value: Any, ids: dict[str, str], *, drop: bool = False) -> Any:
    """Return *value* with references replaced by ids.

    :param drop: leave out what cannot be resolved yet, to break a circle (RFC 7644 section 3.7.1).
    """
    if isinstance(value, dict):
        items = {key: resolved(item, ids, drop=drop) for key, item in value.items()}
        return {key: item for key, item in items.items() if not (drop and item is None)}
    if isinstance(value, list):
        entries = [resolved(item, ids, drop=drop) for item in value]
        return [entry for entry in entries if not (drop and entry in (None, {}))]
    if isinstance(value, str) and value.startswith(REFERENCE):
        found = ids.get(value[len(REFERENCE) :])
        return found if found or drop else value
    return value
