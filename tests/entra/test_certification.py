"""Microsoft's own certification, T1 to T20 and T23 to T25, as requests (section 4 of the catalogue).

T21 and T22 are about OAuth; T4, T10, T14 and T24 are optional and done.
"""

from typing import Any
from uuid import uuid4

import pytest

from tests.entra.bodies import CREATE, add, create_body, folded, replace
from tests.factories import host_rows, status_of
from tests.scim import ENTERPRISE, GROUP, USER, ScimClient, add_members, group_body

MANAGER = f"{ENTERPRISE}:manager"
OPTIONAL: dict[str, Any] = {
    "displayName": "Ada L",
    "title": "Eng",
    "preferredLanguage": "en",
    "name.givenName": "Ada",
    "name.familyName": "L",
    "name.formatted": "Ada L",
    'emails[type eq "work"].value': "ada@contoso.example",
    'phoneNumbers[type eq "work"].value': "5551",
    'phoneNumbers[type eq "mobile"].value': "5552",
    'addresses[type eq "work"].locality': "Oslo",
    'addresses[type eq "work"].streetAddress': "Karl Johan 1",
    f"{ENTERPRISE}:department": "R&D",
    f"{ENTERPRISE}:employeeNumber": "7",
}
FILTERED = [path for path in OPTIONAL if "[" in path]


@pytest.fixture
def ada(contoso: ScimClient) -> str:
    """Return the id of a user with every attribute of R4."""
    return contoso.post("/Users", CREATE).id


def test_T01_a_user_is_created(contoso: ScimClient) -> None:
    assert contoso.post("/Users", CREATE).status == 201


def test_T02_a_user_is_updated(contoso: ScimClient, ada: str) -> None:
    assert contoso.patch(f"/Users/{ada}", replace("displayName", "A"))["displayName"] == "A"


def test_T03_a_user_is_disabled_and_still_found(contoso: ScimClient, ada: str) -> None:
    contoso.patch(f"/Users/{ada}", replace("active", "False"))
    assert contoso.get(f"/Users/{ada}")["active"] is False
    (found,) = contoso.find("/Users", f'userName eq "{CREATE["userName"]}"')["Resources"]
    assert (found["id"], found["active"]) == (ada, False)


def test_T04_a_user_is_deleted(contoso: ScimClient, ada: str) -> None:
    assert contoso.delete(f"/Users/{ada}").status == 204
    assert contoso.get(f"/Users/{ada}").status == 404


def test_T05_a_manager_is_set_changed_and_removed(contoso: ScimClient, ada: str) -> None:
    for boss in (contoso.create_user("boss").id, contoso.create_user("chief").id):
        contoso.patch(f"/Users/{ada}", replace(MANAGER, boss))
        assert contoso.user(ada)[ENTERPRISE]["manager"]["value"] == boss
    contoso.patch(f"/Users/{ada}", replace(MANAGER, ""))
    assert "manager" not in contoso.user(ada)[ENTERPRISE]


def test_T06_a_disabled_user_is_restored_with_its_groups(contoso: ScimClient, ada: str) -> None:
    team = contoso.create_group("Team A", ada).id
    contoso.patch(f"/Users/{ada}", replace("active", "False"))
    contoso.patch(f"/Users/{ada}", replace("active", "True"))
    assert contoso.get(f"/Users/{ada}")["active"] is True
    assert contoso.members(team) == {ada}


def test_T07_provision_on_demand_writes_the_legacy_dialect_to_a_flagged_url(
    contoso: ScimClient, ada: str
) -> None:
    body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [replace("active", "False"), add("title", "Boss")]}  # fmt: skip
    answer = contoso.request("PATCH", f"/Users/{ada}?aadOptscim062020", body)
    assert (answer.status, answer["active"], answer["title"]) == (200, False, "Boss")


def test_T08_a_group_is_created(contoso: ScimClient) -> None:
    assert contoso.post("/Groups", group_body()).status == 201


def test_T09_a_group_is_updated(contoso: ScimClient) -> None:
    team = contoso.create_group("Team A").id
    assert contoso.patch(f"/Groups/{team}", replace("displayName", "Team B")).status == 204
    assert contoso.get(f"/Groups/{team}")["displayName"] == "Team B"


def test_T10_a_group_is_deleted(contoso: ScimClient) -> None:
    team = contoso.create_group("Team A").id
    assert contoso.delete(f"/Groups/{team}").status == 204


