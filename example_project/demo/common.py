"""What holds for both products: tenancy (T2 to T4, Z1) and a whole life in chapters (C1 to C11)."""

from __future__ import annotations

from uuid import uuid4

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from example_project.hub.models import User
from scim_provisioning.models import GroupResource, UserResource
from scim_provisioning.simulator.dialects import Change
from scim_provisioning.simulator.life import play
from scim_provisioning.simulator.paths import parse_target

LIFE = Rules()
TENANCY = Rules()


@LIFE.rule(
    "C1",
    "The initial cycle: everybody in scope, and a second look finds no difference",
    http="everybody in scope; evaluated again: 0 changes",
    tables="as many accounts as connections",
)
def initial_cycle(scene: Scene) -> Seen:
    cycle = scene.cycle()
    scope = scene.app.job.scope()
    wanted = {user.object_id for user in scene.directory.users.values() if scope.wants(user)}
    provisioned = {action.source_id for action in cycle.actions if action.kind == "User"}
    complete = cycle.ok and wanted == provisioned
    scene.app.restart()
    again = scene.cycle()
    changes = [row for row in again.actions if row.action != "None" and not row.reference]
    rows = UserResource.objects.filter(connection=scene.connection, scim_managed=True, user__status="pending")
    rows |= UserResource.objects.filter(connection=scene.connection, scim_managed=True, user__status="active")
    kept = rows.filter(pk__in=[scene.target(object_id) for object_id in wanted]).count()
    return Seen(
        f"{'everybody in scope' if complete else [row.detail for row in cycle.failures]}; "
        f"evaluated again: {len(changes)} changes",
        "as many accounts as connections" if kept == len(wanted) else f"{kept} of {len(wanted)} accounts",
    )


@LIFE.rule(
    "C1–C11",
    "A whole life in 21 chapters: renamed, manager, groups, out and back, deleted",
    http="21 of 21 as documented; 0 requests refused",
    tables="1 of 4 people left, inactive",
)
def whole_life(scene: Scene) -> Seen:
    first = len(scene.app.log)
    chapters = list(play(scene.app))
    good = sum(1 for chapter in chapters if chapter.ok)
    refused = [exchange for exchange in scene.app.log[first:] if not exchange.ok]
    # The cast carries this surname; who was unassigned before the end is left behind (C6).
    left = User.objects.filter(organization=scene.organization, username__endswith=f"@{scene.domain}")
    cast = [user for user in left if user.get_full_name().endswith(" Rehearsal")]
    return Seen(
        f"{good} of {len(chapters)} as documented; {len(refused)} requests refused",
        f"{len(cast)} of 4 people left, {', '.join(user.status for user in cast)}",
    )


@TENANCY.rule(
    "T2",
    "Ids of another organization: 404, the words of an absent id",
    http="GET 404, PATCH 404, DELETE 404; same words",
    tables="the foreign row unchanged",
)
def foreign_ids(scene: Scene) -> Seen:
    foreign = UserResource.objects.filter(connection=scene.other.connection, scim_managed=True).first()
    if foreign is None:
        raise LookupError("the other organization has no user of SCIM")
    before = UserResource.objects.filter(pk=foreign.pk).values().get()
    body = scene.dialect.user_patch([Change("replace", parse_target("title"), "Stolen")])
    answers, same = [], True
    for method, sent in (("GET", None), ("PATCH", body), ("DELETE", None)):
        answer, absent = (
            scene.wire.send(method, f"/Users/{target}", sent) for target in (foreign.pk, uuid4())
        )
        answers.append(f"{method} {answer}")
        same = same and answer.text == absent.text
    unchanged = UserResource.objects.filter(pk=foreign.pk).values().get() == before
    return Seen(
        f"{', '.join(answers)}; {'same words' if same else 'other words'}",
        f"the foreign row {'unchanged' if unchanged else 'changed'}",
    )


@TENANCY.rule(
    "T4",
    "A name of another organization's user: never found, never adopted",
    http="0 found; POST 201",
    tables="2 users, one in each organization",
)
def foreign_names(scene: Scene) -> Seen:
    foreign = scene.other.resident("Twin")
    found = scene.wire.find(f'userName eq "{foreign.username}"').found
    mails = [{"type": "work", "value": foreign.email}]
    created = scene.wire.post("/Users", scene.person("Twin", userName=foreign.username, emails=mails))
    rows = User.objects.filter(username=foreign.username)
    organizations = set(rows.values_list("organization", flat=True))
    each = "one in each organization" if len(organizations) == rows.count() else "in one organization"
    if created.status == 201:
        scene.wire.delete(f"/Users/{created.body['id']}")
    return Seen(f"{found} found; POST {created}", f"{len(organizations)} users, {each}")


@TENANCY.rule(
    "Z1",
    "Both products at once in one Hub, by columns alone",
    http="contoso: user true, group 201; fabrikam: user true, group 404",
    tables="contoso pending, 1 group; fabrikam active, 0 groups",
)
def both_products(scene: Scene) -> Seen:
    http, tables = [], []
    for side in (scene, scene.other):
        user = side.wire.post("/Users", side.person("Zoe"))
        group = side.wire.post("/Groups", side.crew("Zenith"))
        groups = GroupResource.objects.filter(connection=side.connection, display_name="Zenith").count()
        slug = side.organization.slug
        http.append(f"{slug}: user {str(user.body['active']).lower()}, group {group}")
        plural = "" if groups == 1 else "s"
        tables.append(f"{slug} {side.account(user.body['id']).status}, {groups} group{plural}")
    return Seen("; ".join(http), "; ".join(tables))
