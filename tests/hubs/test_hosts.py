"""What must hold on every host project, and what the second one is unlike the example in."""

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse

from scim_provisioning.models import GroupResource, UserResource
from tests.conftest import MakeClient
from tests.factories import GROUPS, IS_EXAMPLE, USERS, column, make_user, members_of, status_of
from tests.lifecycle.rows import DISABLE, ENABLE, columns_of, host_group, host_user, remove, replace, users_of
from tests.scim import ScimClient, add_members, database_digest, user_body

pytestmark = pytest.mark.django_db

second_host = pytest.mark.skipif(
    IS_EXAMPLE, reason="is about the second host: run it with --ds=tests.hubs.uuidhub.settings"
)


def test_the_host_passes_its_system_checks() -> None:
    # The second host is warned, rightly, that its logins are unique beyond an organization.
    call_command("check", fail_level="WARNING" if IS_EXAMPLE else "ERROR")


def test_no_table_of_the_host_points_at_scim() -> None:
    host = {"hub", "uuidhub"}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.app_label in host:
            targets: set[Any] = {field.related_model for field in model._meta.concrete_fields} - {None}
            assert "scim_provisioning" not in {target._meta.app_label for target in targets}


def test_the_links_point_at_the_hosts_own_models() -> None:
    assert UserResource._meta.get_field("user").related_model is USERS.model
    assert GroupResource._meta.get_field("group").related_model is GROUPS.model
    assert USERS.model._meta.label == settings.AUTH_USER_MODEL
    assert GROUPS.model._meta.label == settings.SCIM_GROUP_MODEL


def test_a_whole_life_goes_the_same_way_on_every_host(make_client: MakeClient) -> None:
    client = make_client("flow_connect", initial_status="active")
    ada, bob = client.create_user("ada", displayName="Ada").id, client.create_user("bob").id
    group = client.create_group("Team A", ada, bob).id
    assert members_of(host_group(group)) == {host_user(ada).pk, host_user(bob).pk}
    client.patch(f"/Users/{ada}", replace("displayName", "Ada L"))
    assert getattr(host_user(ada), column("displayName")) == "Ada L"
    for operation, state in ((DISABLE, "inactive"), (ENABLE, "active")):
        client.patch(f"/Users/{ada}", operation)
        assert status_of(host_user(ada)) == state
    client.patch(f"/Groups/{group}", remove("members", bob))
    assert client.members(group) == {ada}
    client.delete(f"/Users/{ada}")
    assert client.members(group) == set()
    client.delete(f"/Groups/{group}")
    assert client.delete(f"/Users/{bob}").status == 204
    assert users_of(client.organization) == 0


def test_a_scim_id_is_not_the_hosts_key(contoso: ScimClient) -> None:
    user, group = contoso.create_user("ada").id, contoso.create_group("Team A").id
    assert str(host_user(user).pk) != user
    assert str(host_group(group).pk) != group
    assert contoso.get(f"/Users/{host_user(user).pk}").status == 404
    assert contoso.get(f"/Groups/{host_group(group).pk}").status == 404


def test_a_refused_request_leaves_every_row_alone(contoso: ScimClient) -> None:
    contoso.create_user("ada")
    before = database_digest()
    assert contoso.post("/Users", user_body("ada")).status == 409
    assert contoso.post("/Users", user_body("bob", externalId="7")).status == 400
    assert contoso.patch(f"/Users/{uuid.uuid4()}", DISABLE).status == 404
    assert database_digest() == before


@second_host
def test_scim_hangs_where_the_host_has_hung_it(contoso: ScimClient) -> None:
    assert contoso.base.startswith("/provisioning/scim/")
    created = contoso.create_user("ada")
    path = reverse("scim_provisioning:user", kwargs={"connection": contoso.connection.pk, "uuid": created.id})
    assert created.headers["Location"].endswith(path)


@second_host
def test_A9_a_host_without_pending_makes_new_users_active(contoso: ScimClient) -> None:
    assert host_user(contoso.create_user("ada")).is_active is True


@second_host
def test_A15_a_host_without_pending_brings_users_back_as_active(make_client: MakeClient) -> None:
    client = make_client("flow_connect", reactivate_to="previous")
    user = client.create_user("ada").id
    client.patch(f"/Users/{user}", DISABLE)
    assert host_user(user).is_active is False
    client.patch(f"/Users/{user}", ENABLE)
    assert host_user(user).is_active is True


@second_host
def test_a_relation_with_a_model_of_its_own_gets_its_defaults(contoso: ScimClient) -> None:
    ada = contoso.create_user("ada").id
    group = contoso.create_group("Team A", ada).id
    [membership] = host_group(group).memberships.all()
    assert membership.added_at is not None
    contoso.patch(f"/Groups/{group}", add_members(ada))
    assert host_group(group).memberships.get() == membership, "a member that is there stays as it is"


@second_host
def test_T18_a_name_that_another_company_has_is_refused_without_a_word_about_it(
    make_client: MakeClient, other_organization: Any
) -> None:
    """The second host's logins are unique in the whole Hub, which no client may look into."""
    client = make_client("rfc")
    foreign = make_user(other_organization, "eva")
    before = columns_of(foreign)
    refused = client.post("/Users", user_body("eva"))
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    for word in ("uuidhub", "person", "login", "constraint", "UNIQUE", "northwind"):
        assert word not in refused["detail"]
    assert columns_of(foreign) == before
    assert users_of(client.organization) == 0
