"""The ledger of effects: per person what was ended when, what is owed, and how long it took (P10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from scim_provisioning.lifecycle.overtaking import ENDS_ACCESS
from scim_provisioning.models import Connection, Effect, UserResource, name_key

# So many of the newest ends of access are timed, however long the ledger is.
TIMED = 1000


@dataclass(frozen=True, slots=True)
class TimeToRevoke:
    """How long it took from the deactivation to the end of what it ends."""

    count: int
    p50: timedelta
    p99: timedelta


def of_connection(connection: Connection) -> QuerySet[Effect]:
    """Return the ledger of a connection, the newest first."""
    return Effect.objects.filter(connection=connection).order_by("-pk")


def of_person(connection: Connection, name: str) -> Q:
    """Return the condition for what concerns one user or group, by its name or its SCIM id."""
    named = UserResource.objects.filter(connection=connection, user_name_key=name_key(name)).values("pk")
    about = Q(resource_id__in=named) | Q(resource_name=name)
    try:
        return about | Q(resource_id=UUID(name))
    except ValueError:
        return about


def time_to_revoke(connection: Connection) -> TimeToRevoke | None:
    """Return the time from the commit of an end of access to the end of what it ends; None before the first."""
    done = of_connection(connection).filter(kind__in=ENDS_ACCESS, state=Effect.State.DONE)
    took = sorted(
        done_at - created_at
        for created_at, done_at in done.values_list("created_at", "done_at")[:TIMED]
        if done_at is not None
    )
    if not took:
        return None
    return TimeToRevoke(len(took), _percentile(took, 0.5), _percentile(took, 0.99))


def _percentile(ordered: Sequence[timedelta], share: float) -> timedelta:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]