def test_T11_T12_a_member_is_added_and_removed(contoso: ScimClient, ada: str) -> None:
    team = contoso.create_group("Team A").id
    contoso.patch(f"/Groups/{team}", add_members(ada))
    assert contoso.members(team) == {ada}
    contoso.patch(f"/Groups/{team}", {"op": "remove", "path": f'members[value eq "{ada}"]'})
    assert contoso.members(team) == set()


def test_T13_a_group_with_five_members_is_provisioned_on_demand(contoso: ScimClient) -> None:
    people = [contoso.create_user(f"user{number}").id for number in range(5)]
    team = contoso.post("/Groups", group_body(members=[{"value": person} for person in people]))
    assert team.status == 201
    assert contoso.members(team.id) == set(people)


def test_T14_a_group_that_was_deleted_comes_back_with_members(contoso: ScimClient, ada: str) -> None:
    contoso.delete(f"/Groups/{contoso.create_group('Team A', ada).id}")
    assert contoso.members(contoso.create_group("Team A", ada).id) == {ada}


def attributes(client: ScimClient, urn: str) -> dict[str, dict[str, Any]]:
    """Return the attributes that a published schema declares."""
    return {attribute["name"]: attribute for attribute in client.get(f"/Schemas/{urn}")["attributes"]}


def sub_attribute(attribute: dict[str, Any], name: str) -> dict[str, Any]:
    """Return one sub-attribute of an attribute."""
    return next(sub for sub in attribute["subAttributes"] if sub["name"] == name)


@pytest.mark.parametrize("name", ["emails", "phoneNumbers", "addresses"])
def test_T15_types_are_derived_from_canonical_values(contoso: ScimClient, name: str) -> None:
    attribute = attributes(contoso, USER)[name]
    assert attribute["multiValued"] is True
    assert "work" in sub_attribute(attribute, "type")["canonicalValues"]


def test_T15_roles_have_no_canonical_values(contoso: ScimClient) -> None:
    kind = sub_attribute(attributes(contoso, USER)["roles"], "type")
    assert not kind.get("canonicalValues")


def test_T15_names_the_manager_and_the_members_are_there(contoso: ScimClient) -> None:
    user = attributes(contoso, USER)
    assert {"userName", "displayName", "active", "title"} <= user.keys()
    assert sub_attribute(user["name"], "givenName")["type"] == "string"
    assert {"department", "employeeNumber", "manager"} <= attributes(contoso, ENTERPRISE).keys()
    assert {"displayName", "members"} <= attributes(contoso, GROUP).keys()


def test_T15_what_the_validator_rejects_is_not_declared(contoso: ScimClient) -> None:
    user = attributes(contoso, USER)
    assert "password" not in user
    names = {sub["name"] for sub in user["emails"]["subAttributes"]}
    assert not names & {"display", "primary"}


def test_T15_a_manager_is_not_declared_where_it_is_not_kept(make_client: Any) -> None:
    assert "manager" not in attributes(make_client("flow_connect", managers=False), ENTERPRISE)


def filled(client: ScimClient) -> str:
    """Return the id of a user with every optional attribute."""
    user = client.create_user("ada").id
    answer = client.patch(f"/Users/{user}", *(add(path, value) for path, value in OPTIONAL.items()))
    assert answer.status == 200, answer.json
    return user


def assert_all_cleared(client: ScimClient, user: str, answer: Any) -> None:
    assert answer.status in (200, 204), answer.json
    left = {name: value for name, value in client.user(user).items() if value not in (None, "", [], {})}
    assert left.keys() == {"userName", "externalId", "active"}
    stored = client.find("/Users", f'userName eq "{left["userName"]}"')["Resources"][0]
    assert stored.keys() - {"id", "meta", "schemas"} == left.keys()


@pytest.mark.parametrize("empty", ["", None])
def test_T16_every_optional_attribute_is_cleared_one_by_one(contoso: ScimClient, empty: Any) -> None:
    user = filled(contoso)
    answer = contoso.patch(f"/Users/{user}", *(replace(path, empty) for path in OPTIONAL))
    assert_all_cleared(contoso, user, answer)


