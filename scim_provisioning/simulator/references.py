"""The second pass of a cycle: managers, and members of groups (C1, C11)."""

from __future__ import annotations

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.faults import resource_of
from scim_provisioning.simulator.job import Job, ObjectConnection
from scim_provisioning.simulator.objects import DirectoryGroup, DirectoryUser
from scim_provisioning.simulator.paths import MANAGER, parse_target
from scim_provisioning.simulator.results import ProvisioningAction
from scim_provisioning.simulator.scope import Scope


def manager_changed(job: Job, scope: Scope, user: DirectoryUser) -> bool:
    """Whether a manager is to be written; one out of scope is passed over for good (C11)."""
    connection = job.connections.get(user.object_id)
    if connection is None or not scope.wants(user) or user.manager == connection.manager:
        return False
    manager = job.directory.users.get(user.manager or "")
    if manager is None or not scope.wants(manager):
        # A cleared manager is not cleared in the target (C5); one out of scope is not looked at again.
        connection.manager = user.manager
        return False
    # A manager whose creation failed is waited for.
    return manager.object_id in job.connections


def write_manager(job: Job, user: DirectoryUser, row: ProvisioningAction) -> None:
    """Write a user's manager, unless the target has it already (R10, R11)."""
    connection = job.connections[user.object_id]
    manager = job.connections[user.manager or ""]
    row.action, row.target_id = "Update", connection.target_id
    document = job.documents.get(user.object_id)
    if document is None:
        document = resource_of(job.send(requests.read_user(connection.target_id)))
    held = parse_target(f"{MANAGER}.value").read(document)
    if held == manager.target_id or _already_set(job, connection, manager):
        row.action = "None"
    else:
        verb = "replace" if held else "add"
        job.send(requests.set_manager(connection.target_id, verb, manager.target_id, job.dialect))
    connection.manager = user.manager


def _already_set(job: Job, user: ObjectConnection, manager: ObjectConnection) -> bool:
    if not job.dialect.reference_check:
        return False
    answer = job.send(requests.check_manager(user.target_id, manager.target_id)).resource or {}
    return bool(answer.get("Resources"))


def member_changes(job: Job, scope: Scope, group: DirectoryGroup) -> tuple[list[str], list[str]]:
    """Return who is to be added to a group and who removed, as objectIds.

    Only changes since the last cycle count: members of the target are never read (C12). A member
    out of scope is passed over for good (C11); one whose creation failed is waited for.
    """
    connection = job.connections[group.object_id]
    present = {user.object_id: user for user in job.directory.members(group)}
    added: list[str] = []
    for object_id, user in present.items():
        if object_id in connection.members:
            continue
        if not scope.wants(user):
            connection.members.add(object_id)
        elif object_id in job.connections:
            added.append(object_id)
    gone = [object_id for object_id in sorted(connection.members) if object_id not in present]
    removed = [object_id for object_id in gone if object_id in job.connections]
    connection.members.difference_update(set(gone) - set(removed))
    return added, removed


def write_members(
    job: Job, group: DirectoryGroup, added: list[str], removed: list[str], row: ProvisioningAction
) -> None:
    """Add and remove members of a group, many per request (R18, R19)."""
    connection = job.connections[group.object_id]
    row.action, row.target_id = "Update", connection.target_id
    size = job.settings.members_per_request
    for verb, objects in (("add", added), ("remove", removed)):
        for start in range(0, len(objects), size):
            batch = objects[start : start + size]
            ids = [job.connections[object_id].target_id for object_id in batch]
            job.send(requests.change_members(connection.target_id, verb, ids, job.dialect))
            if verb == "add":
                connection.members.update(batch)
            else:
                connection.members.difference_update(batch)
