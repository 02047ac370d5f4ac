"""Effects on Celery: a task that runs the outbox, and the nudge that wakes it after a commit.

Celery needs no app to import this. Where the host has no broker, effects run in process after the commit.
"""

import logging
import threading
from typing import Any

from celery import current_app, shared_task
from celery import signals as celery_signals
from celery.exceptions import CeleryError
from django.conf import settings
from kombu import Queue
from kombu.exceptions import KombuError

from scim_provisioning import conf
from scim_provisioning.dispatching import Dispatcher, Inline
from scim_provisioning.lifecycle import effects, expiry, retention
from scim_provisioning.lifecycle.departed import remove_departed
from scim_provisioning.lifecycle.visibility import sweep
from scim_provisioning.models import Connection
from scim_provisioning.schedule import (
    NOTIFY_TASK,
    PRUNE_TASK,
    QUEUE,
    RETENTION_TASK,
    TASK,
    VISIBILITY_TASK,
)

logger = logging.getLogger(__name__)

# How long a publication may wait for the broker each time; a thread spends it, never a request.
PUBLISH_SECONDS = 1.0
# How long after a failed one the next is tried, so that a broker that is back is found before the schedule's turn.
AGAIN_SECONDS = 2.0
RUN_SECONDS = 30.0
# What is left of a long log goes the next night.
PRUNE_SECONDS = 600.0
# A nudge that nobody took up in this time is worth nothing: a sweep has come since.
NUDGE_EXPIRES = 60
TRANSPORT_OPTIONS = {
    "socket_connect_timeout": PUBLISH_SECONDS,
    "socket_timeout": PUBLISH_SECONDS,
    "read_timeout": PUBLISH_SECONDS,
    "write_timeout": PUBLISH_SECONDS,
}


def declare_queue(app: Any) -> None:
    """Make the queue a quorum queue on RabbitMQ, which loses nothing with one of its nodes; Redis has no such kind.

    Where the Hub has declared a queue of that name itself, that one is taken.
    """
    if QUEUE not in app.amqp.queues:
        app.amqp.queues.add(Queue(QUEUE, routing_key=QUEUE, queue_arguments={"x-queue-type": "quorum"}))


@celery_signals.celeryd_init.connect
def declare_for_worker(instance: Any, **kwargs: Any) -> None:
    """Declare the queue before a worker reads which ones it is to consume."""
    declare_queue(instance.app)


@celery_signals.beat_init.connect
def declare_for_beat(sender: Any, **kwargs: Any) -> None:
    """Declare the queue before the schedule sends to it."""
    declare_queue(sender.app)


@shared_task(
    name=TASK,
    acks_late=True,
    reject_on_worker_lost=True,
    ignore_result=True,
    # A receiver has as long as its effect is claimed; one that hangs is ended with its process.
    time_limit=int(RUN_SECONDS + effects.LEASE.total_seconds()),
)
def run_effects() -> int:
    """Run the effects that are due; what fails stays in the outbox for a later run.

    After an outage one message wakes one process, however much is due; it wakes the next one, if there is any.
    """
    if effects.is_long():
        nudge()
    return effects.run_due(RUN_SECONDS)


@shared_task(name=PRUNE_TASK, ignore_result=True)
def prune_log() -> int:
    """Remove events that are older than ``EVENT_DAYS``; none without that setting."""
    days = conf.value("EVENT_DAYS")
    return 0 if days is None else sum(retention.prune(retention.end_of(days), PRUNE_SECONDS))


@shared_task(name=NOTIFY_TASK, acks_late=True, reject_on_worker_lost=True, ignore_result=True)
def notify_expiring() -> int:
    """Tell organizations of tokens that expire soon, and return how many notices were sent (A5)."""
    return len(expiry.notify_expiring().sent)


@shared_task(name=VISIBILITY_TASK, ignore_result=True)
def sweep_users() -> int:
    """Bring what each connection sees in step with its organization, and return how much changed."""
    swept = [sweep(each) for each in Connection.objects.select_related("organization")]
    return sum(each.linked + each.renamed + each.unlinked for each in swept)


@shared_task(name=RETENTION_TASK, ignore_result=True)
def remove_departed_users() -> int:
    """Remove users that were deactivated longer ago than their connection's ``retention_days``; none with 0 (C6)."""
    chosen = Connection.objects.select_related("organization").filter(retention_days__gt=0)
    return sum(1 for each in chosen for _name in remove_departed(each, each.retention_days, PRUNE_SECONDS))


class Publisher:
    """Publishes nudges from a thread of its own, so that a request waits for no broker, not even a silent one.

    Nudges that come while one is on its way become one, and one that failed is tried again until the broker is
    back. The thread starts with the first nudge, which is after a server has forked, and again in a child of a
    process that had one.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wanted = threading.Event()
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Ask for a nudge and return at once."""
        self._wanted.set()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="scim-effects", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        published = True
        while True:
            self._wanted.wait(None if published else AGAIN_SECONDS)
            self._wanted.clear()
            # A Hub whose broker was taken out of its settings has nobody left to tell.
            published = not broker_url() or publish(again=not published)


_publisher = Publisher()


def publish(*, again: bool = False) -> bool:
    """Send one nudge within the budget, and return whether the broker took it.

    :param again: whether the one before has failed, and the log says so already.
    """
    broker = current_app.connection_for_write(
        url=broker_url(), connect_timeout=PUBLISH_SECONDS, transport_options=TRANSPORT_OPTIONS
    )
    faults: tuple[type[BaseException], ...] = (
        CeleryError,
        KombuError,
        OSError,
        *broker.connection_errors,
        *broker.channel_errors,
    )
    try:
        declare_queue(current_app)
        with broker:
            current_app.send_task(TASK, connection=broker, queue=QUEUE, retry=False, expires=NUDGE_EXPIRES)
    except faults as error:
        level = logging.DEBUG if again else logging.WARNING
        logger.log(level, "The broker was not reached (%s); effects wait for it.", type(error).__name__)
        return False
    return True


def broker_url() -> Any:
    """Return the host's broker, whether its Celery app or only its settings name it; None without one."""
    return getattr(settings, "CELERY_BROKER_URL", None) or current_app.conf.broker_url


class ByCelery(Dispatcher):
    """Sends one message to the queue, from a thread of its own."""

    def is_available(self) -> bool:
        """Return whether the host has a broker, and tasks are not to run in process."""
        return bool(broker_url()) and not current_app.conf.task_always_eager

    def wake(self) -> None:
        """Ask for a message and return at once."""
        _publisher.wake()


def nudge() -> None:
    """Wake a worker where the host has one, and run what is due in process where it has none."""
    chosen: Dispatcher = (conf.imported("EFFECT_DISPATCHER") or ByCelery)()
    (chosen if chosen.is_available() else Inline()).wake()


def connect() -> None:
    """Make :func:`nudge` what follows a commit that owes effects."""
    effects.set_nudge(nudge)
