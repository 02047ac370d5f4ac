"""Whether an identity provider's first cycle is over: it is when a pause has followed a change.

Nothing is stored for that. The newest events of a connection tell, of which a bounded number is read by their index.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from django.db.models import F, OuterRef, Q, Subquery, Value, Window
from django.db.models.functions import Lag

from scim_provisioning.admin.cycles import CONSIDERED, PAUSE
from scim_provisioning.models import Connection, Event


def newest_of(keys: Collection[UUID], count: int) -> Q:
    """Return the condition for the newest events of each connection: one query, which reads the index alone."""
    of_connection = Event.objects.filter(connection_key=OuterRef("pk")).order_by("-pk")
    oldest = Subquery(of_connection.values("pk")[count - 1 : count])
    wanted = Q(pk__in=[])
    for key, pk in Connection.objects.filter(pk__in=keys).values_list("pk", oldest):
        wanted |= Q(connection_key=key, pk__gte=pk) if pk else Q(connection_key=key)
    return wanted


def paused(times: Sequence[datetime], now: datetime) -> bool:
    """Return whether there is a pause between some events, the newest first, or after the newest."""
    return bool(times) and any(later - earlier > PAUSE for later, earlier in pairwise([now, *times]))


def with_a_pause(keys: Collection[UUID]) -> list[UUID]:
    """Return those connections that have paused between their newest events.

    One that has gone on for longer than is looked at counts as in its first cycle: no later one is that long, but for
    one that begins from the start again.
    """
    if not keys:
        return []
    # Sign-ins and the like, without a token, go on all day.
    events = Event.objects.filter(newest_of(keys, CONSIDERED)).exclude(token_key_id="")
    previous = Window(Lag("created_at"), partition_by="connection_key", order_by="pk")
    after_pause = events.annotate(previous_at=previous).filter(created_at__gt=F("previous_at") + Value(PAUSE))
    return list(set(after_pause.values_list("connection_key", flat=True)))
