"""Cursors at every edge (RFC 9865)."""

import base64
import string
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.core import signing

from scim_provisioning.protocol.discovery import CURSOR_SECONDS
from tests.conftest import MakeClient
from tests.scim import ScimClient
from tests.search.requests import names_of, search

UNRESERVED = set(string.ascii_letters + string.digits + "-._~")


@pytest.fixture
def seven(rfc: ScimClient) -> ScimClient:
    """Return a client with seven users."""
    for number in range(7):
        rfc.create_user(f"user{number}", title=f"Title {number % 3}")
    return rfc


def pages(client: ScimClient, path: str = "/Users", **query: Any) -> list[list[str]]:
    """Follow the cursors of a list to its end, and return the names of each page."""
    cursor, found = "", []
    while True:
        answer = client.get(path, cursor=cursor, **query)
        found.append(names_of(answer))
        assert answer["itemsPerPage"] == len(answer["Resources"])
        assert "startIndex" not in answer.json
        if "nextCursor" not in answer.json:
            return found
        cursor = answer["nextCursor"]
        assert set(cursor) <= UNRESERVED
        assert len(found) < 20


NAMES = [f"user{number}" for number in range(7)]


@pytest.mark.parametrize("count", [1, 2, 3, 6, 7, 8, 200, 100_000])
def test_the_pages_of_a_cursor_hold_everything_once(seven: ScimClient, count: int) -> None:
    found = pages(seven, count=count)
    assert [name for page in found for name in page] == NAMES
    assert [len(page) for page in found[:-1]] == [count] * (len(found) - 1)
    assert found[-1]


def test_an_empty_list_has_one_page(rfc: ScimClient) -> None:
    answer = rfc.get("/Users", cursor="")
    assert (answer["Resources"], answer["totalResults"]) == ([], 0)
    assert "nextCursor" not in answer.json
    assert pages(rfc, "/Groups") == [[]]


def test_a_page_of_nothing_tells_the_total(seven: ScimClient) -> None:
    answer = seven.get("/Users", cursor="", count=0)
    assert (answer["totalResults"], answer["Resources"]) == (7, [])
    assert "nextCursor" not in answer.json
    first = seven.get("/Users", cursor="", count=2)["nextCursor"]
    assert seven.get("/Users", cursor=first, count=0)["totalResults"] == 7


def test_the_size_may_change_from_page_to_page(seven: ScimClient) -> None:
    first = seven.get("/Users", cursor="", count=2)
    second = seven.get("/Users", cursor=first["nextCursor"], count=1)
    last = seven.get("/Users", cursor=second["nextCursor"])
    assert [names_of(page) for page in (first, second, last)] == [NAMES[:2], NAMES[2:3], NAMES[3:]]


def test_so_may_what_is_shown(seven: ScimClient) -> None:
    first = seven.get("/Users", cursor="", count=2, attributes="userName")
    second = seven.get("/Users", cursor=first["nextCursor"], count=2, excludedAttributes="meta")
    assert names_of(second) == NAMES[2:4]


def test_a_larger_page_than_announced_is_cut(seven: ScimClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "MAX_PAGE": 3}
    for count in (3, 4, 9_000_000_000_000_000_000):
        assert [len(page) for page in pages(seven, count=count)] == [3, 3, 1]


def test_a_negative_size_counts_as_none(seven: ScimClient) -> None:
    assert seven.get("/Users", cursor="", count=-1)["totalResults"] == 7


@pytest.mark.parametrize(
    "query",
    [
        {"filter": 'userName sw "user"'},
        {"filter": 'title eq "Title 1"'},
        {"sortBy": "userName", "sortOrder": "descending"},
        {"sortBy": "title"},
        {"sortBy": "title", "sortOrder": "descending", "filter": "active eq true"},
        {"sortBy": "meta.created", "sortOrder": "descending"},
        {"sortBy": "id"},
    ],
    ids=str,
)
def test_a_cursor_goes_on_in_every_order(seven: ScimClient, query: dict[str, Any]) -> None:
    everything = names_of(seven.get("/Users", **query))
    for count in (1, 2, 3):
        found = pages(seven, count=count, **query)
        assert [name for page in found for name in page] == everything


def test_a_search_by_post_goes_on_with_a_cursor_of_a_get(seven: ScimClient) -> None:
    first = seven.get("/Users", cursor="", count=3)["nextCursor"]
    posted = search(seven, "/Users/.search", cursor=first, count=3)
    assert names_of(posted) == NAMES[3:6]
    assert names_of(seven.get("/Users", cursor=posted["nextCursor"])) == NAMES[6:]


def test_what_comes_and_goes_moves_nothing_else(seven: ScimClient) -> None:
    users = {one["userName"][:5]: one["id"] for one in seven.get("/Users")["Resources"]}
    first = seven.get("/Users", cursor="", count=3)
    # The user that the cursor stands on, one before it and one after it go; another comes.
    for name in ("user0", "user2", "user4"):
        assert seven.delete(f"/Users/{users[name]}").status == 204
    seven.create_user("user9")
    rest = seven.get("/Users", cursor=first["nextCursor"])
    assert names_of(rest) == ["user3", "user5", "user6", "user9"]


