"""T8 to T14: the life of a group, through the provisioning service."""

from __future__ import annotations

from scim_provisioning.simulator.certification.bench import Bench, members_of
from scim_provisioning.simulator.certification.catalogue import Needs, certification_test
from scim_provisioning.simulator.certification.outcomes import TestFailed
from scim_provisioning.simulator.objects import DirectoryGroup, DirectoryUser


def expect_members(bench: Bench, group: DirectoryGroup, *people: DirectoryUser) -> None:
    """Read a group, whose members must be these people and nobody else."""
    held, wanted = members_of(bench.group(bench.id_of(group))), {bench.id_of(user) for user in people}
    if held != wanted:
        raise TestFailed(
            f"{len(wanted - held)} members are missing and {len(held - wanted)} are too many of {len(wanted)}"
        )


@certification_test(8, "Create_Group_Test", "created; the filter finds it", needs=Needs.GROUPS)
def create_group(bench: Bench) -> str:
    """T8: a group is created (R15, R17)."""
    group = bench.team("Create")
    bench.cycle()
    document = bench.found(group)
    if document["id"] != bench.id_of(group):
        raise TestFailed(f"the filter finds id {document['id']}, created was {bench.id_of(group)}")
    return "created, found"


@certification_test(9, "Update_Group_Test", "renamed; the new name can be read", needs=Needs.GROUPS)
def update_group(bench: Bench) -> str:
    """T9: a group is renamed, and keeps its members (R20)."""
    user = bench.assigned()
    group = bench.team("Update", user)
    bench.cycle()
    new_name = f"{group.display_name} B"
    bench.directory.rename(group, new_name)
    bench.cycle()
    name = bench.group(bench.id_of(group)).get("displayName")
    if name != new_name:
        raise TestFailed(f"displayName is {name!r}, not {new_name!r}")
    if bench.found(group)["id"] != bench.id_of(group):
        raise TestFailed("the new name finds another group")
    expect_members(bench, group, user)
    return "renamed, found by its new name, its member kept"


@certification_test(
    10,
    "Delete_Group_Test",
    "deleted; GET 404 and the filter finds nothing",
    needs=Needs.GROUPS,
    optional=True,
)
def delete_group(bench: Bench) -> str:
    """T10: a group is deleted (R21)."""
    group = bench.team("Delete")
    bench.cycle()
    target_id = bench.id_of(group)
    bench.directory.delete_group(group)
    bench.cycle()
    bench.gone(group, target_id)
    return "DELETE, then 404 and an empty list"


@certification_test(
    11, "Group_Update_Add_Member_Test", "the new members are in, the old one stays", needs=Needs.GROUPS
)
def add_member(bench: Bench) -> str:
    """T11: members are added to a group that has one, several in one request (R18)."""
    first, second, third = bench.assigned("ada"), bench.assigned("bo"), bench.assigned("cyd")
    group = bench.team("Add", first)
    bench.cycle()
    expect_members(bench, group, first)
    for user in (second, third):
        bench.directory.add_member(group, user)
    bench.cycle()
    expect_members(bench, group, first, second, third)
    return "3 members after 1 and 2 were added"


@certification_test(
    12, "Group_Update_Remove_Member_Test", "one member is out, the others stay", needs=Needs.GROUPS
)
def remove_member(bench: Bench) -> str:
    """T12: one of three members is removed (R19)."""
    first, second, third = bench.assigned("ada"), bench.assigned("bo"), bench.assigned("cyd")
    group = bench.team("Remove", first, second, third)
    bench.cycle()
    bench.directory.remove_member(group, second)
    bench.cycle()
    expect_members(bench, group, first, third)
    return "2 members of 3 after 1 was removed"


@certification_test(
    13, "POD_Group_Test", "provisioned at once with its members; the filter finds it", needs=Needs.GROUPS
)
def provision_group_on_demand(bench: Bench) -> str:
    """T13: a group with five members is provisioned on demand (C16)."""
    people = [bench.assigned(label) for label in ("ada", "bo", "cyd", "dee", "eve")]
    group = bench.team("Demand", *people)
    bench.on_demand(group)
    bench.found(group)
    expect_members(bench, group, *people)
    return "created with 5 members without a cycle"


@certification_test(
    14,
    "Restore_Group_Test",
    "gone after the unassignment, back with its member after the new assignment",
    needs=Needs.GROUPS,
    optional=True,
)
def restore_group(bench: Bench) -> str:
    """T14: a group is unassigned and assigned again, which deletes and creates it (C10)."""
    user = bench.assigned()
    group = bench.team("Restore", user)
    bench.cycle()
    old_id = bench.id_of(group)
    bench.directory.unassign(group)
    bench.cycle()
    bench.gone(group, old_id)
    bench.directory.assign(group)
    bench.cycle()
    new_id = bench.found(group)["id"]
    if new_id == old_id:
        raise TestFailed(f"the new group has the id {old_id} of the deleted one")
    expect_members(bench, group, user)
    return "deleted, then created anew with its member"


TESTS = (
    create_group,
    update_group,
    delete_group,
    add_member,
    remove_member,
    provision_group_on_demand,
    restore_group,
)
