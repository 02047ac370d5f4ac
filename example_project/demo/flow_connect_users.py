"""Flow Connect's users: created, inactive and back, deleted (A8 to A10, A14 to A19, A32, A38)."""

from __future__ import annotations

from typing import Any

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from scim_provisioning.simulator import MAPPINGS
from scim_provisioning.simulator.paths import parse_target

RULES = Rules()
# Everything that the default mappings read, beside what every user has.
PROFILE: dict[str, Any] = {
    "job_title": "Engineer",
    "preferred_language": "nb-NO",
    "street_address": "Storgata 1",
    "city": "Oslo",
    "state": "Oslo",
    "postal_code": "0155",
    "country": "NO",
    "mobile": "+47 900",
    "telephone_number": "+47 221",
    "facsimile_telephone_number": "+47 222",
    "employee_id": "E-7",
    "physical_delivery_office_name": "Oslo 3",
    "department": "R&D: Cloud: Core",
}


@RULES.rule(
    "A8",
    "A new user signs in at once, without an invitation",
    http="POST 201; sign-in 302",
    tables="no usable password",
)
def no_invitation(scene: Scene) -> Seen:
    user = scene.hire("Nora")
    cycle = scene.cycle()
    account = scene.account(user)
    password = "a password" if account.has_usable_password() else "no usable password"
    return Seen(f"{scene.writes(cycle, user)}; sign-in {scene.sign_in(account).status}", password)


@RULES.rule("A9", "A new user is Pending", http="POST 201, active true", tables="pending")
def new_user(scene: Scene) -> Seen:
    user = scene.hire("Nina")
    cycle = scene.cycle()
    return Seen(f"{scene.writes(cycle, user)}, active {scene.active(user)}", scene.account(user).status)


@RULES.rule(
    "A10",
    "The first login makes a Pending user Active, once",
    http="sign-in 302, home says active; again 302",
    tables="pending → active; 1 activation",
)
def first_login(scene: Scene) -> Seen:
    user = scene.hire("Ned")
    scene.cycle()
    before = scene.account(user)
    first, second = scene.sign_in(before), scene.sign_in(before)
    activations = scene.events(operation="activate", resource_id=scene.target(user))
    return Seen(
        f"sign-in {first.status}, home says {first.standing}; again {second.status}",
        f"{before.status} → {scene.account(user).status}; {activations} activation",
    )


@RULES.rule(
    "A14",
    "Removed from provisioning: Inactive, whether created or adopted",
    http="PATCH 200, PATCH 200; active false, false; sign-in 200",
    tables="inactive, inactive",
)
def removed(scene: Scene) -> Seen:
    scene.resident("Rolf")
    users = [scene.hire("Ragna"), scene.hire("Rolf")]
    scene.cycle()
    for user in users:
        scene.directory.unassign(user)
    cycle = scene.cycle()
    active = ", ".join(scene.active(user) for user in users)
    refused = scene.sign_in(scene.account(users[0])).status
    return Seen(
        f"{scene.writes(cycle, *users)}; active {active}; sign-in {refused}",
        ", ".join(scene.account(user).status for user in users),
    )


@RULES.rule(
    "A15",
    "Added back: Active, the same id, even without a login ever",
    http="PATCH 200, PATCH 200; active true; same id",
    tables="pending → inactive → active",
)
def added_back(scene: Scene) -> Seen:
    user = scene.hire("Berit")
    cycles, statuses, ids = [], [], set()
    for edit in (scene.directory.assign, scene.directory.unassign, scene.directory.assign):
        edit(user)
        cycles.append(scene.writes(scene.cycle(), user))
        statuses.append(scene.account(user).status)
        ids.add(scene.target(user))
    return Seen(
        f"{', '.join(cycles[1:])}; active {scene.active(user)}; {'same id' if len(ids) == 1 else 'new id'}",
        " → ".join(statuses),
    )


