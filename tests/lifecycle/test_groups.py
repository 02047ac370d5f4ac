"""The life of a group (A20 to A29, C10)."""

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission

from scim_provisioning.models import GroupResource
from tests.conftest import MakeClient
from tests.factories import GROUPS, make_group, make_user, members_of
from tests.lifecycle.rows import (
    add,
    columns_of,
    groups_of,
    host_group,
    host_user,
    operations_of,
    remove,
    replace,
    together,
)
from tests.scim import ScimClient, add_members, group_body, user_body

pytestmark = pytest.mark.django_db

NAME = str(GROUPS.attributes["displayName"])


def test_A20_a_group_in_scope_is_created_and_gets_its_members(contoso: ScimClient) -> None:
    ada, bob = contoso.create_user("ada").id, contoso.create_user("bob").id
    created = contoso.create_group("Team A")
    assert created.json.get("members", []) == []
    answer = contoso.patch(f"/Groups/{created.id}", add_members(ada, bob))
    assert answer.status == 204
    assert answer.content == b""
    group = host_group(created)
    assert getattr(group, NAME) == "Team A"
    assert members_of(group) == {host_user(ada).pk, host_user(bob).pk}


def test_A20_a_user_may_be_in_scope_without_any_group(contoso: ScimClient) -> None:
    assert contoso.create_user("ada").status == 201
    assert groups_of(contoso.organization) == 0


def test_A20_a_group_may_arrive_with_its_members(contoso: ScimClient) -> None:
    ada = contoso.create_user("ada").id
    created = contoso.post("/Groups", group_body("Team A", members=[{"value": ada}]))
    assert created.status == 201
    assert contoso.members(created.id) == {ada}


@pytest.mark.examplehub
def test_A21_a_group_of_scim_is_an_end_user_group(contoso: ScimClient) -> None:
    group = host_group(contoso.create_group("Team A", kind="admin"))
    assert group.kind == "end_user"
    assert not group.permissions.exists()


@pytest.fixture
def admins(contoso: ScimClient) -> Any:
    """Return an admin group of the example Hub, with all power and one member."""
    olivia = make_user(contoso.organization, "olivia")
    group = make_group(contoso.organization, "Administrators", olivia, kind="admin")
    group.permissions.set(Permission.objects.filter(content_type__app_label="hub"))
    return group


@pytest.mark.examplehub
@pytest.mark.parametrize("kind", ["admin", "built_in"])
def test_A22_admin_and_built_in_groups_cannot_be_found(contoso: ScimClient, kind: str) -> None:
    group = make_group(contoso.organization, "Administrators", kind=kind)
    for text in ('displayName eq "Administrators"', 'displayName sw "A"', "displayName pr"):
        assert contoso.find("/Groups", text)["totalResults"] == 0
    assert contoso.get("/Groups")["totalResults"] == 0
    for number in (group.pk, uuid.UUID(int=group.pk), uuid.uuid4()):
        for answer in (
            contoso.get(f"/Groups/{number}"),
            contoso.patch(f"/Groups/{number}", replace("displayName", "Mine")),
            contoso.put(f"/Groups/{number}", group_body("Mine")),
            contoso.delete(f"/Groups/{number}"),
        ):
            assert answer.status == 404
    assert columns_of(group)["name"] == "Administrators"


ADMIN_NAMES = [
    "Administrators",
    "administrators",
    "ADMINISTRATORS",
    "\uff21dministrators",
    "Admini\N{LATIN SMALL LETTER LONG S}trators",
    "Adm\N{MATHEMATICAL BOLD SMALL I}nistrators",
]


@pytest.mark.examplehub
@pytest.mark.parametrize("clash", ["reject", "allow"])
@pytest.mark.parametrize("name", ADMIN_NAMES)
def test_T7_the_name_of_an_admin_group_is_always_refused(
    make_client: MakeClient, admins: Any, name: str, clash: str
) -> None:
    client = make_client("flow_connect", group_name_clash=clash)
    team = client.create_group("Team A").id
    before = columns_of(admins), members_of(admins)
    for refused in (
        client.post("/Groups", group_body(name)),
        client.patch(f"/Groups/{team}", replace("displayName", name)),
        client.patch(f"/Groups/{team}", together(displayName=name)),
        client.put(f"/Groups/{team}", group_body(name)),
    ):
        assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert (columns_of(admins), members_of(admins)) == before
    assert client.get("/Groups").names == ["Team A"]


@pytest.mark.examplehub
def test_T7_a_member_pushed_to_an_admin_group_arrives_nowhere(contoso: ScimClient, admins: Any) -> None:
    mallory = contoso.create_user("mallory").id
    before = members_of(admins)
    for number in (admins.pk, uuid.UUID(int=admins.pk)):
        assert contoso.patch(f"/Groups/{number}", add_members(mallory)).status == 404
    assert members_of(admins) == before


