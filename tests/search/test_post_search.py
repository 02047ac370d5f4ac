"""``POST /.search``: the parameters of a list in a body (RFC 7644 section 3.4.3)."""

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.scim import CONTENT_TYPE, ENTERPRISE, LIST_RESPONSE, ScimClient, database_digest
from tests.search.requests import SEARCH_REQUEST, names_of, search

PLACES = ["/Users/.search", "/Groups/.search", "/.search"]


@pytest.fixture
def found(rfc: ScimClient) -> ScimClient:
    """Return a client with three users and two groups."""
    ada = rfc.create_user("ada", title="Eng", displayName="Ada", **{ENTERPRISE: {"costCenter": "C"}}).id
    rfc.create_user("grace", title="Admiral", displayName="Grace")
    rfc.create_user("joan", displayName="Joan")
    rfc.create_group("Team B", ada)
    rfc.create_group("Team A")
    return rfc


QUERIES: list[dict[str, Any]] = [
    {},
    {"filter": 'displayName co "a"'},
    {"filter": "title pr", "count": 1},
    {"startIndex": 2, "count": 1},
    {"count": 0},
    {"count": -1, "startIndex": -1},
    {"count": 100_000},
    {"sortBy": "displayName"},
    {"sortBy": "displayName", "sortOrder": "descending", "count": 2},
    {"cursor": "", "count": 2},
]


@pytest.mark.parametrize("query", QUERIES, ids=str)
def test_a_search_finds_what_the_query_finds(found: ScimClient, query: dict[str, Any]) -> None:
    posted, got = search(found, "/Users/.search", **query), found.get("/Users", **query)
    assert posted.status == got.status == 200
    assert posted.headers["Content-Type"] == CONTENT_TYPE
    assert posted["schemas"] == [LIST_RESPONSE]
    assert {**posted.json, "nextCursor": ""} == {**got.json, "nextCursor": ""}


def test_a_search_of_one_type_finds_that_type(found: ScimClient) -> None:
    assert names_of(search(found, "/Users/.search")) == ["ada", "grace", "joan"]
    assert names_of(search(found, "/Groups/.search")) == ["Team B", "Team A"]
    assert names_of(search(found, "/Groups/.search", sortBy="displayName")) == ["Team A", "Team B"]


@pytest.mark.parametrize("path", ["/Users/.search", "/Users/.search/", "/users/.search", "/USERS/.search/"])
def test_the_path_may_be_written_in_several_ways(found: ScimClient, path: str) -> None:
    assert search(found, path)["totalResults"] == 3


@pytest.mark.parametrize("path", ["/.search", "/.search/"])
def test_the_root_may_be_written_in_several_ways(found: ScimClient, path: str) -> None:
    assert search(found, path)["totalResults"] == 5


def test_the_attributes_wanted_are_a_list(found: ScimClient) -> None:
    query = {"filter": 'userName sw "ada"', "attributes": ["displayName", f"{ENTERPRISE}:costCenter"]}
    [user] = search(found, "/Users/.search", **query)["Resources"]
    assert user.keys() == {"id", "schemas", "displayName", ENTERPRISE}
    [user] = search(found, filter='userName sw "ada"', excludedAttributes=["emails", "meta", "id"])[
        "Resources"
    ]
    assert not {"emails", "meta"} & user.keys()
    assert user["id"]


@pytest.mark.parametrize("query", [{"attributes": [], "excludedAttributes": []}, {"filter": None}], ids=str)
def test_what_is_empty_is_not_asked_for(found: ScimClient, query: dict[str, Any]) -> None:
    assert search(found, "/Users/.search", **query).json == found.get("/Users").json


@pytest.mark.parametrize("path", PLACES)
def test_names_are_read_in_any_case(found: ScimClient, path: str) -> None:
    body = {"SCHEMAS": [SEARCH_REQUEST], "FILTER": 'displayName eq "nobody"', "Count": 1}
    assert found.post(path, body)["totalResults"] == 0


@pytest.mark.parametrize("path", PLACES)
def test_what_is_not_known_is_ignored(found: ScimClient, path: str) -> None:
    plain = search(found, path)
    assert search(found, path, itemsPerPage="x", colour={"a": [1]}, nothing=None).json == plain.json


