"""The last Active administrator and owner of an organization keep their access (T9)."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scim_provisioning.lifecycle.disconnecting import deactivate_users
from scim_provisioning.models import Effect, Event
from scim_provisioning.signals import last_admin_kept
from tests.conftest import MakeClient
from tests.factories import USERS, make_user, status_of
from tests.guards.admins import make_admin
from tests.lifecycle.rows import DISABLE, ENABLE, host_user, replace
from tests.performance.conftest import Count, queries
from tests.scim import USER, ScimClient, user_body

__all__ = ["queries"]

pytestmark = pytest.mark.django_db

Ending = Callable[[ScimClient, str], Any]
ENDINGS: dict[str, Ending] = {
    "PATCH": lambda client, user: client.patch(f"/Users/{user}", DISABLE),
    "PATCH with another attribute": lambda client, user: client.patch(
        f"/Users/{user}", replace("displayName", "Gone"), DISABLE
    ),
    "PUT": lambda client, user: client.put(
        f"/Users/{user}", {"schemas": [USER], "userName": "ada@contoso.example", "active": False}
    ),
    "DELETE": lambda client, user: client.delete(f"/Users/{user}"),
}
by_ending = pytest.mark.parametrize("end", ENDINGS.values(), ids=ENDINGS)


def activate(user: Any) -> Any:
    """Make a user Active, as its first login would."""
    setattr(user, USERS.status.column, USERS.status.active)
    user.save()
    return user


@pytest.fixture
def told() -> Iterator[list[dict[str, Any]]]:
    """Return what receivers of the notice were told."""
    seen: list[dict[str, Any]] = []

    def note(**arguments: Any) -> None:
        seen.append(arguments)

    last_admin_kept.connect(note)
    yield seen
    last_admin_kept.disconnect(note)


@by_ending
def test_T9_the_last_active_admin_keeps_access(contoso: ScimClient, end: Ending) -> None:
    ada = contoso.create_user("ada", displayName="Ada").id
    admin = make_admin(activate(host_user(ada)))
    shown = contoso.user(ada)
    answer = end(contoso, ada)
    assert answer.status == 403
    assert "last active administrator" in answer["detail"]
    assert answer["detail"].endswith("[last_admin]")
    assert status_of(admin) == "active"
    assert contoso.user(ada) == shown


@by_ending
def test_T9_an_admin_goes_when_another_one_stays(contoso: ScimClient, end: Ending) -> None:
    ada = contoso.create_user("ada").id
    make_admin(activate(host_user(ada)))
    make_admin(make_user(contoso.organization, "olivia"))
    assert end(contoso, ada).status in (200, 204)


@by_ending
def test_T9_an_inactive_or_a_foreign_admin_is_no_other(
    contoso: ScimClient, other_organization: Any, end: Ending
) -> None:
    ada = contoso.create_user("ada").id
    make_admin(activate(host_user(ada)))
    make_admin(make_user(contoso.organization, "ivan", state="inactive"))
    make_admin(make_user(other_organization, "nora"))
    assert end(contoso, ada).status == 403


@by_ending
def test_T9_who_is_no_admin_goes(contoso: ScimClient, end: Ending) -> None:
    make_admin(make_user(contoso.organization, "olivia"))
    assert end(contoso, contoso.create_user("ada").id).status in (200, 204)


def test_T9_an_inactive_admin_can_be_deleted(contoso: ScimClient) -> None:
    ada = contoso.create_user("ada").id
    olivia = make_admin(make_user(contoso.organization, "olivia"))
    make_admin(activate(host_user(ada)))
    assert contoso.patch(f"/Users/{ada}", DISABLE).status == 200
    olivia.delete()
    assert contoso.delete(f"/Users/{ada}").status == 204


def test_T9_an_admin_that_is_adopted_as_disabled_keeps_access(contoso: ScimClient) -> None:
    olivia = make_admin(make_user(contoso.organization, "olivia"))
    answer = contoso.post("/Users", user_body("olivia", active=False))
    assert answer.status == 403
    assert status_of(olivia) == "active"


@pytest.mark.parametrize("deletion", ["delete", "deactivate"])
def test_T9_whatever_a_deletion_does(make_client: MakeClient, deletion: str) -> None:
    client = make_client("flow_connect", user_deletion=deletion)
    ada = client.create_user("ada").id
    admin = make_admin(activate(host_user(ada)))
    assert client.delete(f"/Users/{ada}").status == 403
    assert status_of(admin) == "active"


def test_T9_the_last_owner_keeps_access(make_client: MakeClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {
        **settings.SCIM_PROVISIONING,
        "USER_MAPPING": "tests.guards.admins.WithOwners",
    }
    client = make_client("flow_connect", initial_status="active")
    first, second = (client.create_user(name).id for name in ("owner1", "owner2"))
    make_admin(host_user(first))
    assert client.patch(f"/Users/{first}", DISABLE).status == 200
    answer = client.patch(f"/Users/{second}", DISABLE)
    assert (answer.status, answer["detail"][-12:]) == (403, "[last_owner]")
    assert client.patch(f"/Users/{first}", ENABLE).status == 200
    assert client.patch(f"/Users/{second}", DISABLE).status == 200


def test_T9_a_host_without_the_hook_keeps_nobody(make_client: MakeClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {
        **settings.SCIM_PROVISIONING,
        "USER_MAPPING": "tests.guards.admins.WithOwners",
    }
    client = make_client("flow_connect", initial_status="active")
    ada = client.create_user("ada").id
    make_admin(host_user(ada))
    assert client.patch(f"/Users/{ada}", DISABLE).status == 200


@pytest.mark.django_db(transaction=True)
def test_T9_the_refusal_is_an_event_and_a_notice_once_a_day(
    contoso: ScimClient, told: list[dict[str, Any]]
) -> None:
    ada = contoso.create_user("ada").id
    make_admin(activate(host_user(ada)))
    for _cycle in range(3):
        assert contoso.patch(f"/Users/{ada}", DISABLE).status == 403
    refusals = Event.objects.filter(connection=contoso.connection, code="last_admin")
    assert [(event.status, event.outcome, str(event.resource_id)) for event in refusals] == [
        (403, "refused", ada)
    ] * 3
    assert [str(each["resource_id"]) for each in told] == [ada]
    assert told[0]["host_id"] == str(host_user(ada).pk)
    assert told[0]["payload"]["name"] == "ada@contoso.example"
    assert Effect.objects.filter(kind="last_admin_kept", handler="signals").count() == 1


def test_T9_a_bulk_that_ends_all_admins_leaves_one(contoso: ScimClient) -> None:
    users = [contoso.create_user(name).id for name in ("ada", "grace")]
    for user in users:
        make_admin(activate(host_user(user)))
    operations = [{"method": "DELETE", "path": f"/Users/{user}"} for user in users]
    schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    answer = contoso.post("/Bulk", {"schemas": [schema], "Operations": operations})
    assert [each["status"] for each in answer["Operations"]] == ["204", "403"]


def test_T9_a_disconnection_that_ends_access_leaves_the_last_admin(contoso: ScimClient) -> None:
    ada, grace = contoso.create_user("ada").id, contoso.create_user("grace").id
    admin = make_admin(activate(host_user(ada)))
    assert deactivate_users(contoso.connection, 60) == 0
    assert status_of(admin) == "active"
    assert status_of(host_user(grace)) == "inactive"
    assert Event.objects.filter(code="last_admin", resource_id=ada).count() == 1


def test_T9_the_question_is_one_query_for_who_is_no_admin(
    make_client: MakeClient, queries: Count, settings: Any
) -> None:
    client = make_client("flow_connect")
    users = [client.create_user(name).id for name in ("warm", "ada", "grace")]
    client.patch(f"/Users/{users[0]}", DISABLE)
    asked = len(queries(lambda: client.patch(f"/Users/{users[1]}", DISABLE), 200))
    settings.SCIM_PROVISIONING = {
        **settings.SCIM_PROVISIONING,
        "USER_MAPPING": "tests.guards.admins.WithOwners",
    }
    client.patch(f"/Users/{users[2]}", ENABLE)
    assert len(queries(lambda: client.patch(f"/Users/{users[2]}", DISABLE), 200)) == asked
