"""The failures that others had in the field, so that they are not had again (section 6 of the catalogue)."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from scim_provisioning.lifecycle.visibility import sweep
from tests.entra.bodies import CREATE, add, create_body, folded, replace
from tests.factories import UserFactory, host_rows, members_of, status_of
from tests.scim import CONTENT_TYPE, ENTERPRISE, ScimClient, add_members, group_body


@pytest.fixture
def ada(contoso: ScimClient) -> str:
    """Return the id of a user with every attribute of R4."""
    return contoso.post("/Users", CREATE).id


@pytest.fixture
def people(contoso: ScimClient) -> list[str]:
    """Return the ids of five users."""
    return [contoso.create_user(f"user{number}").id for number in range(5)]


@pytest.mark.parametrize("text", ["False", "false", "FALSE"])
def test_F01_booleans_as_strings_are_understood(contoso: ScimClient, ada: str, text: str) -> None:
    contoso.patch(f"/Users/{ada}", replace("active", text))
    assert status_of(host_rows(contoso.connection)[0].get()) == "inactive"


@pytest.mark.parametrize("text", ["yes", "0", 0, 1, "no", [], {}, [False]])
def test_F01_what_is_no_boolean_is_refused_and_not_taken_for_true(
    contoso: ScimClient, ada: str, text: Any
) -> None:
    answer = contoso.patch(f"/Users/{ada}", replace("active", text))
    assert (answer.status, answer["scimType"]) == (400, "invalidValue")
    assert contoso.get(f"/Users/{ada}")["active"] is True


def test_F02_an_add_on_active_deactivates(contoso: ScimClient, ada: str) -> None:
    assert contoso.patch(f"/Users/{ada}", add("active", "False"))["active"] is False


def test_F03_a_remove_with_values_does_not_wipe_the_group(contoso: ScimClient, people: list[str]) -> None:
    team = contoso.create_group("Team A", *people).id
    contoso.patch(
        f"/Groups/{team}",
        {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": people[0]}]},
    )
    assert contoso.members(team) == set(people[1:])


def test_F04_a_replace_with_only_the_new_member_can_be_read_as_an_add(
    make_client: Callable[..., ScimClient],
) -> None:
    client = make_client("flow_connect", members_replace="add")
    ids = [client.create_user(f"user{number}").id for number in range(3)]
    team = client.create_group("Team A", *ids[:2]).id
    client.patch(f"/Groups/{team}", {"op": "replace", "path": "members", "value": [{"value": ids[2]}]})
    assert client.members(team) == set(ids)


@pytest.mark.parametrize(
    "value", [{"displayName": "Team B"}, {"externalId": "0b9d5a52-63e3-4c8e-9c55-5b9d3d2f6f00"}]
)
def test_F05_a_replace_without_a_path_and_members_keeps_the_members(
    contoso: ScimClient, people: list[str], value: dict[str, Any]
) -> None:
    team = contoso.create_group("Team A", *people).id
    assert contoso.patch(f"/Groups/{team}", folded(value)).status == 204
    assert contoso.members(team) == set(people)


def test_F06_dotted_keys_are_paths_and_not_attributes(contoso: ScimClient, ada: str) -> None:
    answer = contoso.patch(f"/Users/{ada}", folded({"name.familyName": "King", "name.givenName": "Augusta"}))
    assert answer["name"] == {"formatted": "Ada L", "familyName": "King", "givenName": "Augusta"}
    assert not [name for name in answer.json if "." in name and not name.startswith("urn:")]


@pytest.mark.parametrize("op", ["Add", "Replace"])
def test_F07_a_filtered_path_without_a_match_is_created_and_not_400(
    contoso: ScimClient, ada: str, op: str
) -> None:
    operation = {"op": op, "path": 'phoneNumbers[type eq "mobile"].value', "value": "5552"}
    assert contoso.patch(f"/Users/{ada}", operation).status == 200
    assert {"type": "mobile", "value": "5552"} in contoso.user(ada)["phoneNumbers"]


def test_F08_a_manager_comes_as_a_string_and_goes_as_an_object(contoso: ScimClient, ada: str) -> None:
    boss = contoso.create_user("boss").id
    contoso.patch(f"/Users/{ada}", add(f"{ENTERPRISE}:manager", boss))
    for found in (
        contoso.get(f"/Users/{ada}").json,
        contoso.find("/Users", f'userName eq "{CREATE["userName"]}"')["Resources"][0],
    ):
        assert isinstance(found[ENTERPRISE]["manager"], dict)
        assert found[ENTERPRISE]["manager"]["value"] == boss


@pytest.mark.examplehub
def test_F09_a_role_as_json_in_a_string_is_unpacked(fabrikam: ScimClient) -> None:
    user = fabrikam.create_user("ada").id
    packed = '{"id":"18d14569-c3bd-439b-9a66-3a2aee01d14f","value":"consultant","displayName":"Consultant"}'
    answer = fabrikam.patch(f"/Users/{user}", add("roles", [{"value": packed}]))
    assert [entry["value"] for entry in answer["roles"]] == ["consultant"]


def test_F10_an_unknown_filter_does_not_return_the_whole_tenant(
    contoso: ScimClient, people: list[str]
) -> None:
    for text in ('nickname2 eq "x"', "userName", "userName eq", '"x"', "userName zz 1", " ", "active eq 1"):
        answer = contoso.find("/Users", text)
        assert (answer.status, answer["scimType"]) == (400, "invalidFilter"), text


def test_F11_a_lookup_finds_the_last_of_many_users(contoso: ScimClient) -> None:
    users = UserFactory.build_batch(1200, organization=None, belongs_to=contoso.organization)
    host_rows(contoso.connection)[0].model._default_manager.bulk_create(users)
    sweep(contoso.connection)
    contoso.create_user("very-last")
    assert contoso.find("/Users", 'userName eq "very-last@contoso.example"')["totalResults"] == 1
    assert contoso.find("/Users", 'emails.value eq "very-last@contoso.example"')["totalResults"] == 1


def test_F12_a_request_without_a_user_agent_is_served(contoso: ScimClient) -> None:
    # The test client sends none; one that is odd changes nothing either.
    assert contoso.get("/Users").status == 200
    assert contoso.request("GET", "/Users", User_Agent="").status == 200


def test_F13_a_member_of_another_organization_is_not_added(
    contoso: ScimClient, northwind: ScimClient
) -> None:
    foreign = northwind.create_user("eve").id
    team = contoso.create_group("Team A").id
    assert contoso.patch(f"/Groups/{team}", add_members(foreign)).status == 204
    assert contoso.members(team) == set()
    assert members_of(host_rows(contoso.connection)[1].get()) == set()
    created = contoso.post("/Groups", group_body("Team B", members=[{"value": foreign}]))
    assert created.json.get("members", []) == []


def test_F14_removes_and_adds_of_one_request_happen_together_or_not_at_all(
    contoso: ScimClient, people: list[str]
) -> None:
    team = contoso.create_group("Team A", *people[:2]).id
    answer = contoso.patch(
        f"/Groups/{team}",
        {"op": "remove", "path": f'members[value eq "{people[0]}"]'},
        add_members(people[2]),
        {"op": "replace", "path": "members[", "value": "x"},
    )
    assert (answer.status, answer["scimType"]) == (400, "invalidPath")
    assert contoso.members(team) == set(people[:2])
    contoso.patch(
        f"/Groups/{team}",
        {"op": "remove", "path": f'members[value eq "{people[0]}"]'},
        add_members(people[2]),
    )
    assert contoso.members(team) == {people[1], people[2]}


def test_F15_several_removals_in_one_request_take_the_right_ones(
    contoso: ScimClient, people: list[str]
) -> None:
    team = contoso.create_group("Team A", *people).id
    contoso.patch(
        f"/Groups/{team}",
        *({"op": "remove", "path": f'members[value eq "{people[index]}"]'} for index in (0, 2, 4)),
    )
    assert contoso.members(team) == {people[1], people[3]}


def test_F15_several_values_removed_from_a_user_are_the_right_ones(contoso: ScimClient) -> None:
    numbers = [{"type": kind, "value": kind} for kind in ("work", "home", "mobile", "fax")]
    user = contoso.post("/Users", create_body(phoneNumbers=numbers)).id
    contoso.patch(
        f"/Users/{user}",
        {"op": "remove", "path": 'phoneNumbers[type eq "work"]'},
        {"op": "remove", "path": 'phoneNumbers[type eq "mobile"]'},
    )
    assert [entry["type"] for entry in contoso.user(user)["phoneNumbers"]] == ["home", "fax"]


def test_F16_a_filtered_removal_that_says_so_is_done(contoso: ScimClient, people: list[str]) -> None:
    team = contoso.create_group("Team A", *people[:2]).id
    assert (
        contoso.patch(f"/Groups/{team}", {"op": "remove", "path": f'members[value eq "{people[0]}"]'}).status
        < 300
    )
    assert len(members_of(host_rows(contoso.connection)[1].get())) == 1


def test_F17_a_conflict_says_409_in_the_status_line_and_in_the_body(contoso: ScimClient, ada: str) -> None:
    answer = contoso.post("/Users", CREATE)
    assert (answer.status, answer["status"], answer["scimType"]) == (409, "409", "uniqueness")


def test_F18_status_is_never_null_and_groups_can_be_deleted(contoso: ScimClient) -> None:
    team = contoso.create_group("Team A").id
    assert contoso.delete(f"/Groups/{team}").status == 204
    assert contoso.get(f"/Groups/{team}")["status"] == "404"


def test_F19_no_match_is_200_and_not_404(contoso: ScimClient) -> None:
    for path, text in (("/Users", 'userName eq "nobody"'), ("/Groups", 'displayName eq "nobody"')):
        assert contoso.find(path, text).status == 200


def test_F20_every_answer_is_application_scim_json(contoso: ScimClient, ada: str) -> None:
    answers = [
        contoso.get("/Users"),
        contoso.get(f"/Users/{ada}"),
        contoso.get(f"/Users/{uuid4()}"),
        contoso.post("/Users", CREATE),
        contoso.post("/Groups", group_body("Team A")),
        contoso.get("/Schemas"),
        contoso.get("/nowhere"),
        contoso.request("GET", "/Users", authorization="Bearer x"),
        contoso.request("GET", "/Users", Accept="application/json"),
        contoso.request("GET", "/Users", Accept="text/html"),
        contoso.post("/Users", {}, content_type="text/plain"),
    ]
    assert {answer.headers["Content-Type"] for answer in answers} == {CONTENT_TYPE}


def test_F21_every_group_of_entra_is_a_group_of_its_own(contoso: ScimClient, people: list[str]) -> None:
    teams = [contoso.create_group(f"Team {number}", people[number]).id for number in range(5)]
    assert len(set(teams)) == 5
    assert [contoso.members(team) for team in teams] == [{person} for person in people]


def test_F22_a_member_add_that_is_delivered_again_is_no_conflict(
    contoso: ScimClient, people: list[str]
) -> None:
    team = contoso.create_group("Team A").id
    assert {contoso.patch(f"/Groups/{team}", add_members(*people)).status for _again in range(3)} == {204}
    assert len(members_of(host_rows(contoso.connection)[1].get())) == 5


def test_F23_a_refusal_names_attribute_and_value(contoso: ScimClient, ada: str) -> None:
    answer = contoso.patch(f"/Users/{ada}", replace("displayNmae", "A"))
    assert "displayNmae" in answer["detail"]
    answer = contoso.patch(f"/Users/{ada}", replace('displayName[type eq "work"].value', "A"))
    assert answer.status == 400
    assert "displayName" in answer["detail"]


def test_F24_active_true_is_as_good_as_active_false(contoso: ScimClient, ada: str) -> None:
    for text in ("False", "True", "True"):
        assert contoso.patch(f"/Users/{ada}", replace("active", text)).status == 200
    assert status_of(host_rows(contoso.connection)[0].get()) == "active"


def test_F25_an_added_e_mail_does_not_become_primary_by_itself(contoso: ScimClient, ada: str) -> None:
    contoso.patch(f"/Users/{ada}", add("emails", [{"type": "home", "value": "ada@home.example"}]))
    primary = [entry for entry in contoso.user(ada)["emails"] if entry.get("primary")]
    assert [entry["value"] for entry in primary] == ["ada@contoso.example"]


ENTRA_DEFAULTS: dict[str, Any] = {
    "displayName": "Ada Lovelace",
    "title": "Countess",
    "preferredLanguage": "en-GB",
    "name": {"givenName": "Ada", "familyName": "Lovelace", "formatted": "Ada Lovelace"},
    "addresses": [
        {"type": "work", "formatted": "St James", "streetAddress": "12 St James", "locality": "London",
         "region": "London", "postalCode": "SW1", "country": "GB"}
    ],
    "phoneNumbers": [
        {"type": "work", "value": "5551"}, {"type": "mobile", "value": "5552"}, {"type": "fax", "value": "5553"}
    ],
    ENTERPRISE: {"employeeNumber": "7", "department": "Analysis", "costCenter": "1", "division": "d",
                 "organization": "o"},
}  # fmt: skip


@pytest.mark.parametrize("name", ENTRA_DEFAULTS)
@pytest.mark.parametrize("preset", ["flow_connect", "rfc"])
def test_F26_each_default_mapping_of_entra_is_accepted_alone(
    make_client: Callable[..., ScimClient], preset: str, name: str
) -> None:
    client = make_client(preset)
    created = client.create_user("ada", **{name: ENTRA_DEFAULTS[name]})
    assert created[name] == ENTRA_DEFAULTS[name]
    assert client.get(f"/Users/{created.id}").json == created.json


def test_F26_all_default_mappings_of_entra_are_accepted_together(contoso: ScimClient) -> None:
    created = contoso.create_user("ada", **ENTRA_DEFAULTS)
    assert {name: created[name] for name in ENTRA_DEFAULTS} == ENTRA_DEFAULTS
