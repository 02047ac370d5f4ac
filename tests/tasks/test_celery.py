"""The task, its schedule, and the nudge: a request waits for no broker."""

import json
import os
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from time import monotonic, sleep
from typing import Any

import pytest
from celery import Celery, current_app
from pytest_django import DjangoCaptureOnCommitCallbacks

from scim_provisioning import dispatching, tasks
from scim_provisioning.lifecycle import effects
from scim_provisioning.models import Connection, Effect
from scim_provisioning.schedule import BEAT_SCHEDULE
from tests.scim import ScimClient
from tests.tasks.outbox import Seen, again, owe


@pytest.fixture
def silent_broker(settings: Any) -> Iterator[None]:
    """Let the broker be one that takes connections and never says a word (F9)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        settings.CELERY_BROKER_URL = f"amqp://guest:guest@127.0.0.1:{port}//"
        yield


@pytest.fixture
def closed_broker(settings: Any) -> None:
    """Let the broker be one that is not there (F9)."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    settings.CELERY_BROKER_URL = f"amqp://guest:guest@127.0.0.1:{port}//"


def eventually(holds: Callable[[], bool], seconds: float = 5) -> bool:
    """Wait for something that a thread does."""
    end = monotonic() + seconds
    while not holds() and monotonic() < end:
        sleep(0.01)
    return holds()


def test_the_task_survives_its_worker() -> None:
    task = current_app.tasks["scim_provisioning.run_effects"]
    assert task.acks_late
    assert task.reject_on_worker_lost
    assert task.ignore_result
    assert task.time_limit is not None
    assert task.time_limit > effects.LEASE.total_seconds()


def test_the_schedule_names_the_tasks_and_their_queue() -> None:
    for entry in BEAT_SCHEDULE.values():
        assert entry["task"] in current_app.tasks
        assert entry["options"]["queue"] == "scim"
    for name, seconds in (("effects", 10.0), ("expiry", 3600.0)):
        entry = BEAT_SCHEDULE[f"scim-provisioning-{name}"]
        assert entry["schedule"] == entry["options"]["expires"] == seconds
    app = Celery("host", set_as_current=False)
    app.conf.beat_schedule = BEAT_SCHEDULE
    assert app.conf.beat_schedule == BEAT_SCHEDULE


@pytest.mark.django_db
def test_the_task_runs_what_is_due(connection: Connection, seen: Seen) -> None:
    effect = owe(connection)
    assert tasks.run_effects() == 1
    assert again(effect).state == Effect.State.DONE


@pytest.mark.django_db
@pytest.mark.parametrize(("due", "woken"), [(effects.BATCH, 0), (effects.BATCH + 1, 1)])
def test_a_process_that_finds_a_long_backlog_wakes_the_next_one(
    connection: Connection, seen: Seen, monkeypatch: pytest.MonkeyPatch, due: int, woken: int
) -> None:
    nudges: list[None] = []
    monkeypatch.setattr(tasks, "nudge", lambda: nudges.append(None))
    for _effect in range(due):
        owe(connection, resource_id=uuid.uuid4())
    assert tasks.run_effects() == due
    assert len(nudges) == woken


