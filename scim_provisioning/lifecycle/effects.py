"""The outbox run: due effects become signals for the host; what fails is tried again.

Each effect is claimed, run and finished by itself, and its attempt is counted before a receiver sees it: an
effect that kills its process uses up its own attempts and nobody else's. Effects of one resource keep their
order; those that end access wait for nothing. A receiver may see an effect twice (``effect_id`` says that it is
the same one) and is given ``resource_version``.
"""

import logging
import secrets
from collections.abc import Callable
from contextvars import ContextVar
from datetime import timedelta
from time import monotonic

from django.db import DatabaseError
from django.db.models import Case, Min, Q, QuerySet, Value, When
from django.utils import timezone

from scim_provisioning import signals
from scim_provisioning.models import Effect

logger = logging.getLogger(__name__)

# The effects that take access away: before all others, and never behind one that fails.
ENDS_ACCESS = frozenset({"user_deactivated", "user_deleted", "user_released"})
MOST_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=10)
# Delays differ by up to this share, so that what failed together does not come back together.
JITTER = 0.25
# How long a claimed effect is its claimer's alone; what ran in a process that died is due again after it.
LEASE = timedelta(seconds=60)
BATCH = 100
# After this time a batch is fetched anew, for what ends access may have been added meanwhile.
BATCH_SECONDS = 2.0

_chance = secrets.SystemRandom()
_running: ContextVar[bool] = ContextVar("scim_provisioning_effects_running", default=False)
# What wakes the runner after a commit: inline here, a broker where the host has one (``tasks``).
_nudges: list[Callable[[], object]] = []


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


def run_due(seconds: float | None = None) -> int:
    """Run the effects that are due and return how many were taken up.

    A receiver that owes effects itself does not start a second run inside the first; they come in its turn.

    :param seconds: after this time nothing new is taken up.
    """
    if _running.get():
        return 0
    end = None if seconds is None else monotonic() + seconds
    taken = 0
    token = _running.set(True)
    try:
        while batch := list(ready()[:BATCH]):
            fresh_until = monotonic() + BATCH_SECONDS
            for effect in batch:
                taken += _take_up(effect)
                if end is not None and monotonic() >= end:
                    return taken
                if monotonic() >= fresh_until:
                    break
    finally:
        _running.reset(token)
    return taken


def ready() -> QuerySet[Effect]:
    """Return the effects whose turn it is, in the order to run them.

    An effect waits for the earlier ones of its resource, or a failed grant would be repeated after the
    withdrawal that followed it.
    """
    due = Effect.objects.filter(state=Effect.State.DUE)
    # Grouped, not compared pair by pair: a backlog must cost its length, not the square of it.
    first = due.values("connection_id", "resource_id").annotate(first=Min("pk")).values("first")
    return due.filter(
        Q(kind__in=ENDS_ACCESS) | Q(pk__in=first), next_attempt_at__lte=timezone.now()
    ).order_by(Case(When(kind__in=ENDS_ACCESS, then=Value(0)), default=Value(1)), "next_attempt_at", "pk")


def retry(effects: QuerySet[Effect]) -> int:
    """Make those of *effects* that were given up, or wait after a failure, due now, with all their attempts."""
    failed = Q(state=Effect.State.DEAD) | Q(state=Effect.State.DUE) & ~Q(last_error="")
    return effects.filter(failed).update(
        state=Effect.State.DUE, attempts=0, next_attempt_at=timezone.now(), last_error=""
    )


def skip(effects: QuerySet[Effect], reason: str) -> int:
    """Give up those of *effects* that are still owed, and note why."""
    return effects.filter(state=Effect.State.DUE).update(
        state=Effect.State.DEAD, last_error=f"skipped: {reason}"
    )


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
    _finish(effect, _send(effect))
    return True


def _send(effect: Effect) -> list[str]:
    """Tell the host's receivers, and return which of them failed, by what; never the text of an exception."""
    signal = signals.BY_KIND.get(effect.kind)
    if signal is None:
        return ["unknown kind of effect"]
    try:
        results = signal.send_robust(
            sender=type(effect),
            connection_id=effect.connection_id,
            resource_id=effect.resource_id,
            resource_version=effect.resource_version,
            host_id=effect.payload.get("host_id"),
            payload=effect.payload,
            effect_id=effect.pk,
        )
    except AttributeError:
        # Django logs a failure by the receiver's name, which a partial or an instance does not have.
        return ["a receiver without a name"]
    return [
        f"{receiver.__qualname__}: {type(result).__name__}"
        for receiver, result in results
        if isinstance(result, Exception)
    ]


def _finish(effect: Effect, failures: list[str]) -> None:
    now = timezone.now()
    claimed = Effect.objects.filter(pk=effect.pk, state=Effect.State.DUE, attempts=effect.attempts)
    if not failures:
        claimed.update(state=Effect.State.DONE, done_at=now, last_error="")
        if effect.kind in ENDS_ACCESS:
            _give_up_overtaken(effect)
        return
    last_error = "; ".join(failures)
    if effect.attempts >= MOST_ATTEMPTS:
        claimed.update(state=Effect.State.DEAD, last_error=last_error)
        logger.error("Effect %s (%s) is given up: %s", effect.pk, effect.kind, last_error)
        return
    claimed.update(next_attempt_at=now + _delay(effect.attempts), last_error=last_error)


def _give_up_overtaken(effect: Effect) -> None:
    """Give up earlier effects of the resource that kept failing: they must not undo the end of access (T14)."""
    earlier = Effect.objects.filter(
        connection=effect.connection_id,
        resource_id=effect.resource_id,
        pk__lt=effect.pk,
        state=Effect.State.DUE,
    )
    earlier.exclude(kind__in=ENDS_ACCESS).update(
        state=Effect.State.DEAD, last_error=f"overtaken by {effect.kind}"
    )


def _delay(attempts: int) -> timedelta:
    factor: float = 2.0 ** (attempts - 1) * _chance.uniform(1 - JITTER, 1 + JITTER)
    return FIRST_DELAY * factor
