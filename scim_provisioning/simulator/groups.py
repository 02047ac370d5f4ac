"""What is done to one group: match, create, read and rename, delete."""

from __future__ import annotations

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.differences import differences
from scim_provisioning.simulator.faults import found_in, resource_of, without_members
from scim_provisioning.simulator.job import Job, ObjectConnection
from scim_provisioning.simulator.objects import DirectoryGroup
from scim_provisioning.simulator.paths import Document
from scim_provisioning.simulator.results import ProvisioningAction
from scim_provisioning.simulator.sources import GroupSource
from scim_provisioning.simulator.users import delete_resource, matching_resource


def group_state(job: Job, group: DirectoryGroup) -> object:
    """Return what the service would provision, members apart."""
    values = job.mapping.group_values(GroupSource(group), creating=False)
    return tuple((target.text, value) for target, value in values.items())


def provision_group(job: Job, group: DirectoryGroup, row: ProvisioningAction) -> None:
    """Bring an assigned group to the target, without its members (R15–R17, R20)."""
    source = GroupSource(group)
    connection = job.connections.get(group.object_id)
    if connection is None or job.on_demand:
        found = match_group(job, source)
        if found is None:
            _create(job, group, source, row)
            return
        if connection is None or connection.target_id != found["id"]:
            connection = job.connect("Group", group.object_id, found["id"], group.display_name)
    row.target_id = connection.target_id
    document = without_members(resource_of(job.send(requests.read_group(connection.target_id))))
    changes = differences(job.mapping.group_values(source, creating=False), document)
    row.action = "Update" if changes else "None"
    if changes:
        job.send(requests.update_group(connection.target_id, changes, job.dialect))
    connection.name, connection.seen = group.display_name, group_state(job, group)


def match_group(job: Job, source: GroupSource) -> Document | None:
    """Look for the group by its matching attributes (R15)."""
    for line in job.mapping.matching(job.mapping.groups):
        value = line.value(source)
        if not isinstance(value, str):
            continue
        found = found_in(job.send(requests.find_group(line.target, value, job.dialect)))
        if found is not None:
            return without_members(matching_resource(line, value, found))
    return None


def _create(job: Job, group: DirectoryGroup, source: GroupSource, row: ProvisioningAction) -> None:
    row.action = "Create"
    document = resource_of(job.send(requests.create_group(job.mapping.group_values(source, creating=True))))
    if group.object_id in job.connections:
        job.disconnect(group.object_id)
    connection = job.connect("Group", group.object_id, document["id"], group.display_name)
    connection.seen = group_state(job, group)
    row.target_id = connection.target_id


def delete_group(job: Job, connection: ObjectConnection, row: ProvisioningAction) -> None:
    """Delete a group that was unassigned or deleted in Entra: a GET, then the DELETE (C10, R21)."""
    row.action, row.target_id = "Delete", connection.target_id
    exchange = job.client.send(requests.read_group(connection.target_id), job.dialect)
    if exchange.status != 404:
        delete_resource(job, requests.delete_group(connection.target_id))
    job.disconnect(connection.source_id)
