"""Flow Connect's groups and their members (A17, A20 to A30, A33)."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.db import transaction

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from example_project.demo.stage import REHEARSED
from example_project.hub.models import Group, User
from scim_provisioning.models import GroupResource, UserResource

RULES = Rules()
OWNER = "olivia@contoso.example"


@RULES.rule(
    "A20",
    "Groups in scope come with their members; users can be assigned singly",
    http="users POST 201, POST 201, POST 201; group POST 201, PATCH 204",
    tables="2 members",
)
def group_with_members(scene: Scene) -> Seen:
    members = [scene.hire("Ole", assigned=False), scene.hire("Odd", assigned=False)]
    alone, group = scene.hire("Oda"), scene.team("Bridges", *members)
    cycle = scene.cycle()
    return Seen(
        f"users {scene.writes(cycle, *members, alone)}; group {scene.writes(cycle, group)}",
        f"{scene.group(group).members.count()} members",
    )


@RULES.rule(
    "A21",
    "A group of SCIM is an end-user group without permissions",
    http="POST 201",
    tables="end_user, 0 permissions",
)
def end_user_group(scene: Scene) -> Seen:
    group = scene.team("Tunnels")
    cycle = scene.cycle()
    row = scene.group(group)
    return Seen(scene.writes(cycle, group), f"{row.kind}, {row.permissions.count()} permissions")


@RULES.rule(
    "A22",
    "Admin and built-in groups do not exist for SCIM",
    http="filter: 0, 0; listed: 0; by key GET 404, PATCH 404, DELETE 404",
    tables="Administrators, Everyone unchanged",
)
def hidden_groups(scene: Scene) -> Seen:
    hidden = Group.objects.filter(organization=scene.organization).exclude(kind=Group.Kind.END_USER)
    before = _fingerprint(hidden)
    names = ("Administrators", "Everyone")
    found = ", ".join(str(scene.wire.find(f'displayName eq "{name}"', "/Groups").found) for name in names)
    listed = {resource["displayName"] for resource in scene.wire.get("/Groups", count="200").body["Resources"]}
    key = hidden.get(name="Administrators").pk
    answers = [
        f"{method} {scene.wire.send(method, f'/Groups/{key}', body)}"
        for method, body in (
            ("GET", None),
            ("PATCH", scene.dialect.members_patch("add", [str(uuid4())])),
            ("DELETE", None),
        )
    ]
    same = "unchanged" if _fingerprint(hidden) == before else "changed"
    return Seen(
        f"filter: {found}; listed: {len(listed & set(names))}; by key {', '.join(answers)}",
        f"{', '.join(names)} {same}",
    )


def _fingerprint(groups: object) -> list[tuple[str, list[int], list[int]]]:
    return [
        (
            group.name,
            sorted(group.members.values_list("pk", flat=True)),
            sorted(group.permissions.values_list("pk", flat=True)),
        )
        for group in groups.order_by("pk")  # type: ignore[attr-defined]
    ]


@RULES.rule(
    "A23",
    "A group removed from provisioning is deleted",
    http="member PATCH 200; group DELETE 204, GET 404",
    tables="no group; member inactive",
)
def group_removed(scene: Scene) -> Seen:
    member = scene.hire("Dina", assigned=False)
    group = scene.team("Docks", member)
    scene.cycle()
    target, key = scene.target(group), scene.group(group).pk
    scene.directory.unassign(group)
    cycle = scene.cycle()
    rows = Group.objects.filter(pk=key).count()
    return Seen(
        f"member {scene.writes(cycle, member)}; group {scene.writes(cycle, group)}, "
        f"GET {scene.wire.get(f'/Groups/{target}')}",
        f"{'no group' if rows == 0 else 'a group'}; member {scene.account(member).status}",
    )


@RULES.rule(
    "A24",
    "Added back it is a new group: new id, no permissions",
    http="DELETE 204; POST 201, PATCH 204; new id",
    tables="1 permission → 0 permissions, 1 member",
)
def group_added_back(scene: Scene) -> Seen:
    group = scene.team("Harbour", scene.hire("Hege"))
    scene.cycle()
    first = scene.target(group)
    scene.group(group).permissions.add(_permission())
    held = scene.group(group).permissions.count()
    scene.directory.unassign(group)
    gone = scene.writes(scene.cycle(), group)
    scene.directory.assign(group)
    back = scene.writes(scene.cycle(), group)
    row = scene.group(group)
    return Seen(
        f"{gone}; {back}; {'new id' if scene.target(group) != first else 'same id'}",
        f"{held} permission → {row.permissions.count()} permissions, {row.members.count()} member",
    )


def _permission() -> Permission:
    return Permission.objects.get(
        content_type__app_label="hub", codename="manage_organization_components"
    )


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
    http="admin page: refused: Select a valid choice",
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
    edits = {
        "add": lambda: row.members.add(account),
        "remove": lambda: row.members.remove(scene.account(member)),
        "clear": row.members.clear,
    }
    refused = [name for name, edit in edits.items() if _is_refused(edit)]
    return Seen(f"admin page: {said}", f"{', '.join(refused)} refused; {row.members.count()} member")


def _is_refused(edit: object) -> bool:
    try:
        with transaction.atomic():
            edit()  # type: ignore[operator]
    except ValidationError:
        return True
    return False


@RULES.rule(
    "A26",
    "Who is not managed by SCIM cannot join a group of SCIM",
    http="admin page: refused: Select a valid choice",
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
    "A28",
    "Renamed in Entra: the same id, the same permissions and members",
    http="PATCH 204; same id; displayName Water B",
    tables="Water B; 1 permission, 1 member",
)
def group_renamed(scene: Scene) -> Seen:
    group = scene.team("Water", scene.hire("Vera"))
    scene.cycle()
    first = scene.target(group)
    scene.group(group).permissions.add(_permission())
    scene.directory.rename(group, "Water B")
    cycle = scene.cycle()
    row = scene.group(group)
    return Seen(
        f"{scene.writes(cycle, group)}; {'same id' if scene.target(group) == first else 'new id'}; "
        f"displayName {scene.read(group).body['displayName']}",
        f"{row.name}; {row.permissions.count()} permission, {row.members.count()} member",
    )


@RULES.rule(
    "A29",
    "A name is never taken over: of the Hub's group, an admin group, another of SCIM",
    http="409 uniqueness, 409 uniqueness, 409 uniqueness",
    tables="the Hub's group: its own; 1, 1 and 1 of the name",
)
def group_names(scene: Scene) -> Seen:
    own = Group.objects.create(organization=scene.organization, name=f"{REHEARSED}Crew")
    scene.wire.post("/Groups", scene.crew("Climate"))
    names = (own.name.upper(), "administrators", "CLIMATE")
    answers = [scene.wire.post("/Groups", scene.crew(name)) for name in names]
    counts = [
        Group.objects.filter(organization=scene.organization, name__iexact=name).count() for name in names
    ]
    linked = GroupResource.objects.filter(group=own).exists()
    return Seen(
        ", ".join(map(str, answers)),
        f"the Hub's group: {'taken' if linked else 'its own'}; {counts[0]}, {counts[1]} and {counts[2]} of the name",
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
        f"{scene.group(outer).members.count()} member; {'no' if not users else users} nested user, "
        f"{'no' if not groups else groups} nested group",
    )
