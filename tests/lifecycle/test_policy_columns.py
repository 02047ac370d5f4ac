"""Each policy column in each of its values, alone, on top of the plainest preset (Z1)."""

import sys
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import PRESETS, Connection, Policy, Token, policy_fields
from tests.conftest import MakeClient, MakeConnection
from tests.factories import expected_status, make_group, make_user, seed_places, status_of
from tests.lifecycle.rows import (
    DISABLE,
    ENABLE,
    add,
    columns_of,
    groups_of,
    host_user,
    link_of,
    replace,
    together,
    users_of,
)
from tests.scim import ENTERPRISE, FLOWCASE, ScimClient, add_members, group_body, user_body

pytestmark = pytest.mark.django_db

# Columns whose every value does something, and these values; the others are numbers and texts.
FIELDS: list[Any] = list(Policy._meta.get_fields())
VALUES = {
    field.name: [value for value, _label in field.choices] if field.choices else [True, False]
    for field in FIELDS
    if field.choices or field.get_internal_type() == "BooleanField"
}
DEFAULTS = {field.name: field.get_default() for field in FIELDS}


@pytest.mark.parametrize("column", VALUES)
def test_Z1_every_value_of_every_column_has_a_test_here(column: str) -> None:
    here = [name for name in dir(sys.modules[__name__]) if name.startswith(f"test_Z1_{column}_")]
    if not here:
        here = [name for name in CONFIRMED_ELSEWHERE if name == column]
    for value in VALUES[column]:
        word = {True: "on", False: "off"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        named = [name for name in here if name.startswith(f"test_Z1_{column}_{word}")]
        assert named or column in CONFIRMED_ELSEWHERE, f"{column}={value} has no test"


# Held by tests/lifecycle/test_protected_groups.py.
CONFIRMED_ELSEWHERE = {"protect_groups"}


@pytest.mark.parametrize("preset", PRESETS)
def test_Z1_a_preset_fills_columns_that_exist_with_values_that_they_may_have(
    make_connection: MakeConnection, preset: str
) -> None:
    connection = make_connection(preset)
    for name in policy_fields():
        assert getattr(connection, name) == PRESETS[preset].get(name, DEFAULTS[name])


@pytest.mark.parametrize("column", VALUES)
def test_Z1_each_column_can_be_set_alone(make_connection: MakeConnection, column: str) -> None:
    plain = make_connection("rfc")
    for value in VALUES[column]:
        connection = Connection.objects.get(pk=make_connection("rfc", **{column: value}).pk)
        assert getattr(connection, column) == value
        others = set(policy_fields()) - {column}
        assert {name: getattr(connection, name) for name in others} == {
            name: getattr(plain, name) for name in others
        }


def test_Z1_a_value_that_a_column_does_not_have_is_refused(make_connection: MakeConnection) -> None:
    for column in VALUES:
        with pytest.raises((ValidationError, ValueError)):
            make_connection("rfc", **{column: "nonsense"})


def test_Z1_a_column_that_does_not_exist_is_refused(make_connection: MakeConnection) -> None:
    with pytest.raises(TypeError):
        make_connection("rfc", nonsense=True)
    with pytest.raises(KeyError):
        make_connection("nonsense")


def test_Z1_two_connections_of_one_organization_follow_their_own_columns(make_client: MakeClient) -> None:
    strict = make_client("rfc", letter_case="reject")
    lax = make_client("rfc", existing_users="link")
    assert strict.post("/Users", user_body("Ada@contoso.example")).status == 400
    assert lax.post("/Users", user_body("Ada@contoso.example")).status == 201


# groups, managers


def test_Z1_groups_on(make_client: MakeClient) -> None:
    client = make_client("rfc", groups=True)
    assert client.create_group("Team A").status == 201
    assert [found["name"] for found in client.get("/ResourceTypes")["Resources"]] == ["User", "Group"]


def test_Z1_groups_off(make_client: MakeClient) -> None:
    client = make_client("rfc", groups=False)
    assert client.post("/Groups", group_body()).status == 404
    assert groups_of(client.organization) == 0
    assert [found["name"] for found in client.get("/ResourceTypes")["Resources"]] == ["User"]


MANAGER_PATHS = [
    f"{ENTERPRISE}:manager",
    "urn:ietf:params:scim:schemas:extension:scim:2.0:EnterpriseUser:manager",
]


@pytest.mark.parametrize("path", MANAGER_PATHS)
def test_Z1_managers_on(make_client: MakeClient, path: str) -> None:
    client = make_client("rfc", managers=True)
    boss, user = client.create_user("boss").id, client.create_user("ada").id
    assert client.patch(f"/Users/{user}", add(path, boss)).status == 200
    assert client.user(user)[ENTERPRISE]["manager"]["value"] == boss


@pytest.mark.parametrize("path", MANAGER_PATHS)
def test_Z1_managers_off(make_client: MakeClient, path: str) -> None:
    """B6: ignored when sent, under either URN, and whatever else is in the request is done."""
    client = make_client("rfc", managers=False)
    created = client.post("/Users", {**user_body("ada"), ENTERPRISE: {"manager": "x", "costCenter": "7"}})
    assert created.status == 201
    assert created[ENTERPRISE] == {"costCenter": "7"}
    changed = client.patch(f"/Users/{created.id}", add(path, str(uuid.uuid4())), replace("title", "Boss"))
    assert changed.status == 200
    assert client.user(created.id)["title"] == "Boss"
    assert client.user(created.id)[ENTERPRISE] == {"costCenter": "7"}


# initial_status


def test_Z1_initial_status_pending(make_client: MakeClient) -> None:
    client = make_client("rfc", initial_status="pending")
    assert status_of(host_user(client.create_user("ada"))) == expected_status("pending")


def test_Z1_initial_status_active(make_client: MakeClient) -> None:
    client = make_client("rfc", initial_status="active")
    assert status_of(host_user(client.create_user("ada"))) == "active"


# existing_users


def test_Z1_existing_users_link(make_client: MakeClient) -> None:
    client = make_client("rfc", existing_users="link")
    eva = make_user(client.organization, "eva")
    before = columns_of(eva)
    adopted = client.post("/Users", user_body("eva", displayName="Changed", title="Changed"))
    assert adopted.status in (200, 201)
    assert columns_of(eva) == before
    assert link_of(adopted).scim_managed


def test_Z1_existing_users_update(make_client: MakeClient) -> None:
    client = make_client("rfc", existing_users="update")
    eva = make_user(client.organization, "eva")
    before = columns_of(eva)
    adopted = client.post("/Users", user_body("eva", displayName="Changed"))
    assert adopted.status in (200, 201)
    assert adopted["displayName"] == "Changed"
    assert columns_of(eva) != before
    assert host_user(adopted) == eva


@pytest.mark.parametrize("seen", ["managed", "organization"])
def test_Z1_existing_users_reject(make_client: MakeClient, seen: str) -> None:
    client = make_client("rfc", existing_users="reject", visible_users=seen)
    eva = make_user(client.organization, "eva")
    before = columns_of(eva)
    refused = client.post("/Users", user_body("EVA@contoso.example", displayName="Changed"))
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    for found in client.get("/Users")["Resources"]:
        path = f"/Users/{found['id']}"
        for operation in (add("externalId", str(uuid.uuid4())), DISABLE, replace("displayName", "Changed")):
            assert client.patch(path, operation).status in (404, 409)
        assert client.delete(path).status == 404
    assert columns_of(eva) == before
    assert users_of(client.organization) == 1


# visible_users


def test_Z1_visible_users_managed(make_client: MakeClient) -> None:
    client = make_client("rfc", visible_users="managed")
    make_user(client.organization, "eva")
    created = client.create_user("ada")
    assert client.get("/Users").names == ["ada@contoso.example"]
    assert client.find("/Users", 'userName eq "eva@contoso.example"')["totalResults"] == 0
    assert client.get(f"/Users/{created.id}").status == 200


def test_Z1_visible_users_organization(make_client: MakeClient) -> None:
    early = make_user(make_client("rfc").organization, "early")
    client = make_client("rfc", visible_users="organization")
    make_user(client.organization, "late")
    assert client.get("/Users").names == ["early@contoso.example", "late@contoso.example"]
    [found] = client.find("/Users", 'userName eq "EARLY@contoso.example"')["Resources"]
    assert host_user(found["id"]) == early
    assert not link_of(found["id"]).scim_managed


# reactivate_to


@pytest.mark.parametrize("initial", ["pending", "active"])
def test_Z1_reactivate_to_active(make_client: MakeClient, initial: str) -> None:
    client = make_client("rfc", reactivate_to="active", initial_status=initial)
    user = client.create_user("ada").id
    client.patch(f"/Users/{user}", DISABLE)
    client.patch(f"/Users/{user}", ENABLE)
    assert status_of(host_user(user)) == "active"


@pytest.mark.parametrize("initial", ["pending", "active"])
def test_Z1_reactivate_to_previous(make_client: MakeClient, initial: str) -> None:
    client = make_client("rfc", reactivate_to="previous", initial_status=initial)
    user = client.create_user("ada").id
    client.patch(f"/Users/{user}", DISABLE)
    client.patch(f"/Users/{user}", ENABLE)
    assert status_of(host_user(user)) == expected_status(initial)


# adopted_removal


def test_Z1_adopted_removal_deactivate(make_client: MakeClient) -> None:
    client = make_client("rfc", adopted_removal="deactivate", existing_users="link")
    eva = make_user(client.organization, "eva")
    user = client.post("/Users", user_body("eva")).id
    client.patch(f"/Users/{user}", DISABLE)
    assert status_of(eva) == "inactive"
    assert link_of(user).scim_managed


def test_Z1_adopted_removal_release(make_client: MakeClient) -> None:
    client = make_client(
        "rfc", adopted_removal="release", existing_users="link", visible_users="organization"
    )
    eva = make_user(client.organization, "eva")
    user = client.post("/Users", user_body("eva")).id
    client.patch(f"/Users/{user}", DISABLE)
    assert status_of(eva) == "active"
    assert not link_of(user).scim_managed


@pytest.mark.parametrize("seen", ["managed", "organization"])
def test_Z1_adopted_removal_release_is_no_dead_end(make_client: MakeClient, seen: str) -> None:
    client = make_client("rfc", adopted_removal="release", existing_users="link", visible_users=seen)
    eva = make_user(client.organization, "eva")
    user = client.post("/Users", user_body("eva")).id
    client.patch(f"/Users/{user}", DISABLE)
    again = client.post("/Users", user_body("eva"))
    assert again.status in (200, 201)
    assert link_of(again).scim_managed
    assert host_user(again) == eva


def test_Z1_adopted_removal_release_hides_a_user_that_only_managed_ones_are_shown_of(
    make_client: MakeClient,
) -> None:
    client = make_client("rfc", adopted_removal="release", existing_users="link", visible_users="managed")
    make_user(client.organization, "eva")
    user = client.post("/Users", user_body("eva")).id
    client.patch(f"/Users/{user}", DISABLE)
    assert client.get("/Users")["totalResults"] == 0
    assert client.get(f"/Users/{user}").status == 404


# user_deletion


def test_Z1_user_deletion_delete(make_client: MakeClient) -> None:
    client = make_client("rfc", user_deletion="delete")
    user = client.create_user("ada").id
    assert client.delete(f"/Users/{user}").status == 204
    assert users_of(client.organization) == 0


def test_Z1_user_deletion_deactivate(make_client: MakeClient) -> None:
    client = make_client("rfc", user_deletion="deactivate")
    user = client.create_user("ada").id
    kept = host_user(user)
    assert client.delete(f"/Users/{user}").status == 204
    assert status_of(kept) == "inactive"
    for answer in (client.get(f"/Users/{user}"), client.delete(f"/Users/{user}")):
        assert answer.status == 404


# letter_case

CAPITALS = {"userName": "Ada@Contoso.Example", "emails": [{"type": "work", "value": "Ada@Contoso.Example"}]}


def test_Z1_letter_case_preserve(make_client: MakeClient) -> None:
    client = make_client("rfc", letter_case="preserve")
    user = client.create_user("ada", **CAPITALS).id
    assert client.user(user)["userName"] == "Ada@Contoso.Example"
    assert client.user(user)["emails"][0]["value"] == "Ada@Contoso.Example"


def test_Z1_letter_case_fold(make_client: MakeClient) -> None:
    client = make_client("rfc", letter_case="fold")
    user = client.create_user("ada", **CAPITALS).id
    assert client.user(user)["userName"] == "ada@contoso.example"
    assert client.user(user)["emails"][0]["value"] == "ada@contoso.example"
    client.patch(f"/Users/{user}", together(userName="EVA@Contoso.Example"))
    assert client.user(user)["userName"] == "eva@contoso.example"


def test_Z1_letter_case_reject(make_client: MakeClient) -> None:
    client = make_client("rfc", letter_case="reject")
    for field, value in CAPITALS.items():
        refused = client.post("/Users", user_body("ada", **{field: value}))
        assert (refused.status, refused["scimType"]) == (400, "invalidValue")
        assert "ToLower(" in refused["detail"]
    assert users_of(client.organization) == 0


# unknown_reference


@pytest.mark.examplehub
def test_Z1_unknown_reference_reject(make_client: MakeClient) -> None:
    client = make_client("rfc", unknown_reference="reject")
    for changed in ({ENTERPRISE: {"department": "Nowhere"}}, {"roles": [{"value": "owner"}]}):
        refused = client.post("/Users", {**user_body("ada"), **changed})
        assert (refused.status, refused["scimType"]) == (400, "invalidValue")
    assert users_of(client.organization) == 0


@pytest.mark.examplehub
def test_Z1_unknown_reference_ignore(make_client: MakeClient) -> None:
    client = make_client("rfc", unknown_reference="ignore")
    body = {**user_body("ada"), ENTERPRISE: {"department": "Nowhere"}, "roles": [{"value": "owner"}]}
    created = client.post("/Users", body)
    assert created.status == 201
    shown = client.user(created.id)
    assert (shown[ENTERPRISE], shown["roles"]) == ({"department": "Nowhere"}, [{"value": "owner"}])
    assert host_user(created).department is None
    assert not host_user(created).role_assignments.exists()


# exclusive_attributes

BOTH_COUNTRIES = {FLOWCASE: {"countryCode": "NO", "countryName": "Norway"}}


@pytest.mark.examplehub
def test_Z1_exclusive_attributes_reject(make_client: MakeClient) -> None:
    client = make_client("rfc", exclusive_attributes="reject")
    refused = client.post("/Users", {**user_body("ada"), **BOTH_COUNTRIES})
    assert (refused.status, refused["scimType"]) == (400, "invalidValue")
    assert users_of(client.organization) == 0


@pytest.mark.examplehub
def test_Z1_exclusive_attributes_ignore(make_client: MakeClient) -> None:
    client = make_client("rfc", exclusive_attributes="ignore")
    created = client.post("/Users", {**user_body("ada"), **BOTH_COUNTRIES})
    assert created.status == 201
    assert client.user(created.id)[FLOWCASE] == BOTH_COUNTRIES[FLOWCASE]


# dependent_attributes


@pytest.mark.examplehub
def test_Z1_dependent_attributes_reject(make_client: MakeClient) -> None:
    client = make_client("rfc", dependent_attributes="reject")
    refused = client.post("/Users", user_body("ada", **{FLOWCASE: {"countryCode": "NO"}}))
    assert (refused.status, refused["scimType"]) == (400, "invalidValue")
    assert "[dependent_attribute]" in refused["detail"]
    assert users_of(client.organization) == 0


@pytest.mark.examplehub
def test_Z1_dependent_attributes_ignore(make_client: MakeClient) -> None:
    client = make_client("rfc", dependent_attributes="ignore")
    created = client.create_user("ada", **{FLOWCASE: {"countryCode": "NO"}})
    assert client.user(created.id)[FLOWCASE] == {"countryCode": "NO"}


# unmapped_attributes

UNMAPPED = {"nickName": "A", "timezone": "Europe/Oslo", ENTERPRISE: {"costCenter": "7"}}


def test_Z1_unmapped_attributes_keep(make_client: MakeClient) -> None:
    client = make_client("rfc", unmapped_attributes="keep")
    user = client.create_user("ada", **UNMAPPED).id
    shown = client.user(user)
    assert {name: shown.get(name) for name in UNMAPPED} == UNMAPPED
    client.patch(f"/Users/{user}", replace("nickName", "B"), replace(f"{ENTERPRISE}:costCenter", "8"))
    assert client.user(user)["nickName"] == "B"
    assert client.user(user)[ENTERPRISE] == {"costCenter": "8"}


def test_Z1_unmapped_attributes_ignore(make_client: MakeClient) -> None:
    client = make_client("rfc", unmapped_attributes="ignore")
    user = client.create_user("ada", displayName="Ada", **UNMAPPED).id
    client.patch(f"/Users/{user}", replace("nickName", "B"), replace("displayName", "Ada L"))
    shown = client.user(user)
    assert not set(UNMAPPED) & set(shown)
    assert shown["displayName"] == "Ada L"


def test_Z1_unmapped_attributes_reject(make_client: MakeClient) -> None:
    client = make_client("rfc", unmapped_attributes="reject")
    for name, value in UNMAPPED.items():
        refused = client.post("/Users", {**user_body("ada"), name: value})
        assert (refused.status, refused["scimType"]) == (400, "invalidValue")
        assert name in refused["detail"]
    user = client.create_user("ada", displayName="Ada").id
    assert client.patch(f"/Users/{user}", add("nickName", "A")).status == 400
    assert client.patch(f"/Users/{user}", replace("displayName", "Ada L")).status == 200


# members_replace


def test_Z1_members_replace_replace(make_client: MakeClient) -> None:
    client = make_client("rfc", members_replace="replace")
    ada, bob = client.create_user("ada").id, client.create_user("bob").id
    group = client.create_group("Team A", ada).id
    client.patch(f"/Groups/{group}", replace("members", [{"value": bob}]))
    assert client.members(group) == {bob}
    client.patch(f"/Groups/{group}", replace("members", []))
    assert client.members(group) == set()


def test_Z1_members_replace_add(make_client: MakeClient) -> None:
    client = make_client("rfc", members_replace="add")
    ada, bob = client.create_user("ada").id, client.create_user("bob").id
    group = client.create_group("Team A", ada).id
    client.patch(f"/Groups/{group}", replace("members", [{"value": bob}]))
    client.patch(f"/Groups/{group}", replace("members", []))
    assert client.members(group) == {ada, bob}


# roles_add

ROLES = ("consultant", "referencemanager")


def role(value: str) -> list[dict[str, Any]]:
    return [{"primary": False, "type": "WindowsAzureActiveDirectoryRole", "value": value}]


@pytest.mark.examplehub
def test_Z1_roles_add_merge(make_client: MakeClient) -> None:
    client = make_client("rfc", roles_add="merge")
    user = client.create_user("ada", roles=role(ROLES[0])).id
    client.patch(f"/Users/{user}", add("roles", role(ROLES[1])))
    assert {held["value"] for held in client.user(user)["roles"]} == set(ROLES)
    assert {row.value for row in host_user(user).role_assignments.all()} == set(ROLES)


@pytest.mark.examplehub
def test_Z1_roles_add_replace(make_client: MakeClient) -> None:
    client = make_client("rfc", roles_add="replace")
    user = client.create_user("ada", roles=role(ROLES[0])).id
    client.patch(f"/Users/{user}", add("roles", role(ROLES[1])))
    assert {held["value"] for held in client.user(user)["roles"]} == {ROLES[1]}
    assert {row.value for row in host_user(user).role_assignments.all()} == {ROLES[1]}


# high_roles


@pytest.mark.examplehub
@pytest.mark.parametrize("role", ["internationalmanager", "countrymanager"])
def test_Z1_high_roles_off(make_client: MakeClient, role: str) -> None:
    client = make_client("rfc", high_roles=False)
    refused = client.post("/Users", user_body("ada", roles=[{"value": "consultant"}, {"value": role}]))
    assert (refused.status, refused["scimType"]) == (400, "invalidValue")
    assert "[role_not_allowed]" in refused["detail"]
    assert users_of(client.organization) == 0


@pytest.mark.examplehub
@pytest.mark.parametrize("role", ["internationalmanager", "countrymanager"])
def test_Z1_high_roles_on(make_client: MakeClient, role: str) -> None:
    client = make_client("rfc", high_roles=True)
    user = client.create_user("ada", roles=[{"value": role}])
    assert [row.value for row in host_user(user).role_assignments.all()] == [role]


# unknown_members


def test_Z1_unknown_members_reject(make_client: MakeClient) -> None:
    client = make_client("rfc", unknown_members="reject")
    ada = client.create_user("ada").id
    group = client.create_group("Team A").id
    refused = client.patch(f"/Groups/{group}", add_members(ada, str(uuid.uuid4())))
    assert (refused.status, refused["scimType"]) == (400, "invalidValue")
    assert client.members(group) == set()
    assert client.post("/Groups", group_body("B", members=[{"value": str(uuid.uuid4())}])).status == 400
    assert groups_of(client.organization) == 1


def test_Z1_unknown_members_ignore(make_client: MakeClient) -> None:
    client = make_client("rfc", unknown_members="ignore")
    ada, nobody = client.create_user("ada").id, str(uuid.uuid4())
    group = client.create_group("Team A").id
    assert client.patch(f"/Groups/{group}", add_members(ada, nobody)).status == 200
    assert client.members(group) == {ada}
    assert client.connection.events.get(outcome="ignored").detail == nobody


# unmatched_path_filter

MOBILE = 'phoneNumbers[type eq "mobile"].value'


@pytest.mark.parametrize("kind", ["Add", "Replace"])
def test_Z1_unmatched_path_filter_create(make_client: MakeClient, kind: str) -> None:
    client = make_client("rfc", unmatched_path_filter="create")
    user = client.create_user("ada").id
    assert client.patch(f"/Users/{user}", {"op": kind, "path": MOBILE, "value": "5552"}).status == 200
    assert client.user(user)["phoneNumbers"] == [{"type": "mobile", "value": "5552"}]


def test_Z1_unmatched_path_filter_reject(make_client: MakeClient) -> None:
    client = make_client("rfc", unmatched_path_filter="reject")
    user = client.create_user("ada").id
    refused = client.patch(f"/Users/{user}", {"op": "replace", "path": MOBILE, "value": "5552"})
    assert (refused.status, refused["scimType"]) == (400, "noTarget")
    assert "phoneNumbers" not in client.user(user)


# group_name_clash


def test_Z1_group_name_clash_reject(make_client: MakeClient) -> None:
    client = make_client("rfc", group_name_clash="reject")
    make_group(client.organization, "Made by hand")
    refused = client.post("/Groups", group_body("made BY hand"))
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")


def test_Z1_group_name_clash_allow(make_client: MakeClient) -> None:
    client = make_client("rfc", group_name_clash="allow")
    make_group(client.organization, "Made by hand")
    assert client.post("/Groups", group_body("Made by hand")).status == 201
    assert groups_of(client.organization) == 2


# external_id_format, external_id_unique


@pytest.mark.parametrize(
    "external_id", [None, "7", "E-0007", "\u0391\u03b4\u03b1", "5F0C1A52-7C1C-4B1E-9C8B-2F2F3C1D4E5F"]
)
def test_Z1_external_id_format_any(make_client: MakeClient, external_id: str | None) -> None:
    client = make_client("rfc", external_id_format="any")
    created = client.create_user("ada", externalId=external_id)
    assert client.user(created.id).get("externalId") == external_id


def test_Z1_external_id_format_guid(make_client: MakeClient) -> None:
    client = make_client("rfc", external_id_format="guid")
    for external_id in (
        None,
        "7",
        "5f0c1a527c1c4b1e9c8b2f2f3c1d4e5f",
        "{5f0c1a52-7c1c-4b1e-9c8b-2f2f3c1d4e5f}",
    ):
        refused = client.post("/Users", user_body("ada", externalId=external_id))
        assert (refused.status, refused["scimType"]) == (400, "invalidValue")
        assert "objectId" in refused["detail"]
    capitals = "5F0C1A52-7C1C-4B1E-9C8B-2F2F3C1D4E5F"
    assert client.create_user("ada", externalId=capitals)["externalId"] == capitals


def test_Z1_external_id_unique_on(make_client: MakeClient) -> None:
    client = make_client("rfc", external_id_unique=True)
    client.create_user("ada", externalId="7")
    refused = client.post("/Users", user_body("bob", externalId="7"))
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert client.create_user("eva", externalId=None).status == 201
    assert client.create_user("pia", externalId=None).status == 201
    # A user's and a group's are two things.
    assert client.create_group("Team A", externalId="7").status == 201
    assert client.post("/Groups", group_body("Team B", externalId="7")).status == 409


def test_Z1_external_id_unique_off(make_client: MakeClient) -> None:
    client = make_client("rfc", external_id_unique=False)
    client.create_user("ada", externalId="7")
    assert client.create_user("bob", externalId="7").status == 201
    assert client.find("/Users", 'externalId eq "7"')["totalResults"] == 2


# brake, brake_count, brake_share


def test_Z1_brake_on(make_client: MakeClient) -> None:
    client = make_client("rfc", brake=True, brake_count=1, brake_share=100)
    first, second = client.create_user("ada").id, client.create_user("bob").id
    assert client.patch(f"/Users/{first}", DISABLE).status == 200
    held = client.patch(f"/Users/{second}", DISABLE)
    assert (held.status, status_of(host_user(second))) == (503, "active")
    assert int(held.headers["Retry-After"]) > 0


def test_Z1_brake_off(make_client: MakeClient) -> None:
    client = make_client("rfc", brake=False, brake_count=1, brake_share=100)
    for name in ("ada", "bob", "eva"):
        user = client.create_user(name).id
        assert client.patch(f"/Users/{user}", DISABLE).status == 200
        assert status_of(host_user(user)) == "inactive"


# answers to PATCH


@pytest.mark.parametrize("other", [200, 204])
def test_Z1_user_patch_response_200(make_client: MakeClient, other: int) -> None:
    client = make_client("rfc", user_patch_response=200, group_patch_response=other)
    user = client.create_user("ada").id
    answer = client.patch(f"/Users/{user}", replace("displayName", "Ada"))
    assert (answer.status, answer["displayName"]) == (200, "Ada")


@pytest.mark.parametrize("other", [200, 204])
def test_Z1_user_patch_response_204(make_client: MakeClient, other: int) -> None:
    client = make_client("rfc", user_patch_response=204, group_patch_response=other)
    user = client.create_user("ada").id
    answer = client.patch(f"/Users/{user}", replace("displayName", "Ada"))
    assert (answer.status, answer.content) == (204, b"")
    assert client.user(user)["displayName"] == "Ada"


@pytest.mark.parametrize("other", [200, 204])
def test_Z1_group_patch_response_200(make_client: MakeClient, other: int) -> None:
    client = make_client("rfc", group_patch_response=200, user_patch_response=other)
    group = client.create_group("Team A").id
    answer = client.patch(f"/Groups/{group}", replace("displayName", "B"))
    assert (answer.status, answer["displayName"]) == (200, "B")


@pytest.mark.parametrize("other", [200, 204])
def test_Z1_group_patch_response_204(make_client: MakeClient, other: int) -> None:
    client = make_client("rfc", group_patch_response=204, user_patch_response=other)
    group = client.create_group("Team A").id
    answer = client.patch(f"/Groups/{group}", replace("displayName", "B"))
    assert (answer.status, answer.content) == (204, b"")
    assert client.get(f"/Groups/{group}")["displayName"] == "B"


# the columns with numbers and texts


@pytest.mark.parametrize("days", [1, 30, 365, 730])
def test_Z1_token_lifetime(make_connection: MakeConnection, days: int) -> None:
    token, _secret = Token.issue(make_connection("rfc", token_lifetime=days))
    assert abs(token.expires_at - timezone.now() - timedelta(days=days)) < timedelta(minutes=1)


@pytest.mark.parametrize("days", [0, 731, -1])
def test_Z1_a_token_lifetime_has_an_end(make_connection: MakeConnection, days: int) -> None:
    with pytest.raises(ValidationError):
        make_connection("rfc", token_lifetime=days)


# token_principal


def test_Z1_token_principal_on(make_connection: MakeConnection) -> None:
    connection = make_connection("rfc", token_principal=True)
    gone = make_user(connection.organization, "gone", state="inactive")
    client = ScimClient(connection, Token.issue(connection, created_by=gone)[1])
    assert client.get("/Users").status == 403


def test_Z1_token_principal_off(make_connection: MakeConnection) -> None:
    connection = make_connection("rfc", token_principal=False)
    gone = make_user(connection.organization, "gone", state="inactive")
    client = ScimClient(connection, Token.issue(connection, created_by=gone)[1])
    assert client.get("/Users").status == 200


def test_Z1_verified_domains(make_client: MakeClient) -> None:
    client = make_client("rfc", existing_users="link", verified_domains="contoso.test")
    make_user(client.organization, "eva")
    user = client.post("/Users", user_body("eva")).id
    assert client.patch(f"/Users/{user}", replace("userName", "eva@evil.example")).status == 400
    assert client.patch(f"/Users/{user}", replace("userName", "eva@contoso.test")).status == 200


@pytest.mark.examplehub
def test_Z1_both_products_work_in_one_hub_at_the_same_time(
    make_client: MakeClient, other_organization: Any
) -> None:
    """Z1: all of A and all of B, in different organizations."""
    seed_places(other_organization)
    flow_connect, flowcase = make_client("flow_connect"), make_client("flowcase", other_organization)
    one, two = flow_connect.create_user("ada"), flowcase.create_user("ada", externalId="7")
    assert (status_of(host_user(one)), status_of(host_user(two))) == ("pending", "active")
    assert (flow_connect.get("/Groups").status, flowcase.get("/Groups").status) == (200, 404)
    assert flow_connect.get(f"/Users/{two.id}").status == 404
    assert flowcase.delete(f"/Users/{one.id}").status == 404


def test_Z1_a_connection_whose_columns_are_changed_later_follows_them(organization: Any) -> None:
    connection = create_connection(organization, "rfc")
    assert connection.initial_status == "active"
    Connection.objects.filter(pk=connection.pk).update(initial_status="pending", groups=False)
    connection.refresh_from_db()
    assert (connection.initial_status, connection.groups) == ("pending", False)
