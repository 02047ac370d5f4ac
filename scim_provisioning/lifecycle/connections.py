"""Connections: made with a preset, and the organization's users linked where it sees them."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from scim_provisioning import conf
from scim_provisioning.lifecycle.guards import check_name
from scim_provisioning.mapping.users import UserMapping, organization_field
from scim_provisioning.models import Connection, UserResource, name_key, presets
from scim_provisioning.protocol.errors import ScimError

BATCH = 1000


def create_connection(
    organization: Any, preset: str, tenant_id: UUID | str | None = None, name: str = "", **columns: Any
) -> Connection:
    """Create Tenant URL: a connection with a preset's policy, changed by *columns* (A1, A2).

    :raises KeyError: for an unknown preset.
    :raises django.core.exceptions.ValidationError: for a bad tenant id or policy value.
    """
    connection = Connection(
        organization=organization,
        preset=preset,
        tenant_id=tenant_id,
        name=name,
        **{**presets()[preset], **columns},
    )
    connection.full_clean()
    with transaction.atomic():
        connection.save(force_insert=True)
        link_existing_users(connection)
    return connection


def link_existing_users(connection: Connection) -> int:
    """Make resources for the organization's users that have none, where the connection sees all of them.

    They are visible to a match filter and managed by nobody until the first write (A12, B10).

    :returns: how many were linked.
    """
    if connection.visible_users != Connection.VisibleUsers.ORGANIZATION:
        return 0
    mapping: UserMapping = conf.imported("USER_MAPPING")(connection)
    column = mapping.column("userName")
    if column is None:
        return 0
    unlinked = mapping.queryset().exclude(scim_resources__connection=connection)
    linked = 0
    batch: list[UserResource] = []
    for pk, user_name in unlinked.order_by("pk").values_list("pk", column):
        batch += _resources(connection, [(pk, user_name)])
        if len(batch) >= BATCH:
            linked += _save(batch)
            batch = []
    return linked + _save(batch)


def _resources(connection: Connection, users: Iterable[tuple[Any, str]]) -> list[UserResource]:
    now = timezone.now()
    resources = []
    for pk, user_name in users:
        try:
            check_name("userName", user_name)
        except ScimError:
            # A name that SCIM would refuse can never be matched; the user stays the Hub's alone.
            continue
        resources.append(
            UserResource(
                connection=connection,
                user_id=pk,
                user_name=user_name,
                user_name_key=name_key(user_name),
                scim_managed=False,
                origin=UserResource.Origin.EXISTING,
                created_at=now,
                modified_at=now,
            )
        )
    return resources


def _save(batch: list[UserResource]) -> int:
    # Two users whose names are equal but for their letters: the first is linked, neither is guessed.
    return len(UserResource.objects.bulk_create(batch, ignore_conflicts=True))


def link_user(user: Any) -> None:
    """Link one new user of the Hub to the connections that see all of their organization."""
    try:
        model: Any = type(user)
        organization_id = getattr(user, f"{organization_field(model)}_id")
    except LookupError:
        # The host keeps several organizations for a user; ``link_existing_users`` knows its queryset.
        return
    for connection in Connection.objects.select_related("organization").filter(
        organization=organization_id, visible_users=Connection.VisibleUsers.ORGANIZATION
    ):
        mapping: UserMapping = conf.imported("USER_MAPPING")(connection)
        column = mapping.column("userName")
        if column and mapping.queryset().filter(pk=user.pk).exists():
            _save(_resources(connection, [(user.pk, getattr(user, column))]))
