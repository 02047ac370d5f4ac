"""What a cycle has to do: the directory compared with the object connections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from scim_provisioning.simulator.groups import group_state
from scim_provisioning.simulator.job import Job, ObjectConnection
from scim_provisioning.simulator.objects import DirectoryUser
from scim_provisioning.simulator.scope import Scope
from scim_provisioning.simulator.users import user_state


class Step(Enum):
    """What is to be done to one object."""

    PROVISION = "Provision"
    DISABLE = "Disable"
    DELETE = "Delete"


@dataclass(frozen=True, slots=True)
class Task:
    """One object that a cycle has to touch."""

    step: Step
    kind: str
    source_id: str
    name: str
    state: object = None

    @property
    def destructive(self) -> bool:
        """Whether it counts towards the accidental-deletion threshold (C14)."""
        return self.step is not Step.PROVISION


def plan_cycle(job: Job, scope: Scope) -> list[Task]:
    """Return the first pass of a cycle: users, then groups; unchanged objects are not in it (C1)."""
    tasks = [task for user in job.directory.users.values() for task in _user_task(job, scope, user)]
    gone = [
        c for c in job.connections.values() if c.kind == "User" and c.source_id not in job.directory.users
    ]
    for connection in gone:
        if connection.assigned:
            tasks.append(Task(Step.DELETE, "User", connection.source_id, connection.name))
        else:
            # Unassigned first, deleted later: the service no longer manages the account (C6).
            job.disconnect(connection.source_id)
    if job.mapping.groups:
        tasks.extend(_group_tasks(job, scope))
    return [task for task in tasks if job.may_try("object", task.source_id, task.state)]


def _user_task(job: Job, scope: Scope, user: DirectoryUser) -> Iterator[Task]:
    connection = job.connections.get(user.object_id)
    name, wanted = user.user_principal_name, scope.wants(user)
    if wanted:
        state = user_state(job, user)
        if connection is None or not connection.active or connection.seen != state:
            yield Task(Step.PROVISION, "User", user.object_id, name, state)
        if connection is not None:
            connection.assigned = True
        return
    if connection is None:
        # A user disabled or out of scope from the start is not provisioned at all (C7).
        return
    connection.assigned = user.object_id in scope.users
    if connection.active:
        yield from _leaving(job, connection, user)


def _leaving(job: Job, connection: ObjectConnection, user: DirectoryUser) -> Iterator[Task]:
    only_unassigned = user.account_enabled and not user.is_soft_deleted
    if job.settings.skip_out_of_scope_deletions and only_unassigned:
        return
    if job.mapping.maps_active:
        yield Task(Step.DISABLE, "User", user.object_id, connection.name, "inactive")
    elif job.settings.delete_when_active_unmapped:
        yield Task(Step.DELETE, "User", user.object_id, connection.name, "inactive")


def _group_tasks(job: Job, scope: Scope) -> Iterator[Task]:
    groups = {i: g for i, g in job.directory.groups.items() if i in scope.groups}
    for object_id, group in groups.items():
        connection, state = job.connections.get(object_id), group_state(job, group)
        if connection is None or connection.seen != state:
            yield Task(Step.PROVISION, "Group", object_id, group.display_name, state)
    for connection in list(job.connections.values()):
        if connection.kind == "Group" and connection.source_id not in groups:
            yield Task(Step.DELETE, "Group", connection.source_id, connection.name)