@pytest.mark.django_db
def test_without_a_broker_effects_run_in_process_after_the_commit(
    contoso: ScimClient,
    seen: Seen,
    settings: Any,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    settings.CELERY_BROKER_URL = None
    with django_capture_on_commit_callbacks(execute=True):
        contoso.post(
            "/Users",
            {"userName": "ada@contoso.example", "externalId": "4fb1bc05-09e7-4f5c-8ec2-4cf2ef3bb8a2"},
        )
        assert not seen.told
    assert seen.kinds == ["user_provisioned"]


def test_with_a_broker_one_message_is_published(settings: Any) -> None:
    settings.CELERY_BROKER_URL = "memory://"
    with current_app.connection_for_read("memory://") as broker, broker.SimpleQueue("scim") as queue:
        queue.clear()
        tasks.nudge()
        message = queue.get(timeout=5)
        message.ack()
        assert message.headers["task"] == "scim_provisioning.run_effects"
        assert message.headers["expires"]
        assert json.loads(message.body or "")[:2] == [[], {}]


def test_a_host_whose_tasks_are_eager_gets_them_in_process(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.CELERY_BROKER_URL = "memory://"
    monkeypatch.setitem(current_app.conf, "task_always_eager", True)
    ran: list[tuple[float, bool]] = []
    monkeypatch.setattr(effects, "run_due", lambda seconds, *, in_request: ran.append((seconds, in_request)))
    tasks.nudge()
    assert ran == [(dispatching.INLINE_SECONDS, True)]


def test_f9_no_nudge_waits_for_a_silent_broker(silent_broker: None, caplog: pytest.LogCaptureFixture) -> None:
    started = monotonic()
    for _ in range(100):
        tasks.nudge()
    assert monotonic() - started < 0.1
    assert eventually(lambda: "The broker was not reached" in caplog.text)


def test_f9_a_silent_broker_is_given_up_in_the_budget(silent_broker: None) -> None:
    started = monotonic()
    assert not tasks.publish()
    assert monotonic() - started < 2 * tasks.PUBLISH_SECONDS


def test_f9_a_closed_broker_is_given_up_without_its_password_in_the_log(
    closed_broker: None, caplog: pytest.LogCaptureFixture
) -> None:
    assert not tasks.publish()
    assert "The broker was not reached" in caplog.text
    assert "guest" not in caplog.text


def test_f9_a_nudge_that_failed_is_tried_again_until_the_broker_is_back(
    closed_broker: None, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    attempts: list[bool] = []
    publish = tasks.publish

    def note(*, again: bool) -> bool:
        attempts.append(publish(again=again))
        if len(attempts) == 2:
            settings.CELERY_BROKER_URL = "memory://"
        return attempts[-1]

    monkeypatch.setattr(tasks, "publish", note)
    monkeypatch.setattr(tasks, "AGAIN_SECONDS", 0.01)
    tasks.Publisher().wake()
    # Each attempt at a closed broker takes two seconds.
    assert eventually(lambda: len(attempts) == 3, seconds=20)
    sleep(0.1)
    assert attempts == [False, False, True]
    assert caplog.text.count("The broker was not reached") == 1


def test_nudges_during_a_publication_become_one(closed_broker: None, monkeypatch: pytest.MonkeyPatch) -> None:
    published: list[float] = []

    def slowly(*, again: bool) -> bool:
        published.append(monotonic())
        sleep(0.2)
        return True

    monkeypatch.setattr(tasks, "publish", slowly)
    publisher = tasks.Publisher()
    publisher.wake()
    assert eventually(lambda: len(published) == 1)
    for _ in range(50):
        publisher.wake()
    sleep(0.5)
    assert len(published) == 2


def test_a_publisher_whose_thread_a_fork_left_behind_starts_another(
    closed_broker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    published: list[bool] = []

    def note(*, again: bool) -> bool:
        published.append(True)
        return True

    monkeypatch.setattr(tasks, "publish", note)
    publisher = tasks.Publisher()
    publisher.wake()
    assert eventually(lambda: len(published) == 1)
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        publisher.wake()
        os.write(writer, b"1" if eventually(lambda: len(published) == 2) else b"0")
        os._exit(0)
    os.waitpid(child, 0)
    assert os.read(reader, 1) == b"1"
    os.close(reader)
    os.close(writer)


def test_importing_the_task_asks_for_no_celery_app() -> None:
    code = (
        "import os, django; django.setup()\n"
        "from scim_provisioning import tasks\n"
        "assert tasks.broker_url() is None\n"
        "assert tasks.run_effects.name in tasks.current_app.tasks\n"
    )
    environment = {name: value for name, value in os.environ.items() if name != "CELERY_BROKER_URL"}
    environment.setdefault("DJANGO_SETTINGS_MODULE", "example_project.config.settings")
    subprocess.run([sys.executable, "-c", code], env=environment, check=True, timeout=60)


EXAMPLE_APP = """
from example_project.config.celery import app
app.loader.import_default_modules()
print(app.conf.broker_url, *sorted(app.conf.beat_schedule), *sorted(app.tasks))
"""


def test_the_example_hub_has_a_celery_app_with_the_tasks_and_the_schedule() -> None:
    """In a process of its own, as a worker or beat loads it: the settings name the schedule before any model."""
    environment = {
        **os.environ,
        "CELERY_BROKER_URL": "memory://",
        "DJANGO_SETTINGS_MODULE": "example_project.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", EXAMPLE_APP], env=environment, capture_output=True, text=True, check=True
    )
    printed = set(done.stdout.split())
    assert {"memory://", *BEAT_SCHEDULE, *(entry["task"] for entry in BEAT_SCHEDULE.values())} <= printed


EXAMPLE_WAITS = """
import time
from kombu.utils import functional
from example_project.config.celery import app
waits = []
time.sleep = functional.sleep = lambda seconds: None
try:
    app.connection_for_read().ensure_connection(lambda error, wait: waits.append(wait), max_retries=6)
except Exception:
    print(*waits)
"""


def test_f9_the_example_hubs_workers_look_for_a_broker_that_is_away_every_few_seconds() -> None:
    environment = {
        **os.environ,
        # Nobody listens there.
        "CELERY_BROKER_URL": "redis://127.0.0.1:1/0",
        "DJANGO_SETTINGS_MODULE": "example_project.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", EXAMPLE_WAITS], env=environment, capture_output=True, text=True, check=True
    )
    assert [float(wait) for wait in done.stdout.split()] == [2, 4, 4, 4, 4, 4]
