"""Out of scope, back into scope, gone for good (A14 to A19, A30, B28 to B30)."""

import uuid
from typing import Any

import pytest
from django.contrib.auth import get_user_model

from scim_provisioning.models import UserResource
from tests.conftest import MakeClient
from tests.factories import expected_status, make_group, make_user, members_of, status_of
from tests.lifecycle.rows import (
    DISABLE,
    ENABLE,
    add,
    columns_of,
    host_group,
    host_user,
    link_of,
    replace,
    together,
    users_of,
)
from tests.scim import ScimClient, user_body

pytestmark = pytest.mark.django_db

# Every way in which clients write it (R8, R9, B28).
FALSES = {
    "legacy": {"op": "Replace", "path": "active", "value": "False"},
    "legacy add": {"op": "Add", "path": "active", "value": "False"},
    "lower-case text": {"op": "replace", "path": "active", "value": "false"},
    "boolean": {"op": "replace", "path": "active", "value": False},
    "no path": {"op": "replace", "value": {"active": False}},
    "no path, text": {"op": "replace", "value": {"active": "False"}},
    "no path, add": {"op": "add", "value": {"active": False}},
    "capital path": {"op": "replace", "path": "Active", "value": False},
    "full path": {
        "op": "replace",
        "path": "urn:ietf:params:scim:schemas:core:2.0:User:active",
        "value": False,
    },
}


@pytest.mark.parametrize("operation", FALSES.values(), ids=FALSES)
def test_A14_a_user_out_of_scope_becomes_inactive(contoso: ScimClient, operation: dict[str, Any]) -> None:
    user = contoso.create_user("ada").id
    answer = contoso.patch(f"/Users/{user}", operation)
    assert answer.status == 200
    assert answer["active"] is False
    assert status_of(host_user(user)) == "inactive"
    assert contoso.get(f"/Users/{user}")["active"] is False


@pytest.mark.parametrize("value", [None, "", "no", 0, 1, "0", [], {}, "disabled"])
def test_T11_nothing_but_true_and_false_is_taken_for_a_boolean(contoso: ScimClient, value: Any) -> None:
    user = contoso.create_user("ada").id
    answer = contoso.patch(f"/Users/{user}", replace("active", value))
    if answer.status < 300:
        assert value in (None, "")
    assert status_of(host_user(user)) == expected_status("pending")