def test_A23_a_group_out_of_scope_is_deleted(contoso: ScimClient) -> None:
    ada = contoso.create_user("ada").id
    group = contoso.create_group("Team A", ada).id
    assert contoso.delete(f"/Groups/{group}").status == 204
    assert groups_of(contoso.organization) == 0
    assert contoso.get(f"/Groups/{group}").status == 404
    assert contoso.delete(f"/Groups/{group}").status == 404
    assert contoso.get(f"/Users/{ada}").status == 200


def test_A24_a_group_added_back_is_a_new_one_with_a_new_id(contoso: ScimClient) -> None:
    body = group_body("Team A")
    first = contoso.post("/Groups", body).id
    contoso.delete(f"/Groups/{first}")
    second = contoso.post("/Groups", body)
    assert second.status == 201
    assert second.id != first
    assert contoso.get(f"/Groups/{first}").status == 404
    assert contoso.members(second.id) == set()


@pytest.mark.examplehub
def test_T14_a_group_added_back_has_none_of_the_old_ones_permissions(contoso: ScimClient) -> None:
    body = group_body("Team A")
    ada = contoso.create_user("ada").id
    first = contoso.post("/Groups", body).id
    contoso.patch(f"/Groups/{first}", add_members(ada))
    permissions = Permission.objects.filter(codename="manage_users_and_groups")
    assert permissions.exists()
    host_group(first).permissions.set(permissions)
    assert host_user(ada).has_perm("hub.manage_users_and_groups")
    contoso.delete(f"/Groups/{first}")
    second = contoso.post("/Groups", body).id
    contoso.patch(f"/Groups/{second}", add_members(ada))
    assert not host_group(second).permissions.exists()
    assert not host_user(ada).has_perm("hub.manage_users_and_groups")


def test_A17_a_managed_user_may_join_groups_that_the_hub_made(contoso: ScimClient) -> None:
    ada = host_user(contoso.create_user("ada"))
    local = make_group(contoso.organization, "Made by hand")
    getattr(local, GROUPS.members).add(ada)
    assert members_of(local) == {ada.pk}


@pytest.mark.examplehub
def test_A17_a_managed_user_may_join_admin_groups_in_the_hub(contoso: ScimClient, admins: Any) -> None:
    ada = host_user(contoso.create_user("ada"))
    admins.members.add(ada)
    assert ada.has_perm("hub.manage_users_and_groups")


def strangers(contoso: ScimClient, northwind: ScimClient) -> dict[str, str]:
    """Return members that no group may have: absent, deleted, unmanaged, foreign (A27)."""
    deleted = contoso.create_user("deleted").id
    contoso.delete(f"/Users/{deleted}")
    make_user(contoso.organization, "unmanaged")
    [unmanaged] = contoso.find("/Users", 'userName eq "unmanaged@contoso.example"')["Resources"]
    return {
        "absent": str(uuid.uuid4()),
        "deleted": deleted,
        "unmanaged": unmanaged["id"],
        "foreign": northwind.create_user("foreign").id,
        "a group": contoso.create_group("Nested").id,
        "no id at all": "ada",
    }


def test_A27_whoever_may_not_be_a_member_is_passed_over_and_noted_each(
    contoso: ScimClient, northwind: ScimClient
) -> None:
    outsiders = strangers(contoso, northwind)
    ada = contoso.create_user("ada").id
    group = contoso.create_group("Team A").id
    answer = contoso.patch(f"/Groups/{group}", add_members(ada, *outsiders.values()))
    assert answer.status == 204
    assert contoso.members(group) == {ada}
    assert members_of(host_group(group)) == {host_user(ada).pk}
    ignored = contoso.connection.events.filter(outcome="ignored")
    assert {event.detail for event in ignored} == set(outsiders.values())
    assert {(event.code, str(event.resource_id)) for event in ignored} == {("unknown_member", group)}


def test_A26_A27_with_reject_they_are_refused_alike(make_client: MakeClient, northwind: ScimClient) -> None:
    client = make_client("flow_connect", unknown_members="reject")
    outsiders = strangers(client, northwind)
    ada = client.create_user("ada").id
    group = client.create_group("Team A").id
    details = set()
    for outsider in outsiders.values():
        refused = client.patch(f"/Groups/{group}", add_members(ada, outsider))
        assert (refused.status, refused["scimType"]) == (400, "invalidValue")
        details.add(refused["detail"].replace(outsider, "…"))
        assert client.members(group) == set()
    assert len(details) == 1


