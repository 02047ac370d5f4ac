"""The forty facts most likely to be implemented wrongly (section 7 of the catalogue): the first twenty."""

import json
from typing import Any
from uuid import uuid4

import pytest

from tests.entra.bodies import CREATE, add, folded, replace
from tests.factories import expected_status, host_rows, make_user, status_of
from tests.scim import ENTERPRISE, ScimClient, add_members, group_body


@pytest.fixture
def ada(contoso: ScimClient) -> str:
    """Return the id of a user with every attribute of R4."""
    return contoso.post("/Users", CREATE).id


def test_fact_01_no_match_is_200_with_an_empty_list(contoso: ScimClient) -> None:
    answer = contoso.find("/Users", 'userName eq "nobody"')
    assert (answer.status, answer["Resources"], answer["totalResults"]) == (200, [], 0)


@pytest.mark.parametrize("op", ["add", "Add", "replace", "Replace"])
@pytest.mark.parametrize("value", ["False", "false", False])
def test_fact_02_active_is_a_string_or_a_boolean_with_any_op(
    contoso: ScimClient, ada: str, op: str, value: Any
) -> None:
    assert contoso.patch(f"/Users/{ada}", {"op": op, "path": "active", "value": value})["active"] is False


@pytest.mark.parametrize("op", ["replace", "Replace", "REPLACE", "rEpLaCe"])
def test_fact_03_op_names_have_any_case(contoso: ScimClient, ada: str, op: str) -> None:
    assert contoso.patch(f"/Users/{ada}", {"op": op, "path": "title", "value": "Boss"})["title"] == "Boss"


def test_fact_04_the_legacy_shape_is_read_on_a_flagged_url_and_the_other_way_round(
    contoso: ScimClient, ada: str
) -> None:
    for suffix, operation in (
        ("?aadOptscim062020", replace("active", "False")), ("", folded({"active": True, "name.givenName": "A"})),
    ):  # fmt: skip
        answer = contoso.request("PATCH", f"/Users/{ada}{suffix}", {"Operations": [operation]})
        assert answer.status == 200, answer.json
    assert contoso.user(ada)["name"]["givenName"] == "A"
    assert contoso.user(ada)["active"] is True


def test_fact_05_the_keys_of_a_value_without_a_path_are_paths(contoso: ScimClient, ada: str) -> None:
    answer = contoso.patch(
        f"/Users/{ada}",
        folded(
            {
                "name.givenName": "A",
                f"{ENTERPRISE}:department": "B",
                'emails[type eq "work"].value': "c@x.example",
            }
        ),
    )
    assert (answer["name"]["givenName"], answer[ENTERPRISE]["department"]) == ("A", "B")
    assert answer["emails"][0]["value"] == "c@x.example"


@pytest.mark.parametrize(
    "path",
    [f"{ENTERPRISE}:department", f"{ENTERPRISE.upper()}:Department", f"{ENTERPRISE.lower()}:DEPARTMENT"],
)
def test_fact_06_a_urn_with_dots_is_split_before_its_attribute(
    contoso: ScimClient, ada: str, path: str
) -> None:
    answer = contoso.patch(f"/Users/{ada}", replace(path, "Research"))
    assert answer[ENTERPRISE]["department"] == "Research"
    user = "urn:ietf:params:scim:schemas:core:2.0:User"
    answer = contoso.patch(f"/Users/{ada}", replace(f"{user}:name.givenName", "Augusta"))
    assert answer["name"]["givenName"] == "Augusta"


def test_fact_07_add_and_replace_create_what_is_not_there(contoso: ScimClient) -> None:
    user = contoso.create_user("ada", emails=None).id
    contoso.patch(f"/Users/{user}", replace('emails[type eq "work"].value', "a@x.example"))
    contoso.patch(f"/Users/{user}", add('emails[type eq "home"].value', "b@x.example"))
    assert [entry["type"] for entry in contoso.user(user)["emails"]] == ["work", "home"]


def test_fact_08_primary_eq_the_string_true_means_the_boolean(contoso: ScimClient, ada: str) -> None:
    answer = contoso.patch(f"/Users/{ada}", replace('emails[primary eq "True"].value', "a@x.example"))
    assert answer["emails"] == [{"type": "work", "value": "a@x.example", "primary": True}]


@pytest.mark.examplehub
def test_fact_09_a_role_may_be_json_in_a_string(fabrikam: ScimClient) -> None:
    packed = json.dumps({"id": str(uuid4()), "value": "external", "displayName": "External"})
    assert fabrikam.create_user("ada", roles=[{"value": packed}])["roles"][0]["value"] == "external"


@pytest.mark.examplehub
def test_fact_10_an_add_of_roles_never_removes(fabrikam: ScimClient) -> None:
    user = fabrikam.create_user("ada", roles=[{"value": "external"}]).id
    answer = fabrikam.patch(f"/Users/{user}", add("roles", [{"value": "consultant"}]))
    assert {role["value"] for role in answer["roles"]} == {"external", "consultant"}


@pytest.fixture
def people(contoso: ScimClient) -> list[str]:
    """Return the ids of three users."""
    return [contoso.create_user(f"user{number}").id for number in range(3)]