def test_whole_numbers_may_be_texts(found: ScimClient) -> None:
    assert names_of(search(found, "/Users/.search", startIndex="2", count="1")) == ["grace"]


BAD: list[tuple[dict[str, Any], str]] = [
    ({"filter": 7}, "invalidValue"),
    ({"filter": ["a"]}, "invalidValue"),
    ({"filter": {}}, "invalidValue"),
    ({"filter": "userName"}, "invalidFilter"),
    ({"filter": 'nowhere eq "x"'}, "invalidFilter"),
    ({"sortBy": 7}, "invalidValue"),
    ({"sortBy": "nowhere"}, "invalidPath"),
    ({"sortOrder": True}, "invalidValue"),
    ({"sortOrder": "upwards"}, "invalidValue"),
    ({"startIndex": 1.5}, "invalidValue"),
    ({"startIndex": True}, "invalidValue"),
    ({"startIndex": "x"}, "invalidValue"),
    ({"count": [1]}, "invalidValue"),
    ({"count": {}}, "invalidValue"),
    ({"count": "many"}, "invalidValue"),
    ({"attributes": "userName"}, "invalidValue"),
    ({"attributes": [7]}, "invalidValue"),
    ({"attributes": {"a": 1}}, "invalidValue"),
    ({"excludedAttributes": ["a", None]}, "invalidValue"),
    ({"attributes": ["a"], "excludedAttributes": ["b"]}, "invalidValue"),
    ({"cursor": 7}, "invalidValue"),
    ({"cursor": "x"}, "invalidCursor"),
    ({"cursor": "", "startIndex": 1}, "invalidCursor"),
]


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize(("query", "scim_type"), BAD, ids=str)
def test_a_search_that_cannot_be_read_is_400(
    found: ScimClient, path: str, query: dict[str, Any], scim_type: str
) -> None:
    answer = search(found, path, **query)
    assert (answer.status, answer["status"], answer["scimType"]) == (400, "400", scim_type)


BODIES: list[Any] = [
    {},
    {"filter": "title pr"},
    {"schemas": []},
    {"schemas": SEARCH_REQUEST},
    {"schemas": [7]},
    {"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"]},
    [],
    b"",
    b"not JSON",
]


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("body", BODIES, ids=str)
def test_a_body_that_is_no_search_request_is_400(found: ScimClient, path: str, body: Any) -> None:
    answer = found.post(path, body)
    assert (answer.status, answer["scimType"]) == (400, "invalidSyntax")


@pytest.mark.parametrize("path", PLACES)
def test_a_search_has_limits(found: ScimClient, path: str) -> None:
    assert search(found, path, filter=" or ".join(["title pr"] * 51)).status == 400
    assert search(found, path, filter=f'title eq "{"x" * 4096}"').status == 400
    assert search(found, path, padding="x" * 1024 * 1024).status == 413
    assert found.post(path, {"schemas": [SEARCH_REQUEST]}, content_type="text/plain").status == 415


@pytest.mark.parametrize("path", PLACES)
def test_a_search_changes_nothing(found: ScimClient, path: str) -> None:
    before = database_digest()
    assert search(found, path).status == 200
    assert database_digest() == before


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_search_has_no_other_verbs(found: ScimClient, method: str) -> None:
    assert found.request(method, "/Users/.search", {"userName": "x"}).status in (404, 405)
    assert found.request(method, "/.search", {}).status == 405


def test_groups_that_are_off_are_not_searched(make_client: MakeClient) -> None:
    client = make_client("rfc", groups=False)
    client.create_user("ada", displayName="Ada")
    assert search(client, "/Groups/.search").status == 404
    assert names_of(search(client)) == ["ada"]
    assert names_of(search(client, sortBy="displayName")) == ["ada"]
    assert search(client, filter="members pr")["scimType"] == "invalidFilter"
    assert search(client, sortBy="members")["scimType"] == "invalidPath"


def test_another_organization_is_never_found(contoso: ScimClient, northwind: ScimClient) -> None:
    northwind.create_user("eve")
    northwind.create_group("Spies")
    for path in PLACES:
        for query in ({}, {"sortBy": "displayName"}, {"filter": 'displayName ne "x"'}):
            assert search(contoso, path, **query)["totalResults"] == 0