def test_T2_a_user_of_another_connection_of_the_organization_is_a_stranger_too(
    make_client: MakeClient,
) -> None:
    client, beside = make_client("flow_connect"), make_client("flow_connect")
    theirs = beside.create_user("ada").id
    group = client.create_group("Team A").id
    assert client.patch(f"/Groups/{group}", add_members(theirs)).status == 204
    assert client.members(group) == set()
    assert members_of(host_group(group)) == set()
    assert client.get(f"/Users/{theirs}").status == 404


def test_T3_a_removed_stranger_is_success_and_removes_nobody(
    contoso: ScimClient, northwind: ScimClient
) -> None:
    outsiders = strangers(contoso, northwind)
    ada = contoso.create_user("ada").id
    group = contoso.create_group("Team A", ada).id
    theirs = northwind.create_group("Theirs", outsiders["foreign"]).id
    assert contoso.patch(f"/Groups/{group}", remove("members", *outsiders.values())).status == 204
    assert contoso.members(group) == {ada}
    assert northwind.members(theirs) == {outsiders["foreign"]}


def test_T16_a_remove_of_one_among_many_removes_that_one(contoso: ScimClient) -> None:
    users = [contoso.create_user(f"user{number}").id for number in range(12)]
    for operation in (
        remove("members", users[0]),
        {"op": "remove", "path": f'members[value eq "{users[0]}"]'},
        {"op": "remove", "path": "members", "value": [users[0]]},
        {"op": "remove", "path": "members", "value": {"value": users[0]}},
    ):
        group = contoso.create_group(f"Team {uuid.uuid4()}", *users).id
        assert contoso.patch(f"/Groups/{group}", operation).status == 204
        assert contoso.members(group) == set(users[1:])


def test_A28_a_renamed_group_keeps_its_id_members_and_row(contoso: ScimClient) -> None:
    ada = contoso.create_user("ada").id
    group = contoso.create_group("Team A", ada).id
    key = host_group(group).pk
    for name, operation in (("B", replace("displayName", "B")), ("C", together(displayName="C"))):
        assert contoso.patch(f"/Groups/{group}", operation).status == 204
        assert getattr(host_group(group), NAME) == name
        assert host_group(group).pk == key
        assert contoso.members(group) == {ada}
    assert contoso.find("/Groups", 'displayName eq "Team A"')["totalResults"] == 0


@pytest.mark.examplehub
def test_A28_a_renamed_group_keeps_the_permissions_that_the_hub_gave_it(contoso: ScimClient) -> None:
    group = contoso.create_group("Team A").id
    host_group(group).permissions.set(Permission.objects.filter(codename="create_application_packages"))
    contoso.patch(f"/Groups/{group}", replace("displayName", "Team B"))
    assert [held.codename for held in host_group(group).permissions.all()] == ["create_application_packages"]


@pytest.mark.parametrize("name", ["Made by hand", "MADE BY HAND"])
def test_A29_a_group_that_the_hub_made_is_never_adopted(contoso: ScimClient, name: str) -> None:
    local = make_group(contoso.organization, "Made by hand", make_user(contoso.organization, "astrid"))
    before = columns_of(local), members_of(local)
    refused = contoso.post("/Groups", group_body(name))
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert name in refused["detail"]
    assert (columns_of(local), members_of(local)) == before
    assert contoso.find("/Groups", f'displayName eq "{name}"')["totalResults"] == 0
    assert not GroupResource.objects.filter(group=local).exists()


def test_A29_a_confusable_name_adopts_nothing_either(contoso: ScimClient) -> None:
    local = make_group(contoso.organization, "Made by hand", make_user(contoso.organization, "astrid"))
    before = columns_of(local), members_of(local)
    contoso.post("/Groups", group_body("made by han\uff44"))
    assert (columns_of(local), members_of(local)) == before
    assert not GroupResource.objects.filter(group=local).exists()


def test_A29_a_rename_to_the_name_of_a_group_that_the_hub_made_is_refused(contoso: ScimClient) -> None:
    make_group(contoso.organization, "Made by hand")
    group = contoso.create_group("Team A").id
    refused = contoso.patch(f"/Groups/{group}", replace("displayName", "made by hand"))
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert getattr(host_group(group), NAME) == "Team A"


def test_A29_with_allow_a_second_group_is_created_beside_it(make_client: MakeClient) -> None:
    client = make_client("flow_connect", group_name_clash="allow")
    local = make_group(client.organization, "Made by hand")
    created = client.create_group("Made by hand")
    assert host_group(created) != local
    client.delete(f"/Groups/{created.id}")
    assert columns_of(local)


