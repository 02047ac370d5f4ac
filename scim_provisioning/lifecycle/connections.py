"""Connections: made with a preset, and the organization's users linked where it sees them."""

from typing import Any
from uuid import UUID

from django.db import transaction

from scim_provisioning.lifecycle.visibility import sweep
from scim_provisioning.models import Connection, presets


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
        sweep(connection)
    return connection
