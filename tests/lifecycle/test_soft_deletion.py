"""Entra renames whom it soft-deletes (``<32 hex><upn>``); what a deletion meets that it cannot have (A16, A23)."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.db.models import ProtectedError

from scim_provisioning import conf
from scim_provisioning.models import UserResource
from tests.conftest import MakeClient
from tests.factories import GROUPS, USERS, column, make_user, members_of, status_of
from tests.lifecycle.rows import DISABLE, ENABLE, columns_of, host_group, host_user, replace, together
from tests.scim import ScimClient, user_body

pytestmark = pytest.mark.django_db

ADA = "ada@contoso.example"
Mapping: Any = conf.imported("USER_MAPPING")
GroupsMapping: Any = conf.imported("GROUP_MAPPING")


def renamed(client: ScimClient, user: str, name: str = ADA) -> str:
    """Return what Entra calls a user in the recycle bin."""
    return uuid.UUID(client.user(user)["externalId"]).hex + name


def names_of(user: Any) -> tuple[str, str]:
    columns = columns_of(user)
    return columns[column("userName")], columns[column('emails[type eq "work"].value')]


@pytest.mark.parametrize("legacy", [True, False], ids=["legacy", "aadOptscim062020"])
@pytest.mark.parametrize("together_with_active", [True, False])
def test_A16_a_soft_delete_renames_nobody_in_the_hub(
    contoso: ScimClient, legacy: bool, together_with_active: bool
) -> None:
    user = contoso.create_user("ada").id
    name = renamed(contoso, user)
    rename = replace("userName", name) if legacy else together(userName=name)
    requests = [[rename, DISABLE]] if together_with_active else [[rename], [DISABLE]]
    for operations in requests:
        assert contoso.patch(f"/Users/{user}", *operations).status == 200
    assert names_of(host_user(user)) == (ADA, ADA)
    assert status_of(host_user(user)) == "inactive"


def test_A16_the_new_name_is_returned_so_that_it_is_not_sent_again(contoso: ScimClient) -> None:
    """C4: what is accepted and not returned is sent in every cycle."""
    user = contoso.create_user("ada").id
    name = renamed(contoso, user)
    assert contoso.patch(f"/Users/{user}", DISABLE, replace("userName", name))["userName"] == name
    assert contoso.user(user)["userName"] == name
    version = UserResource.objects.get(pk=user).version
    assert contoso.patch(f"/Users/{user}", DISABLE, replace("userName", name)).status == 200
    assert UserResource.objects.get(pk=user).version == version


def test_A15_a_restored_user_has_its_name_again(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", DISABLE, replace("userName", renamed(contoso, user)))
    contoso.patch(f"/Users/{user}", replace("displayName", "Ada L"))
    assert names_of(host_user(user)) == (ADA, ADA)
    answer = contoso.patch(f"/Users/{user}", ENABLE, replace("userName", ADA))
    assert (answer["userName"], answer["active"]) == (ADA, True)
    assert names_of(host_user(user)) == (ADA, ADA)
    assert status_of(host_user(user)) == "active"
    new = "eva@contoso.example"
    assert contoso.patch(f"/Users/{user}", replace("userName", new)).status == 200
    assert names_of(host_user(user)) == (new, ADA)


def test_A16_an_email_mapped_from_the_same_name_stays_too(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    name = renamed(contoso, user)
    mail = replace('emails[type eq "work"].value', name)
    answer = contoso.patch(f"/Users/{user}", DISABLE, replace("userName", name), mail)
    assert answer.status == 200
    assert names_of(host_user(user)) == (ADA, ADA)
    assert [each["value"] for each in answer["emails"]] == [ADA]


def test_A13_the_rename_of_an_adopted_user_does_not_keep_its_access(contoso: ScimClient) -> None:
    """The new name is in no verified domain of its own, and the deactivation beside it must not be refused."""
    eva = make_user(contoso.organization, "eva")
    user = contoso.post("/Users", user_body("eva")).id
    before = names_of(eva)
    answer = contoso.patch(
        f"/Users/{user}", DISABLE, replace("userName", renamed(contoso, user, "eva@contoso.example"))
    )
    assert answer.status == 200
    assert status_of(eva) == "inactive"
    assert names_of(eva) == before


def test_A16_a_soft_deleted_user_is_deleted_in_the_end(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", DISABLE, replace("userName", renamed(contoso, user)))
    successor = user_body("ada")
    taken = contoso.post("/Users", successor)
    assert (taken.status, taken["scimType"]) == (409, "uniqueness")
    assert contoso.delete(f"/Users/{user}").status == 204
    assert contoso.post("/Users", successor).status == 201


@pytest.mark.parametrize("name", ["a" * 32 + ADA, "5f0c1a527c1c4b1e9c8b2f2f3c1d4e5f@contoso.example"])
def test_an_active_user_may_be_called_what_it_likes(contoso: ScimClient, name: str) -> None:
    user = contoso.create_user("ada").id
    assert contoso.patch(f"/Users/{user}", replace("userName", name)).status == 200
    assert names_of(host_user(user))[0] == name


class Needed(Mapping):
    """The host's users, of whom none can be deleted."""

    def delete(self, user: Any) -> None:
        """Refuse, as an invoice that points at the user does."""
        raise ProtectedError("invoices", {user})


class NeededGroups(GroupsMapping):
    """The host's groups, of which none can be deleted."""

    def delete(self, group: Any) -> None:
        """Refuse, as a contract that points at the group does."""
        super().delete(group)
        raise ProtectedError("contracts", set())


def test_A16_a_user_that_the_hub_still_needs_becomes_inactive(make_client: MakeClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {
        **settings.SCIM_PROVISIONING,
        "USER_MAPPING": f"{__name__}.Needed",
    }
    client = make_client("flow_connect")
    user = client.create_user("ada").id
    host = host_user(user)
    group = host_group(client.create_group("Team A", user))
    assert client.delete(f"/Users/{user}").status == 204
    assert status_of(host) == "inactive"
    assert client.get(f"/Users/{user}").status == 404
    assert members_of(group) == set()


def pointing_at(row: Any) -> None:
    """Make a table that Django knows nothing of, with a foreign key to a row."""
    table, key = row._meta.db_table, row._meta.pk
    kind = key.rel_db_type(connection)
    value = key.get_db_prep_value(row.pk, connection)
    waits = "DEFERRABLE INITIALLY DEFERRED" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE needs_a_row (it {kind} REFERENCES {table} ({key.column}) {waits})")
        cursor.execute("INSERT INTO needs_a_row VALUES (%s)", [value])


@pytest.mark.postgres
def test_A16_a_foreign_key_that_waits_for_the_commit_is_asked_before(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    host = host_user(user)
    pointing_at(host)
    assert contoso.delete(f"/Users/{user}").status == 204
    assert status_of(host) == "inactive"
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM needs_a_row")


def test_A23_a_group_that_the_hub_still_needs_stays_without_members(
    make_client: MakeClient, settings: Any
) -> None:
    settings.SCIM_PROVISIONING = {
        **settings.SCIM_PROVISIONING,
        "GROUP_MAPPING": f"{__name__}.NeededGroups",
    }
    client = make_client("flow_connect")
    group = client.create_group("Team A", client.create_user("ada").id).id
    host = host_group(group)
    assert client.delete(f"/Groups/{group}").status == 204
    assert client.get(f"/Groups/{group}").status == 404
    assert GROUPS.model._base_manager.filter(pk=host.pk).exists()
    assert members_of(host) == set()
    assert USERS.model._base_manager.count() == 1
