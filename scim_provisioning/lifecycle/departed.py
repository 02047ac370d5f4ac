"""Users that left and were never deleted: an identity provider sends no DELETE for who was unassigned first (C6)."""

from collections.abc import Iterator
from datetime import timedelta
from time import monotonic
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from scim_provisioning import conf
from scim_provisioning.lifecycle.journal import Journal
from scim_provisioning.lifecycle.provenance import by_scim
from scim_provisioning.lifecycle.users import Users
from scim_provisioning.mapping.rows import Rows
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection, UserResource

OPERATION = "retention"


def departed(connection: Connection, days: int) -> QuerySet[UserResource]:
    """Return the users that SCIM deactivated so many days ago or more, and that are Inactive still."""
    mapping: UserMapping = conf.imported("USER_MAPPING")(connection)
    inactive = mapping.queryset().filter(**{mapping.status.column: mapping.status.inactive})
    return UserResource.objects.filter(
        connection=connection,
        scim_managed=True,
        deactivated_at__lte=timezone.now() - timedelta(days=days),
        user__in=inactive,
    ).order_by("deactivated_at", "pk")


def remove_departed(connection: Connection, days: int, seconds: float | None = None) -> Iterator[Any]:
    """Delete these users as a DELETE would, each in a transaction of its own, and yield what each was called.

    :param seconds: begin with nobody after so much time.
    """
    end = None if seconds is None else monotonic() + seconds
    mapping: UserMapping = conf.imported("USER_MAPPING")(connection)
    rows = Rows(mapping)
    for resource_id in list(departed(connection, days).values_list("pk", flat=True)):
        if end is not None and monotonic() >= end:
            return
        with by_scim(), transaction.atomic():
            row = rows.locked(resource_id)
            # Looked at again under the lock: the user may have come back at this moment.
            if row is None or not departed(connection, days).filter(pk=resource_id).exists():
                continue
            Users(mapping, rows, Journal(connection)).delete(row, OPERATION)
        yield row.name
