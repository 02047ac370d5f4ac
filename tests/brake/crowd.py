"""Many managed users, made the quick way."""

import uuid
from typing import Any

from django.contrib.auth import get_user_model

from scim_provisioning.lifecycle import braking
from scim_provisioning.models import Connection, HeldChange, UserResource
from tests.factories import USERS
from tests.lifecycle.rows import DISABLE
from tests.performance.test_query_counts import many_users
from tests.scim import ScimClient


def crowd(client: ScimClient, count: int) -> list[str]:
    """Make managed, active users and return their SCIM ids."""
    ids = many_users(client, count)
    status = USERS.status
    host_ids = UserResource.objects.filter(pk__in=ids).values("user")
    get_user_model()._base_manager.filter(pk__in=host_ids).update(**{status.column: status.active})
    return ids


def disable_all(client: ScimClient, users: list[str]) -> list[int]:
    """Disable users one after another, as an identity provider does, and return the answers' statuses."""
    return [client.patch(f"/Users/{user}", DISABLE).status for user in users]


def active(users: list[str]) -> int:
    """Return how many of some users have access."""
    status = USERS.status
    rows = UserResource.objects.filter(pk__in=[uuid.UUID(user) for user in users])
    return rows.exclude(**{f"user__{status.column}": status.inactive}).count()


def approve(connection: Connection, **columns: Any) -> int:
    """Approve what is held."""
    mine = HeldChange.objects.filter(**columns)
    return braking.decide(connection, HeldChange.State.APPROVED, mine, "olivia")


def reject(connection: Connection, **columns: Any) -> int:
    """Reject what is held."""
    mine = HeldChange.objects.filter(**columns)
    return braking.decide(connection, HeldChange.State.REJECTED, mine, "olivia")
