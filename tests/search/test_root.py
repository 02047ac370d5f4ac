"""Queries at the root of a tenant URL: users and groups in one list (RFC 7644 section 3.4.2.1)."""

from typing import Any

import pytest

from tests.scim import ENTERPRISE, ScimClient
from tests.search.requests import names_of, search

USERS = ["user3", "user1", "user2"]
GROUPS = ["Team 2", "Team 4", "Team 1"]


@pytest.fixture
def both(rfc: ScimClient) -> ScimClient:
    """Return a client with three users and three groups whose display names are mixed."""
    for name, display in zip(USERS, ["c3", "a1", "b2"], strict=True):
        rfc.create_user(name, displayName=display, externalId=f"{display}-id", title=f"Title {name}")
    members = [user["id"] for user in rfc.get("/Users")["Resources"]]
    for name, member in zip(GROUPS, members, strict=True):
        rfc.create_group(name, member, externalId=f"{name}-id")
    return rfc


@pytest.mark.parametrize("path", ["/", "/.search"])
def test_a_query_at_the_root_finds_all_types(both: ScimClient, path: str) -> None:
    answer = both.get(path)
    assert names_of(answer) == USERS + GROUPS
    assert (answer["totalResults"], answer["itemsPerPage"], answer["startIndex"]) == (6, 6, 1)
    assert {one["meta"]["resourceType"] for one in answer["Resources"]} == {"User", "Group"}
    for one in answer["Resources"]:
        assert both.get(f"/{one['meta']['resourceType']}s/{one['id']}").json == one


FILTERS: list[tuple[str, list[str]]] = [
    ('displayName eq "a1"', ["user1"]),
    ('displayName co "2"', ["user2", "Team 2"]),
    ('displayName eq "Team 4" or userName sw "user3"', ["user3", "Team 4"]),
    ('externalId ew "-id"', USERS + GROUPS),
    ("userName pr", USERS),
    ("members pr", GROUPS),
    ("not (userName pr)", GROUPS),
    ("not (members pr)", USERS),
    ("userName pr and members pr", []),
    (f"{ENTERPRISE}:department pr", []),
    ('meta.resourceType eq "Group"', GROUPS),
    ('meta.resourceType eq "User" and displayName gt "b"', ["user3", "user2"]),
    ('userName eq "user2@contoso.example"', ["user2"]),
    ('title ne "x" and displayName sw "a"', ["user1"]),
]


@pytest.mark.parametrize(("text", "expected"), FILTERS)
def test_an_attribute_of_one_type_finds_that_type(both: ScimClient, text: str, expected: list[str]) -> None:
    for answer in (search(both, filter=text), both.get("/", filter=text), both.get("/.search", filter=text)):
        assert names_of(answer) == expected
        assert answer["totalResults"] == len(expected)
    sorted_ones = search(both, filter=text, sortBy="id")
    assert sorted(names_of(sorted_ones)) == sorted(expected)
    assert sorted_ones["totalResults"] == len(expected)


@pytest.mark.parametrize("text", ['nowhere eq "x"', "urn:nobody:title pr", "members[nothing pr]", "title eq"])
def test_an_attribute_of_no_type_is_400(both: ScimClient, text: str) -> None:
    assert search(both, filter=text)["scimType"] == "invalidFilter"
    assert search(both, filter=text, sortBy="displayName")["scimType"] == "invalidFilter"


PAGES = [(start, count) for start in range(1, 9) for count in (0, 1, 2, 3, 4, 6, 200)]
ORDERS: list[dict[str, Any]] = [
    {},
    {"sortBy": "displayName"},
    {"sortBy": "displayName", "sortOrder": "descending"},
    {"sortBy": "title"},
    {"sortBy": "meta.created", "sortOrder": "descending"},
    {"sortBy": "id"},
]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_a_page_across_the_types_is_exact_at_every_edge(both: ScimClient, order: dict[str, Any]) -> None:
    everything = names_of(search(both, **order))
    assert sorted(everything) == sorted(USERS + GROUPS)
    for start, count in PAGES:
        answer = search(both, startIndex=start, count=count, **order)
        assert names_of(answer) == everything[start - 1 :][:count], (start, count)
        assert (answer["totalResults"], answer["startIndex"]) == (6, start)
        assert answer["itemsPerPage"] == len(answer["Resources"])


def test_one_order_goes_over_all_types(both: ScimClient) -> None:
    ascending = ["user1", "user2", "user3", "Team 1", "Team 2", "Team 4"]
    assert names_of(search(both, sortBy="displayName")) == ascending
    assert names_of(search(both, sortBy="displayName", sortOrder="descending")) == ascending[::-1]
    both.create_group("b")
    both.create_user("user4", displayName="B3")
    assert names_of(search(both, sortBy="displayName", count=5)) == ["user1", "b", "user2", "user4", "user3"]


def test_what_lacks_the_attribute_comes_last_and_descending_first(both: ScimClient) -> None:
    by_title = ["user1", "user2", "user3"]
    ascending = names_of(search(both, sortBy="title"))
    assert ascending[:3] == by_title
    assert sorted(ascending[3:]) == sorted(GROUPS)
    assert names_of(search(both, sortBy="title", sortOrder="descending")) == ascending[::-1]
    assert (
        names_of(search(both, sortBy="urn:ietf:params:scim:schemas:core:2.0:User:userName"))[:3] == by_title
    )


@pytest.mark.parametrize("by", ["nowhere", "urn:nobody:x", "members", "a b", "emails[type"])
def test_what_no_type_can_be_sorted_by_is_400(both: ScimClient, by: str) -> None:
    assert search(both, sortBy=by)["scimType"] == "invalidPath"


def test_the_attributes_wanted_are_those_of_each_type(both: ScimClient) -> None:
    for order in ({}, {"sortBy": "displayName"}):
        answer = search(both, attributes=["displayName", "members.value", "userName"], **order)
        kinds = {frozenset(one) for one in answer["Resources"]}
        assert kinds == {
            frozenset({"id", "schemas", "displayName", "userName"}),
            frozenset({"id", "schemas", "displayName", "members"}),
        }
        assert all(
            "members" not in one for one in search(both, excludedAttributes=["members"], **order)["Resources"]
        )


def test_members_are_those_of_their_group(both: ScimClient) -> None:
    for order in ({}, {"sortBy": "displayName"}):
        groups = [one for one in search(both, **order)["Resources"] if "members" in one]
        assert {group["displayName"]: [m["value"] for m in group["members"]] for group in groups} == {
            group["displayName"]: list(both.members(group["id"])) for group in groups
        }


def test_the_number_of_statements_does_not_grow_with_the_page(
    both: ScimClient, django_assert_max_num_queries: Any
) -> None:
    for order in ({}, {"sortBy": "displayName"}):
        with django_assert_max_num_queries(9):
            search(both, **order)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_the_root_is_only_read(both: ScimClient, method: str) -> None:
    assert both.request(method, "/", {}).status == 405


def test_the_root_has_no_cursors(both: ScimClient) -> None:
    assert search(both, cursor="")["scimType"] == "invalidCursor"
    assert both.get("/", cursor="")["scimType"] == "invalidCursor"
