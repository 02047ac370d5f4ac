"""Flowcase's connection: headers, no groups, no manager, errors to read, on demand (B1 to B6, B31, B42, B43, B45)."""

from __future__ import annotations

from uuid import uuid4

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from example_project.hub.models import RoleAssignment
from scim_provisioning.models import Event, GroupResource, Token
from scim_provisioning.simulator import LEGACY, MAPPINGS, OPTSCIM, AppRole
from scim_provisioning.simulator.dialects import Change
from scim_provisioning.simulator.expressions import RoleSet
from scim_provisioning.simulator.paths import ENTERPRISE, parse_target

RULES = Rules()
MISPRINTED = "urn:ietf:params:scim:schemas:extension:scim:2.0:EnterpriseUser"


@RULES.rule(
    "B1",
    "The flag, and any unknown query parameter, is tolerated on every request",
    http="GET 200, POST 201, PATCH 200, DELETE 204",
    tables="organization fabrikam; 0 users left",
)
def query_parameters(scene: Scene) -> Seen:
    query = {"aadOptscim062020": "", "api-version": "9"}
    user = scene.wire.send("POST", "/Users", scene.person("Bo"), query=query)
    path = f"/Users/{user.body['id']}"
    body = scene.dialect.user_patch([Change("replace", parse_target("title"), "Clerk")])
    answers = [
        f"GET {scene.wire.send('GET', '/Users', query=query)}",
        f"POST {user}",
        f"PATCH {scene.wire.send('PATCH', path, body, query=query)}",
        f"DELETE {scene.wire.send('DELETE', path, query=query)}",
    ]
    kept = scene.connection.organization.slug
    return Seen(", ".join(answers), f"organization {kept}; {scene.users_named('Bo')} users left")


@RULES.rule(
    "B2",
    'The key is pasted as token="KEY"; four ways to write the header',
    http='Bearer token="X" 200, Bearer X 200, Token token="X" 200, Token X 200, none 401',
    tables="first use noted",
)
def header_forms(scene: Scene) -> Seen:
    token = scene.endpoint.token
    forms = {
        'Bearer token="X"': f'Bearer token="{token}"',
        "Bearer X": f"Bearer {token}",
        'Token token="X"': f'Token token="{token}"',
        "Token X": f"Token {token}",
        "none": "",
    }
    answers = [f"{n} {scene.wire.send('GET', '/Users', authorization=form)}" for n, form in forms.items()]
    used = Token.objects.get(key_id=token.split("_")[1]).first_used_at
    return Seen(", ".join(answers), "first use noted" if used else "unused")


@RULES.rule(
    "B4",
    "Scope “Sync only assigned users and groups”",
    http="assigned POST 201; not assigned no write",
    tables="1 user, 0 users",
)
def scope(scene: Scene) -> Seen:
    assigned, unassigned = scene.hire("Asta"), scene.hire("Arne", assigned=False)
    cycle = scene.cycle()
    return Seen(
        f"assigned {scene.writes(cycle, assigned)}; not assigned {scene.writes(cycle, unassigned)}",
        f"{scene.users_named('Asta')} user, {scene.users_named('Arne')} users",
    )


@RULES.rule(
    "B5",
    "No groups: every /Groups request 404, and discovery names none",
    http="GET 404, POST 404, by id 404; types User; group mapping left on: ScimCompliance",
    tables="0 groups of SCIM",
)
def no_groups(scene: Scene) -> Seen:
    wanted = 'displayName eq "X"'
    answers = (
        f"GET {scene.wire.find(wanted, '/Groups')}",
        f"POST {scene.wire.post('/Groups', scene.crew('X'))}",
        f"by id {scene.wire.delete(f'/Groups/{uuid4()}')}",
    )
    types = [resource["name"] for resource in scene.wire.get("/ResourceTypes").body["Resources"]]
    types += [s["name"] for s in scene.wire.get("/Schemas").body["Resources"] if s["name"] == "Group"]
    wrong = scene.beside(MAPPINGS["flowcase"].with_mistake("groups_left_on"))
    wrong.team("Left on")
    quarantine = wrong.cycle().quarantine or "no quarantine"
    count = GroupResource.objects.filter(connection=scene.connection).count()
    return Seen(
        f"{', '.join(answers)}; types {', '.join(types)}; group mapping left on: {quarantine}",
        f"{count} groups of SCIM",
    )


@RULES.rule(
    "B6",
    "A manager is ignored, under the RFC's URN and the guide's",
    http="POST 201, PATCH 200; no manager returned",
    tables="no manager kept",
)
def no_manager(scene: Scene) -> Seen:
    boss = scene.wire.post("/Users", scene.person("Bente")).body["id"]
    body = scene.person("Bjarne", **{MISPRINTED: {"manager": boss}, ENTERPRISE: {"manager": boss}})
    created = scene.wire.post("/Users", body)
    target = created.body["id"]
    patched = scene.wire.patch(f"/Users/{target}", scene.dialect.reference_patch("add", boss))
    returned = boss in scene.read(target).text
    kept = boss in repr(scene.link(target).attributes)
    return Seen(
        f"POST {created}, PATCH {patched}; {'a' if returned else 'no'} manager returned",
        f"{'a' if kept else 'no'} manager kept",
    )


