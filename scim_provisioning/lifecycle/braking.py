"""The brake on mass deprovisioning: what would take too much away at once waits for a decision (T13, F24).

A request that takes nothing away costs nothing. One that does is counted by one conditional update, whose lock is
held until its transaction ends: however many come at once, not one more gets through than the policy allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from scim_provisioning import conf
from scim_provisioning.lifecycle.journal import Journal, Subject
from scim_provisioning.lifecycle.provenance import is_rehearsal
from scim_provisioning.mapping.rows import Row
from scim_provisioning.models import Brake, Connection, HeldChange, UserResource
from scim_provisioning.protocol.errors import ScimError

Action, State = HeldChange.Action, HeldChange.State
BUCKETS = 12
# A share of fewer people than these is no mass, in the smallest organization.
FEWEST = 20
# How long an approval is good for, and how long what was held or rejected is remembered after it was last asked
# for. Entra in quarantine asks once a day (C13).
REMEMBERED = timedelta(hours=72)
HELD, REJECTED = "deprovisioning_held", "deprovisioning_rejected"


@dataclass(frozen=True, slots=True)
class Loss:
    """What a request would take away."""

    action: str
    resource_id: UUID
    name: str
    weight: int = 1
    members: tuple[str, ...] = ()


class Held(ScimError):
    """A refusal of the brake, and what it is about."""

    def __init__(self, code: str, loss: Loss) -> None:
        super().__init__(
            code,
            value=loss.name,
            retry_after=conf.value("RETRY_AFTER_SECONDS") if code == HELD else None,
        )
        self.loss = loss


def check_user(connection: Connection, action: str, row: Row) -> None:
    """Count the loss of one user's access, or hold it.

    :raises Held: 503 while it waits for a decision, 403 once it was rejected.
    """
    if connection.brake:
        _check(connection, Loss(action, row.id, row.name))


def check_members(connection: Connection, row: Row, removed: Sequence[Any]) -> None:
    """Count the memberships that a change of a group takes away, or hold the change."""
    if connection.brake and removed:
        keys = tuple(sorted(str(key) for key in removed))
        _check(connection, Loss(Action.REMOVE_MEMBER, row.id, row.name, len(keys), keys))


def check_group(connection: Connection, row: Row, members: Any) -> None:
    """Count the memberships that go with a group, at least one, or hold its deletion."""
    if connection.brake:
        weight = members.all()[: connection.brake_count + 1].count()
        _check(connection, Loss(Action.DELETE_GROUP, row.id, row.name, max(1, weight)))


def note(journal: Journal, held: Held) -> bool:
    """Keep what was held, after the transaction that it ended; tell of the first one (T13).

    :returns: whether it is asked for the first time.
    """
    connection, loss, now = journal.connection, held.loss, timezone.now()
    forgotten(connection).delete()
    was_waiting = waiting(connection).exists()
    is_new = len(loss.members or ("",)) > _of(connection, loss).count()
    HeldChange.objects.bulk_create(
        [
            HeldChange(
                connection=connection,
                action=loss.action,
                resource_id=loss.resource_id,
                resource_name=loss.name[:255],
                member_key=key,
                first_at=now,
                last_at=now,
            )
            for key in loss.members or ("",)
        ],
        update_conflicts=True,
        unique_fields=["connection", "resource_id", "action", "member_key"],
        update_fields=["last_at", "resource_name"],
    )
    # The first request of all may be too much, and its row went with its transaction.
    _make(connection)
    mine = Brake.objects.filter(connection=connection)
    mine.update(decided_until=now + REMEMBERED)
    # What was held longer ago than is remembered, and never decided, was let go; this holds anew.
    let_go = Q(held_since=None) if was_waiting else Q(held_since=None) | Q(held_since__lt=now - REMEMBERED)
    if held.code == HELD and mine.filter(let_go).update(held_since=now):
        subject = Subject(connection.pk, connection.organization_id, str(connection), {})
        journal.owe(HELD, "Connection", subject, 1, held_since=now.isoformat())
    return is_new


def decide(connection: Connection, state: str, changes: QuerySet[HeldChange], by: str) -> int:
    """Approve or reject held changes, and let go of the brake when none is left to decide on."""
    now = timezone.now()
    with transaction.atomic():
        brake = _locked(connection)
        decided = changes.filter(connection=connection).update(
            state=state, decided_at=now, last_at=now, decided_by=by[:255]
        )
        if not waiting(connection).exists():
            brake.held_since = None
        brake.decided_until = now + REMEMBERED
        brake.save(update_fields=["held_since", "decided_until"])
    return decided


def waiting(connection: Connection) -> QuerySet[HeldChange]:
    """Return what waits for a decision and is still asked for."""
    mine = HeldChange.objects.filter(connection=connection, state=State.PENDING)
    return mine.filter(last_at__gte=timezone.now() - REMEMBERED)


def held_since(connection: Connection) -> datetime | None:
    """Return since when the brake holds what still waits for a decision; None when nothing does."""
    found = Brake.objects.filter(connection=connection).values_list("held_since", flat=True).first()
    return found if found is not None and waiting(connection).exists() else None


def forgotten(connection: Connection) -> QuerySet[HeldChange]:
    """Return what nobody has asked for in a long time, and approvals that have lapsed."""
    mine = HeldChange.objects.filter(connection=connection)
    return mine.filter(last_at__lt=timezone.now() - REMEMBERED)


def limit_of(connection: Connection) -> int:
    """Return how much may go: the count, or the share of the managed users if that is less.

    So many users are counted as could make a difference, however large the organization is.
    """
    enough = connection.brake_count * 100 // connection.brake_share + 1
    managed = UserResource.objects.filter(connection=connection, scim_managed=True)[:enough].count()
    return min(connection.brake_count, max(FEWEST, managed * connection.brake_share // 100))


def _check(connection: Connection, loss: Loss) -> None:
    if is_rehearsal():
        # Nothing is lost for good, and a self-test asks what else is wrong.
        return
    now = timezone.now()
    policy = f"{connection.brake_count}/{connection.brake_share}/{connection.brake_window}"
    undecided = Q(decided_until=None) | Q(decided_until__lte=now)
    counted = Brake.objects.filter(
        undecided,
        connection=connection,
        held_since=None,
        reckoned_by=policy,
        bucket_ends_at__gt=now,
        total__lte=F("limit") - loss.weight,
    ).update(total=F("total") + loss.weight, bucket=F("bucket") + loss.weight)
    if not counted:
        _decide_slowly(connection, loss, policy)


def _decide_slowly(connection: Connection, loss: Loss, policy: str) -> None:
    """Look closer, under the lock: a decision, a new bucket, another policy – or too much."""
    brake = _locked(connection)
    known = _of(connection, loss).exclude(pk__in=forgotten(connection).values("pk"))
    states = list(known.values_list("state", flat=True))
    if State.REJECTED in states:
        raise Held(REJECTED, loss)
    if states.count(State.APPROVED) == len(loss.members or ("",)):
        # Used up: an approval lets a change through once, and is not counted.
        known.delete()
        return
    if brake.held_since is not None and waiting(connection).exists():
        raise Held(HELD, loss)
    brake.held_since = None
    _turn(brake, connection, policy)
    if brake.total + loss.weight > brake.limit:
        raise Held(HELD, loss)
    brake.total += loss.weight
    brake.bucket += loss.weight
    brake.save()


def _turn(brake: Brake, connection: Connection, policy: str) -> None:
    """Forget the buckets that have left the window, and begin a new one where the present one has ended."""
    now = timezone.now()
    length = timedelta(minutes=connection.brake_window) / BUCKETS
    if brake.bucket_ends_at is None or brake.bucket_ends_at <= now:
        if brake.bucket_ends_at is not None and brake.bucket:
            brake.history = [*brake.history, [brake.bucket_ends_at.timestamp(), brake.bucket]]
        brake.bucket, brake.bucket_ends_at = 0, now + length
    oldest = (now - timedelta(minutes=connection.brake_window)).timestamp()
    brake.history = [each for each in brake.history if each[0] > oldest]
    brake.total = brake.bucket + sum(int(count) for _end, count in brake.history)
    brake.limit = limit_of(connection)
    brake.reckoned_by = policy


def _locked(connection: Connection) -> Brake:
    found = Brake.objects.select_for_update().filter(connection=connection).first()
    if found is None:
        # Two first ones at once: the second waits here for the first's transaction.
        _make(connection)
        found = Brake.objects.select_for_update().get(connection=connection)
    return found


def _make(connection: Connection) -> None:
    Brake.objects.bulk_create([Brake(connection=connection)], ignore_conflicts=True)


def _of(connection: Connection, loss: Loss) -> QuerySet[HeldChange]:
    return HeldChange.objects.filter(
        connection=connection,
        resource_id=loss.resource_id,
        action=loss.action,
        member_key__in=loss.members or ("",),
    )
