"""Who is in a group of Flow Connect, and who may change that (A17, A25 to A27, A30, A33)."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from example_project.hub.models import Group, User
from scim_provisioning.models import UserResource

RULES = Rules()
OWNER = "olivia@contoso.example"


@RULES.rule(
    "A17",
    "A user of SCIM may join the Hub's own groups, end-user and admin",
    http="admin page: saved; home names both groups",
    tables="Auditors, Packagers",
)
def own_groups(scene: Scene) -> Seen:
    user = scene.hire("Ulla")
    scene.cycle()
    account = scene.account(user)
    wanted = Group.objects.filter(organization=scene.organization, name__in=["Packagers", "Auditors"])
    with scene.visitor() as owner:
        owner.sign_in(scene.organization.slug, OWNER)
        saved = owner.change_groups(account.pk, list(wanted.values_list("pk", flat=True)))
    home = scene.sign_in(account).home
    named = sum(1 for group in wanted if group.name in home)
    names = ", ".join(account.groups.order_by("name").values_list("name", flat=True))
    return Seen(f"admin page: {saved}; home names {'both' if named == 2 else named} groups", names)


@RULES.rule(
    "A25",
    "Members of a group of SCIM change through SCIM alone",
    http="admin page: refused: The members of “Ferries” are managed by SCIM and change only in the identity provider",
    tables="add, remove, clear refused; 1 member",
)
def protected_members(scene: Scene) -> Seen:
    member, outsider = scene.hire("Frode"), scene.hire("Finn")
    group = scene.team("Ferries", member)
    scene.cycle()
    row, account = scene.group(group), scene.account(outsider)
    with scene.visitor() as owner:
        owner.sign_in(scene.organization.slug, OWNER)
        said = owner.change_groups(account.pk, [row.pk])
    edits: dict[str, Callable[[], object]] = {
        "add": lambda: row.members.add(account),
        "remove": lambda: row.members.remove(scene.account(member)),
        "clear": row.members.clear,
    }
    refused = [name for name, edit in edits.items() if _is_refused(edit)]
    return Seen(f"admin page: {said}", f"{', '.join(refused)} refused; {row.members.count()} member")


def _is_refused(edit: Callable[[], object]) -> bool:
    try:
        with transaction.atomic():
            edit()
    except ValidationError:
        return True
    return False


@RULES.rule(
    "A26",
    "Who is not managed by SCIM cannot join a group of SCIM",
    http="admin page: refused: The members of “Signals” are managed by SCIM and change only in the identity provider",
    tables="refused; 0 members",
)
def strangers_stay_out(scene: Scene) -> Seen:
    stranger = scene.resident("Stig")
    group = scene.team("Signals")
    scene.cycle()
    row = scene.group(group)
    with scene.visitor() as owner:
        owner.sign_in(scene.organization.slug, OWNER)
        said = owner.change_groups(stranger.pk, [row.pk])
    refused = _is_refused(lambda: stranger.groups.add(row))
    return Seen(
        f"admin page: {said}", f"{'refused' if refused else 'accepted'}; {row.members.count()} members"
    )


@RULES.rule(
    "A27",
    "Absent, deleted, unmanaged, foreign member: passed over, one answer for all",
    http="204, 204, 204, 204; the same answer; with a good one 204",
    tables="1 member (the good one); 5 events",
)
def unknown_members(scene: Scene) -> Seen:
    group, good = scene.team("Rails"), scene.hire("Runa")
    scene.cycle()
    target = scene.target(group)
    gone = scene.wire.post("/Users", scene.person("Roald")).body["id"]
    scene.wire.delete(f"/Users/{gone}")
    resident = UserResource.objects.get(connection=scene.connection, user=scene.resident("Randi"))
    foreign = UserResource.objects.filter(connection=scene.other.connection).first()
    ids = [str(uuid4()), gone, str(resident.pk), str(foreign.pk) if foreign else ""]
    answers = [scene.change_members(target, "add", member) for member in ids]
    with_good = scene.change_members(target, "add", ids[0], scene.target(good))
    events = scene.events(outcome="ignored", resource_id=target)
    same = "the same answer" if len({answer.text for answer in answers}) == 1 else "different answers"
    members = list(scene.group(group).members.all())
    named = "the good one" if members == [scene.account(good)] else members
    return Seen(
        f"{', '.join(map(str, answers))}; {same}; with a good one {with_good}",
        f"{len(members)} member ({named}); {events} events",
    )


@RULES.rule(
    "A30",
    "Membership outlasts Inactive; Entra does not send it again",
    http="PATCH 200, PATCH 200; group no write, no write",
    tables="member: inactive, then active",
)
def membership_outlasts(scene: Scene) -> Seen:
    member = scene.hire("Mons")
    group = scene.team("Mountains", member)
    scene.cycle()
    user_writes, group_writes, members = [], [], []
    for edit in (scene.directory.disable, scene.directory.enable):
        edit(member)
        cycle = scene.cycle()
        user_writes.append(scene.writes(cycle, member))
        group_writes.append(scene.writes(cycle, group))
        members += [user.status for user in User.objects.filter(groups=scene.group(group).pk)]
    return Seen(
        f"{', '.join(user_writes)}; group {', '.join(group_writes)}",
        f"member: {', then '.join(members) or 'none'}",
    )


@RULES.rule(
    "A33",
    "A group brings its direct members only; nested ones do not cascade",
    http="outer POST 201, PATCH 204; direct POST 201; nested no write",
    tables="1 member; no nested user, no nested group",
)
def direct_members(scene: Scene) -> Seen:
    direct, nested = scene.hire("Ditte", assigned=False), scene.hire("Nils", assigned=False)
    inner = scene.directory.add_group("Inner", [nested])
    outer = scene.team("Outer", direct, inner)
    cycle = scene.cycle()
    groups = Group.objects.filter(organization=scene.organization, name="Inner").count()
    users = scene.users_named("Nils")
    return Seen(
        f"outer {scene.writes(cycle, outer)}; direct {scene.writes(cycle, direct)}; "
        f"nested {scene.writes(cycle, nested, inner)}",
        f"{scene.group(outer).members.count()} member; {users or 'no'} nested user, "
        f"{groups or 'no'} nested group",
    )
