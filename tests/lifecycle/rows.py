"""The Hub's rows behind SCIM ids, and operations in one line."""

from typing import Any

from scim_provisioning.models import Connection, Effect, Event, GroupResource, UserResource
from tests.factories import GROUPS, USERS
from tests.scim import Answer


def link_of(user: str | Answer) -> UserResource:
    """Return the resource row of a user's SCIM id."""
    return UserResource.objects.get(pk=user.id if isinstance(user, Answer) else user)


def host_user(user: str | Answer) -> Any:
    """Return the Hub's user behind a SCIM id."""
    return link_of(user).user


def host_group(group: str | Answer) -> Any:
    """Return the Hub's group behind a SCIM id."""
    return GroupResource.objects.get(pk=group.id if isinstance(group, Answer) else group).group


def columns_of(row: Any) -> dict[str, Any]:
    """Return all that a table holds of a row, read afresh."""
    return dict(type(row)._base_manager.filter(pk=row.pk).values().get())


def users_of(organization: Any) -> int:
    """Return how many users the Hub has in an organization."""
    return int(USERS(Connection(organization=organization)).queryset().count())


def groups_of(organization: Any) -> int:
    """Return how many groups the Hub has in an organization that SCIM could own."""
    return int(GROUPS(Connection(organization=organization)).queryset().count())


def add(path: str, value: Any) -> dict[str, Any]:
    """Return an operation of Entra's older dialect."""
    return {"op": "Add", "path": path, "value": value}


def replace(path: str, value: Any) -> dict[str, Any]:
    """Return an operation of Entra's older dialect."""
    return {"op": "Replace", "path": path, "value": value}


def remove(path: str, *members: str) -> dict[str, Any]:
    """Return an operation of Entra's older dialect; with members, only these go (R19)."""
    if not members:
        return {"op": "Remove", "path": path}
    return {"op": "Remove", "path": path, "value": [{"$ref": None, "value": member} for member in members]}


def together(**attributes: Any) -> dict[str, Any]:
    """Return an operation of Entra's newer dialect: no path, its keys are paths (R5)."""
    return {"op": "replace", "value": attributes}


DISABLE = replace("active", "False")
ENABLE = replace("active", "True")


def operations_of(connection: Connection, **columns: Any) -> list[str]:
    """Return the operations in a connection's log, oldest first."""
    found = Event.objects.filter(connection_key=connection.pk, **columns)
    return list(found.order_by("pk").values_list("operation", flat=True))


def owed(connection: Connection, **columns: Any) -> list[str]:
    """Return the kinds of effects that a connection owes, oldest first."""
    found = Effect.objects.filter(connection=connection, **columns)
    return list(found.order_by("pk").values_list("kind", flat=True))
