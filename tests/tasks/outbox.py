"""Effects that are owed, and receivers that see them, fail, or take a process with them."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.dispatch import Signal
from django.utils import timezone

from scim_provisioning import signals
from scim_provisioning.models import Connection, Effect

Receiver = Callable[..., Any]


def owe(
    connection: Connection,
    kind: str = "user_updated",
    resource_id: uuid.UUID | None = None,
    *,
    due_in: timedelta = timedelta(),
    **columns: Any,
) -> Effect:
    """Owe one effect, as a change would."""
    now = timezone.now()
    values: dict[str, Any] = {
        "handler": "signals",
        "resource_type": "User",
        "resource_name": "ada@contoso.example",
        "resource_version": 1,
        "payload": {"host_id": "7", "name": "ada@contoso.example"},
        "next_attempt_at": now + due_in,
        "created_at": now,
        **columns,
    }
    return Effect.objects.create(
        connection=connection, kind=kind, resource_id=resource_id or uuid.uuid4(), **values
    )


def again(effect: Effect) -> Effect:
    """Return an effect, read afresh."""
    return Effect.objects.get(pk=effect.pk)


def make_due(effect: Effect) -> None:
    """Let the time until an effect's next attempt pass."""
    Effect.objects.filter(pk=effect.pk).update(next_attempt_at=timezone.now())


def seconds_until(moment: datetime) -> float:
    """Return how long it is until then."""
    return (moment - timezone.now()).total_seconds()


class Seen:
    """A receiver that writes down what it was told; ``failing`` names the kinds it fails at."""

    def __init__(self) -> None:
        self.told: list[dict[str, Any]] = []
        self.failing: set[uuid.UUID] = set()
        # Django logs a failing receiver by this name.
        self.__qualname__ = "Seen"

    def __call__(self, sender: Any, signal: Signal, **told: Any) -> None:
        kind = next(kind for kind, known in signals.BY_KIND.items() if known is signal)
        self.told.append({"kind": kind, **told})
        if told["resource_id"] in self.failing:
            raise ValueError("the secret of contoso")

    @property
    def kinds(self) -> list[str]:
        """What it was told of, in order."""
        return [told["kind"] for told in self.told]

    @property
    def effect_ids(self) -> list[int]:
        """Which effects it was told of, in order."""
        return [told["effect_id"] for told in self.told]


@contextmanager
def listening(receiver: Receiver, *kinds: str) -> Iterator[None]:
    """Connect a receiver to the signals of some kinds, or of all."""
    chosen = [signals.BY_KIND[kind] for kind in kinds or signals.BY_KIND]
    for signal in chosen:
        signal.connect(receiver)
    try:
        yield
    finally:
        for signal in chosen:
            signal.disconnect(receiver)