@pytest.mark.parametrize("clash", ["reject", "allow"])
@pytest.mark.parametrize("name", ["Team A", "TEAM A", "Team \uff21"])
def test_A29_two_groups_of_scim_never_share_a_name(make_client: MakeClient, name: str, clash: str) -> None:
    client = make_client("flow_connect", group_name_clash=clash)
    client.create_group("Team A")
    other = client.create_group("Team B").id
    refused = client.post("/Groups", group_body(name))
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert client.patch(f"/Groups/{other}", replace("displayName", name)).status == 409
    assert groups_of(client.organization) == 2


def test_A29_a_group_of_another_organization_does_not_matter(
    contoso: ScimClient, northwind: ScimClient
) -> None:
    northwind.create_group("Team A")
    make_group(northwind.organization, "Made by hand")
    assert contoso.create_group("Team A").status == 201
    assert contoso.create_group("Made by hand").status == 201


def test_A29_a_group_may_change_the_letters_of_its_own_name(contoso: ScimClient) -> None:
    group = contoso.create_group("Team A").id
    assert contoso.patch(f"/Groups/{group}", replace("displayName", "TEAM A")).status == 204
    assert contoso.get(f"/Groups/{group}")["displayName"] == "TEAM A"


def test_A33_a_nested_group_brings_no_members(contoso: ScimClient) -> None:
    ada = contoso.create_user("ada").id
    inner = contoso.create_group("Inner", ada).id
    outer = contoso.create_group("Outer", inner).id
    assert contoso.members(outer) == set()


def test_R18_a_member_added_twice_is_success_and_is_there_once(contoso: ScimClient) -> None:
    ada = contoso.create_user("ada").id
    group = contoso.create_group("Team A", ada).id
    assert contoso.patch(f"/Groups/{group}", add_members(ada, ada), add_members(ada)).status == 204
    assert contoso.get(f"/Groups/{group}")["members"][0]["value"] == ada
    assert len(contoso.get(f"/Groups/{group}")["members"]) == 1


def test_R20_a_rename_without_a_path_leaves_the_members_alone(contoso: ScimClient) -> None:
    ada = contoso.create_user("ada").id
    group = contoso.create_group("Team A", ada).id
    contoso.patch(f"/Groups/{group}", together(displayName="B", externalId=str(uuid.uuid4())))
    assert contoso.members(group) == {ada}


def test_a_rename_and_members_in_one_request_happen_together_or_not_at_all(make_client: MakeClient) -> None:
    client = make_client("flow_connect", unknown_members="reject")
    ada = client.create_user("ada").id
    group = client.create_group("Team A").id
    operations = [replace("displayName", "Team B"), add("members", [{"value": ada}])]
    refused = client.patch(f"/Groups/{group}", *operations, add_members(str(uuid.uuid4())))
    assert refused.status == 400
    assert client.get(f"/Groups/{group}")["displayName"] == "Team A"
    assert client.members(group) == set()
    assert client.patch(f"/Groups/{group}", *operations).status == 204
    assert client.get(f"/Groups/{group}")["displayName"] == "Team B"
    assert client.members(group) == {ada}
    assert operations_of(client.connection, resource_id=group, outcome="success") == [
        "create",
        "update",
        "members",
    ]


def test_B5_without_groups_every_request_for_one_is_404(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    for answer in (
        client.get("/Groups"),
        client.find("/Groups", 'displayName eq "Team A"', excludedAttributes="members"),
        client.get(f"/Groups/{uuid.uuid4()}"),
        client.post("/Groups", group_body()),
        client.put(f"/Groups/{uuid.uuid4()}", group_body()),
        client.patch(f"/Groups/{uuid.uuid4()}", replace("displayName", "B")),
        client.delete(f"/Groups/{uuid.uuid4()}"),
    ):
        assert answer.status == 404
        assert answer["status"] == "404"
        assert "group mapping" in answer["detail"]
    assert groups_of(client.organization) == 0


def test_B5_without_groups_discovery_does_not_speak_of_them(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    assert [found["name"] for found in client.get("/ResourceTypes")["Resources"]] == ["User"]
    assert not [found for found in client.get("/Schemas")["Resources"] if found["id"].endswith(":Group")]
    assert client.get("/ResourceTypes/Group").status == 404


def test_B45_users_that_came_by_a_group_are_users_like_any_other(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    created = client.post("/Users", user_body("ada", groups=[{"value": str(uuid.uuid4())}]))
    assert created.status == 201
    assert "groups" not in created.json


@pytest.mark.examplehub
def test_the_hub_has_no_group_without_its_organization(contoso: ScimClient) -> None:
    contoso.create_group("Team A")
    assert not apps.get_model("hub", "Group").objects.exclude(organization=contoso.organization).exists()