@RULES.rule(
    "B31",
    "On demand: one user, legacy bodies whatever the flag, roles only by the cycle",
    http="POST 201; PATCH 200, op Replace; cycle PATCH 200",
    tables="0 roles, title Clerk → 1 role",
)
def on_demand(scene: Scene) -> Seen:
    user = scene.hire("Pelle", role="consultant", job_title="Trainee")
    created = scene.app.provision_on_demand(user)
    scene.directory.change(user, job_title="Clerk")
    changed = scene.app.provision_on_demand(user)
    patch = changed.exchanges[-1]
    title, held = scene.account(user).title, scene.account(user).role_assignments.count()
    cycle = scene.cycle()
    return Seen(
        f"POST {created.exchanges[-1].status}; PATCH {patch.status}, "
        f"op {patch.request_body['Operations'][0]['op']}; cycle {scene.writes(cycle, user)}",
        f"{held} roles, title {title} → {scene.account(user).role_assignments.count()} role",
    )


@RULES.rule(
    "B41",
    "A key of one company opens no other: 401, the words of an unknown key",
    http="401, 401 the other way; same words",
    tables="0 events in either",
)
def foreign_key(scene: Scene) -> Seen:
    before = Event.objects.count()
    body = scene.person("Intruder")
    here = scene.wire.send("POST", "/Users", body, token=scene.other.endpoint.token)
    there = scene.other.wire.send("POST", "/Users", body, token=scene.endpoint.token)
    unknown = scene.wire.send("POST", "/Users", body, token="scim_nobody")
    same = len({here.text, there.text, unknown.text}) == 1
    return Seen(
        f"{here}, {there} the other way; {'same words' if same else 'other words'}",
        f"{Event.objects.count() - before} events in either",
    )


@RULES.rule(
    "B42",
    "A refusal is readable in Entra's log: attribute, value, what mends it",
    http="400 invalidValue, status as text; attribute, value, fix; Web Response",
    tables="1 refusal in the log, the same words",
)
def readable_refusal(scene: Scene) -> Seen:
    user = scene.hire("Dorthe", department="Finanse", country="DK")
    cycle = scene.cycle()
    refused, shown = scene.refusal(cycle, user), cycle.failures[0].detail
    scene.dismiss(user)
    parts = {"attribute": "department", "value": "Finanse", "fix": "Create it in the product first"}
    named = [name for name, text in parts.items() if text in refused.detail]
    text = "status as text" if refused.body["status"] == "400" else "status as number"
    events = Event.objects.filter(connection_key=scene.connection.pk, detail=refused.detail)
    return Seen(
        f"{refused}, {text}; {', '.join(named)}; {'Web Response' if 'Web Response' in shown else shown}",
        f"{events.filter(outcome='refused').count()} refusal in the log, the same words",
    )


@RULES.rule(
    "B43",
    "Roles work with the flag and without it, on one URL",
    http="legacy 200, flagged 200",
    tables="external → external, limited_access",
)
def roles_both_ways(scene: Scene) -> Seen:
    user = scene.hire("Runar")
    scene.cycle()
    target, answers, held = scene.target(user), [], []
    for dialect, value in ((LEGACY, "external"), (OPTSCIM, "limited_access")):
        roles = RoleSet((AppRole(value, value),))
        body = dialect.user_patch([Change("add", parse_target("roles"), roles)])
        answers.append(str(scene.wire.patch(f"/Users/{target}", body)))
        rows = RoleAssignment.objects.filter(user=scene.account(user)).order_by("value")
        held.append(", ".join(row.value for row in rows))
    return Seen(f"legacy {answers[0]}, flagged {answers[1]}", " → ".join(held))


@RULES.rule(
    "B45",
    "An assigned group brings its direct users, and no group request",
    http="direct POST 201; nested no write; 0 requests to /Groups",
    tables="1 user, 0 users",
)
def group_assignment(scene: Scene) -> Seen:
    direct, nested = scene.hire("Dagny", assigned=False), scene.hire("Nanna", assigned=False)
    scene.team("Assigned", direct, scene.directory.add_group("Nested", [nested]))
    cycle = scene.cycle()
    groups = sum(1 for exchange in cycle.exchanges if "/Groups" in exchange.url)
    return Seen(
        f"direct {scene.writes(cycle, direct)}; nested {scene.writes(cycle, nested)}; "
        f"{groups} requests to /Groups",
        f"{scene.users_named('Dagny')} user, {scene.users_named('Nanna')} users",
    )