@pytest.mark.parametrize("empty", ["", None])
def test_T16_every_optional_attribute_is_cleared_in_one_value(contoso: ScimClient, empty: Any) -> None:
    user = filled(contoso)
    rest = {path: empty for path in OPTIONAL if path not in FILTERED}
    answer = contoso.patch(f"/Users/{user}", *(replace(path, empty) for path in FILTERED), folded(rest))
    assert_all_cleared(contoso, user, answer)


@pytest.mark.parametrize("empty", ["", None])
@pytest.mark.parametrize("path", OPTIONAL)
def test_T16_an_attribute_that_is_absent_can_be_cleared(contoso: ScimClient, path: str, empty: Any) -> None:
    user = contoso.create_user("ada", emails=None)
    assert contoso.patch(f"/Users/{user.id}", replace(path, empty)).status in (200, 204)
    assert_all_cleared(contoso, user.id, contoso.get(f"/Users/{user.id}"))


def test_T17_a_direct_post_keeps_the_user_name_and_makes_an_id(contoso: ScimClient) -> None:
    answer = contoso.post("/Users", CREATE)
    assert answer.id
    assert answer["userName"] == CREATE["userName"]


def test_T18_a_patch_can_be_verified_by_a_get(contoso: ScimClient, ada: str) -> None:
    answer = contoso.patch(f"/Users/{ada}", *(replace(path, value) for path, value in OPTIONAL.items()))
    assert contoso.get(f"/Users/{ada}").json == answer.json
    assert status_of(host_rows(contoso.connection)[0].get()) in ("pending", "active")


def test_T19_a_direct_post_of_a_group_keeps_name_and_external_id(contoso: ScimClient) -> None:
    body = group_body("Team A")
    answer = contoso.post("/Groups", body)
    assert answer.id
    assert (answer["displayName"], answer["externalId"]) == ("Team A", body["externalId"])


def test_T20_a_patch_of_a_group_can_be_verified_by_a_get(contoso: ScimClient) -> None:
    team = contoso.create_group("Team A").id
    new = str(uuid4())
    contoso.patch(f"/Groups/{team}", replace("displayName", "Team B"), replace("externalId", new))
    found = contoso.get(f"/Groups/{team}")
    assert (found["displayName"], found["externalId"]) == ("Team B", new)


@pytest.mark.parametrize("path", ["/Users", "/Groups"])
def test_T23_T24_eleven_resources_are_paged_by_five(contoso: ScimClient, path: str) -> None:
    for number in range(11):
        if path == "/Users":
            contoso.create_user(f"user{number}")
        else:
            contoso.create_group(f"Team {number}")
    seen: set[str] = set()
    for page in range(3):
        answer = contoso.get(path, startIndex=page * 5 + 1, count=5)
        assert answer["startIndex"] == page * 5 + 1
        assert answer["totalResults"] == 11
        seen |= {found["id"] for found in answer["Resources"]}
    assert len(seen) == 11


def test_T25_a_manager_is_added_replaced_and_emptied_as_a_string(contoso: ScimClient, ada: str) -> None:
    one, other = contoso.create_user("boss").id, contoso.create_user("chief").id
    steps = [(add(MANAGER, one), one), (replace(MANAGER, other), other), (replace(MANAGER, ""), None)]
    for operation, expected in steps:
        answer = contoso.patch(f"/Users/{ada}", operation)
        assert answer.status == 200
        assert answer[ENTERPRISE].get("manager", {}).get("value") == expected


def test_the_older_validator_puts_an_unknown_attribute_and_gets_200(contoso: ScimClient, ada: str) -> None:
    answer = contoso.put(f"/Users/{ada}", create_body(favouriteColour="red"))
    assert answer.status == 200


def test_the_older_validator_asks_for_a_projection_with_a_filter(contoso: ScimClient, ada: str) -> None:
    answer = contoso.get("/Users", attributes='emails[type eq "work"]')
    assert answer.status == 200
    assert set(answer["Resources"][0]) == {"schemas", "id", "emails"}


@pytest.mark.parametrize(
    ("text", "found"),
    [("userName sw ada", 1), ("displayName sw A", 1), ("userName gt a", 1), ("userName gt b", 0),
     ("userName eq ada@contoso.example and (active eq true or displayName eq x)", 1)],
)  # fmt: skip
def test_the_postman_collections_filters_are_read(
    contoso: ScimClient, ada: str, text: str, found: int
) -> None:
    assert contoso.find("/Users", text)["totalResults"] == found
