"""T1 to T7: the life of a user, through the provisioning service."""

from __future__ import annotations

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.certification.bench import Bench, differing, manager_of
from scim_provisioning.simulator.certification.catalogue import Needs, certification_test
from scim_provisioning.simulator.certification.outcomes import TestFailed
from scim_provisioning.simulator.objects import DirectoryUser


def provisioned(bench: Bench, label: str = "ada") -> tuple[DirectoryUser, str]:
    """Assign a new person, run a cycle and return the person with the server's id."""
    user = bench.assigned(label)
    bench.cycle()
    return user, bench.id_of(user)


@certification_test(1, "Create_User_Test", "created; the filter finds it, active, with its id")
def create_user(bench: Bench) -> str:
    """T1: a user is created (R2, R4)."""
    user, target_id = provisioned(bench)
    document = bench.found(user)
    if document["id"] != target_id:
        raise TestFailed(f"the filter finds id {document['id']}, the creation was answered with {target_id}")
    # Who has been invited but never came is active too (A10).
    if bench.mapping.maps_active and document.get("active") is not True:
        raise TestFailed(f"active is {document.get('active')!r} after the creation")
    return f"created, found, active {document.get('active')}"


@certification_test(2, "Update_User_Test", "updated; every changed value can be read")
def update_user(bench: Bench) -> str:
    """T2: mapped attributes of a user are changed (R5, R6)."""
    user, target_id = provisioned(bench)
    before = bench.values(user)
    bench.turn_into(user)
    changed = {target: value for target, value in bench.values(user).items() if before.get(target) != value}
    bench.cycle()
    wrong = differing(changed, bench.user(target_id))
    if wrong:
        raise TestFailed(wrong)
    return f"{len(changed)} values changed and read back"


@certification_test(3, "Disable_User_Test", "GET by id and by filter show active false", needs=Needs.ACTIVE)
def disable_user(bench: Bench) -> str:
    """T3: an account is disabled, and stays visible (R8, C8)."""
    user, target_id = provisioned(bench)
    bench.directory.disable(user)
    bench.cycle()
    expect_active(bench, target_id, active=False)
    document = bench.look_up(user)
    if document is None:
        raise TestFailed("the filter does not find the disabled user")
    if document.get("active") is not False:
        raise TestFailed(f"active is {document.get('active')!r} in the answer to the filter")
    return "active False by id and by filter"


@certification_test(4, "Delete_User_Test", "deleted; GET 404 and the filter finds nothing", optional=True)
def delete_user(bench: Bench) -> str:
    """T4: a user is deleted for good (R14)."""
    user, target_id = provisioned(bench)
    bench.directory.soft_delete(user)
    bench.cycle()
    bench.app.clock.advance(days=31)
    bench.cycle()
    if bench.app.connection_of(user) is not None:
        # Nothing is mapped to active, so the recycle bin went unnoticed.
        bench.send(requests.delete_user(target_id), 204)
    bench.gone(user, target_id)
    return "DELETE, then 404 and an empty list"


@certification_test(
    5, "User_Update_Manager_Test", "the manager is set, changed and removed", needs=Needs.MANAGER
)
def update_manager(bench: Bench) -> str:
    """T5: a manager is set, changed and removed (R10)."""
    user, boss, chief = bench.assigned("ada"), bench.assigned("boss"), bench.assigned("chief")
    for manager in (boss, chief):
        bench.directory.change(user, manager=manager)
        bench.cycle()
        held = manager_of(bench.user(bench.id_of(user)))
        if held != bench.id_of(manager):
            raise TestFailed(f"the manager is {held or 'absent'}, not {bench.id_of(manager)}")
    # The provisioning service skips a manager that was cleared (C5); Microsoft's test writes it.
    bench.send(requests.set_manager(bench.id_of(user), "replace", "", bench.dialect), 200, 204)
    held = manager_of(bench.user(bench.id_of(user)))
    if held:
        raise TestFailed(f'the manager is still {held} after replace with ""')
    return "set, changed, removed"


@certification_test(
    6, "Restore_User_Test", "disabled, then active again under the same id", needs=Needs.ACTIVE
)
def restore_user(bench: Bench) -> str:
    """T6: a user is unassigned and assigned again, deleted and restored (R9, C7)."""
    user, target_id = provisioned(bench)
    directory = bench.directory
    for leave, come_back in (
        (directory.unassign, directory.assign),
        (directory.soft_delete, directory.restore),
    ):
        leave(user)
        bench.cycle()
        expect_active(bench, target_id, active=False)
        come_back(user)
        bench.cycle()
        if bench.id_of(user) != target_id:
            raise TestFailed(f"it came back as {bench.id_of(user)}; it was {target_id}")
        expect_active(bench, target_id, active=True)
    return "unassigned and assigned, deleted and restored, always the same id"


@certification_test(7, "POD_User_Test", "provisioned at once; the filter finds it")
def provision_user_on_demand(bench: Bench) -> str:
    """T7: a user is provisioned on demand, which writes the legacy dialect (C16)."""
    user = bench.assigned()
    bench.on_demand(user)
    target_id = bench.found(user)["id"]
    bench.turn_into(user)
    bench.on_demand(user)
    wrong = differing(bench.values(user), bench.user(target_id))
    if wrong:
        raise TestFailed(wrong)
    return "created and updated without a cycle"


def expect_active(bench: Bench, target_id: str, *, active: bool) -> None:
    """Read a user by id, whose `active` must be this."""
    seen = bench.user(target_id).get("active")
    if seen is not active:
        raise TestFailed(f"active is {seen!r}, not {active}")


TESTS = (
    create_user,
    update_user,
    disable_user,
    delete_user,
    update_manager,
    restore_user,
    provision_user_on_demand,
)
