"""Who calls without a valid token: counted in memory, written rarely, never more than a few rows a connection.

A request with a valid token never comes here. One without costs no query as a rule: the first of its kind is
written at once, the next ones are added up and written ten seconds later, with whatever request comes then.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from threading import Lock
from time import monotonic
from uuid import UUID

from django.db import DatabaseError, transaction
from django.db.models import F
from django.utils import timezone

from scim_provisioning.models import Connection, FailedAuthentication

WRITTEN_EVERY = 10.0
# What one process remembers, and writes: whoever tries a million addresses gets no million rows.
REMEMBERED = 1000
WRITES_IN_A_ROW = 20
WRITES_PER_SECOND = 2.0
KEPT_ROWS = 100

Key = tuple[UUID, str, str]


@dataclass(slots=True)
class Sighting:
    """What has not been written yet of one connection, address and reason."""

    first_at: datetime
    last_at: datetime
    key_id: str = ""
    count: int = 0
    written: float | None = None

    def is_due(self, now: float) -> bool:
        """Return whether there is something to write, and it is time."""
        return self.count > 0 and (self.written is None or now - self.written >= WRITTEN_EVERY)


class Strangers:
    """The sightings of one process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.forget()

    def forget(self) -> None:
        """Begin afresh; what was not written is gone."""
        with self._lock:
            self._sightings: OrderedDict[Key, Sighting] = OrderedDict()
            self._allowance = float(WRITES_IN_A_ROW)
            self._counted = monotonic()

    def note(self, connection_id: UUID, address: str, reason: str, key_id: str = "") -> None:
        """Count one refused call, and write what is due; a database that cannot is no reason to fail."""
        for key, seen in self._due((connection_id, address, reason), key_id):
            try:
                with transaction.atomic():
                    _write(key, seen)
            except DatabaseError:
                # Also where the tenant URL is nobody's.
                continue

    def _due(self, key: Key, key_id: str) -> list[tuple[Key, Sighting]]:
        """Count, and take what may be written now."""
        at, now = timezone.now(), monotonic()
        with self._lock:
            seen = self._sightings.setdefault(key, Sighting(at, at))
            self._sightings.move_to_end(key)
            if len(self._sightings) > REMEMBERED:
                self._sightings.popitem(last=False)
            seen.count += 1
            seen.last_at = at
            seen.key_id = key_id or seen.key_id
            self._allowance = min(
                WRITES_IN_A_ROW, self._allowance + WRITES_PER_SECOND * (now - self._counted)
            )
            self._counted = now
            waiting = [(one, each) for one, each in self._sightings.items() if each.is_due(now)]
            due = waiting[: int(self._allowance)]
            self._allowance -= len(due)
            return [(one, _taken(each, at, now)) for one, each in due]


def _taken(seen: Sighting, at: datetime, now: float) -> Sighting:
    """Return a copy to be written, and begin to count afresh."""
    taken = Sighting(seen.first_at, seen.last_at, seen.key_id, seen.count)
    seen.first_at, seen.count, seen.written = at, 0, now
    return taken


def _write(key: Key, seen: Sighting) -> None:
    connection_id, address, reason = key
    changes = {"count": F("count") + seen.count, "last_at": seen.last_at, "key_id": seen.key_id}
    mine = FailedAuthentication.objects.filter(connection_id=connection_id)
    if mine.filter(address=address, reason=reason).update(**changes):
        return
    if not Connection.objects.filter(pk=connection_id).exists():
        return
    kept = list(mine.order_by("-last_at").values_list("pk", flat=True)[KEPT_ROWS - 1 :])
    if kept:
        mine.filter(pk__in=kept).delete()
    FailedAuthentication.objects.create(
        connection_id=connection_id,
        address=address,
        reason=reason,
        key_id=seen.key_id,
        count=seen.count,
        first_at=seen.first_at,
        last_at=seen.last_at,
    )


STRANGERS = Strangers()
