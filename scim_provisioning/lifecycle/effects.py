"""The outbox run: due effects become signals for the host; what fails is tried again."""

import logging
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from scim_provisioning import signals
from scim_provisioning.models import Effect

logger = logging.getLogger(__name__)

BATCH = 100
MOST_ATTEMPTS = 8
FIRST_DELAY = timedelta(seconds=10)

# What wakes the runner after a commit: inline here, a broker where the host has one (``tasks``).
_nudges: list[Callable[[], None]] = []


def set_nudge(function: Callable[[], None]) -> None:
    """Make *function* what is called after a commit that owes effects."""
    _nudges[:] = [function]


def nudge() -> None:
    """Run what is due, or wake whoever does; a failure here costs nothing, the outbox is the truth."""
    for function in _nudges:
        try:
            function()
        except (DatabaseError, OSError):
            logger.warning("Effects stay in the outbox until the next run.", exc_info=True)


def run_due() -> int:
    """Run the effects that are due and return how many were taken up."""
    taken = 0
    while batch := _run_batch():
        taken += batch
    return taken


def _run_batch() -> int:
    with transaction.atomic():
        due = Effect.objects.filter(state=Effect.State.DUE, next_attempt_at__lte=timezone.now())
        effects = list(
            due.order_by("id").select_for_update(
                skip_locked=connection.features.has_select_for_update_skip_locked
            )[:BATCH]
        )
        for effect in effects:
            _run(effect)
    return len(effects)


def _run(effect: Effect) -> None:
    effect.attempts += 1
    results = signals.BY_KIND[effect.kind].send_robust(
        sender=type(effect),
        connection_id=effect.connection_id,
        resource_id=effect.resource_id,
        host_id=effect.payload["host_id"],
        payload=effect.payload,
        effect_id=effect.pk,
    )
    failures = [result for _receiver, result in results if isinstance(result, Exception)]
    if not failures:
        effect.state, effect.done_at = Effect.State.DONE, timezone.now()
    elif effect.attempts >= MOST_ATTEMPTS:
        effect.state = Effect.State.DEAD
    effect.last_error = "; ".join(type(failure).__name__ for failure in failures)
    effect.next_attempt_at = timezone.now() + FIRST_DELAY * 2**effect.attempts
    effect.save(update_fields=["attempts", "state", "done_at", "last_error", "next_attempt_at"])
