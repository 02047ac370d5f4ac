"""One provisioning cycle: the first pass, the references, and what becomes of the job (C1, C13, C14)."""

from __future__ import annotations

from scim_provisioning.simulator.faults import JobStopped
from scim_provisioning.simulator.groups import delete_group, provision_group
from scim_provisioning.simulator.job import Job
from scim_provisioning.simulator.planning import Step, Task, plan_cycle
from scim_provisioning.simulator.probe import check_credentials
from scim_provisioning.simulator.quarantine import CYCLE, Quarantine
from scim_provisioning.simulator.references import (
    manager_changed,
    member_changes,
    write_manager,
    write_members,
)
from scim_provisioning.simulator.results import CycleResult, Progress, ProvisioningAction
from scim_provisioning.simulator.users import delete_user, disable_user, provision_user


def run_cycle(job: Job, progress: Progress) -> CycleResult:
    """Run the next scheduled cycle: time moves on to it, every 40 minutes or as quarantine has it."""
    job.directory.clock.advance_to(job.next_cycle or job.now)
    result = CycleResult(job.cycle + 1, job.now, initial=job.cycle == 0)
    if job.disabled or (job.quarantine and job.quarantine.over(job.now)):
        job.disabled = result.job_disabled = True
        return _with_quarantine(job, result)
    job.cycle += 1
    job.client.cycle = job.cycle
    job.documents.clear()
    first = len(job.client.log)
    job.directory.purge()
    try:
        if job.quarantine:
            check_credentials(job)
        staged = _run_passes(job, result, progress)
    except JobStopped as stop:
        _enter_quarantine(job, stop.reason, stop.detail)
    else:
        _judge(job, result, staged)
    result.exchanges = job.client.log[first:]
    job.next_cycle = job.now + (job.pause() or CYCLE)
    return _with_quarantine(job, result)


def _run_passes(job: Job, result: CycleResult, progress: Progress) -> int:
    scope = job.scope()
    tasks, staged = _held_back(job, plan_cycle(job, scope), result)
    for number, task in enumerate(tasks):
        progress(f"{task.kind}s", number, len(tasks))
        perform(job, task, result.actions)
    progress("Users and groups", len(tasks), len(tasks))
    run_references(job, result, progress)
    return staged


def _held_back(job: Job, tasks: list[Task], result: CycleResult) -> tuple[list[Task], int]:
    """Stage deletions above the threshold until an admin allows them; then they come as a burst (C14)."""
    threshold = job.settings.deletion_threshold
    destructive = [task for task in tasks if task.destructive]
    if threshold is None or len(destructive) <= threshold or job.deletes_allowed:
        job.deletes_allowed = False
        return tasks, 0
    for task in destructive:
        row = _row(job, task.kind, task.source_id, task.name)
        row.action, row.outcome, row.detail = (
            "StagedDelete",
            "Skipped",
            f"{task.step.value} awaits Allow deletes",
        )
        result.actions.append(row)
    return [task for task in tasks if not task.destructive], len(destructive)


def perform(job: Job, task: Task, actions: list[ProvisioningAction]) -> ProvisioningAction:
    """Do what one task asks for; its failure is a row, not the end of the cycle."""
    row = _row(job, task.kind, task.source_id, task.name)
    # What a failure before any write is called.
    row.action = "Match" if task.step is Step.PROVISION else task.step.value
    actions.append(row)
    with job.acting(row, "object", task.state):
        if task.kind == "Group":
            if task.step is Step.DELETE:
                delete_group(job, job.connections[task.source_id], row)
            else:
                provision_group(job, job.directory.groups[task.source_id], row)
        elif task.step is Step.PROVISION:
            provision_user(job, job.directory.users[task.source_id], row)
        elif task.step is Step.DISABLE:
            disable_user(job, job.connections[task.source_id], row)
        else:
            delete_user(job, job.connections[task.source_id], row)
    return row


def run_references(job: Job, result: CycleResult, progress: Progress) -> None:
    """The second pass: managers of users, then members of groups."""
    scope = job.scope()
    if job.mapping.maps_manager:
        users = [user for user in job.directory.users.values() if manager_changed(job, scope, user)]
        for number, user in enumerate(users):
            progress("Managers", number, len(users))
            if job.may_try("manager", user.object_id, user.manager):
                row = _row(job, "User", user.object_id, user.user_principal_name, reference=True)
                result.actions.append(row)
                with job.acting(row, "manager", user.manager):
                    write_manager(job, user, row)
    if job.mapping.maps_members:
        groups = [job.directory.groups[i] for i in sorted(scope.groups & job.connections.keys())]
        for number, group in enumerate(groups):
            progress("Members", number, len(groups))
            added, removed = member_changes(job, scope, group)
            state = (tuple(added), tuple(removed))
            if (added or removed) and job.may_try("members", group.object_id, state):
                row = _row(job, "Group", group.object_id, group.display_name, reference=True)
                result.actions.append(row)
                with job.acting(row, "members", state):
                    write_members(job, group, added, removed, row)
    progress("References", 1, 1)


def _row(job: Job, kind: str, source_id: str, name: str, *, reference: bool = False) -> ProvisioningAction:
    return ProvisioningAction(job.now, job.cycle, "None", kind, source_id, name, reference=reference)


def _judge(job: Job, result: CycleResult, staged: int) -> None:
    failures = [row for row in result.actions if row.failed]
    references = sum(1 for row in failures if row.reference)
    rules = job.settings.quarantine
    if staged:
        _enter_quarantine(job, "AccidentalDeletions", f"{staged} deletions await Allow deletes")
    elif rules.broken_by(len(failures) - references, references, len(result.actions)):
        _enter_quarantine(job, "TooManyFailures", f"{len(failures)} of {len(result.actions)} objects failed")
    else:
        job.quarantine = None


def _enter_quarantine(job: Job, reason: str, detail: str) -> None:
    if job.quarantine is None:
        job.quarantine = Quarantine(reason, detail, job.now)
    else:
        job.quarantine.reason, job.quarantine.detail = reason, detail
        job.quarantine.attempts += 1


def _with_quarantine(job: Job, result: CycleResult) -> CycleResult:
    if job.quarantine:
        result.quarantine, result.quarantine_detail = job.quarantine.reason, job.quarantine.detail
    return result
