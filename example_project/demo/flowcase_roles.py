"""Flowcase's roles, from Entra's app roles to the Hub's table (B19 to B27)."""

from __future__ import annotations

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from example_project.hub.models import RoleAssignment
from scim_provisioning.simulator import MAPPINGS, CycleResult, DirectoryUser, MappingTable, expression

RULES = Rules()
SINGLE = 'roles[primary eq "True"].value'


def held(scene: Scene, user: DirectoryUser | str) -> str:
    """Return the roles that the Hub keeps for a user, with what they point at."""
    rows = RoleAssignment.objects.filter(user=scene.account(user)).select_related(
        "department__country", "tag"
    )
    texts = [str(row.department or row.tag or row.value) for row in rows.order_by("value")]
    return ", ".join(texts) or "no role"


def with_role(scene: Scene, name: str, value: str) -> str:
    """Return the status that creates a user with one role."""
    return str(scene.wire.post("/Users", scene.person(name, roles=[{"value": value}])))


def patched(cycle: CycleResult) -> str:
    """Return how a cycle wrote roles: the verb, the shape of the value, the status."""
    for exchange in cycle.exchanges:
        if exchange.method == "PATCH" and "roles" in (exchange.request_text or ""):
            operation = exchange.request_body["Operations"][0]
            text = exchange.request_text or ""
            shape = "JSON in a string" if '"{\\"' in text else type(operation["value"]).__name__
            shape = {"list": "objects", "str": "text"}.get(shape, shape)
            return f"{operation['op'].lower()}, {shape}, {exchange.status}"
    return "no write"


@RULES.rule(
    "B19",
    "A role value matches exactly, letter for letter",
    http="consultant POST 201; Consultant 400 invalidValue",
    tables="consultant; 0 users",
)
def exact_value(scene: Scene) -> Seen:
    right, wrong = scene.hire("Rikke", role="consultant"), scene.hire("Ruth", role="Consultant")
    cycle = scene.cycle()
    refused = scene.refusal(cycle, wrong)
    scene.dismiss(wrong)
    return Seen(
        f"consultant {scene.writes(cycle, right)}; Consultant {refused}",
        f"{held(scene, right)}; {scene.users_named('Ruth')} users",
    )


@RULES.rule(
    "B20",
    "departmentmanager:office: names with spaces and colons",
    http="POST 201, POST 201",
    tables="Software Engineering (NO); R&D: Cloud: Core (DE)",
)
def office_roles(scene: Scene) -> Seen:
    users = [
        scene.hire("Oline", role="departmentmanager:office:NO:Software Engineering"),
        scene.hire("Oskar", role="departmentmanager:office:DE:R&D: Cloud: Core"),
    ]
    cycle = scene.cycle()
    return Seen(scene.writes(cycle, *users), "; ".join(held(scene, user) for user in users))


@RULES.rule(
    "B21",
    "departmentmanager:dept: names without spaces; two of one are refused",
    http="POST 201; DataScience 400 invalidValue",
    tables="Software Engineering (NO); 0 users",
)
def stripped_roles(scene: Scene) -> Seen:
    right = scene.hire("Sigve", role="departmentmanager:dept:NO:SoftwareEngineering")
    wrong = scene.hire("Silje", role="departmentmanager:dept:DK:DataScience")
    cycle = scene.cycle()
    refused = scene.refusal(cycle, wrong)
    scene.dismiss(wrong)
    return Seen(
        f"{scene.writes(cycle, right)}; DataScience {refused}",
        f"{held(scene, right)}; {scene.users_named('Silje')} users",
    )


@RULES.rule(
    "B22",
    "departmentmanager:custom_tag: category and tag",
    http="region:north POST 201; region:moon 400 invalidValue",
    tables="North; 0 users",
)
def tag_roles(scene: Scene) -> Seen:
    right = scene.hire("Torill", role="departmentmanager:custom_tag:region:north")
    wrong = scene.hire("Terje", role="departmentmanager:custom_tag:region:moon")
    cycle = scene.cycle()
    refused = scene.refusal(cycle, wrong)
    scene.dismiss(wrong)
    return Seen(
        f"region:north {scene.writes(cycle, right)}; region:moon {refused}",
        f"{held(scene, right)}; {scene.users_named('Terje')} users",
    )


