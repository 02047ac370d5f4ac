"""The short form of the faults: each process of a real stack dies while a client provisions the Hub.

The long form is ``tox run -e faults``. It takes Debian's redis-server, rabbitmq-server and pgbouncer; without one of
them a run with ``CI`` set fails, and any other run skips the test and says which package to install.
"""

import os
import zlib

import pytest

from tests.crashes.programs import ProgramMissing
from tests.crashes.runs import BY_NAME
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


def played(name: str) -> Verdict:
    """Play one run in its short form; its seed is printed where the test fails."""
    seed = int(os.environ.get("SCIM_FAULT_SEED", zlib.crc32(name.encode()) % 10_000))
    run = BY_NAME[name]
    try:
        verdict = run(run.short, seed, lambda line: print(f"{name} (seed {seed}): {line}"))  # noqa: T201
    except (ProgramMissing, PostgresUnavailableError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    return verdict


def test_F5_killed_web_workers_lose_and_halve_nothing() -> None:
    verdict = played("kill web worker")
    assert verdict.wrong == []
    assert verdict.figures["kills"] > 0


def test_F6_killed_celery_workers_lose_no_effect() -> None:
    verdict = played("kill celery worker")
    assert verdict.wrong == []
    assert verdict.figures["kills"] > 0


def test_F7_a_killed_database_keeps_what_it_acknowledged() -> None:
    verdict = played("kill postgres")
    assert verdict.wrong == []
    assert verdict.figures["kills"] > 0


def test_F8_a_killed_redis_that_forgets_everything_loses_no_effect() -> None:
    verdict = played("kill redis")
    assert verdict.wrong == []
    assert verdict.figures["kills"] > 0


def test_F9_a_silent_broker_makes_no_request_wait() -> None:
    verdict = played("silent broker")
    assert verdict.wrong == []


def test_F21_a_rolling_restart_fails_no_request() -> None:
    verdict = played("rolling restart")
    assert verdict.wrong == []
    assert verdict.figures["restarts"] > 0


def test_F25_the_cycle_after_a_restored_backup_brings_everything_back() -> None:
    assert played("restored backup").wrong == []


def test_F26_nothing_relies_on_a_session_of_the_database() -> None:
    assert played("pgbouncer").wrong == []
