"""The end of a connection, with an explicit choice of what becomes of its users."""

from time import monotonic

from django.db import transaction

from scim_provisioning import conf
from scim_provisioning.lifecycle.effects import run_due
from scim_provisioning.lifecycle.journal import Journal
from scim_provisioning.lifecycle.lockout import check_not_last
from scim_provisioning.lifecycle.provenance import by_scim
from scim_provisioning.lifecycle.states import marks_of_switch
from scim_provisioning.lifecycle.users import USER
from scim_provisioning.mapping.rows import Rows
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection, Effect
from scim_provisioning.protocol.errors import ScimError

EFFECT_SECONDS = 10.0


class StillOwed(Exception):
    """Effects are owed that would go with the connection, such as the end of a session."""

    def __init__(self, owed: int) -> None:
        super().__init__(owed)
        self.owed = owed


def disconnect(connection: Connection) -> None:
    """Delete a connection; its users and groups stay in the Hub, managed by nobody, and its log stays.

    :raises StillOwed: when effects could not be run first.
    """
    run_due(EFFECT_SECONDS)
    owed = connection.effects.filter(state=Effect.State.DUE).count()
    if owed:
        raise StillOwed(owed)
    connection.delete()


def deactivate_users(connection: Connection, seconds: float) -> int:
    """Make the users that a connection manages Inactive, for so many seconds at most.

    Each in a transaction of its own, so that what is done stays done. The last administrator stays (T9).

    :returns: how many are left.
    """
    mapping: UserMapping = conf.imported("USER_MAPPING")(connection)
    status = mapping.status
    rows = Rows(mapping)
    end = monotonic() + seconds
    kept = 0
    active = rows.queryset().filter(scim_managed=True).exclude(**{f"user__{status.column}": status.inactive})
    for resource_id in list(active.order_by("pk").values_list("pk", flat=True)):
        if monotonic() >= end:
            break
        try:
            with by_scim(), transaction.atomic():
                _deactivate(mapping, rows, resource_id)
        except ScimError as error:
            Journal(connection).refusal("deactivate", USER, resource_id, error)
            kept += 1
    return int(active.count()) - kept


def _deactivate(mapping: UserMapping, rows: Rows, resource_id: str) -> None:
    row = rows.locked(resource_id)
    column = mapping.status.column
    if row is None or not row.scim_managed or not mapping.status.is_active(row.values[column]):
        return
    check_not_last(mapping, row)
    user = rows.host(row)
    columns = mapping.deactivate(user)
    user.save(update_fields=list(columns))
    values = {name: getattr(user, name) for name in columns if name in row.values}
    written = rows.update(row, values, **marks_of_switch(mapping, row, was_active=True, active=False))
    journal = Journal(mapping.connection)
    change = {"active": {"before": True, "after": False}}
    journal.success("deactivate", USER, written, changes=change)
    journal.owe("user_deactivated", USER, written, written.version)