@pytest.mark.parametrize(
    "change",
    [
        {"filter": "title pr"},
        {"sortBy": "title"},
        {"sortOrder": "descending"},
        {"sortBy": "userName", "sortOrder": "descending"},
    ],
    ids=str,
)
def test_a_cursor_of_another_question_is_refused(seven: ScimClient, change: dict[str, Any]) -> None:
    cursor = seven.get("/Users", cursor="", count=2)["nextCursor"]
    answer = seven.get("/Users", cursor=cursor, count=2, **change)
    assert (answer.status, answer["scimType"]) == (400, "invalidCursor")
    own = seven.get("/Users", cursor="", count=2, **change)["nextCursor"]
    assert seven.get("/Users", cursor=own, count=2)["scimType"] == "invalidCursor"
    assert seven.get("/Users", cursor=own, count=2, **change).status == 200


def test_a_cursor_of_another_type_connection_or_organization_is_refused(
    seven: ScimClient, make_client: MakeClient, other_organization: Any
) -> None:
    cursor = seven.get("/Users", cursor="", count=2)["nextCursor"]
    for client in (make_client("rfc"), make_client("rfc", other_organization)):
        for number in range(3):
            client.create_user(f"{client.organization.pk}-{number}")
        answer = client.get("/Users", cursor=cursor, count=2)
        assert (answer.status, answer["scimType"]) == (400, "invalidCursor")
    assert seven.get("/Groups", cursor=cursor)["scimType"] == "invalidCursor"


def tampered(cursor: str) -> list[str]:
    """Return what could be taken for the cursor and is not."""
    body, stamp, seal = cursor.rsplit("~", 2)
    other = base64.urlsafe_b64encode(b'["0",1]').decode().rstrip("=")
    return [
        cursor[:-1],
        cursor[1:],
        cursor + "A",
        cursor[::-1],
        cursor.swapcase(),
        f"{body}~{stamp}~{seal[::-1]}",
        f"{other}~{stamp}~{seal}",
        f"{body}~zzzzzz~{seal}",
        f"{body}~~{seal}",
        f"{body}~{stamp}~",
        body,
    ]


def test_a_cursor_that_was_changed_is_refused(seven: ScimClient) -> None:
    for text in tampered(seven.get("/Users", cursor="", count=2)["nextCursor"]):
        answer = seven.get("/Users", cursor=text, count=2)
        assert (answer.status, answer["status"], answer.json.get("scimType")) == (
            400,
            "400",
            "invalidCursor",
        ), text


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "0",
        "null",
        " ",
        "~",
        "~~",
        "~~~",
        "a~b~c",
        "\N{PILE OF POO}",
        "\x00",
        "A" * 10_000,
        "%00",
        "'",
        "[]",
    ],
)
def test_a_text_that_is_no_cursor_is_refused(seven: ScimClient, text: str) -> None:
    answer = seven.get("/Users", cursor=text)
    assert (answer.status, answer["scimType"]) == (400, "invalidCursor")


@pytest.mark.parametrize("content", [[], ["x"], {}, "text", [1, 2, 3], [None, None, None]], ids=str)
def test_a_cursor_that_is_sealed_but_not_ours_is_refused(seven: ScimClient, content: Any) -> None:
    # The same secret may seal other things of the Hub; the salt keeps them apart, and the content is checked.
    salts = ("scim_provisioning.cursor", "elsewhere")
    for salt in salts:
        text = signing.TimestampSigner(salt=salt, sep="~").sign_object(content)
        assert seven.get("/Users", cursor=text)["scimType"] == "invalidCursor"


def test_a_cursor_expires_as_announced(seven: ScimClient) -> None:
    announced = seven.get("/ServiceProviderConfig")["pagination"]["cursorTimeout"]
    assert announced == CURSOR_SECONDS
    with patch("django.core.signing.time.time", return_value=1_000_000.0):
        cursor = seven.get("/Users", cursor="", count=2)["nextCursor"]
    for age, status in (
        (announced - 1, 200),
        (announced + 1, 400),
        (timedelta(days=400).total_seconds(), 400),
    ):
        with patch("django.core.signing.time.time", return_value=1_000_000.0 + age):
            answer = seven.get("/Users", cursor=cursor, count=2)
        assert answer.status == status
        assert status == 200 or answer["scimType"] == "expiredCursor"


@pytest.mark.parametrize("start", [1, "1", 0, 5])
def test_a_cursor_and_a_start_contradict_each_other(seven: ScimClient, start: Any) -> None:
    answer = seven.get("/Users", cursor="", startIndex=start)
    assert (answer.status, answer["scimType"]) == (400, "invalidCursor")
    assert names_of(seven.get("/Users", cursor="", startIndex="")) == NAMES


def test_a_cursor_takes_the_place_of_no_token(seven: ScimClient) -> None:
    cursor = seven.get("/Users", cursor="", count=2)["nextCursor"]
    assert seven.request("GET", "/Users", query={"cursor": cursor}, authorization="Bearer x").status == 401
