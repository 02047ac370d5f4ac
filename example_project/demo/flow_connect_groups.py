"""Flow Connect's groups: created, hidden, deleted, back, renamed (A20 to A24, A28, A29)."""

from __future__ import annotations

from uuid import uuid4

from django.contrib.auth.models import Permission
from django.db.models import QuerySet

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from example_project.demo.stage import REHEARSED
from example_project.hub.models import Group
from scim_provisioning.models import GroupResource

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
    listed = {
        resource["displayName"] for resource in scene.wire.get("/Groups", count="200").body["Resources"]
    }
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


def _fingerprint(groups: QuerySet[Group]) -> list[tuple[str, list[int], list[int]]]:
    return [
        (
            group.name,
            sorted(group.members.values_list("pk", flat=True)),
            sorted(group.permissions.values_list("pk", flat=True)),
        )
        for group in groups.order_by("pk")
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
    return Permission.objects.get(content_type__app_label="hub", codename="manage_organization_components")


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
