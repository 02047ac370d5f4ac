"""What is done to one user: match, create, read and update, disable, delete."""

from __future__ import annotations

from collections.abc import Sequence

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.dialects import Change
from scim_provisioning.simulator.differences import differences
from scim_provisioning.simulator.expressions import RoleSet
from scim_provisioning.simulator.faults import (
    INCOMPATIBLE,
    ProvisioningFault,
    deserialized,
    found_in,
    resource_of,
)
from scim_provisioning.simulator.job import Job, ObjectConnection
from scim_provisioning.simulator.mapping import AttributeMapping
from scim_provisioning.simulator.objects import DirectoryUser
from scim_provisioning.simulator.paths import CORE_USER, ENTERPRISE, Document, parse_target
from scim_provisioning.simulator.results import ProvisioningAction
from scim_provisioning.simulator.sources import UserSource

ACTIVE = parse_target("active")


def user_state(job: Job, user: DirectoryUser) -> object:
    """Return what the service would provision; an equal state means nothing to do (C1)."""
    values = job.mapping.user_values(UserSource(user, job.directory), creating=False)
    return tuple((target.text, value) for target, value in values.items())


def provision_user(job: Job, user: DirectoryUser, row: ProvisioningAction) -> None:
    """Bring a user in scope to the target: create it, or read it and write what differs (C1, C2, C4)."""
    source = UserSource(user, job.directory)
    connection = job.connections.get(user.object_id)
    if connection is None or job.on_demand:
        found = match_user(job, source)
        if found is None:
            _create(job, user, source, row)
            return
        if connection is None or connection.target_id != found["id"]:
            connection = job.connect("User", user.object_id, found["id"], user.user_principal_name)
    row.target_id = connection.target_id
    document = resource_of(job.send(requests.read_user(connection.target_id)))
    job.documents[user.object_id] = document
    values = job.mapping.user_values(source, creating=False, roles=not job.on_demand)
    changes = differences(values, document)
    row.action = "Update" if changes else "None"
    if any(c.target == ACTIVE and c.value == "True" for c in changes):
        row.action = "Enable"
    _patch(job, connection, changes)
    connection.name, connection.active, connection.assigned = user.user_principal_name, True, True
    # Roles were left out on demand, so the next cycle must look again (C16).
    connection.seen = None if job.on_demand else user_state(job, user)


def match_user(job: Job, source: UserSource) -> Document | None:
    """Look for the user by each matching attribute in order of precedence, stopping at the first hit (C2)."""
    for line in job.mapping.matching(job.mapping.users):
        value = line.value(source)
        if not isinstance(value, str):
            continue
        found = found_in(job.send(requests.find_user(line.target, value)))
        if found is not None:
            return matching_resource(line, value, found)
    return None


def matching_resource(line: AttributeMapping, value: str, found: Document) -> Document:
    """Refuse an answer that is not what was asked for: the server ignored the filter (section 6 no. 10)."""
    held = line.target.read(found)
    if isinstance(held, str) and held.casefold() != value.casefold():
        raise ProvisioningFault(
            INCOMPATIBLE, f"asked for {line.target.text} {value!r}, the server answered with {held!r}"
        )
    return found


def _create(job: Job, user: DirectoryUser, source: UserSource, row: ProvisioningAction) -> None:
    row.action = "Create"
    values = job.mapping.user_values(source, creating=True, roles=not job.on_demand)
    manager = _manager_for_creation(job, user)
    request = requests.create_user(values, job.dialect, manager.target_id if manager else None)
    document = resource_of(job.send(request))
    if job.on_demand and user.object_id in job.connections:
        # Restoring on demand may create a duplicate; the link now names the new account (C16).
        job.disconnect(user.object_id)
    connection = job.connect("User", user.object_id, document["id"], user.user_principal_name)
    connection.seen = None if job.on_demand else user_state(job, user)
    connection.manager = user.manager if manager else None
    job.documents[user.object_id] = document
    row.target_id = connection.target_id


def _manager_for_creation(job: Job, user: DirectoryUser) -> ObjectConnection | None:
    # The initial cycle writes references in its second pass only; later creations may carry them (C1, R10).
    if not job.mapping.maps_manager or job.cycle <= 1 or job.on_demand or user.manager is None:
        return None
    connection = job.connections.get(user.manager)
    return connection if connection is not None and connection.active else None


def _patch(job: Job, connection: ObjectConnection, changes: Sequence[Change]) -> None:
    if not changes:
        return
    exchange = job.send(requests.update_user(connection.target_id, changes, job.dialect, rule_of(changes)))
    if exchange.status == 200 and exchange.response_text:
        deserialized(exchange.response_body)


def rule_of(changes: Sequence[Change]) -> str:
    """Return the catalogue's number of a PATCH: the most telling of what it does."""
    targets = [change.target for change in changes]
    active = next((c.value for c in changes if c.target == ACTIVE), None)
    if active is not None:
        return "R8" if active == "False" else "R9"
    if any(target.text == "userName" for target in targets):
        return "R7"
    if any(isinstance(c.value, RoleSet) or c.target.name == "roles" for c in changes):
        return "R13"
    if any(target.urn not in {None, CORE_USER, ENTERPRISE} for target in targets):
        return "R12"
    return "R6" if any(c.verb == "add" and c.target.filtered for c in changes) else "R5"


def disable_user(job: Job, connection: ObjectConnection, row: ProvisioningAction) -> None:
    """Set active=false on an account whose user was unassigned, disabled or deleted (C6, R8)."""
    row.action, row.target_id = "Disable", connection.target_id
    document = resource_of(job.send(requests.read_user(connection.target_id)))
    user = job.directory.users[connection.source_id]
    wanted = _mapped_active(job, UserSource(user, job.directory, out_of_scope=True))
    changes = differences({ACTIVE: wanted}, document) if wanted else []
    if not changes:
        row.action = "None"
    _patch(job, connection, changes)
    connection.active, connection.seen = False, None


def _mapped_active(job: Job, source: UserSource) -> str | None:
    for line in job.mapping.users:
        if line.target == ACTIVE:
            value = line.value(source)
            return value if isinstance(value, str) else None
    return None


def delete_user(job: Job, connection: ObjectConnection, row: ProvisioningAction) -> None:
    """Delete an account whose user is gone from the directory for good (C6, R14)."""
    row.action, row.target_id = "Delete", connection.target_id
    delete_resource(job, requests.delete_user(connection.target_id))
    job.disconnect(connection.source_id)


def delete_resource(job: Job, request: requests.ScimRequest) -> None:
    """Send a DELETE; an object that is gone already is as good as deleted."""
    try:
        job.send(request)
    except ProvisioningFault as fault:
        if fault.status != 404:
            raise
