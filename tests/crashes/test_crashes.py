"""The short form of the faults: each process of a real stack dies while a client provisions the Hub.

Two stacks serve all of them, one on RabbitMQ behind PgBouncer and one on Redis; what was provisioned under one fault
has to be there still after the next. The long form is ``tox run -e faults``. It takes Debian's redis-server,
rabbitmq-server, pgbouncer and nginx; without one of them a run with ``CI`` set fails, and any other run skips the
test and says which package to install.
"""

import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.crashes.programs import ProgramMissing
from tests.crashes.runs import ALL_TWICE, BY_NAME
from tests.crashes.stack import Stack, running
from tests.crashes.verdict import Verdict
from tests.postgres import PostgresUnavailableError

pytestmark = [
    pytest.mark.faults,
    pytest.mark.examplehub,
    # It starts a server of its own whatever the run's database is, and once is enough.
    pytest.mark.postgres,
    # One stack at a time: they are large, and their figures are compared.
    pytest.mark.xdist_group("faults"),
]

STACKS: dict[str, dict[str, Any]] = {
    "rabbitmq": ALL_TWICE,
    "redis": {"broker": "redis", "webs": 2},
}
Play = Callable[[str], Verdict]


@pytest.fixture(scope="module", autouse=True)
def short_lease() -> Iterator[None]:
    """Let the stacks wait ten seconds, not a minute, for what a worker had begun that died."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCIM_FAULT_LEASE", "10")
        yield


@pytest.fixture(scope="module")
def stack_on(short_lease: None) -> Iterator[Callable[[str], Stack]]:
    """Return how to get the stack on a broker; the one that ran before is stopped."""
    current: dict[str, Stack] = {}
    with ExitStack() as exits:

        def get(broker: str) -> Stack:
            if broker not in current:
                exits.close()
                current.clear()
                current[broker] = exits.enter_context(running(**STACKS[broker]))
            return current[broker]

        yield get


@pytest.fixture
def played(stack_on: Callable[[str], Stack]) -> Play:
    """Return how to play one run in its short form; its seed is printed where the test fails."""

    def play(name: str) -> Verdict:
        seed = int(os.environ.get("SCIM_FAULT_SEED", zlib.crc32(name.encode()) % 10_000))
        run = BY_NAME[name]
        assert run.stack is not None
        broker = "rabbitmq" if run.stack.get("bouncer") else run.stack["broker"]
        try:
            stack = stack_on(broker)
        except (ProgramMissing, PostgresUnavailableError) as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        return run.on(stack, run.short, seed, lambda line: print(f"{name} (seed {seed}): {line}"))  # noqa: T201

    return play


def test_F5_killed_web_workers_lose_and_halve_nothing(played: Play) -> None:
    verdict = played("kill web worker")
    assert verdict.wrong == []
    assert verdict.figures["kills_of_web worker"] == 3


def test_F6_killed_celery_workers_lose_no_effect(played: Play) -> None:
    verdict = played("kill celery worker")
    assert verdict.wrong == []
    assert verdict.figures["kills_of_celery worker"] == 3


def test_F7_a_killed_database_keeps_what_it_acknowledged(played: Play) -> None:
    verdict = played("kill postgres")
    assert verdict.wrong == []
    assert verdict.figures["kills_of_postgres"] == 3


def test_F26_nothing_relies_on_a_session_of_the_database(played: Play) -> None:
    assert played("pgbouncer").wrong == []


def test_F9_a_killed_rabbitmq_loses_no_effect(played: Play) -> None:
    verdict = played("kill rabbitmq")
    assert verdict.wrong == []
    assert verdict.figures["kills_of_rabbitmq"] == 1


def test_F8_a_killed_redis_that_forgets_everything_loses_no_effect(played: Play) -> None:
    verdict = played("kill redis")
    assert verdict.wrong == []
    assert verdict.figures["kills_of_redis"] == 3


def test_F9_a_silent_broker_makes_no_request_wait(played: Play) -> None:
    assert played("silent redis").wrong == []


def test_F15_requests_that_are_never_finished_hold_up_nobody(played: Play) -> None:
    assert played("slow clients").wrong == []


def test_F13_F14_a_tenant_at_25_requests_a_second_is_served_and_one_at_200_is_told_to_wait(
    played: Play,
) -> None:
    verdict = played("many tenants")
    assert verdict.wrong == []
    assert verdict.figures["requests_per_second"] > verdict.figures["served_per_second"] > 0


def test_F21_a_rolling_restart_fails_no_request(played: Play) -> None:
    verdict = played("rolling restart")
    assert verdict.wrong == []
    assert verdict.figures["restarts"] > 0


def test_F25_the_cycle_after_a_restored_backup_brings_everything_back(played: Play) -> None:
    assert played("restored backup").wrong == []


def test_F2_F3_F4_T15_races_over_replicas_that_die_are_explained_by_some_order(played: Play) -> None:
    """The last one: the directories of the others do not know whom it leaves behind."""
    verdict = played("races")
    assert verdict.wrong == []
    assert verdict.figures["kills"] == 3
