"""Request bodies in, SCIM messages out: strict JSON, limits, list responses (RFC 7644 sections 3.4 and 3.12)."""

import json
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from scim_provisioning.protocol.errors import ScimError

LIST_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
PATCH_SCHEMA = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
MEDIA_TYPES = frozenset({"application/scim+json", "application/json"})
CONTENT_TYPE = "application/scim+json"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
LARGEST_INTEGER = 2**63 - 1
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a request may cost before any work is done; announced in ServiceProviderConfig where it has a place."""

    body_bytes: int
    json_depth: int
    operations: int
    members: int
    filter_characters: int
    filter_depth: int
    filter_terms: int
    page: int


def check_media_type(content_type: str) -> None:
    """Refuse a body of another type than the two SCIM allows, with 415 (RFC 7644 section 3.1)."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise ScimError("media_type", value=content_type)


def load_object(body: bytes, limits: Limits) -> dict[str, Any]:
    """Return the JSON object that *body* holds, or refuse it.

    Stricter than :mod:`json`: UTF-8 only (a byte order mark is accepted), no duplicate keys, no ``NaN``,
    64-bit integers, bounded depth, no NUL and no lone surrogate, which no database column can hold.
    """
    if len(body) > limits.body_bytes:
        raise ScimError("body_too_large", limit=limits.body_bytes)
    try:
        text = body.removeprefix(BYTE_ORDER_MARK).decode("utf-8")
    except UnicodeDecodeError:
        raise ScimError("not_utf8") from None
    if not text.strip():
        raise ScimError("empty_body")
    _check_depth(text, limits.json_depth)
    try:
        document = json.loads(
            text,
            object_pairs_hook=_unique_keys,
            parse_constant=_refuse_number,
            parse_int=_bounded_integer,
            parse_float=_finite_float,
        )
    except json.JSONDecodeError as error:
        raise ScimError("malformed_json", reason=f"{error.msg} at character {error.pos}") from None
    if not isinstance(document, dict):
        raise ScimError("not_an_object", field="The body")
    _check_characters(text, document)
    return document


def _check_depth(text: str, limit: int) -> None:
    # Counted on the text, so that the parser never recurses into a hostile document. The number of opening
    # brackets bounds the depth, which settles every ordinary body without a closer look.
    if text.count("{") + text.count("[") <= limit:
        return
    depth = 0
    for token in _STRING_OR_BRACKET.finditer(text):
        if token[0] in "[{":
            depth += 1
            if depth > limit:
                raise ScimError("too_deep", limit=limit)
        elif token[0] in "]}":
            depth -= 1


def _unique_keys(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise ScimError("duplicate_key", value=key)
            seen.add(key)
    return members


def _refuse_number(text: str) -> NoReturn:
    raise ScimError("bad_number", value=text)


def _bounded_integer(text: str) -> int:
    # Length first: int() of a million digits is slow, and Python refuses it above 4,300.
    if len(text) > 20 or not -LARGEST_INTEGER - 1 <= (number := int(text)) <= LARGEST_INTEGER:
        _refuse_number(text)
    return number


def _finite_float(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        _refuse_number(text)
    return number


def _check_characters(text: str, document: dict[str, Any]) -> None:
    if "\\u" not in text and "\x00" not in text:
        return
    # NUL and surrogates can only come in through an escape, so most bodies end above.
    for path, value in _strings(document, ""):
        if "\x00" in value:
            raise ScimError("bad_character", field=path, value="NUL")
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise ScimError("bad_character", field=path, value="a lone surrogate")


def _strings(value: Any, path: str) -> Iterable[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield "a key", key
            yield from _strings(item, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item, path)


def dump(message: dict[str, Any]) -> bytes:
    """Return *message* as UTF-8 JSON."""
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


def list_response(
    resources: Sequence[dict[str, Any]],
    total: int | None,
    start_index: int | None = 1,
    next_cursor: str | None = None,
) -> dict[str, Any]:
    """Return a ListResponse; no match is 200 with an empty list, never 404 (RFC 7644 section 3.4.2, R1).

    By cursor there is no start, and the total may be unknown (RFC 9865 section 2).
    """
    message: dict[str, Any] = {"schemas": [LIST_SCHEMA]}
    if total is not None:
        message["totalResults"] = total
    if start_index is not None:
        message["startIndex"] = start_index
    if next_cursor is not None:
        message["nextCursor"] = next_cursor
    return {**message, "itemsPerPage": len(resources), "Resources": list(resources)}


@dataclass(frozen=True, slots=True)
class Page:
    """A window of a list: 1-based start and size (RFC 7644 section 3.4.2.4)."""

    start_index: int
    count: int


def read_page(start_index: str | None, count: str | None, limits: Limits) -> Page:
    """Return the page asked for; values below their minimum count as the minimum, a larger count is clamped."""
    return Page(
        start_index=max(1, _whole_number("startIndex", start_index, 1)),
        count=min(limits.page, max(0, _whole_number("count", count, limits.page))),
    )


def _whole_number(field: str, text: str | None, default: int) -> int:
    if text is None or text == "":
        return default
    try:
        number = int(text) if len(text) <= 20 and text.isascii() else None
    except ValueError:
        number = None
    if number is None:
        raise ScimError("bad_paging", field=field, value=text)
    return min(number, LARGEST_INTEGER // 2)