def test_A14_an_inactive_user_is_still_found_and_read(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", DISABLE)
    [found] = contoso.find("/Users", 'userName eq "ada@contoso.example"')["Resources"]
    assert (found["id"], found["active"]) == (user, False)
    assert contoso.get(f"/Users/{user}").status == 200


def test_A14_an_adopted_user_out_of_scope_becomes_inactive_too(contoso: ScimClient) -> None:
    eva = make_user(contoso.organization, "eva")
    user = contoso.post("/Users", user_body("eva")).id
    assert contoso.patch(f"/Users/{user}", DISABLE).status == 200
    assert status_of(eva) == "inactive"
    assert link_of(user).scim_managed


def test_A14_with_release_an_adopted_user_stays_active_and_is_the_hubs_again(make_client: MakeClient) -> None:
    client = make_client("flow_connect", adopted_removal="release")
    eva = make_user(client.organization, "eva")
    before = columns_of(eva)
    user = client.post("/Users", user_body("eva")).id
    assert client.patch(f"/Users/{user}", DISABLE).status == 200
    assert columns_of(eva) == before
    link = link_of(user)
    assert not link.scim_managed
    assert link.external_id == ""
    assert client.delete(f"/Users/{user}").status == 404


def test_A14_with_release_a_created_user_becomes_inactive_all_the_same(make_client: MakeClient) -> None:
    client = make_client("flow_connect", adopted_removal="release")
    user = client.create_user("ada").id
    client.patch(f"/Users/{user}", DISABLE)
    assert status_of(host_user(user)) == "inactive"


def test_A14_a_put_can_disable_and_one_without_active_does_not(contoso: ScimClient) -> None:
    body = user_body("ada")
    user = contoso.post("/Users", body).id
    assert contoso.put(f"/Users/{user}", {**body, "active": False})["active"] is False
    assert contoso.put(f"/Users/{user}", {**body, "active": True})["active"] is True
    del body["active"]
    assert contoso.put(f"/Users/{user}", body)["active"] is True


@pytest.mark.parametrize("operation", [ENABLE, replace("active", True), together(active=True)])
def test_A15_a_user_back_in_scope_is_active_even_if_it_never_signed_in(
    contoso: ScimClient, operation: dict[str, Any]
) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", DISABLE)
    assert contoso.patch(f"/Users/{user}", operation)["active"] is True
    assert status_of(host_user(user)) == "active"


@pytest.mark.examplehub
def test_A15_with_previous_a_user_that_never_signed_in_is_pending_again(make_client: MakeClient) -> None:
    client = make_client("flow_connect", reactivate_to="previous")
    user = client.create_user("ada").id
    client.patch(f"/Users/{user}", DISABLE)
    client.patch(f"/Users/{user}", ENABLE)
    assert status_of(host_user(user)) == "pending"


def test_A15_with_previous_a_user_that_was_active_is_active_again(make_client: MakeClient) -> None:
    client = make_client("flow_connect", reactivate_to="previous", initial_status="active")
    user = client.create_user("ada").id
    client.patch(f"/Users/{user}", DISABLE)
    client.patch(f"/Users/{user}", ENABLE)
    assert status_of(host_user(user)) == "active"


def test_A15_the_id_and_everything_known_of_the_user_survive(contoso: ScimClient) -> None:
    user = contoso.create_user("ada", displayName="Ada L", nickName="A").id
    before = contoso.user(user)
    contoso.patch(f"/Users/{user}", DISABLE)
    contoso.patch(f"/Users/{user}", ENABLE)
    assert contoso.user(user) == before


def test_A15_disabling_twice_remembers_what_the_user_was(make_client: MakeClient) -> None:
    client = make_client("flow_connect", reactivate_to="previous")
    user = client.create_user("ada").id
    for operation in (DISABLE, DISABLE, replace("displayName", "Ada"), DISABLE, ENABLE):
        assert client.patch(f"/Users/{user}", operation).status == 200
    assert status_of(host_user(user)) == expected_status("pending")


def test_A16_a_user_deleted_from_the_directory_is_deleted(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    key = host_user(user).pk
    assert contoso.delete(f"/Users/{user}").status == 204
    assert not get_user_model()._base_manager.filter(pk=key).exists()
    for answer in (
        contoso.get(f"/Users/{user}"),
        contoso.delete(f"/Users/{user}"),
        contoso.patch(f"/Users/{user}", ENABLE),
    ):
        assert answer.status == 404
    assert contoso.find("/Users", 'userName eq "ada@contoso.example"')["totalResults"] == 0


def test_A16_an_inactive_user_is_deleted_when_its_thirty_days_are_over(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", DISABLE)
    assert contoso.delete(f"/Users/{user}").status == 204
    assert users_of(contoso.organization) == 0


def test_A16_a_deleted_user_leaves_its_groups(contoso: ScimClient) -> None:
    ada, bob = contoso.create_user("ada").id, contoso.create_user("bob").id
    group = contoso.create_group("Team A", ada, bob).id
    contoso.delete(f"/Users/{ada}")
    assert contoso.members(group) == {bob}


def test_T14_a_user_created_again_is_a_new_one_without_the_old_ones_groups(contoso: ScimClient) -> None:
    body = user_body("ada")
    first = contoso.post("/Users", body).id
    group = contoso.create_group("Team A", first).id
    local = make_group(contoso.organization, "Made by hand", host_user(first))
    old = host_user(first).pk
    contoso.delete(f"/Users/{first}")
    second = contoso.post("/Users", body)
    assert second.status == 201
    assert second.id != first
    assert members_of(host_group(group)) == set()
    assert members_of(local) == set()
    assert status_of(host_user(second)) == expected_status("pending")
    assert contoso.get(f"/Users/{first}").status == 404
    assert UserResource.objects.filter(user_id=old).count() in (0, 1)


def test_A30_membership_survives_inactive(contoso: ScimClient) -> None:
    ada, bob = contoso.create_user("ada").id, contoso.create_user("bob").id
    group = contoso.create_group("Team A", ada, bob).id
    local = make_group(contoso.organization, "Made by hand", host_user(ada))
    contoso.patch(f"/Users/{ada}", DISABLE)
    assert contoso.members(group) == {ada, bob}
    assert members_of(host_group(group)) == {host_user(ada).pk, host_user(bob).pk}
    contoso.patch(f"/Users/{ada}", ENABLE)
    assert contoso.members(group) == {ada, bob}
    assert members_of(local) == {host_user(ada).pk}


@pytest.mark.parametrize("active", ["False", False])
def test_B28_the_switch_of_isSoftDeleted_arrives_as_text_or_as_a_boolean(
    make_client: MakeClient, active: Any
) -> None:
    client = make_client("flowcase")
    user = client.create_user("ada").id
    assert client.patch(f"/Users/{user}", replace("active", active))["active"] is False
    assert client.patch(f"/Users/{user}", replace("active", not active if active is False else "True"))[
        "active"
    ]


def test_B29_a_directory_that_maps_no_active_may_delete_at_once(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    user = client.create_user("ada", active=None).id
    assert client.delete(f"/Users/{user}").status == 204
    assert users_of(client.organization) == 0


def test_B30_after_a_delete_with_deactivate_the_hub_keeps_the_row_and_scim_forgets_it(
    make_client: MakeClient,
) -> None:
    client = make_client("flowcase", user_deletion="deactivate")
    user = client.create_user("ada").id
    kept = host_user(user)
    assert client.delete(f"/Users/{user}").status == 204
    assert status_of(kept) == "inactive"
    assert client.get(f"/Users/{user}").status == 404


def test_B30_a_user_that_comes_back_after_that_gets_a_new_id(make_client: MakeClient) -> None:
    client = make_client("rfc", user_deletion="deactivate", existing_users="link")
    user = client.create_user("ada").id
    client.delete(f"/Users/{user}")
    again = client.post("/Users", user_body("ada", externalId=str(uuid.uuid4())))
    assert again.status == 201
    assert again.id != user
    assert users_of(client.organization) == 1


def test_out_of_scope_twice_and_back_twice_is_no_error(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    for operation in (DISABLE, DISABLE, ENABLE, ENABLE):
        assert contoso.patch(f"/Users/{user}", operation).status == 200
    assert contoso.patch(f"/Users/{user}", add("externalId", contoso.user(user)["externalId"])).status == 200
