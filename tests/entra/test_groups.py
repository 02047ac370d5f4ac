"""R15 to R22 and R24: groups and their members in both dialects."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.entra.bodies import folded, replace
from tests.factories import GROUPS, host_rows, make_group, members_of
from tests.scim import ENTRA_GROUP, GROUP, ScimClient, group_body

OBJECT_ID = "60f1f5a2-13d9-4f1c-8e0f-aa94b0c6b7a1"
# R17, word for word.
CREATE = {
    "schemas": [GROUP, ENTRA_GROUP],
    "externalId": OBJECT_ID,
    "displayName": "Team A",
    "meta": {"resourceType": "Group"},
}


@pytest.fixture
def people(contoso: ScimClient) -> list[str]:
    """Return the ids of three users."""
    return [contoso.create_user(name).id for name in ("ada", "grace", "joan")]


@pytest.fixture
def team(contoso: ScimClient) -> str:
    """Return the id of an empty group."""
    return contoso.post("/Groups", CREATE).id


@pytest.mark.parametrize(
    "text",
    ['displayName eq "Team A"', 'displayName eq "TEAM A"', 'displayname eq "team a"',
     f'externalId eq "{OBJECT_ID}"', f"externalId eq {OBJECT_ID}"],
)  # fmt: skip
def test_R15_a_group_is_matched_without_its_members(
    contoso: ScimClient, team: str, people: list[str], text: str
) -> None:
    contoso.create_group("Team B")
    contoso.patch(f"/Groups/{team}", {"op": "add", "path": "members", "value": [{"value": people[0]}]})
    answer = contoso.find("/Groups", text, excludedAttributes="members")
    assert (answer.status, answer["totalResults"]) == (200, 1)
    (found,) = answer["Resources"]
    assert (found["id"], found["displayName"], found["externalId"]) == (team, "Team A", OBJECT_ID)
    assert "members" not in found


def test_R15_the_order_of_the_parameters_does_not_matter(contoso: ScimClient, team: str) -> None:
    one = contoso.request("GET", "/Groups?excludedAttributes=members&filter=displayName+eq+%22Team+A%22")
    other = contoso.request(
        "GET", "/Groups?filter=displayName%20eq%20%22Team%20A%22&excludedAttributes=members"
    )
    assert one.json == other.json
    assert one["totalResults"] == 1


def test_R16_a_group_is_read_without_its_members(contoso: ScimClient, team: str, people: list[str]) -> None:
    contoso.patch(f"/Groups/{team}", {"op": "add", "path": "members", "value": [{"value": people[0]}]})
    answer = contoso.get(f"/Groups/{team}", excludedAttributes="members")
    assert answer.status == 200
    assert "members" not in answer.json
    assert contoso.members(team) == {people[0]}


def test_R17_a_group_is_created_without_members(contoso: ScimClient) -> None:
    answer = contoso.post("/Groups", CREATE)
    assert answer.status == 201
    assert answer.headers["Location"] == answer["meta"]["location"]
    assert (answer["displayName"], answer["externalId"]) == ("Team A", OBJECT_ID)
    assert answer.json.get("members", []) == []
    assert GROUP in answer["schemas"]
    assert ENTRA_GROUP not in answer["schemas"]
    (group,) = host_rows(contoso.connection)[1]
    assert getattr(group, str(GROUPS.attributes["displayName"])) == "Team A"


@pytest.mark.parametrize("name", ["Team A", "team a", "TEAM A"])
def test_R17_a_second_group_of_that_name_is_409(contoso: ScimClient, team: str, name: str) -> None:
    answer = contoso.post("/Groups", group_body(name))
    assert (answer.status, answer["scimType"]) == (409, "uniqueness")


def add_shapes(members: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return each way in which members have been seen to be added."""
    entries = [{"$ref": None, "value": member} for member in members]
    return {
        "legacy": [{"op": "Add", "path": "members", "value": entries}],
        "optscim": [{"op": "add", "path": "members", "value": [{"value": member} for member in members]}],
        "several operations": [{"op": "Add", "path": "members", "value": [entry]} for entry in entries],
        "bare strings": [{"op": "add", "path": "members", "value": member} for member in members],
        "list of bare strings": [{"op": "add", "path": "members", "value": list(members)}],
        "without a path": [folded({"members": [{"value": member} for member in members]}, "add")],
        "with the schema": [{"op": "add", "path": f"{GROUP}:members", "value": entries}],
    }


