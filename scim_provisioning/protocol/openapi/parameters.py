"""What a client may put into a query and into headers, beside the body."""

from collections.abc import Iterable

from scim_provisioning.protocol.messages import Limits
from scim_provisioning.protocol.openapi.face import Json
from scim_provisioning.protocol.searches import LISTS, ORDERS, PARAMETERS

_HEADERS = {
    "ifMatch": (
        "If-Match",
        "Entity tags of which the resource must have one, else 412 (RFC 7644 section 3.14).",
    ),
    "ifNoneMatch": (
        "If-None-Match",
        "Entity tags of which the resource must have none: else 304 to a GET, 412 to a write.",
    ),
}
# A search over every resource type has no order that a cursor could keep.
OF_ROOT = tuple(name for name in PARAMETERS if name != "cursor")
OF_CONDITION = tuple(_HEADERS)


def search_schemas(limits: Limits) -> dict[str, Json]:
    """Return the parameters of a list, each with its schema (RFC 7644 section 3.4.2, RFC 9865)."""
    paths = {"type": "array", "items": {"type": "string"}}
    made: dict[str, Json] = {
        "filter": {
            "type": "string",
            "maxLength": limits.filter_characters,
            "description": "The whole grammar of RFC 7644, section 3.4.2.2.",
            "examples": ['userName eq "ada@contoso.example"'],
        },
        "startIndex": {
            "type": "integer",
            "default": 1,
            "description": "The first resource of the page, from 1; a smaller number counts as 1.",
        },
        "count": {
            "type": "integer",
            "default": limits.page,
            "description": f"How many resources a page has: {limits.page} at most; 0 gives the total alone.",
        },
        "cursor": {
            "type": "string",
            "description": "Paging by cursor: empty for the first page, then nextCursor. Not with startIndex.",
        },
        "sortBy": {"type": "string", "description": "One attribute.", "examples": ["userName"]},
        "sortOrder": {"enum": list(ORDERS), "default": next(iter(ORDERS))},
        "attributes": {**paths, "description": "The attributes to return. Not with excludedAttributes."},
        "excludedAttributes": {**paths, "description": "The attributes to leave out."},
    }
    return {name: made[name] for name in PARAMETERS}


def parameters(limits: Limits) -> dict[str, Json]:
    """Return every parameter by the name under which the description keeps it."""
    made: dict[str, Json] = {}
    for name, schema in search_schemas(limits).items():
        made[name] = {"name": name, "in": "query", "schema": schema}
        if name in LISTS:
            # Between commas, in one parameter.
            made[name] |= {"style": "form", "explode": False}
    for key, (name, text) in _HEADERS.items():
        made[key] = {"name": name, "in": "header", "description": text, "schema": {"type": "string"}}
    return made


def references(names: Iterable[str]) -> list[Json]:
    """Return references to parameters of the description."""
    return [{"$ref": f"#/components/parameters/{name}"} for name in names]
