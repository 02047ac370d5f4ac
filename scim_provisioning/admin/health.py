"""How a connection is doing, at a glance, from a fixed number of queries whatever the size of its log."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scim_provisioning.admin.first_cycle import newest_of, paused, with_a_pause
from scim_provisioning.lifecycle.expiry import step_of
from scim_provisioning.models import Connection, Event, Token
from scim_provisioning.models.events import ERRORS

# Entra begins a cycle every 40 minutes (A34).
CADENCE = timedelta(minutes=40)
QUIET_AFTER = 2 * CADENCE
EXPIRING_DAYS = 30
# So many of the newest events are looked at; a longer log makes no page slower.
NEWEST = 50
FEWEST_FAILURES = 3
FAILED = frozenset(ERRORS)


class Health(TextChoices):
    """What the badge says."""

    NEVER = "never", _("Never connected")
    FIRST = "first", _("Connected, first cycle")
    HEALTHY = "healthy", _("Healthy")
    QUIET = "quiet", _("Quiet")
    FAILING = "failing", _("Failing")
    EXPIRING = "expiring", _("Token expiring")
    EXPIRED = "expired", _("Token expired")
    PAUSED = "paused", _("Paused")


MEANINGS = {
    Health.NEVER: _("The identity provider has not called yet."),
    Health.FIRST: _("The identity provider has called, and its first cycle is not over yet."),
    Health.HEALTHY: _("The identity provider calls, and its changes go through."),
    Health.QUIET: _("The identity provider has not called for two cycles (80 minutes)."),
    Health.FAILING: _("Changes of the identity provider are refused; the last errors below say why."),
    Health.EXPIRING: _("Generate a new token and paste it into the identity provider in time."),
    Health.EXPIRED: _("No token is valid, so every call is refused. Generate one."),
    Health.PAUSED: _("Every call is answered 503 until the connection is resumed."),
}


class Happened(NamedTuple):
    """What health asks of an event."""

    outcome: str
    resource_id: UUID | None
    at: datetime
    by_token: str


@dataclass(slots=True)
class Seen:
    """What is known of one connection when its health is judged."""

    connection: Connection
    now: datetime
    tokens: list[Token] = field(default_factory=list)
    # The newest first.
    events: list[Happened] = field(default_factory=list)
    first_cycle_is_over: bool = False

    @property
    def live(self) -> list[Token]:
        """The tokens that authenticate now, the newest first."""
        return [each for each in self.tokens if each.revoked_at is None and each.expires_at > self.now]

    @property
    def last_call(self) -> datetime | None:
        """When the identity provider called last, to within the five minutes of a token's stamp."""
        return max((each.last_used_at for each in self.tokens if each.last_used_at), default=None)

    @property
    def days_left(self) -> int | None:
        """How many whole days the longest-lived token is valid for."""
        if not self.live:
            return None
        return (max(each.expires_at for each in self.live) - self.now).days

    @property
    def expiring(self) -> Token | None:
        """The longest-lived token, when a notice of its expiry is due."""
        longest = max(self.live, key=lambda token: token.expires_at, default=None)
        return longest if longest is not None and step_of(longest, self.now) is not None else None

    @property
    def health(self) -> Health:
        """The one word for it; what needs a person first comes first."""
        for state, applies in (
            (Health.PAUSED, not self.connection.enabled),
            (Health.EXPIRED, self._has_expired()),
            (Health.NEVER, self.last_call is None),
            (Health.FAILING, self._is_failing()),
            (Health.EXPIRING, self.days_left is not None and self.days_left < EXPIRING_DAYS),
            (Health.QUIET, self._is_quiet()),
            (Health.FIRST, not self.first_cycle_is_over),
        ):
            if applies:
                return state
        return Health.HEALTHY

    @property
    def meaning(self) -> Any:
        """The sentence below the badge."""
        return MEANINGS[self.health]

    def _has_expired(self) -> bool:
        return bool(self.tokens) and not self.live

    def _is_quiet(self) -> bool:
        return self.last_call is not None and self.now - self.last_call > QUIET_AFTER

    def _is_failing(self) -> bool:
        """Whether half of the last two cycles' changes were refused, or one resource again and again."""
        recent = [each for each in self.events if self.now - each.at <= QUIET_AFTER]
        failures = sum(each.outcome in FAILED for each in recent)
        if failures >= FEWEST_FAILURES and 2 * failures >= len(recent):
            return True
        latest: dict[UUID, str] = {}
        again: Counter[UUID] = Counter()
        for outcome, resource_id, *_rest in recent:
            if resource_id is not None and latest.setdefault(resource_id, outcome) in FAILED:
                again[resource_id] += outcome in FAILED
        return any(times >= FEWEST_FAILURES for times in again.values())


def observe(connections: Sequence[Connection]) -> dict[UUID, Seen]:
    """Return what is known of each connection: three queries, however many there are.

    And two more while a cycle of more than the newest few events runs.
    """
    now = timezone.now()
    seen = {each.pk: Seen(each, now) for each in connections}
    if not seen:
        return seen
    for token in Token.objects.filter(connection__in=seen).order_by("-created_at", "-pk"):
        of_token = seen[token.connection_id]
        token.connection = of_token.connection
        of_token.tokens.append(token)
    columns = ("connection_key", "outcome", "resource_id", "created_at", "token_key_id")
    newest = Event.objects.filter(newest_of(seen, NEWEST)).order_by("-pk")
    for key, *event in newest.values_list(*columns):
        seen[key].events.append(Happened(*event))
    _judge_first_cycles(seen)
    return seen


def _judge_first_cycles(seen: dict[UUID, Seen]) -> None:
    """Say whose first cycle is over; further events are read only of those that the newest few leave open."""
    unclear = []
    for key, each in seen.items():
        times = [event.at for event in each.events if event.by_token]
        each.first_cycle_is_over = paused(times, each.now)
        if not each.first_cycle_is_over and len(each.events) >= NEWEST:
            unclear.append(key)
    for key in with_a_pause(unclear):
        seen[key].first_cycle_is_over = True