@pytest.mark.parametrize("shape", add_shapes([]).keys())
def test_R18_members_are_added(contoso: ScimClient, team: str, people: list[str], shape: str) -> None:
    answer = contoso.patch(f"/Groups/{team}", *add_shapes(people[:2])[shape])
    assert (answer.status, answer.content) == (204, b"")
    assert contoso.members(team) == set(people[:2])
    assert len(members_of(host_rows(contoso.connection)[1].get())) == 2


@pytest.mark.parametrize("shape", add_shapes([]).keys())
def test_R18_adding_a_member_again_is_no_error(
    contoso: ScimClient, team: str, people: list[str], shape: str
) -> None:
    contoso.patch(f"/Groups/{team}", *add_shapes(people[:2])[shape])
    answer = contoso.patch(f"/Groups/{team}", *add_shapes(people)[shape])
    assert answer.status == 204
    assert contoso.members(team) == set(people)


def test_R18b_replace_is_the_full_set(contoso: ScimClient, team: str, people: list[str]) -> None:
    contoso.patch(f"/Groups/{team}", *add_shapes(people[:2])["legacy"])
    operation = {"op": "replace", "path": "members", "value": [{"value": people[2]}]}
    assert contoso.patch(f"/Groups/{team}", operation).status == 204
    assert contoso.members(team) == {people[2]}


def test_R18b_replace_adds_where_the_connection_says_so(
    make_client: Callable[..., ScimClient],
) -> None:
    client = make_client("flow_connect", members_replace="add")
    ada, grace = client.create_user("ada").id, client.create_user("grace").id
    team = client.create_group("Team A", ada).id
    client.patch(f"/Groups/{team}", {"op": "replace", "path": "members", "value": [{"value": grace}]})
    assert client.members(team) == {ada, grace}


def remove_shapes(members: list[str]) -> dict[str, list[dict[str, Any]]]:
    """Return each way in which members have been seen to be removed."""
    return {
        "legacy": [
            {"op": "Remove", "path": "members", "value": [{"$ref": None, "value": member}]}
            for member in members
        ],
        "legacy at once": [
            {"op": "Remove", "path": "members", "value": [{"value": member} for member in members]}
        ],
        "optscim": [{"op": "remove", "path": f'members[value eq "{member}"]'} for member in members],
        "one object": [{"op": "remove", "path": "members", "value": {"value": member}} for member in members],
        "bare strings": [{"op": "remove", "path": "members", "value": list(members)}],
        "capitals": [{"op": "REMOVE", "path": f'Members[Value EQ "{member}"]'} for member in members],
    }


@pytest.mark.parametrize("shape", remove_shapes([]).keys())
def test_R19_these_members_are_removed_and_no_others(
    contoso: ScimClient, team: str, people: list[str], shape: str
) -> None:
    contoso.patch(f"/Groups/{team}", *add_shapes(people)["legacy"])
    answer = contoso.patch(f"/Groups/{team}", *remove_shapes(people[:2])[shape])
    assert (answer.status, answer.content) == (204, b"")
    assert contoso.members(team) == {people[2]}


@pytest.mark.parametrize("shape", remove_shapes([]).keys())
def test_R19_removing_who_is_no_member_is_no_error(
    contoso: ScimClient, team: str, people: list[str], shape: str
) -> None:
    contoso.patch(f"/Groups/{team}", *add_shapes(people[:1])["legacy"])
    answer = contoso.patch(f"/Groups/{team}", *remove_shapes([people[1], str(uuid4())])[shape])
    assert answer.status == 204
    assert contoso.members(team) == {people[0]}


def test_R19_remove_without_a_value_removes_all(contoso: ScimClient, team: str, people: list[str]) -> None:
    contoso.patch(f"/Groups/{team}", *add_shapes(people)["legacy"])
    assert contoso.patch(f"/Groups/{team}", {"op": "Remove", "path": "members"}).status == 204
    assert contoso.members(team) == set()


