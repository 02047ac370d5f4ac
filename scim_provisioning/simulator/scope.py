"""Who is in scope: assigned users, and direct members of assigned groups (A33, B27, C1)."""

from __future__ import annotations

from dataclasses import dataclass

from scim_provisioning.simulator.directory import Directory
from scim_provisioning.simulator.objects import DirectoryUser


@dataclass(frozen=True, slots=True)
class Scope:
    """The objectIds in scope of one application at one moment."""

    users: frozenset[str]
    groups: frozenset[str]

    def wants(self, user: DirectoryUser) -> bool:
        """Whether the user shall have an active account: in scope, enabled, not deleted (C6, C7)."""
        return user.object_id in self.users and user.account_enabled and not user.is_soft_deleted


def evaluate_scope(directory: Directory, *, everybody: bool = False) -> Scope:
    """Return the scope: *Sync only assigned users and groups*, or *Sync all* with *everybody*."""
    if everybody:
        return Scope(frozenset(directory.users), frozenset(directory.groups))
    principals = list(directory.assigned())
    groups = [directory.groups[i] for i in principals if i in directory.groups]
    users = {i for i in principals if i in directory.users}
    for group in groups:
        # Direct members only: a nested group's people are not in scope.
        users.update(i for i in group.members if i in directory.users)
    return Scope(frozenset(users), frozenset(group.object_id for group in groups))
