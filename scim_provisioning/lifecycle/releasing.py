"""Release: a user or a group is the Hub's own again, as it is, and SCIM manages it no longer (A14)."""

from typing import Any

from django.db import transaction

from scim_provisioning import conf
from scim_provisioning.lifecycle.journal import Journal
from scim_provisioning.lifecycle.provenance import by_scim
from scim_provisioning.mapping.groups import GroupMapping, members_field, take_out
from scim_provisioning.mapping.rows import Row, Rows
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection, GroupResource, UserResource

USER, GROUP = "User", "Group"
CHANGES = {"scim_managed": {"before": True, "after": False}}


def leave_groups(connection: Connection, user_id: Any) -> None:
    """Take a user that is not managed any more out of the groups that are (A26)."""
    mapping: type[GroupMapping] | None = conf.imported("GROUP_MAPPING")
    if mapping is not None:
        groups = GroupResource.objects.filter(connection=connection, scim_managed=True)
        take_out(members_field(mapping).through, groups.values("group"), user_id)


def release_user(rows: Rows, journal: Journal, row: Row) -> Row:
    """Let a user go: it stays what it is and leaves the groups that SCIM manages (A14, A26)."""
    connection = journal.connection
    leave_groups(connection, row.host_id)
    released = rows.update(
        row, scim_managed=False, origin=UserResource.Origin.EXISTING, external_id="", external_id_key=None
    )
    journal.success("release", USER, released, changes=CHANGES)
    journal.owe("user_released", USER, released, released.version)
    if connection.visible_users == Connection.VisibleUsers.MANAGED:
        UserResource.objects.filter(pk=row.id).delete()
    return released


def release_group(journal: Journal, row: Row) -> None:
    """Let a group go, with its members and permissions; for SCIM it does not exist any more."""
    GroupResource.objects.filter(pk=row.id).delete()
    journal.success("release", GROUP, row, changes=CHANGES)


def release(resource: UserResource | GroupResource) -> bool:
    """Release a user or a group by hand, in a transaction of its own.

    :returns: whether it was managed until now.
    """
    is_user = isinstance(resource, UserResource)
    mapping: UserMapping | GroupMapping = conf.imported("USER_MAPPING" if is_user else "GROUP_MAPPING")(
        resource.connection
    )
    rows: Any = Rows(mapping)
    with by_scim(), transaction.atomic():
        row = rows.locked(resource.pk, by_scim=True)
        if row is None or not row.scim_managed:
            return False
        journal = Journal(resource.connection)
        if is_user:
            release_user(rows, journal, row)
        else:
            release_group(journal, row)
    return True
