"""The messages of the protocol as JSON Schema (RFC 7644 section 3), and its errors out of their table."""

from collections.abc import Iterable, Sequence
from typing import Any

from scim_provisioning.protocol.bulk import BULK_REQUEST, BULK_RESPONSE, METHODS
from scim_provisioning.protocol.codes import CODES, ErrorCode
from scim_provisioning.protocol.errors import ERROR_SCHEMA
from scim_provisioning.protocol.messages import LIST_SCHEMA, PATCH_SCHEMA, Limits
from scim_provisioning.protocol.openapi.attributes import texts
from scim_provisioning.protocol.openapi.face import Json, Kind
from scim_provisioning.protocol.openapi.parameters import search_schemas
from scim_provisioning.protocol.operations import OPERATIONS
from scim_provisioning.protocol.searches import SEARCH_SCHEMA

TEXT: Json = {"type": "string"}
WHOLE: Json = {"type": "integer", "minimum": 0}


def reference(name: str) -> Json:
    """Return a reference to a schema of the description."""
    return {"$ref": f"#/components/schemas/{name}"}


def either(schemas: Sequence[Json]) -> Json:
    """Return what is one of these."""
    return schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}


def message(urn: str, properties: Json, *required: str) -> Json:
    """Return a message that names its schema."""
    return {
        "type": "object",
        "required": ["schemas", *required],
        "properties": {"schemas": texts(urn), **properties},
    }


def list_of(items: Json) -> Json:
    """Return a ListResponse; by cursor there is no start, and perhaps no total (RFC 9865 section 2)."""
    numbers = dict.fromkeys(("totalResults", "startIndex", "itemsPerPage"), WHOLE)
    return message(
        LIST_SCHEMA,
        {**numbers, "nextCursor": TEXT, "Resources": {"type": "array", "items": items}},
        "itemsPerPage",
        "Resources",
    )


def patch(limits: Limits) -> Json:
    """Return a PatchOp; the names of operations are read in any letter case (RFC 7644 section 3.5.2)."""
    operation = {
        "type": "object",
        "required": ["op"],
        "properties": {
            "op": {"type": "string", "pattern": _in_any_case(OPERATIONS), "examples": list(OPERATIONS)},
            "path": {
                **TEXT,
                "description": "An attribute path; without one, the keys of the value are paths.",
            },
            "value": {"description": "Any JSON; a remove needs none."},
        },
    }
    listed = {"type": "array", "items": operation, "maxItems": limits.operations}
    body = message(PATCH_SCHEMA, {"Operations": listed}, "Operations")
    # Read without its name as well.
    body["required"] = ["Operations"]
    return body


def search_request(limits: Limits) -> Json:
    """Return a SearchRequest: the parameters of a list, in a body (RFC 7644 section 3.4.3)."""
    return message(SEARCH_SCHEMA, search_schemas(limits))


def bulk_request(kinds: Iterable[Kind], limits: Limits) -> Json:
    """Return a BulkRequest (RFC 7644 section 3.7)."""
    places = "|".join(kind.endpoint for kind in kinds)
    operation = {
        "type": "object",
        "required": ["method", "path"],
        "properties": {
            "method": {"enum": list(METHODS)},
            "path": {"type": "string", "pattern": f"^({places})(/[^/?]+)?$"},
            "bulkId": {"type": "string", "minLength": 1},
            "version": TEXT,
            "data": {"type": "object", "description": "The body that the method would have by itself."},
        },
    }
    return message(
        BULK_REQUEST,
        {
            "failOnErrors": {"type": "integer", "minimum": 1},
            "Operations": {"type": "array", "items": operation, "maxItems": limits.operations},
        },
        "Operations",
    )


def bulk_response() -> Json:
    """Return a BulkResponse: each operation with its own status."""
    operation = {
        "type": "object",
        "required": ["method", "status"],
        "properties": {
            "method": {"enum": list(METHODS)},
            "bulkId": TEXT,
            "location": {"type": "string", "format": "uri"},
            "version": TEXT,
            "status": {"type": "string", "pattern": "^[1-5][0-9]{2}$"},
            "response": reference("Error"),
        },
    }
    return message(BULK_RESPONSE, {"Operations": {"type": "array", "items": operation}}, "Operations")


def rows_of(status: int) -> list[ErrorCode]:
    """Return the refusals of one HTTP status."""
    return [row for row in CODES.values() if row.status == status]


def error(rows: Iterable[ErrorCode]) -> Json:
    """Return an Error of some of the table's rows; its detail ends with the code (RFC 7644 section 3.12)."""
    listed = list(rows)
    codes = "|".join(row.code for row in listed)
    types = sorted({row.scim_type for row in listed if row.scim_type})
    properties: dict[str, Any] = {
        "status": {"enum": sorted({str(row.status) for row in listed})},
        "detail": {"type": "string", "pattern": rf"\[({codes})\]$"},
    }
    if types:
        properties["scimType"] = {"enum": types}
    return message(ERROR_SCHEMA, properties, "status", "detail")


def _in_any_case(words: Iterable[str]) -> str:
    spelt = ("".join(f"[{letter.upper()}{letter}]" for letter in word) for word in words)
    return f"^({'|'.join(spelt)})$"
