"""What a Hub asks about its own users and groups: whether SCIM manages them, and what follows from that."""

from typing import Any

from django.conf import settings
from django.db.models import Exists, Model, OuterRef, QuerySet

from scim_provisioning.lifecycle.memberships import ManagedMembership, unguarded
from scim_provisioning.models import GroupResource, UserResource


def user_is_managed() -> Exists:
    """Return the condition on users that SCIM manages them, for ``filter`` and ``annotate``."""
    return Exists(UserResource.objects.filter(user=OuterRef("pk"), scim_managed=True))


def group_is_managed() -> Exists:
    """Return the condition on groups that SCIM manages them."""
    return Exists(GroupResource.objects.filter(group=OuterRef("pk"), scim_managed=True))


def group_is_protected() -> Exists:
    """Return the condition on groups that their members change through SCIM alone (A25)."""
    return Exists(
        GroupResource.objects.filter(group=OuterRef("pk"), scim_managed=True, connection__protect_groups=True)
    )


def managed_users(users: QuerySet[Any]) -> QuerySet[Any]:
    """Return those of *users* that SCIM manages."""
    return users.filter(user_is_managed())


def managed_groups(groups: QuerySet[Any]) -> QuerySet[Any]:
    """Return those of *groups* that SCIM manages."""
    return groups.filter(group_is_managed())


def is_group(model: type[Model]) -> bool:
    """Return whether a model is the host's model of groups."""
    return model._meta.label_lower == settings.SCIM_GROUP_MODEL.lower()


def resources_of(row: Model) -> QuerySet[Any]:
    """Return the SCIM resources by which connections manage a user or a group of the host."""
    if is_group(type(row)):
        return GroupResource.objects.filter(group=row.pk, scim_managed=True)
    return UserResource.objects.filter(user=row.pk, scim_managed=True)


def is_scim_managed(row: Model) -> bool:
    """Return whether SCIM manages a user or a group of the host."""
    return row.pk is not None and resources_of(row).exists()


__all__ = [
    "ManagedMembership",
    "group_is_managed",
    "group_is_protected",
    "is_group",
    "is_scim_managed",
    "managed_groups",
    "managed_users",
    "resources_of",
    "unguarded",
    "user_is_managed",
]
