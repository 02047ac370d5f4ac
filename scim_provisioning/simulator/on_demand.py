"""*Provision on demand*: one user, or one group with up to five members, in the legacy dialect (C16)."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from scim_provisioning.simulator.cycle import perform
from scim_provisioning.simulator.dialects import LEGACY
from scim_provisioning.simulator.faults import JobStopped
from scim_provisioning.simulator.job import Job
from scim_provisioning.simulator.objects import DirectoryGroup, DirectoryUser
from scim_provisioning.simulator.planning import Step, Task
from scim_provisioning.simulator.references import write_members
from scim_provisioning.simulator.results import OnDemandResult, ProvisioningAction
from scim_provisioning.simulator.scope import Scope

MEMBER_LIMIT = 5


def run_on_demand(
    job: Job, chosen: DirectoryUser | DirectoryGroup, members: Sequence[DirectoryUser] | None
) -> OnDemandResult:
    """Provision one object now, without roles, and say what each step came to."""
    result = OnDemandResult(steps=[("Import", f"{_name(chosen)} was read from the directory")])
    first = len(job.client.log)
    # The connections are shared with the job; only the way of working differs.
    single = dataclasses.replace(job, dialect=LEGACY, on_demand=True, retries={})
    try:
        if isinstance(chosen, DirectoryGroup):
            _group(single, chosen, members, result)
        else:
            _user(single, chosen, single.scope(), result)
    except JobStopped as stop:
        result.steps.append(("Stopped", stop.detail))
    result.exchanges = job.client.log[first:]
    return result


def _name(chosen: DirectoryUser | DirectoryGroup) -> str:
    return chosen.display_name if isinstance(chosen, DirectoryGroup) else chosen.user_principal_name


def _user(job: Job, user: DirectoryUser, scope: Scope, result: OnDemandResult) -> None:
    connection = job.connections.get(user.object_id)
    name = user.user_principal_name
    if scope.wants(user):
        result.steps.append(("Determine if object is in scope", f"{name} is in scope"))
        _perform(job, Task(Step.PROVISION, "User", user.object_id, name), result)
    elif connection is not None and job.mapping.maps_active:
        result.steps.append(("Determine if object is in scope", f"{name} is no longer in scope"))
        _perform(job, Task(Step.DISABLE, "User", user.object_id, name), result)
    else:
        result.steps.append(
            ("Determine if object is in scope", f"{name} is not effectively entitled: skipped")
        )


def _group(
    job: Job, group: DirectoryGroup, members: Sequence[DirectoryUser] | None, result: OnDemandResult
) -> None:
    scope = job.scope()
    chosen = list(members) if members is not None else job.directory.members(group)[:MEMBER_LIMIT]
    if len(chosen) > MEMBER_LIMIT:
        raise ValueError(f"provision on demand takes at most {MEMBER_LIMIT} members of a group")
    if not job.mapping.groups or group.object_id not in scope.groups:
        result.steps.append(
            ("Determine if object is in scope", f"{group.display_name} is not assigned: skipped")
        )
        return
    for user in chosen:
        _user(job, user, scope, result)
    row = _perform(job, Task(Step.PROVISION, "Group", group.object_id, group.display_name), result)
    added = [user.object_id for user in chosen if scope.wants(user) and user.object_id in job.connections]
    if row.failed or not added or not job.mapping.maps_members:
        return
    row = ProvisioningAction(
        job.now, job.cycle, "None", "Group", group.object_id, group.display_name, reference=True
    )
    result.actions.append(row)
    with job.acting(row, "members"):
        write_members(job, group, added, [], row)
    result.steps.append(("Add members", row.detail or f"{len(added)} members"))


def _perform(job: Job, task: Task, result: OnDemandResult) -> ProvisioningAction:
    row = perform(job, task, result.actions)
    matched = "no match in the target system" if row.action == "Create" else f"matched {row.target_id}"
    result.steps.append(("Match object between source and target system", matched))
    result.steps.append((f"Perform action: {row.action}", row.detail if row.failed else "Success"))
    return row
