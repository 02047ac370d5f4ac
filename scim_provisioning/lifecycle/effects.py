"""The outbox run: due effects go to their handlers; what fails is tried again.

Each effect is claimed, run and finished by itself, and its attempt is counted before its handler sees it: an
effect that kills its process uses up its own attempts and nobody else's. What one handler is owed for one
resource keeps its order; what ends access waits for nothing. A handler may see an effect twice (``effect_id``
says that it is the same one), unless it is an atomic one.
"""

import logging
import secrets
from collections.abc import Callable
from contextlib import nullcontext
from contextvars import ContextVar
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import DatabaseError, connections, transaction
from django.db.models import Case, Min, Q, QuerySet, Value, When
from django.utils import timezone

from scim_provisioning.lifecycle import handlers
from scim_provisioning.lifecycle.handlers import EffectFailed, Handler
from scim_provisioning.lifecycle.overtaking import ENDS_ACCESS, give_up_earlier, hold_resource, is_overtaken
from scim_provisioning.models import Effect

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=10)
# Delays differ by up to this share, so that what failed together does not come back together.
JITTER = 0.25
# How long a claimed effect is its claimer's alone; what ran in a process that died is due again after it.
LEASE = timedelta(seconds=60)
BATCH = 50
# After this time a batch is fetched anew, for what ends access may have been added meanwhile.
BATCH_SECONDS = 2.0

_chance = secrets.SystemRandom()
_running: ContextVar[bool] = ContextVar("scim_provisioning_effects_running", default=False)
# What wakes the runner after a commit: inline here, a broker where the host has one (``tasks``).
_nudges: list[Callable[[], object]] = []


class LostLease(Exception):
    """Another process has taken the effect over, after this one's lease; its work is undone."""


def set_nudge(function: Callable[[], object]) -> None:
    """Make *function* what is called after a commit that owes effects."""
    _nudges[:] = [function]


def nudge() -> None:
    """Run what is due, or wake whoever does; a failure here costs nothing, the outbox is the truth."""
    for function in _nudges:
        try:
            function()
        except (DatabaseError, OSError):
            logger.warning("Effects stay in the outbox until the next run.", exc_info=True)


def run_due(seconds: float | None = None, *, in_request: bool = False) -> int:
    """Run the effects that are due and return how many were taken up.

    A handler that owes effects itself does not start a second run inside the first; they come in its turn.

    :param seconds: after this time nothing new is taken up.
    :param in_request: leave to others what a request may not wait for.
    """
    if _running.get():
        return 0
    end = None if seconds is None else monotonic() + seconds
    taken = 0
    token = _running.set(True)
    try:
        while claim := _claim(ready(in_request=in_request)):
            taken += _run_batch(claim, end)
            if end is not None and monotonic() >= end:
                break
    finally:
        _running.reset(token)
    return taken


def ready(*, in_request: bool = False) -> QuerySet[Effect]:
    """Return the effects whose turn it is, in the order to run them.

    An effect waits for the earlier ones that its handler is owed for the resource, or a failed grant would be
    repeated after the withdrawal that followed it.
    """
    due = Effect.objects.filter(state=Effect.State.DUE)
    if in_request and (slow := handlers.slow()):
        due = due.exclude(handler__in=slow)
    # Grouped, not compared pair by pair: a backlog must cost its length, not the square of it.
    first = due.values("connection_id", "resource_id", "handler").annotate(first=Min("pk")).values("first")
    return due.filter(
        Q(kind__in=ENDS_ACCESS) | Q(pk__in=first), next_attempt_at__lte=timezone.now()
    ).order_by(Case(When(kind__in=ENDS_ACCESS, then=Value(0)), default=Value(1)), "next_attempt_at", "pk")


def is_long() -> bool:
    """Return whether more is due than one process fetches at once, so that another one can help."""
    return ready()[BATCH : BATCH + 1].exists()


def retry(effects: QuerySet[Effect]) -> int:
    """Make those of *effects* that were given up, or wait after a failure, due now, with all their attempts."""
    given_up = Q(state__in=[Effect.State.DEAD, Effect.State.SKIPPED])
    failed = given_up | Q(state=Effect.State.DUE) & ~Q(last_error="")
    return effects.filter(failed).update(
        state=Effect.State.DUE, attempts=0, next_attempt_at=timezone.now(), last_error=""
    )


def skip(effects: QuerySet[Effect], reason: str) -> int:
    """Give up those of *effects* that are still owed, or were given up after all attempts, and note why."""
    return effects.filter(state__in=[Effect.State.DUE, Effect.State.DEAD]).update(
        state=Effect.State.SKIPPED, last_error=f"skipped: {reason}"
    )


