"""What a client asks of a list: filter, page, order and projection, from a query or a SearchRequest body.

RFC 7644 sections 3.4.2 and 3.4.3, and cursors of RFC 9865.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import Limits, Page, read_page
from scim_provisioning.protocol.projection import Projection, read_projection

SEARCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LISTS = ("attributes", "excludedAttributes")
NUMBERS = ("startIndex", "count")
PARAMETERS = (*LISTS, *NUMBERS, "filter", "sortBy", "sortOrder", "cursor")
_NAMES = {name.lower(): name for name in ("schemas", *PARAMETERS)}
ORDERS = {"ascending": False, "descending": True}


@dataclass(frozen=True, slots=True)
class Search:
    """One list request.

    ``cursor`` is None for paging by index, and empty for the first page by cursor.
    """

    filter: str | None
    page: Page
    cursor: str | None
    sort_by: str | None
    descending: bool
    projection: Projection


def read_search(parameters: Mapping[str, Any], limits: Limits) -> Search:
    """Return the search that query parameters name; unknown parameters are ignored (B1)."""
    cursor = parameters.get("cursor")
    if cursor is not None and parameters.get("startIndex") not in (None, ""):
        raise ScimError("bad_cursor")
    return Search(
        filter=parameters.get("filter") or None,
        page=read_page(parameters.get("startIndex"), parameters.get("count"), limits),
        cursor=cursor,
        sort_by=parameters.get("sortBy") or None,
        descending=_descending(parameters.get("sortOrder")),
        projection=read_projection(parameters),
    )


def read_search_request(body: Mapping[str, Any], limits: Limits) -> Search:
    """Return the search that the body of ``POST /.search`` names (RFC 7644 section 3.4.3).

    Names are read in any case, as those of attributes are: a filter that was overlooked would return everything.
    """
    members = {_NAMES.get(key.lower(), key): value for key, value in body.items()}
    schemas = members.get("schemas")
    if not isinstance(schemas, list) or SEARCH_SCHEMA not in schemas:
        raise ScimError("bad_schema", value=SEARCH_SCHEMA)
    return read_search(
        {name: _text(name, members[name]) for name in PARAMETERS if members.get(name) is not None}, limits
    )


def _text(name: str, value: Any) -> str:
    if name in LISTS:
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return ",".join(value)
    elif isinstance(value, str):
        return value
    elif name in NUMBERS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ScimError("bad_value", field=name, value=value, reason="it has the wrong type")


def _descending(order: Any) -> bool:
    if order is None or order == "":
        return False
    if str(order).lower() not in ORDERS:
        raise ScimError("bad_value", field="sortOrder", value=order, reason="use ascending or descending")
    return ORDERS[str(order).lower()]
