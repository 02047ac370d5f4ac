"""T17 to T20 and T25: users, groups and managers, written to the server directly."""

from __future__ import annotations

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.certification.bench import Bench, differing, manager_of
from scim_provisioning.simulator.certification.catalogue import Needs, certification_test
from scim_provisioning.simulator.certification.outcomes import NotApplicable, TestFailed
from scim_provisioning.simulator.dialects import Change
from scim_provisioning.simulator.faults import deserialized
from scim_provisioning.simulator.objects import DirectoryGroup, DirectoryUser
from scim_provisioning.simulator.paths import MANAGER, Document
from scim_provisioning.simulator.requests import ScimRequest


def created(bench: Bench, user: DirectoryUser) -> Document:
    """Create a user by POST and return the server's answer."""
    request = requests.create_user(bench.values(user), bench.dialect)
    return deserialized(bench.send(request, 200, 201).response_body)


def created_group(bench: Bench, group: DirectoryGroup) -> Document:
    """Create a group by POST and return the server's answer."""
    request = requests.create_group(bench.group_values(group))
    return deserialized(bench.send(request, 200, 201).response_body)


@certification_test(
    17, "SCIM_User_Create_Test", "201 with an id and the same userName; 409 uniqueness for a second one"
)
def create_user(bench: Bench) -> str:
    """T17: a user is posted, and posted again (R4)."""
    user = bench.person()
    answer = created(bench, user)
    if str(answer.get("userName")).lower() != user.user_principal_name:
        raise TestFailed(f"userName is {answer.get('userName')!r}, not {user.user_principal_name!r}")
    again = bench.send(requests.create_user(bench.values(user), bench.dialect), 409).resource or {}
    if again.get("scimType") != "uniqueness":
        raise TestFailed(f"the 409 has scimType {again.get('scimType')!r}, not 'uniqueness'")
    return "created, then 409 uniqueness"


@certification_test(18, "SCIM_User_Update_Test", "200 or 204; GET shows every value that was sent")
def update_user(bench: Bench) -> str:
    """T18: every single-valued attribute is patched and read (R5)."""
    user = bench.person()
    answer = created(bench, user)
    bench.turn_into(user)
    values = {
        target: value
        for target, value in bench.values(user).items()
        if isinstance(value, str) and target.name not in {"roles", "active"} and target.text != "userName"
    }
    if not values:
        raise NotApplicable("no attribute that could be updated is mapped")
    held = {target: "add" if target.read(answer) in {None, ""} else "replace" for target in values}
    bench.patch(answer["id"], *(Change(held[target], target, value) for target, value in values.items()))
    wrong = differing(values, bench.user(answer["id"]))
    if wrong:
        raise TestFailed(wrong)
    return f"{len(values)} values written and read back"


@certification_test(
    19,
    "SCIM_Group_Create_Test",
    "201 with an id, the same displayName and externalId",
    needs=Needs.GROUPS,
)
def create_group(bench: Bench) -> str:
    """T19: a group is posted (R17)."""
    group = bench.team("Post")
    answer = created_group(bench, group)
    wrong = differing(bench.group_values(group), bench.group(answer["id"]))
    if wrong:
        raise TestFailed(wrong)
    return "created, displayName and externalId as sent"


@certification_test(
    20,
    "SCIM_Group_Update_Test",
    "200 or 204; GET shows the new displayName and externalId",
    needs=Needs.GROUPS,
)
def update_group(bench: Bench) -> str:
    """T20: a group's displayName and externalId are patched and read (R20)."""
    target_id = created_group(bench, bench.team("Patch"))["id"]
    # Another directory object's values: they differ in both.
    values = bench.group_values(bench.team("Patched"))
    changes = [Change("replace", target, value) for target, value in values.items()]
    bench.send(requests.update_group(target_id, changes, bench.dialect), 200, 204)
    wrong = differing(values, bench.group(target_id))
    if wrong:
        raise TestFailed(wrong)
    return f"{' and '.join(target.text for target in values)} written and read back"


@certification_test(
    25,
    "SCIM_Update_Manager_Test",
    "each PATCH 200 or 204; GET shows the manager, at last none",
    needs=Needs.MANAGER,
)
def update_manager(bench: Bench) -> str:
    """T25: a manager is added and replaced as a plain string, and emptied by "" (R10)."""
    ids = {label: created(bench, bench.person(label))["id"] for label in ("ada", "boss", "chief")}
    path = f"/Users/{requests.segment(ids['ada'])}"
    for verb, manager in (("Add", ids["boss"]), ("replace", ids["chief"]), ("replace", "")):
        body = bench.dialect.body([{"op": verb, "path": MANAGER, "value": manager}])
        bench.send(ScimRequest("R10", "PATCH", path, body=body), 200, 204)
        held = manager_of(bench.user(ids["ada"]))
        if held != manager:
            raise TestFailed(f"the manager is {held or 'absent'} after {verb} {manager or chr(34) * 2}")
    return "added, replaced, emptied; read as an object"


TESTS = (create_user, update_user, create_group, update_group, update_manager)
