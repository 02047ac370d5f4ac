"""Strict JSON, media types, limits and paging (RFC 7644 sections 3.1, 3.4.2.4 and 8)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import (
    Limits,
    check_media_type,
    dump,
    list_response,
    load_object,
    read_page,
)
from tests.protocol.conftest import LIMITS, json_values, outcome


def refusal(body: bytes) -> str:
    """Return the code with which a body is refused."""
    with pytest.raises(ScimError) as caught:
        load_object(body, LIMITS)
    return caught.value.code


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "empty_body"),
        (b"\xef\xbb\xbf", "empty_body"),
        (b"{", "malformed_json"),
        (b"[]", "not_an_object"),
        (b'{"a":1,"a":1}', "duplicate_key"),
        (b'{"a":{"b":1,"b":2}}', "duplicate_key"),
        (b'{"a":NaN}', "bad_number"),
        (b'{"a":-Infinity}', "bad_number"),
        (b'{"a":1e400}', "bad_number"),
        (b'{"a":9223372036854775808}', "bad_number"),
        (b'{"a":-9223372036854775809}', "bad_number"),
        (b'{"a":' + b"1" * 9000 + b"}", "bad_number"),
        (b"\xff\xfe{}", "not_utf8"),
        (b'{"a":"\\u0000"}', "bad_character"),
        (b'{"\\u0000":1}', "bad_character"),
        (b'{"a":["\\ud800"]}', "bad_character"),
        (b'{"a":' + b"[" * 8 + b"]" * 8 + b"}", "too_deep"),
        (b'{"a":' + b"[" * 9000, "too_deep"),
        (b" " * 10_001, "body_too_large"),
    ],
)
def test_a_body_is_refused_with_its_code(body: bytes, code: str) -> None:
    assert refusal(body) == code


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\xef\xbb\xbf{}", {}),
        (b'{"a":9223372036854775807,"b":-9223372036854775808}', {"a": 2**63 - 1, "b": -(2**63)}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b'{"a":"[[[[[[[[[[{{{{"}', {"a": "[[[[[[[[[[{{{{"}),
        (b'{"a":"\\"[[[[[[[[[[["}', {"a": '"[[[[[[[[[[['}),
        (b'{"a":' + b"[" * 7 + b"]" * 7 + b"}", {"a": [[[[[[[]]]]]]]}),
        (b'{"a":[[],[],[],[],[],[],[],[],[],[]]}', {"a": [[]] * 10}),
        ('{"å":"李"}'.encode(), {"å": "李"}),
    ],
)
def test_a_body_is_read(body: bytes, expected: Any) -> None:
    assert load_object(body, LIMITS) == expected


@given(
    st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_no_bytes_raise_anything_but_a_refusal(body: bytes) -> None:
    found = outcome(load_object, body, LIMITS)
    assert isinstance(found, dict) or found.status in (400, 413)


@given(st.text(alphabet='{}[]":,\\u0d8e1Na \n-.', max_size=60))
def test_nothing_that_looks_like_json_raises_anything_but_a_refusal(text: str) -> None:
    found = outcome(load_object, text.encode(), LIMITS)
    assert isinstance(found, dict) or found.status in (400, 413)


@given(st.dictionaries(st.text(max_size=5), json_values(), max_size=4))
def test_what_is_read_is_what_json_says(document: dict[str, Any]) -> None:
    body = json.dumps(document).encode("utf-8", "surrogatepass")
    found = outcome(load_object, body, LIMITS)
    if isinstance(found, ScimError):
        assert found.code in ("too_deep", "bad_character", "bad_number", "body_too_large", "not_utf8")
    else:
        assert found == json.loads(body)


@pytest.mark.parametrize(
    "content_type",
    ["application/scim+json", "application/json", "APPLICATION/JSON", " application/json ; charset=utf-8"],
)
def test_a_media_type_is_accepted(content_type: str) -> None:
    check_media_type(content_type)


@pytest.mark.parametrize(
    "content_type", ["", "text/json", "application/scim", "json", "application/json/x", ";"]
)
def test_a_media_type_is_refused(content_type: str) -> None:
    with pytest.raises(ScimError) as caught:
        check_media_type(content_type)
    assert (caught.value.status, caught.value.code) == (415, "media_type")


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [(None, None, (1, 50)), ("", "", (1, 50)), ("3", "7", (3, 7)), ("0", "0", (1, 0)), ("-9", "-9", (1, 0)),
     ("1", "51", (1, 50)), (" 2 ", " 3 ", (2, 3))],
)  # fmt: skip
def test_a_page_is_read(
    start: str | None, count: str | None, expected: tuple[int, int], limits: Limits
) -> None:
    page = read_page(start, count, limits)
    assert (page.start_index, page.count) == expected


@given(st.none() | st.text(max_size=30) | st.integers().map(str), st.none() | st.text(max_size=30))
def test_a_page_is_within_its_limits_or_refused(start: str | None, count: str | None) -> None:
    page = outcome(read_page, start, count, LIMITS)
    if isinstance(page, ScimError):
        assert page.code == "bad_paging"
    else:
        assert 1 <= page.start_index < 2**63
        assert 0 <= page.count <= LIMITS.page


def test_an_answer_is_utf8_and_compact() -> None:
    assert dump({"a": ["å", 1]}) == '{"a":["å",1]}'.encode()


def test_an_empty_list_is_a_list_response() -> None:
    assert list_response([], 0) == {
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": 0,
        "startIndex": 1,
        "itemsPerPage": 0,
        "Resources": [],
    }
