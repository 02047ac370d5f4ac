"""`scim_log prune`: old events go, whoever asks, and young ones stay."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.management.base import CommandError
from django.test import override_settings
from django.utils import timezone

from scim_provisioning import conf, tasks
from scim_provisioning.lifecycle import retention
from scim_provisioning.models import Connection, Event, FormerConnection
from tests.commands.conftest import Shell
from tests.conftest import MakeConnection


@pytest.fixture
def connection(make_connection: MakeConnection) -> Connection:
    """Return a connection."""
    return make_connection("rfc")


def write(connection: Connection, count: int, days: float) -> None:
    """Write events that are so many days old."""
    Event.objects.bulk_create(
        Event(
            connection_key=connection.pk,
            operation="update",
            outcome="success",
            status=200,
            created_at=timezone.now() - timedelta(days=days),
        )
        for _number in range(count)
    )


@pytest.mark.parametrize("old", [0, 1, 9, 10, 11, 25])
def test_old_events_go_in_batches_and_young_ones_stay(
    shell: Shell, connection: Connection, monkeypatch: pytest.MonkeyPatch, old: int
) -> None:
    monkeypatch.setattr(retention, "BATCH", 10)
    write(connection, old, days=31)
    write(connection, 3, days=29)
    assert shell.json("scim_log", "prune", "--days", "30")["removed"] == old
    assert Event.objects.count() == 3


def test_an_old_event_that_was_written_late_goes_too(shell: Shell, connection: Connection) -> None:
    write(connection, 1, days=29)
    write(connection, 1, days=31)
    write(connection, 1, days=29)
    assert shell.json("scim_log", "prune", "--days", "30")["removed"] == 1


def test_a_dry_run_tells_and_keeps(shell: Shell, connection: Connection) -> None:
    write(connection, 2, days=31)
    found: Any = shell.json("scim_log", "prune", "--days", "30", "--dry-run")
    assert (found["dry_run"], found["removed"]) == (True, 0)
    assert [(each["connection_key"], each["events"]) for each in found["connections"]] == [
        (str(connection.pk), 2)
    ]
    assert shell("scim_log", "prune", "--days", "30", "--dry-run").endswith("2 events would be removed.\n")
    assert shell("scim_log", "prune", "--days", "30").endswith("2 events are removed.\n")
    assert shell("scim_log", "prune", "--days", "30") == "Nothing to show.\n0 events are removed.\n"


def test_without_a_number_of_days_nothing_is_removed(shell: Shell, connection: Connection) -> None:
    write(connection, 1, days=5000)
    with pytest.raises(CommandError, match="EVENT_DAYS"):
        shell("scim_log", "prune")
    with pytest.raises(CommandError, match="above 0"):
        shell("scim_log", "prune", "--days", "0")
    assert tasks.prune_log() == 0
    assert Event.objects.count() == 1


def test_the_setting_is_the_number_of_days(shell: Shell, connection: Connection) -> None:
    with override_settings(SCIM_PROVISIONING={**conf.given(), "EVENT_DAYS": 30}):
        write(connection, 1, days=31)
        write(connection, 1, days=29)
        assert shell.json("scim_log", "prune")["removed"] == 1
        write(connection, 1, days=31)
        assert tasks.prune_log() == 1
    assert Event.objects.count() == 1


def test_the_name_of_a_former_connection_goes_with_the_last_of_its_log(
    shell: Shell, connection: Connection
) -> None:
    FormerConnection.objects.create(
        id=connection.pk,
        organization=connection.organization,
        name="Contoso",
        created_at=connection.created_at,
        ended_at=timezone.now() - timedelta(days=31),
    )
    shell("scim_log", "prune", "--days", "32")
    assert FormerConnection.objects.exists()
    shell("scim_log", "prune", "--days", "30")
    assert not FormerConnection.objects.exists()