@pytest.fixture
def team(contoso: ScimClient, people: list[str]) -> str:
    """Return the id of a group with three members."""
    return contoso.create_group("Team A", *people).id


def test_fact_11_remove_with_a_value_removes_only_that(
    contoso: ScimClient, team: str, people: list[str]
) -> None:
    contoso.patch(f"/Groups/{team}", {"op": "Remove", "path": "members", "value": [{"value": people[1]}]})
    assert contoso.members(team) == {people[0], people[2]}


def test_fact_12_remove_with_a_filter_removes_only_that(
    contoso: ScimClient, team: str, people: list[str]
) -> None:
    contoso.patch(f"/Groups/{team}", {"op": "remove", "path": f'members[value eq "{people[1]}"]'})
    assert contoso.members(team) == {people[0], people[2]}


def test_fact_13_adding_who_is_there_is_success(contoso: ScimClient, team: str, people: list[str]) -> None:
    assert contoso.patch(f"/Groups/{team}", add_members(*people)).status == 204
    assert contoso.members(team) == set(people)


@pytest.mark.parametrize(("policy", "left"), [("replace", 1), ("add", 3)])
def test_fact_14_a_replace_of_members_means_what_the_connection_says(
    make_client: Any, policy: str, left: int
) -> None:
    client = make_client("flow_connect", members_replace=policy)
    people = [client.create_user(f"user{number}").id for number in range(3)]
    team = client.create_group("Team A", *people).id
    operation = {"op": "replace", "path": "members", "value": [{"value": people[0]}]}
    assert client.patch(f"/Groups/{team}", operation).status == 204
    assert len(client.members(team)) == left


def test_fact_15_a_replace_without_a_path_leaves_members_alone(
    contoso: ScimClient, team: str, people: list[str]
) -> None:
    contoso.patch(f"/Groups/{team}", folded({"displayName": "Team B"}))
    assert contoso.members(team) == set(people)


def test_fact_16_a_patch_of_a_group_is_204_without_a_body(contoso: ScimClient, team: str) -> None:
    answer = contoso.patch(f"/Groups/{team}", replace("displayName", "Team B"))
    assert (answer.status, answer.content) == (204, b"")


@pytest.mark.parametrize(
    "spelling", ["members", "Members", "urn:ietf:params:scim:schemas:core:2.0:Group:members"]
)
def test_fact_17_members_are_left_out_of_lists_and_reads(
    contoso: ScimClient, team: str, spelling: str
) -> None:
    assert "members" not in contoso.get(f"/Groups/{team}", excludedAttributes=spelling).json
    assert "members" not in contoso.get("/Groups", excludedAttributes=spelling)["Resources"][0]
    assert "members" in contoso.get("/Groups")["Resources"][0]


def test_fact_18_a_group_comes_without_members_and_with_a_foreign_schema(contoso: ScimClient) -> None:
    assert contoso.post("/Groups", group_body("Team B")).status == 201


def test_fact_19_an_inactive_user_stays_visible(contoso: ScimClient, ada: str) -> None:
    contoso.patch(f"/Users/{ada}", replace("active", "False"))
    assert contoso.get(f"/Users/{ada}")["active"] is False
    for text in (
        'userName eq "ada@contoso.example"',
        f'externalId eq "{CREATE["externalId"]}"',
        "active eq false",
    ):
        assert contoso.find("/Users", text)["totalResults"] == 1
    assert contoso.get("/Users")["totalResults"] == 1


def test_fact_20_an_id_is_ours_unchanging_and_never_used_again(contoso: ScimClient, ada: str) -> None:
    answer = contoso.patch(f"/Users/{ada}", folded({"id": str(uuid4()), "userName": "b@contoso.example"}))
    assert answer.id == ada
    assert ada not in (CREATE["externalId"], CREATE["userName"])
    contoso.delete(f"/Users/{ada}")
    assert contoso.post("/Users", {**CREATE, "id": ada}).id != ada


def test_fact_21_a_pending_user_is_active_on_the_wire_and_stays_pending(
    contoso: ScimClient, ada: str
) -> None:
    assert contoso.get(f"/Users/{ada}")["active"] is True
    contoso.patch(f"/Users/{ada}", replace("active", "True"))
    contoso.patch(f"/Users/{ada}", folded({"active": True, "title": "Boss"}))
    assert status_of(host_rows(contoso.connection)[0].get()) == expected_status("pending")


def test_fact_22_a_read_adopts_nobody_and_the_first_write_does(organization: Any, make_client: Any) -> None:
    make_user(organization, "ada")
    client = make_client("flow_connect")
    text = f'externalId eq "{CREATE["externalId"]}"'
    (found,) = client.find("/Users", 'userName eq "ada@contoso.example"')["Resources"]
    assert "externalId" not in client.get(f"/Users/{found['id']}").json
    assert client.find("/Users", text)["totalResults"] == 0
    resource = client.connection.user_resources.get()
    assert not resource.scim_managed
    answer = client.patch(f"/Users/{found['id']}", add("externalId", CREATE["externalId"]))
    assert (answer.status, answer["externalId"]) == (200, CREATE["externalId"])
    resource.refresh_from_db()
    assert resource.scim_managed
    assert client.find("/Users", text)["totalResults"] == 1
