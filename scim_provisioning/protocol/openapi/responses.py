"""Answers: those of success with their headers, and those of each error status with its codes."""

from collections.abc import Iterable

from scim_provisioning.protocol.codes import CODES
from scim_provisioning.protocol.messages import CONTENT_TYPE
from scim_provisioning.protocol.openapi.face import Json
from scim_provisioning.protocol.openapi.messages import reference, rows_of

REQUEST_ID = "SCIM-Request-Id"
RETRY_AFTER = "Retry-After"
HEADERS: dict[str, Json] = {
    REQUEST_ID: {
        "description": "The name of the request, by which the provisioning log is searched.",
        "required": True,
        "schema": {"type": "string", "format": "uuid"},
    },
    "ETag": {
        "description": "The version of the resource (RFC 7644 section 3.14).",
        "required": True,
        "schema": {"type": "string", "pattern": '^W/"[0-9]+"$'},
    },
    "Location": {
        "description": "The URL of the resource.",
        "required": True,
        "schema": {"type": "string", "format": "uri"},
    },
    RETRY_AFTER: {
        "description": "After how many seconds to come back.",
        "required": True,
        "schema": {"type": "integer", "minimum": 1},
    },
    "WWW-Authenticate": {
        "description": "The challenge (RFC 6750 section 3).",
        "required": True,
        "schema": {"type": "string"},
    },
}
OF_STATUS = {401: ("WWW-Authenticate",), 429: (RETRY_AFTER,), 503: (RETRY_AFTER,)}


def answer(description: str, schema: Json | None = None, headers: Iterable[str] = ()) -> Json:
    """Return one answer; without a schema it has no body."""
    names = (REQUEST_ID, *headers)
    made: Json = {
        "description": description,
        "headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names},
    }
    if schema is not None:
        made["content"] = {CONTENT_TYPE: {"schema": schema}}
    return made


def error_answers() -> dict[str, Json]:
    """Return the answer of each status that refuses."""
    return {
        error_name(status): answer(_codes(status), reference(error_name(status)), OF_STATUS.get(status, ()))
        for status in error_statuses()
    }


def error_statuses() -> list[int]:
    """Return every status with which something is refused."""
    return sorted({row.status for row in CODES.values()})


def error_name(status: int) -> str:
    """Return the name of the answer, and of its schema."""
    return f"Error{status}"


def error_references(statuses: Iterable[int]) -> dict[str, Json]:
    """Return the answers of these statuses, as an operation names them."""
    return {
        str(status): {"$ref": f"#/components/responses/{error_name(status)}"} for status in sorted(statuses)
    }


def _codes(status: int) -> str:
    """Return what a status says: its codes, each with its sentence."""
    return "\n".join(f"- `{row.code}`: {row.sentence}" for row in rows_of(status))
