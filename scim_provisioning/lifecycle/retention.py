"""How long the log is kept: old events go in batches, the oldest first."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from django.db.models import Count, Max, Min, QuerySet
from django.utils import timezone

from scim_provisioning.models import Connection, Event, FormerConnection

# So many events go in one statement, which holds its locks for as long.
BATCH = 2000


def remember(connection: Connection) -> None:
    """Keep whose a removed connection was, so that its log can still be read."""
    FormerConnection.objects.create(
        id=connection.pk,
        organization_id=connection.organization_id,
        name=str(connection)[:255],
        preset=connection.preset,
        tenant_id=connection.tenant_id,
        created_at=connection.created_at,
        ended_at=timezone.now(),
    )


def end_of(days: int) -> datetime:
    """Return the moment before which events are too old."""
    return timezone.now() - timedelta(days=days)


def count_old(before: datetime) -> QuerySet[Event, Any]:
    """Return how many events are too old, by connection."""
    old = Event.objects.filter(created_at__lt=before).values("connection_key")
    return old.annotate(events=Count("pk"), oldest=Min("created_at"), newest=Max("created_at")).order_by(
        "-events", "connection_key"
    )


def prune(before: datetime, seconds: float | None = None) -> Iterator[int]:
    """Delete the events that are too old, each batch in a transaction of its own.

    Found by the primary key alone: what is older has a smaller one.

    :param seconds: begin no batch after so much time.
    :returns: the size of each batch.
    """
    end = None if seconds is None else monotonic() + seconds
    while end is None or monotonic() < end:
        oldest = list(Event.objects.order_by("pk").values_list("pk", "created_at")[:BATCH])
        old = [pk for pk, created_at in oldest if created_at < before]
        if old:
            yield Event.objects.filter(pk__lte=old[-1], created_at__lt=before).delete()[0]
        if len(old) < BATCH:
            # Nothing can be left of the log of a connection that ended before.
            FormerConnection.objects.filter(ended_at__lt=before).delete()
            return
