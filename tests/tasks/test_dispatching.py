"""What wakes whoever runs effects: a quorum queue, django.tasks, a class of the Hub's own, a watching process."""

import os
import signal
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
from celery import Celery
from celery.signals import celeryd_init
from kombu import Connection as Broker
from kombu import Queue
from kombu.exceptions import OperationalError

from scim_provisioning import tasks
from scim_provisioning.dispatching import Dispatcher
from scim_provisioning.models import Connection, Effect
from scim_provisioning.schedule import QUEUE
from tests.commands.conftest import Shell, shell
from tests.tasks.outbox import Seen, again, owe

__all__ = ["shell"]

RABBITMQ = os.environ.get("SCIM_TEST_RABBITMQ_URL", "amqp://guest:guest@127.0.0.1:5672//")
woken: list[str] = []


class Bell(Dispatcher):
    """A dispatcher of the Hub's own."""

    is_there = True

    def is_available(self) -> bool:
        return self.is_there

    def wake(self) -> None:
        woken.append("ring")


def queue_of(app: Celery) -> Any:
    queues: Any = app.amqp.queues
    return queues[QUEUE]


def test_the_queue_is_a_quorum_queue() -> None:
    app = Celery("host", set_as_current=False)
    tasks.declare_queue(app)
    assert queue_of(app).queue_arguments == {"x-queue-type": "quorum"}


def test_a_queue_that_the_hub_declares_itself_is_taken() -> None:
    app = Celery("host", set_as_current=False)
    app.conf.task_queues = [Queue(QUEUE, queue_arguments={"x-max-length": 7})]
    tasks.declare_queue(app)
    assert queue_of(app).queue_arguments == {"x-max-length": 7}


def test_a_worker_consumes_it_as_such() -> None:
    app = Celery("host", broker="memory://", set_as_current=False)
    celeryd_init.send(sender="host", instance=SimpleNamespace(app=app), conf=app.conf, options={})
    queues: Any = app.amqp.queues
    queues.select([QUEUE])
    assert queues.consume_from[QUEUE].queue_arguments == {"x-queue-type": "quorum"}


def test_rabbitmq_takes_it() -> None:
    """Whoever declares it otherwise is told so by the broker."""
    app = Celery("host", broker=RABBITMQ, set_as_current=False)
    tasks.declare_queue(app)
    with Broker(RABBITMQ, connect_timeout=2) as broker:
        try:
            broker.ensure_connection(max_retries=1, timeout=3)
        except OperationalError:
            pytest.skip("needs a RabbitMQ: name one in SCIM_TEST_RABBITMQ_URL")
        name = f"scim-test-{os.getpid()}"
        queue = Queue(name, routing_key=name, queue_arguments=queue_of(app).queue_arguments)
        channel = broker.channel()
        declared = queue(channel)
        declared.declare()
        with pytest.raises(broker.channel_errors, match="x-queue-type"):
            Queue(name, routing_key=name)(broker.channel()).declare()
        queue(broker.channel()).delete()


def test_a_dispatcher_of_the_hubs_own_is_woken(settings: Any) -> None:
    woken.clear()
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "EFFECT_DISPATCHER": f"{__name__}.Bell"}
    tasks.nudge()
    assert woken == ["ring"]


@pytest.mark.django_db
def test_where_it_is_not_available_effects_run_in_process(
    settings: Any, connection: Connection, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bell, "is_there", False)
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "EFFECT_DISPATCHER": f"{__name__}.Bell"}
    mine = owe(connection)
    tasks.nudge()
    assert again(mine).state == Effect.State.DONE


@pytest.mark.django_db
def test_django_tasks_runs_what_is_due(settings: Any, connection: Connection, seen: Seen) -> None:
    settings.SCIM_PROVISIONING = {
        **settings.SCIM_PROVISIONING,
        "EFFECT_DISPATCHER": "scim_provisioning.background.DjangoTasks",
    }
    mine = owe(connection)
    tasks.nudge()
    assert again(mine).state == Effect.State.DONE


@pytest.mark.django_db(transaction=True)
def test_a_watching_process_runs_what_comes_and_ends_when_told(
    request: pytest.FixtureRequest, connection: Connection, seen: Seen
) -> None:
    typed: Shell = request.getfixturevalue("shell")
    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    owe(connection)

    def end_it_once_seen() -> None:
        until = time.monotonic() + 60
        while not seen.told and time.monotonic() < until:
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGTERM)

    timer = threading.Thread(target=end_it_once_seen)
    timer.start()
    try:
        assert typed.json("scim_effects", "run", "--watch")["run"] == 1
    finally:
        timer.join()
        for number, handler in handlers.items():
            signal.signal(number, handler)
