"""Which users a connection sees before it manages them: resources kept in step with the organization (B10, A12).

They are made in bulk with the connection, followed by signals, and swept for what sends none: ``bulk_create``,
``QuerySet.update`` and SQL by hand. Two users of one name, but for the case of letters, are both left out: a
match that is not unique is refused, never guessed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from scim_provisioning import conf
from scim_provisioning.lifecycle.guards import check_name
from scim_provisioning.mapping.users import UserMapping, organization_field
from scim_provisioning.models import Connection, UserResource, name_key, same_letters
from scim_provisioning.protocol.errors import ScimError

BATCH = 1000

# The key of a host's user, its name, and the form under which names are equal.
Named = tuple[Any, str, str]


@dataclass(slots=True)
class Swept:
    """What a sweep of one connection came to."""

    linked: int = 0
    renamed: int = 0
    unlinked: int = 0
    # Users whose name another one has as well, so that neither is linked.
    ambiguous: int = 0


def sweep(connection: Connection) -> Swept:
    """Bring what a connection sees in step with its organization; users that it manages are left alone."""
    swept, seen = Swept(), _unmanaged(connection)
    if connection.visible_users != Connection.VisibleUsers.ORGANIZATION:
        swept.unlinked = seen.delete()[0]
        return swept
    mapping: UserMapping = conf.imported("USER_MAPPING")(connection)
    column = mapping.column("userName")
    if column is None:
        return swept
    swept.unlinked = seen.exclude(user__in=mapping.queryset()).delete()[0]
    renamed = seen.exclude(user_name=F(f"user__{column}"))
    for batch in _batches(list(renamed.values_list("pk", f"user__{column}"))):
        _rename(connection, batch, swept)
    unlinked = mapping.queryset().exclude(scim_resources__connection=connection).order_by("pk")
    named = list(_named(unlinked.values_list("pk", column).iterator(BATCH)))
    keys = Counter(key for _pk, _name, key in named)
    alone = [each for each in named if keys[each[2]] == 1]
    swept.ambiguous += len(named) - len(alone)
    for batch in _batches(alone):
        _link(connection, batch, swept)
    return swept


def _batches(rows: list[Any]) -> Iterator[list[Any]]:
    for start in range(0, len(rows), BATCH):
        yield rows[start : start + BATCH]


def follow_user(user: Any, update_fields: Iterable[str] | None = None) -> None:
    """Follow one user that the Hub has saved: new, renamed, or moved to another organization."""
    model: Any = type(user)
    try:
        field = organization_field(model)
    except LookupError:
        # The host keeps several organizations for a user; a sweep knows its queryset.
        return
    column = conf.imported("USER_MAPPING").column("userName")
    if column is None or (
        update_fields is not None and {column, field, f"{field}_id"}.isdisjoint(update_fields)
    ):
        return
    linked = UserResource.objects.filter(user=user.pk).values("connection")
    sees = Connection.objects.filter(
        organization=getattr(user, f"{field}_id"), visible_users=Connection.VisibleUsers.ORGANIZATION
    )
    for connection in (sees | Connection.objects.filter(pk__in=linked)).select_related("organization"):
        with transaction.atomic():
            _follow(connection, user.pk, column)


def _follow(connection: Connection, pk: Any, column: str) -> None:
    mapping: UserMapping = conf.imported("USER_MAPPING")(connection)
    resource = UserResource.objects.filter(connection=connection, user=pk).first()
    if resource is not None and resource.scim_managed:
        return
    found = list(_named(mapping.queryset().filter(pk=pk).values_list("pk", column)))
    if not found:
        _unmanaged(connection).filter(user=pk).delete()
        return
    _pk, name, key = found[0]
    if resource is not None:
        if resource.user_name != name:
            _rename(connection, [(resource.pk, name)], Swept())
    elif connection.visible_users == Connection.VisibleUsers.ORGANIZATION:
        unlinked = mapping.queryset().exclude(pk=pk).exclude(scim_resources__connection=connection)
        if not unlinked.filter(same_letters(column, name)).exists():
            _link(connection, [(pk, name, key)], Swept())


def _unmanaged(connection: Connection) -> QuerySet[UserResource]:
    return UserResource.objects.filter(connection=connection, scim_managed=False)


def _named(users: Iterable[tuple[Any, Any]]) -> Iterator[Named]:
    for pk, name in users:
        try:
            check_name("userName", name)
        except ScimError:
            # A name that SCIM would refuse can never be matched; the user stays the Hub's alone.
            continue
        yield pk, name, name_key(name)


@transaction.atomic
def _rename(connection: Connection, changed: list[tuple[Any, Any]], swept: Swept) -> None:
    """Take over new names; all old ones are given up first, as two users may have exchanged theirs."""
    named = list(_named(changed))
    mine = _unmanaged(connection).filter(pk__in=[pk for pk, _name in changed])
    swept.unlinked += mine.exclude(pk__in=[pk for pk, *_rest in named]).delete()[0]
    for pk, *_rest in named:
        mine.filter(pk=pk).update(user_name_key=str(pk))
    keys = Counter(key for _pk, _name, key in named)
    taken = _give_up(connection, keys, swept)
    for pk, name, key in named:
        if key in taken or keys[key] > 1:
            swept.ambiguous += mine.filter(pk=pk).delete()[0]
        else:
            swept.renamed += mine.filter(pk=pk).update(
                user_name=name, user_name_key=key, version=F("version") + 1, modified_at=timezone.now()
            )


@transaction.atomic
def _link(connection: Connection, users: list[Named], swept: Swept) -> None:
    taken = _give_up(connection, [key for _pk, _name, key in users], swept)
    now = timezone.now()
    made = [
        UserResource(
            connection=connection,
            user_id=pk,
            user_name=name,
            user_name_key=key,
            scim_managed=False,
            origin=UserResource.Origin.EXISTING,
            created_at=now,
            modified_at=now,
        )
        for pk, name, key in users
        if key not in taken
    ]
    # Another sweep may be linking the same ones.
    UserResource.objects.bulk_create(made, ignore_conflicts=True)
    swept.linked += len(made)
    swept.ambiguous += sum(key in taken for _pk, _name, key in users)


def _give_up(connection: Connection, keys: Iterable[str], swept: Swept) -> set[str]:
    """Return which names are taken, and stop to show those users of them that nobody manages."""
    taken = UserResource.objects.filter(connection=connection, user_name_key__in=list(keys))
    found = set(taken.values_list("user_name_key", flat=True))
    if found:
        swept.ambiguous += taken.filter(scim_managed=False).delete()[0]
    return found