def test_R19_an_empty_list_removes_nobody(contoso: ScimClient, team: str, people: list[str]) -> None:
    contoso.patch(f"/Groups/{team}", *add_shapes(people)["legacy"])
    operation = {"op": "Remove", "path": "members", "value": []}
    assert contoso.patch(f"/Groups/{team}", operation).status == 204
    assert contoso.members(team) == set(people)


RENAMES = {
    "legacy": replace("displayName", "Team B"),
    "optscim": folded({"displayName": "Team B"}),
    "with the id": folded({"id": "ignored", "displayName": "Team B"}),
}


@pytest.mark.parametrize("rename", RENAMES.values(), ids=RENAMES.keys())
def test_R20_a_renamed_group_keeps_its_id_and_its_members(
    contoso: ScimClient, team: str, people: list[str], rename: dict[str, Any]
) -> None:
    contoso.patch(f"/Groups/{team}", *add_shapes(people)["legacy"])
    assert contoso.patch(f"/Groups/{team}", rename).status == 204
    assert contoso.members(team) == set(people)
    found = contoso.find("/Groups", 'displayName eq "Team B"')
    assert [group["id"] for group in found["Resources"]] == [team]
    assert contoso.find("/Groups", 'displayName eq "Team A"')["totalResults"] == 0


@pytest.mark.parametrize(
    "operation",
    [replace("externalId", "9d9f4a0e-0f38-4a43-9a54-0f0f4c2d5e6f"),
     folded({"externalId": "9d9f4a0e-0f38-4a43-9a54-0f0f4c2d5e6f"})],
)  # fmt: skip
def test_R20_the_external_id_of_a_group_changes_likewise(
    contoso: ScimClient, team: str, people: list[str], operation: dict[str, Any]
) -> None:
    contoso.patch(f"/Groups/{team}", *add_shapes(people)["legacy"])
    assert contoso.patch(f"/Groups/{team}", operation).status == 204
    assert contoso.get(f"/Groups/{team}")["externalId"] == "9d9f4a0e-0f38-4a43-9a54-0f0f4c2d5e6f"
    assert contoso.members(team) == set(people)


def test_R20_a_rename_to_a_taken_name_is_409(contoso: ScimClient, team: str, organization: Any) -> None:
    contoso.create_group("Team B")
    make_group(organization, "Team C")
    for name in ("Team B", "team b", "Team C"):
        answer = contoso.patch(f"/Groups/{team}", replace("displayName", name))
        assert (answer.status, answer["scimType"]) == (409, "uniqueness")
    assert contoso.get(f"/Groups/{team}")["displayName"] == "Team A"


def test_R21_a_deleted_group_is_gone_and_its_members_are_not(
    contoso: ScimClient, team: str, people: list[str]
) -> None:
    contoso.patch(f"/Groups/{team}", *add_shapes(people)["legacy"])
    answer = contoso.delete(f"/Groups/{team}")
    assert (answer.status, answer.content) == (204, b"")
    assert contoso.get(f"/Groups/{team}").status == 404
    assert contoso.delete(f"/Groups/{team}").status == 404
    assert not host_rows(contoso.connection)[1].exists()
    assert contoso.get("/Users")["totalResults"] == 3


def test_R21_a_group_that_comes_back_is_another_one(contoso: ScimClient, team: str) -> None:
    contoso.delete(f"/Groups/{team}")
    again = contoso.post("/Groups", CREATE)
    assert again.status == 201
    assert again.id != team


@pytest.mark.parametrize("path", ["/Users", "/Groups"])
def test_R24_empty_operations_are_no_error_and_change_nothing(contoso: ScimClient, path: str) -> None:
    resource = contoso.create_user("ada") if path == "/Users" else contoso.create_group("Team A")
    before = contoso.get(f"{path}/{resource.id}").json
    assert contoso.patch(f"{path}/{resource.id}").status in (200, 204)
    assert contoso.get(f"{path}/{resource.id}").json == before
