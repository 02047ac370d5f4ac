"""Paging at its edges, and which attributes an answer carries (RFC 7644 sections 3.4.2.4 and 3.9)."""

from typing import Any

import pytest

from tests.scim import ENTERPRISE, ScimClient, user_body


@pytest.fixture
def seven(contoso: ScimClient) -> ScimClient:
    """Return contoso with seven users."""
    for number in range(7):
        contoso.create_user(f"user{number}")
    return contoso


EDGES: list[tuple[dict[str, Any], int, list[int]]] = [
    ({}, 1, [0, 1, 2, 3, 4, 5, 6]),
    ({"startIndex": 1, "count": 3}, 1, [0, 1, 2]),
    ({"startIndex": 4, "count": 3}, 4, [3, 4, 5]),
    ({"startIndex": 7, "count": 3}, 7, [6]),
    ({"startIndex": 8, "count": 3}, 8, []),
    ({"startIndex": 1000}, 1000, []),
    ({"startIndex": 0, "count": 2}, 1, [0, 1]),
    ({"startIndex": -5, "count": 2}, 1, [0, 1]),
    ({"count": 0}, 1, []),
    ({"count": -1}, 1, []),
    ({"count": 100_000_000}, 1, [0, 1, 2, 3, 4, 5, 6]),
    ({"startIndex": 9_000_000_000_000_000_000, "count": 9_000_000_000_000_000_000}, None, []),  # type: ignore[list-item]
    ({"startIndex": "", "count": ""}, 1, [0, 1, 2, 3, 4, 5, 6]),
]


@pytest.mark.parametrize(("query", "start", "numbers"), EDGES, ids=str)
def test_a_page_is_exact_at_every_edge(
    seven: ScimClient, query: dict[str, Any], start: int | None, numbers: list[int]
) -> None:
    answer = seven.get("/Users", **query)
    assert answer.status == 200
    assert answer.names == [f"user{number}@contoso.example" for number in numbers]
    assert (answer["totalResults"], answer["itemsPerPage"]) == (7, len(numbers))
    assert start is None or answer["startIndex"] == start


@pytest.mark.parametrize(("query", "start", "numbers"), EDGES, ids=str)
def test_a_filtered_page_is_exact_at_every_edge(
    seven: ScimClient, query: dict[str, Any], start: int | None, numbers: list[int]
) -> None:
    answer = seven.find("/Users", 'userName sw "user" and active eq true', **query)
    assert answer.names == [f"user{number}@contoso.example" for number in numbers]
    assert answer["totalResults"] == 7


def test_a_page_of_the_one_user_a_filter_finds_is_a_page(seven: ScimClient) -> None:
    text = 'userName eq "user3@contoso.example"'
    assert seven.find("/Users", text, count=0)["totalResults"] == 1
    assert seven.find("/Users", text, count=0)["Resources"] == []
    assert seven.find("/Users", text, startIndex=2)["Resources"] == []
    assert seven.find("/Users", text, startIndex=1, count=1).names == ["user3@contoso.example"]


@pytest.mark.parametrize("name", ["startIndex", "count"])
@pytest.mark.parametrize("value", ["x", "1.5", "1e3", "0x1", "٣", "9" * 30, "1;2", "null", "true"])
def test_a_page_that_is_no_number_is_400(seven: ScimClient, name: str, value: str) -> None:
    answer = seven.get("/Users", **{name: value})
    assert (answer.status, answer["scimType"]) == (400, "invalidValue")
    assert name in answer["detail"]


def test_a_page_holds_no_more_than_the_announced_number(contoso: ScimClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "MAX_PAGE": 3}
    for number in range(5):
        contoso.create_user(f"user{number}")
    assert contoso.get("/ServiceProviderConfig")["filter"]["maxResults"] == 3
    answer = contoso.get("/Users", count=100)
    assert (answer["itemsPerPage"], answer["totalResults"], len(answer["Resources"])) == (3, 5, 3)


FULL = user_body(
    "ada",
    title="Eng",
    name={"givenName": "Ada", "familyName": "L"},
    emails=[{"type": "work", "value": "a@x.example"}, {"type": "home", "value": "b@x.example"}],
    **{ENTERPRISE: {"department": "R&D", "employeeNumber": "7"}},
)

