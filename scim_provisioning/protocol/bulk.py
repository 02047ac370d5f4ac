"""Bulk requests: operations read under limits, and references between them (RFC 7644 section 3.7)."""

import re
from collections.abc import Iterator
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
    path: str

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
    request = BulkRequest([_read_operation(operation) for operation in operations], errors)
    seen: set[str] = set()
    for operation in request.operations:
        if operation.bulk_id is not None and operation.bulk_id in seen:
            raise ScimError(
                "bad_bulk_operation", reason=f"the bulkId {operation.bulk_id[:40]!r} occurs twice"
            )
        seen.add(operation.bulk_id or "")
    return request


def _read_operation(operation: Any) -> BulkOperation:
    if not isinstance(operation, dict):
        raise ScimError("bad_bulk_operation", reason="it is no JSON object")
    members = {key.lower(): value for key, value in operation.items()}
    method = str(members.get("method")).upper()
    if method not in METHODS:
        raise ScimError(
            "bad_bulk_operation", reason=f"{method[:20]!r} is no method; use POST, PUT, PATCH or DELETE"
        )
    path = members.get("path")
    match = _PATH.fullmatch(path) if isinstance(path, str) else None
    if match is None or (method == "POST") != (match[2] is None):
        raise ScimError("bad_bulk_operation", reason=f"the path {str(path)[:80]!r} does not fit {method}")
    bulk_id = members.get("bulkid")
    if bulk_id is not None and (not isinstance(bulk_id, str) or not bulk_id):
        raise ScimError("bad_bulk_operation", reason="a bulkId must be a text")
    if method == "POST" and bulk_id is None:
        raise ScimError("bad_bulk_operation", reason="a POST needs a bulkId")
    data = members.get("data")
    if method != "DELETE" and not isinstance(data, dict):
        raise ScimError("bad_bulk_operation", reason=f"a {method} needs data")
    version = members.get("version")
    if version is not None and not isinstance(version, str):
        raise ScimError("bad_bulk_operation", reason="a version must be a text")
    return BulkOperation(
        method, match[1].lower().rstrip("s").title(), match[2], bulk_id, version, data or {}, str(path)
    )


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
