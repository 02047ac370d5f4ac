"""`scim_effects`: run, list, retry, skip."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.core.management.base import CommandError

from scim_provisioning.lifecycle import effects
from scim_provisioning.models import Connection, Effect
from tests.commands.conftest import Shell
from tests.conftest import MakeConnection
from tests.tasks.outbox import Seen, again, listening, owe

DUE, DONE, DEAD = Effect.State.DUE, Effect.State.DONE, Effect.State.DEAD


@pytest.fixture
def connection(make_connection: MakeConnection) -> Connection:
    """Return a connection."""
    return make_connection("rfc")


@pytest.fixture
def seen() -> Iterator[Seen]:
    """Return a receiver of all signals."""
    receiver = Seen()
    with listening(receiver):
        yield receiver


def test_run_runs_what_is_due(shell: Shell, connection: Connection, seen: Seen) -> None:
    owe(connection)
    owe(connection, due_in=timedelta(hours=1))
    assert shell.json("scim_effects", "run") == {"run": 1, "due": 1, "given_up": 0}
    assert shell("scim_effects", "run") == "0 run, 1 still owed, 0 given up.\n"
    assert seen.kinds == ["user_updated"]


def test_run_ends_in_its_time(shell: Shell, connection: Connection) -> None:
    owe(connection)
    owe(connection)
    assert shell.json("scim_effects", "run", "--seconds", "0")["run"] == 1


def test_run_exits_with_1_when_effects_are_given_up(shell: Shell, connection: Connection, seen: Seen) -> None:
    effect = owe(connection, attempts=effects.MOST_ATTEMPTS - 1)
    seen.failing.add(effect.resource_id)
    with pytest.raises(SystemExit) as caught:
        shell("scim_effects", "run", "--json")
    assert caught.value.code == 1
    assert '"given_up": 1' in shell.out


def test_list_shows_the_newest_first(shell: Shell, connection: Connection, make_connection: Any) -> None:
    first = owe(connection, last_error="Seen: ValueError")
    second = owe(connection, state=DONE)
    other = owe(make_connection("rfc"), state=DEAD)
    assert [row["id"] for row in shell.json("scim_effects", "list")] == [other.pk, second.pk, first.pk]
    assert [row["id"] for row in shell.json("scim_effects", "list", "--state", "dead")] == [other.pk]
    assert [row["id"] for row in shell.json("scim_effects", "list", "--limit", "1")] == [other.pk]
    of_connection = shell.json("scim_effects", "list", "--connection", connection.pk, "--state", "due")
    assert [row["id"] for row in of_connection] == [first.pk]
    assert "Seen: ValueError" in shell("scim_effects", "list")


def test_retry_makes_failed_effects_due(shell: Shell, connection: Connection) -> None:
    dead = owe(connection, state=DEAD, attempts=8)
    other = owe(connection, state=DEAD, attempts=8)
    assert shell.json("scim_effects", "retry", dead.pk) == {"retried": 1}
    assert (again(dead).state, again(other).state) == (DUE, DEAD)
    assert shell("scim_effects", "retry", "--all") == "1 are due now.\n"
    assert again(other).state == DUE


def test_skip_gives_up_with_a_reason(shell: Shell, connection: Connection, make_connection: Any) -> None:
    mine, other = owe(connection), owe(make_connection("rfc"))
    arguments = ("scim_effects", "skip", "--all", "--connection", connection.pk, "--reason", "moved")
    assert shell.json(*arguments) == {"skipped": 1}
    assert (again(mine).state, again(mine).last_error) == (Effect.State.SKIPPED, "skipped: moved")
    assert again(other).state == DUE
    with pytest.raises(CommandError, match="--reason"):
        shell("scim_effects", "skip", other.pk)


@pytest.mark.parametrize("action", ["retry", "skip"])
def test_effects_are_named_or_all_are_meant(shell: Shell, connection: Connection, action: str) -> None:
    effect = owe(connection)
    reason = ["--reason", "x"] if action == "skip" else []
    for arguments in ([], [effect.pk, "--all"]):
        with pytest.raises(CommandError, match="Name the effects"):
            shell("scim_effects", action, *arguments, *reason)
    with pytest.raises(CommandError, match="There are no effects 999999"):
        shell("scim_effects", action, 999999, *reason)
    assert again(effect).state == DUE
