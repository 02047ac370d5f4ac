"""Empties an organization of what provisioning made, with a fixed number of statements."""

from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import transaction
from django.db.models import QuerySet

from example_project.hub.models import Group, Organization, RoleAssignment, User
from scim_provisioning.models import Effect, GroupResource, Token, UserResource


@transaction.atomic
def reset(organization: Organization) -> tuple[int, int]:
    """Delete the users and groups that SCIM created, and forget the ones it adopted.

    Connections, tokens and the log stay, and so does everybody who was there before. Returns the number of
    users and of groups deleted. Rows are deleted where they lie: a hundred thousand users never become
    Python objects, and what guards SCIM-managed rows against the Hub is not asked.
    """
    user_links = UserResource.objects.filter(connection__organization=organization)
    group_links = GroupResource.objects.filter(connection__organization=organization)
    users = User.objects.filter(
        organization=organization,
        pk__in=user_links.filter(origin=UserResource.Origin.CREATED).values("user"),
    )
    groups = Group.objects.filter(organization=organization, pk__in=group_links.values("group"))
    for dependants in (
        Group.members.through.objects.filter(user__in=users.values("pk")),
        Group.members.through.objects.filter(group__in=groups.values("pk")),
        Group.permissions.through.objects.filter(group__in=groups.values("pk")),
        RoleAssignment.objects.filter(user__in=users.values("pk")),
        LogEntry.objects.filter(user__in=users.values("pk")),
        Effect.objects.filter(connection__organization=organization),
    ):
        delete_rows(dependants)
    Token.objects.filter(created_by__in=users.values("pk")).update(created_by=None)
    # The links go last, because they tell which rows are SCIM's; foreign keys are checked at commit.
    removed = delete_rows(users), delete_rows(groups)
    delete_rows(user_links)
    delete_rows(group_links)
    return removed


def delete_rows(rows: QuerySet[Any]) -> int:
    """Delete with one statement, without collecting what hangs on the rows, and return how many."""
    return rows._raw_delete(rows.db)  # noqa: SLF001
