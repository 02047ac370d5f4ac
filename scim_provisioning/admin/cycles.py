"""The cycles of an identity provider, read off the pauses between its changes.

Entra works through its directory and then waits (A34). Nothing is stored for that: a bounded number of events is
looked at, by their index, whatever the length of the log.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, F, Q, Subquery, Sum, Value, When, Window
from django.db.models.functions import Lag, RowNumber

from scim_provisioning.models import Event
from scim_provisioning.models.events import ERRORS

# A longer pause ends a cycle.
PAUSE = timedelta(minutes=15)
# So many events on either side of a place in the log are looked at.
CONSIDERED = 5000


@dataclass(slots=True)
class Cycle:
    """A run of an identity provider's events; *is_cut* where it goes on beyond what was looked at."""

    first: int
    last: int
    start: datetime
    end: datetime
    changes: int = 0
    refusals: int = 0
    ignored: int = 0
    is_cut: bool = False

    @property
    def key(self) -> str:
        """What names the cycle in an address."""
        return f"{self.first}-{self.last}"


@dataclass(frozen=True, slots=True)
class Cycles:
    """The cycles in a part of a log, the newest first, and the key up to which nothing was looked at."""

    found: list[Cycle]
    oldest: int | None

    @property
    def is_cut(self) -> bool:
        """Whether there are older events than were looked at."""
        return self.oldest is not None

    def at(self, key: int) -> Cycle | None:
        """Return the cycle that an event lies in."""
        return next((cycle for cycle in self.found if cycle.first <= key <= cycle.last), None)


def read_key(text: str) -> tuple[int, int] | None:
    """Return the first and the last key of a cycle from an address."""
    first, _separator, last = text.partition("-")
    if not all(part.isdecimal() and len(part) < 19 for part in (first, last)):
        return None
    return int(first), int(last)


def newest_cycles(connection_key: UUID) -> Cycles:
    """Return the newest cycles of a connection."""
    low = _limit(connection_key, "-pk")
    return _cycles(connection_key, low, None)


def cycles_around(connection_key: UUID, key: int) -> Cycles:
    """Return the cycles around an event."""
    low = _limit(connection_key, "-pk", pk__lte=key)
    high = _limit(connection_key, "pk", pk__gt=key)
    return _cycles(connection_key, low, high)


def _limit(connection_key: UUID, order: str, **part: int) -> int | None:
    """Return the key beyond which nothing is looked at, or None where the log ends before."""
    mine = Event.objects.filter(connection_key=connection_key, **part).order_by(order)
    return mine.values_list("pk", flat=True)[CONSIDERED : CONSIDERED + 1].first()


def _cycles(connection_key: UUID, low: int | None, high: int | None) -> Cycles:
    """Return the cycles between two keys, the database counting: it gives back the ends of cycles alone."""
    part = {"pk__gt": low, "pk__lt": high}
    # Sign-ins and the like, without a token, go on all day, and would join every cycle with the next.
    events = Event.objects.filter(
        connection_key=connection_key, **{name: key for name, key in part.items() if key is not None}
    ).exclude(token_key_id="")
    ends = events.annotate(
        previous_key=_over(Lag("pk")),
        previous_at=_over(Lag("created_at")),
        is_newest=Case(When(Q(pk=Subquery(events.order_by("-pk").values("pk")[:1])), then=1), default=0),
        number=_over(RowNumber()),
        refused=_over(_sum(outcome__in=ERRORS)),
        passed_over=_over(_sum(outcome=Event.Outcome.IGNORED)),
    )
    rows = list(
        ends.filter(Q(previous_at=None) | Q(created_at__gt=F("previous_at") + Value(PAUSE)) | Q(is_newest=1))
        .order_by("pk")
        .values_list(
            "pk",
            "created_at",
            "outcome",
            "previous_key",
            "previous_at",
            "number",
            "refused",
            "passed_over",
        )
    )
    found = _from_ends([End(*row) for row in rows])
    if found:
        found[0].is_cut |= high is not None
        found[-1].is_cut |= low is not None
    return Cycles(found, low)


def _over(expression: Any) -> Window:
    return Window(expression, order_by="pk")


def _sum(**condition: Any) -> Sum:
    return Sum(Case(When(**condition, then=1), default=0))


class End(NamedTuple):
    """The first event of a cycle, or the newest of all; with what came before it, and the counts up to it."""

    key: int
    at: datetime
    outcome: str
    previous_key: int | None
    previous_at: datetime | None
    number: int
    refused: int
    passed_over: int

    @property
    def begins(self) -> bool:
        """Whether a cycle begins here."""
        return self.previous_at is None or self.at - self.previous_at > PAUSE

    def before(self) -> tuple[int, int, int]:
        """Return the counts up to the event before: all, refused, ignored."""
        return (
            self.number - 1,
            self.refused - (self.outcome in ERRORS),
            self.passed_over - (self.outcome == Event.Outcome.IGNORED),
        )


def _from_ends(ends: list[End]) -> list[Cycle]:
    """Return the cycles, the newest first."""
    begun = [end for end in ends if end.begins]
    found = []
    for place, begin in enumerate(begun):
        if place + 1 < len(begun):
            following = begun[place + 1]
            last, end, counts = following.previous_key, following.previous_at, following.before()
        else:
            newest = ends[-1]
            last, end = newest.key, newest.at
            counts = newest.number, newest.refused, newest.passed_over
        size, refusals, ignored = (upto - before for upto, before in zip(counts, begin.before(), strict=True))
        changes = size - refusals - ignored
        found.append(
            Cycle(begin.key, last or begin.key, begin.at, end or begin.at, changes, refusals, ignored)
        )
    return found[::-1]