def _claim(next_ones: QuerySet[Effect]) -> list[Effect]:
    """Return the next effects to run; where the database can, they are this process's alone for a while.

    Their attempts are not counted yet: each is claimed again, by itself, when its turn has come.
    """
    if not connections[Effect.objects.db].features.has_select_for_update_skip_locked:
        return list(next_ones[:BATCH])
    with transaction.atomic(using=Effect.objects.db):
        batch = list(next_ones.select_for_update(skip_locked=True, of=("self",))[:BATCH])
        lease = timezone.now() + LEASE
        Effect.objects.filter(pk__in=[effect.pk for effect in batch]).update(next_attempt_at=lease)
    return batch


def _run_batch(batch: list[Effect], end: float | None) -> int:
    fresh_until = monotonic() + BATCH_SECONDS
    taken = 0
    try:
        while batch:
            taken += _take_up(batch.pop(0))
            if monotonic() >= fresh_until or (end is not None and monotonic() >= end):
                break
    finally:
        if batch:
            _give_back(batch)
    return taken


def _give_back(unbegun: list[Effect]) -> None:
    """Let other processes have what was claimed and not begun."""
    mine = Effect.objects.filter(pk__in=[effect.pk for effect in unbegun], state=Effect.State.DUE)
    mine.filter(next_attempt_at__gt=timezone.now()).update(next_attempt_at=timezone.now())


def _take_up(effect: Effect) -> bool:
    """Claim an effect and run it; false when another process was quicker."""
    mine = Effect.objects.filter(pk=effect.pk, state=Effect.State.DUE, attempts=effect.attempts)
    if effect.attempts >= MOST_ATTEMPTS:
        # The last attempt was counted and never ended: it took its process with it.
        if mine.update(state=Effect.State.DEAD, last_error="ended the process that ran it"):
            logger.error("Effect %s (%s) is given up.", effect.pk, effect.kind)
        return False
    effect.attempts += 1
    lease = timezone.now() + LEASE
    # Compare and swap, so that the claim holds without a row lock on every database.
    if not mine.update(attempts=effect.attempts, next_attempt_at=lease, last_error=""):
        return False
    handler = handlers.named(effect.handler)
    if handler is None:
        _fail(effect, f"no handler is called {effect.handler}")
        return True
    try:
        _run(effect, handler)
    except LostLease:
        logger.warning("Effect %s (%s) outlived its lease.", effect.pk, effect.kind)
    except EffectFailed as error:
        _fail(effect, str(error))
    except Exception as error:
        # Whatever the Hub's function raises: it is tried again.
        logger.warning("Effect %s (%s) failed.", effect.pk, effect.kind, exc_info=True)
        _fail(effect, type(error).__name__)
    return True


def _run(effect: Effect, handler: Handler) -> None:
    with transaction.atomic(using=Effect.objects.db) if handler.atomic else nullcontext():
        if handler.atomic:
            hold_resource(effect)
        if is_overtaken(effect):
            _end(effect, state=Effect.State.OVERTAKEN, last_error="overtaken by a later change")
            return
        if effect.kind in ENDS_ACCESS:
            give_up_earlier(effect)
        handler.function(**arguments(effect))
        done = _end(effect, state=Effect.State.DONE, done_at=timezone.now(), last_error="")
        if not done and handler.atomic:
            raise LostLease


def arguments(effect: Effect) -> dict[str, Any]:
    """Return what a handler is called with."""
    return {
        "kind": effect.kind,
        "connection_id": effect.connection_id,
        "resource_id": effect.resource_id,
        "resource_version": effect.resource_version,
        "host_id": effect.payload.get("host_id"),
        "payload": effect.payload,
        "effect_id": effect.pk,
    }


def _end(effect: Effect, **columns: Any) -> bool:
    """Write how an attempt ended, unless another process has taken the effect over."""
    claimed = Effect.objects.filter(pk=effect.pk, state=Effect.State.DUE, attempts=effect.attempts)
    return bool(claimed.update(**columns))


def _fail(effect: Effect, last_error: str) -> None:
    if effect.attempts >= MOST_ATTEMPTS:
        _end(effect, state=Effect.State.DEAD, last_error=last_error)
        logger.error("Effect %s (%s) is given up: %s", effect.pk, effect.kind, last_error)
        return
    _end(effect, next_attempt_at=timezone.now() + _delay(effect.attempts), last_error=last_error)


def _delay(attempts: int) -> timedelta:
    factor: float = 2.0 ** (attempts - 1) * _chance.uniform(1 - JITTER, 1 + JITTER)
    return FIRST_DELAY * factor