@RULES.rule(
    "A16",
    "Deleted from the directory: deleted for good",
    http="PATCH 200; 30 days later DELETE 204, GET 404",
    tables="inactive → no row",
)
def deleted(scene: Scene) -> Seen:
    user = scene.hire("Gina")
    scene.cycle()
    target = scene.target(user)
    scene.directory.soft_delete(user)
    soft = scene.writes(scene.cycle(), user)
    status = scene.account(user).status
    hard = scene.writes(scene.cycle(days=31), user)
    rows = scene.users_named("Gina")
    return Seen(
        f"{soft}; 30 days later {hard}, GET {scene.read(target)}",
        f"{status} → {'no row' if rows == 0 else f'{rows} row'}",
    )


@RULES.rule(
    "A18",
    "Pending, Active, Inactive; the wire calls all but Inactive active",
    http="true, true, false",
    tables="pending, active, inactive",
)
def statuses(scene: Scene) -> Seen:
    user = scene.hire("Sara")
    scene.cycle()
    active, kept = [scene.active(user)], [scene.account(user).status]
    scene.sign_in(scene.account(user))
    active.append(scene.active(user))
    kept.append(scene.account(user).status)
    scene.directory.disable(user)
    scene.cycle()
    active.append(scene.active(user))
    kept.append(scene.account(user).status)
    return Seen(", ".join(active), ", ".join(kept))


@RULES.rule(
    "A19",
    "active=true does not make a Pending user Active",
    http="PATCH 200, active true",
    tables="pending",
)
def still_pending(scene: Scene) -> Seen:
    user = scene.hire("Pia")
    scene.cycle()
    answer = scene.change(scene.target(user), {"active": "True"})
    return Seen(f"PATCH {answer}, active {scene.active(user)}", scene.account(user).status)


@RULES.rule(
    "A32",
    "externalId is the objectId, a GUID, and nobody else's",
    http="mailNickname: 400 invalidValue, names objectId; repeated: 409 uniqueness",
    tables="0 users, 0 users",
)
def external_id(scene: Scene) -> Seen:
    wrong = scene.beside(MAPPINGS["flow_connect"].with_mistake("external_id_from_mail_nickname"))
    user = wrong.hire("Erna")
    refused = wrong.refusal(wrong.cycle(), user)
    first = scene.hire("Emil")
    scene.cycle()
    repeated = scene.wire.post("/Users", scene.person("Esther", externalId=first.object_id))
    named = "names objectId" if "to objectId" in refused.detail else refused.detail
    return Seen(
        f"mailNickname: {refused}, {named}; repeated: {repeated}",
        f"{scene.users_named('Erna')} users, {scene.users_named('Esther')} users",
    )


@RULES.rule(
    "A38",
    "All 22 default mappings are accepted, kept and returned",
    http="POST 201; 22 of 22 returned; evaluated again: no write",
    tables="title and phone in columns; fax, street, manager kept",
)
def default_mappings(scene: Scene) -> Seen:
    boss = scene.hire("Dora")
    user = scene.hire("Dag", manager=boss, **PROFILE)
    created = scene.writes(scene.cycle(), user).split(",")[0]
    resource = scene.read(user).body
    lines = [parse_target(line.target_text) for line in scene.app.job.mapping.users]
    returned = sum(1 for target in lines if target.read(resource) is not None)
    again = scene.app.provision_on_demand(user).actions[0]
    account, kept = scene.account(user), repr(scene.link(user).attributes)
    columns = (
        "title and phone in columns" if (account.title, account.phone) == ("Engineer", "+47 221") else "?"
    )
    beside = ("+47 222", "Storgata 1", scene.target(boss))
    return Seen(
        f"{created}; {returned} of {len(lines)} returned; evaluated again: "
        f"{'no write' if again.action == 'None' else again.action}",
        f"{columns}; {'fax, street, manager kept' if all(text in kept for text in beside) else kept}",
    )
