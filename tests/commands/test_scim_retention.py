"""Users that left and that no DELETE will come for: reported, then removed (C6)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.db.models import F
from django.utils import timezone

from scim_provisioning.lifecycle.departed import departed
from scim_provisioning.models import Connection, Event, UserResource
from scim_provisioning.tasks import remove_departed_users
from tests.commands.conftest import Shell
from tests.conftest import MakeClient
from tests.factories import USERS, make_user, status_of
from tests.lifecycle.rows import DISABLE, ENABLE, add, host_user, link_of, operations_of, owed
from tests.scim import ScimClient

pytestmark = pytest.mark.django_db


def days_pass(days: int) -> None:
    """Let the users that are deactivated be so for longer."""
    left = UserResource.objects.exclude(deactivated_at=None)
    left.update(deactivated_at=F("deactivated_at") - timedelta(days=days))


def due(connection: Connection, days: int = 30) -> list[str]:
    """Return the names of who is due."""
    return [each.user_name for each in departed(connection, days)]


@pytest.fixture
def client(make_client: MakeClient) -> ScimClient:
    """Return a client of a connection that keeps nobody longer than thirty days."""
    return make_client("flowcase", retention_days=30)


@pytest.fixture
def gone(client: ScimClient) -> str:
    """Return a user that left forty days ago."""
    user = client.create_user("gone").id
    client.patch(f"/Users/{user}", DISABLE)
    days_pass(40)
    return user


def test_c6_who_left_long_ago_is_due(client: ScimClient, gone: str) -> None:
    client.create_user("here")
    recent = client.create_user("recent").id
    client.patch(f"/Users/{recent}", DISABLE)
    assert due(client.connection) == ["gone@contoso.example"]
    assert due(client.connection, 41) == []


def test_c6_who_came_back_is_not(client: ScimClient, gone: str) -> None:
    client.patch(f"/Users/{gone}", ENABLE)
    assert due(client.connection) == []
    assert link_of(gone).deactivated_at is None
    client.patch(f"/Users/{gone}", DISABLE)
    assert due(client.connection) == []


def test_c6_who_the_hub_made_active_again_is_not(client: ScimClient, gone: str) -> None:
    user = host_user(gone)
    setattr(user, USERS.status.column, USERS.status.active)
    user.save()
    assert due(client.connection) == []


def test_c6_who_was_created_inactive_is_counted_from_then(client: ScimClient) -> None:
    client.create_user("never", active=False)
    days_pass(40)
    assert due(client.connection) == ["never@contoso.example"]


def test_c6_who_scim_does_not_manage_is_never_due(client: ScimClient) -> None:
    make_user(client.organization, "idle", state="inactive")
    days_pass(4000)
    assert due(client.connection) == []


def test_c6_other_changes_do_not_put_it_off(client: ScimClient, gone: str) -> None:
    client.patch(f"/Users/{gone}", add("title", "Former"))
    assert due(client.connection) == ["gone@contoso.example"]


def test_c6_the_report_removes_nobody(client: ScimClient, gone: str, shell: Shell) -> None:
    (row,) = shell.json("scim_retention", "report")["users"]
    assert (row["user_name"], row["id"], row["outcome"]) == ("gone@contoso.example", gone, "delete")
    assert "gone@contoso.example" in shell("scim_retention", "report")
    assert shell.json("scim_retention", "report", "--days", 41)["users"] == []
    assert client.get(f"/Users/{gone}").status == 200


def test_c6_apply_removes_them_as_a_delete_would(client: ScimClient, gone: str, shell: Shell) -> None:
    here = client.create_user("here")
    pk = host_user(gone).pk
    removed = shell.json("scim_retention", "apply", "--no-input")
    assert (removed["removed"], [row["id"] for row in removed["users"]]) == (1, [gone])
    assert client.get(f"/Users/{gone}").status == 404
    assert not USERS.model._default_manager.filter(pk=pk).exists()
    assert host_user(here).pk
    assert operations_of(client.connection)[-1] == "retention"
    assert "user_deleted" in owed(client.connection)
    assert Event.objects.filter(operation="retention", resource_id=gone, outcome="success").exists()


def test_c6_apply_shows_the_report_and_asks(
    client: ScimClient, gone: str, shell: Shell, answer: Callable[[str | None], None]
) -> None:
    for refusal in ("no", "", None):
        answer(refusal)
        with pytest.raises(CommandError, match="Nobody was removed"):
            shell("scim_retention", "apply")
        assert "gone@contoso.example" in shell.errors
    assert client.get(f"/Users/{gone}").status == 200
    answer("yes")
    assert "1 users are removed" in shell("scim_retention", "apply")
    assert client.get(f"/Users/{gone}").status == 404


def test_c6_where_the_policy_keeps_rows_the_row_stays(
    make_client: MakeClient, organization: Any, shell: Shell
) -> None:
    client = make_client("flowcase", user_deletion="deactivate", retention_days=1)
    user = client.create_user("gone").id
    row = host_user(user)
    client.patch(f"/Users/{user}", DISABLE)
    days_pass(2)
    (shown,) = shell.json("scim_retention", "apply", "--no-input")["users"]
    assert shown["outcome"] == "deactivate"
    assert client.get(f"/Users/{user}").status == 404
    assert status_of(row) == "inactive"


def test_c6_it_is_off_until_the_policy_or_the_operator_names_days(
    make_client: MakeClient, shell: Shell
) -> None:
    client = make_client("flowcase")
    user = client.create_user("gone").id
    client.patch(f"/Users/{user}", DISABLE)
    days_pass(4000)
    assert client.connection.retention_days == 0
    assert shell.json("scim_retention", "apply", "--no-input")["removed"] == 0
    assert remove_departed_users() == 0
    assert shell.json("scim_retention", "apply", "--no-input", "--days", 100)["removed"] == 1


def test_c6_one_connection_can_be_chosen(
    client: ScimClient, gone: str, make_client: MakeClient, other_organization: Any, shell: Shell
) -> None:
    other = make_client("flowcase", other_organization, retention_days=30)
    removed = shell.json("scim_retention", "apply", "--no-input", "--connection", other.connection.pk)
    assert removed["removed"] == 0
    assert client.get(f"/Users/{gone}").status == 200


@pytest.mark.parametrize("days", ["0", "-1", "3651"])
def test_c6_a_bad_number_of_days_is_refused(shell: Shell, days: str) -> None:
    with pytest.raises(CommandError):
        shell("scim_retention", "apply", "--no-input", "--days", days)


def test_c6_the_task_removes_who_is_due(client: ScimClient, gone: str) -> None:
    assert remove_departed_users() == 1
    assert client.get(f"/Users/{gone}").status == 404
    assert remove_departed_users() == 0


def test_c6_disconnecting_counts_as_leaving(client: ScimClient) -> None:
    user = client.create_user("ada")
    assert link_of(user).deactivated_at is None
    client.patch(f"/Users/{user.id}", DISABLE)
    moment = link_of(user).deactivated_at
    assert moment is not None
    assert abs(timezone.now() - moment) < timedelta(minutes=1)