WANTED: list[tuple[str, dict[str, Any]]] = [
    ("userName", {"userName": FULL["userName"]}),
    ("USERNAME,title", {"userName": FULL["userName"], "title": "Eng"}),
    ("userName, title", {"userName": FULL["userName"], "title": "Eng"}),
    ("name.givenName", {"name": {"givenName": "Ada"}}),
    ("name", {"name": FULL["name"]}),
    ("emails.value", {"emails": [{"value": "a@x.example"}, {"value": "b@x.example"}]}),
    ('emails[type eq "work"]', {"emails": FULL["emails"]}),
    (f"{ENTERPRISE}:department", {ENTERPRISE: {"department": "R&D"}}),
    (ENTERPRISE, {ENTERPRISE: FULL[ENTERPRISE]}),
    ("urn:ietf:params:scim:schemas:core:2.0:User:title", {"title": "Eng"}),
    ("id", {}),
    ("nowhere", {}),
    ("nickName", {}),
]


@pytest.mark.parametrize(("attributes", "expected"), WANTED)
def test_only_the_attributes_that_were_asked_for_are_returned(
    contoso: ScimClient, attributes: str, expected: dict[str, Any]
) -> None:
    user = contoso.post("/Users", FULL).id
    for found in (
        contoso.get(f"/Users/{user}", attributes=attributes).json,
        contoso.get("/Users", attributes=attributes)["Resources"][0],
    ):
        assert found.pop("id") == user
        assert found.pop("schemas")
        assert found == expected


NOT_WANTED: list[tuple[str, list[str]]] = [
    ("title", ["title"]),
    ("TITLE,emails", ["title", "emails"]),
    ("name", ["name"]),
    (ENTERPRISE, [ENTERPRISE]),
    ("meta", ["meta"]),
    ("id,schemas", []),
    ("nowhere", []),
]


@pytest.mark.parametrize(("excluded", "gone"), NOT_WANTED)
def test_the_attributes_that_are_not_wanted_are_left_out(
    contoso: ScimClient, excluded: str, gone: list[str]
) -> None:
    created = contoso.post("/Users", FULL)
    full = created.json.keys()
    for found in (
        contoso.get(f"/Users/{created.id}", excludedAttributes=excluded).json,
        contoso.get("/Users", excludedAttributes=excluded)["Resources"][0],
    ):
        assert found.keys() == full - set(gone)


def test_a_part_of_an_attribute_can_be_left_out(contoso: ScimClient) -> None:
    user = contoso.post("/Users", FULL).id
    found = contoso.get(
        f"/Users/{user}", excludedAttributes=f"name.givenName,emails.type,{ENTERPRISE}:department"
    )
    assert found["name"] == {"familyName": "L"}
    assert found["emails"] == [{"value": "a@x.example"}, {"value": "b@x.example"}]
    assert found[ENTERPRISE] == {"employeeNumber": "7"}


def test_asking_for_and_leaving_out_at_once_is_400(contoso: ScimClient) -> None:
    for path in ("/Users", f"/Users/{contoso.create_user('ada').id}"):
        answer = contoso.get(path, attributes="title", excludedAttributes="name")
        assert (answer.status, answer["scimType"]) == (400, "invalidValue")


def test_a_write_is_projected_too(contoso: ScimClient) -> None:
    created = contoso.request("POST", "/Users?attributes=title", FULL)
    assert created.json.keys() == {"schemas", "id", "title"}
    patch = {"Operations": [{"op": "replace", "path": "title", "value": "Boss"}]}
    changed = contoso.request("PATCH", f"/Users/{created.id}?excludedAttributes=meta,name", patch)
    assert changed["title"] == "Boss"
    assert not {"meta", "name"} & changed.json.keys()


def test_a_bad_projection_of_a_write_is_refused_before_anything_is_written(contoso: ScimClient) -> None:
    answer = contoso.request("POST", "/Users?attributes=title&excludedAttributes=name", FULL)
    assert answer.status == 400
    assert contoso.get("/Users")["totalResults"] == 0


def test_locations_are_those_of_the_tenant_url(contoso: ScimClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASE_URL": "https://hub.example/scim/"}
    created = contoso.create_user("ada")
    assert (
        created["meta"]["location"]
        == f"https://hub.example/scim/{contoso.connection.pk}/v2/Users/{created.id}"
    )