@RULES.rule(
    "B23",
    "The alias departmentmanager:DepartmentName is off",
    http="POST 400 invalidValue",
    tables="0 users",
)
def no_alias(scene: Scene) -> Seen:
    status = with_role(scene, "Alvilde", "departmentmanager:Finance")
    return Seen(f"POST {status}", f"{scene.users_named('Alvilde')} users")


@RULES.rule(
    "B24",
    "An unknown role: 400 and nothing stored; none at all is fine",
    http="consultant, emperor 400 invalidValue; [] 201",
    tables="0 users; no role",
)
def unknown_role(scene: Scene) -> Seen:
    roles = [{"value": "consultant"}, {"value": "emperor"}]
    refused = scene.wire.post("/Users", scene.person("Einar", roles=roles))
    empty = scene.wire.post("/Users", scene.person("Embla", roles=[]))
    return Seen(
        f"consultant, emperor {refused}; [] {empty}",
        f"{scene.users_named('Einar')} users; {held(scene, empty.body['id'])}",
    )


def exchange_role(scene: Scene, name: str) -> tuple[DirectoryUser, CycleResult]:
    """Give a user another role in Entra, and return what the cycle after it did."""
    user = scene.hire(name, role="consultant")
    scene.cycle()
    scene.directory.unassign(user, "consultant")
    scene.assign(user, "countrymanager")
    return user, scene.cycle()


def mapped(expression_text: str, target: str = "roles") -> MappingTable:
    """Return Flowcase's table with another expression for roles."""
    return MAPPINGS["flowcase"].without_user_line("roles").with_user_line(expression(expression_text, target))


@RULES.rule(
    "B25 a",
    "Complex role mapping only adds: a role withdrawn in Entra stays",
    http={"legacy": "add, JSON in a string, 200", "optscim": "add, objects, 200"},
    tables="consultant, countrymanager",
)
def complex_roles(scene: Scene) -> Seen:
    user, cycle = exchange_role(scene, "Kaja")
    return Seen(patched(cycle), held(scene, user))


@RULES.rule(
    "B25 b",
    "Assertive role mapping replaces the full set",
    http="replace, objects, 200",
    tables="countrymanager",
)
def assertive_roles(scene: Scene) -> Seen:
    beside = scene.beside(mapped("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"))
    user, cycle = exchange_role(beside, "Kasper")
    return Seen(patched(cycle), held(beside, user))


@RULES.rule(
    "B25 c",
    'Single role mapping writes roles[primary eq "True"].value',
    http="replace, text, 200",
    tables="countrymanager",
)
def single_role(scene: Scene) -> Seen:
    beside = scene.beside(mapped("SingleAppRoleAssignment([appRoleAssignments])", SINGLE))
    user, cycle = exchange_role(beside, "Karl")
    return Seen(patched(cycle), held(beside, user))


@RULES.rule(
    "B26",
    "One user may hold several roles",
    http="POST 201; 2 returned",
    tables="external, referencemanager",
)
def several_roles(scene: Scene) -> Seen:
    user = scene.hire("Severin", role="referencemanager")
    scene.assign(user, "external")
    cycle = scene.cycle()
    return Seen(
        f"{scene.writes(cycle, user)}; {len(scene.read(user).body['roles'])} returned", held(scene, user)
    )


@RULES.rule(
    "B27",
    "A role given to a group reaches its direct members, not nested ones",
    http="direct POST 201; nested no write",
    tables="external; 0 users",
)
def group_roles(scene: Scene) -> Seen:
    direct, nested = scene.hire("Gaute", assigned=False), scene.hire("Gerd", assigned=False)
    group = scene.directory.add_group("Externals", [direct, scene.directory.add_group("Inner", [nested])])
    scene.assign(group, "external")
    cycle = scene.cycle()
    return Seen(
        f"direct {scene.writes(cycle, direct)}; nested {scene.writes(cycle, nested)}",
        f"{held(scene, direct)}; {scene.users_named('Gerd')} users",
    )
