"""Flowcase's departments and countries (B13 to B18, B40)."""

from __future__ import annotations

from example_project.demo.rules import Rules, Seen
from example_project.demo.scene import Scene
from example_project.demo.stage import REHEARSED
from example_project.hub.models import Country, Department
from example_project.hub.scim import COUNTRY_CODE, COUNTRY_NAME
from scim_provisioning.simulator import MAPPINGS
from scim_provisioning.simulator.paths import ENTERPRISE, parse_target

RULES = Rules()
DEPARTMENT = f"{ENTERPRISE}:department"


def _placed(scene: Scene, target: str) -> str:
    """Return what the Hub keeps of a user's place: the department's row, the code, the name."""
    kept = scene.link(target).attributes
    country = [parse_target(path).read(kept) for path in (COUNTRY_CODE, COUNTRY_NAME)]
    return f"{scene.account(target).department or 'none'}, code {country[0]}, name {country[1]}"


@RULES.rule(
    "B13",
    "A department must exist; SCIM never makes one and offers near names",
    http="400 invalidValue; did you mean “Finance”",
    tables="0 users, 0 new departments",
)
def unknown_department(scene: Scene) -> Seen:
    before = Department.objects.count()
    user = scene.hire("Dina", department="Finanse")
    refused = scene.refusal(scene.cycle(), user)
    scene.dismiss(user)
    offered = "did you mean “Finance”" if "did you mean" in refused.detail else refused.detail
    offered = offered if "Finance" in refused.detail else refused.detail
    return Seen(
        f"{refused}; {offered}",
        f"{scene.users_named('Dina')} users, {Department.objects.count() - before} new departments",
    )


@RULES.rule(
    "B14",
    "A name in two countries needs the country",
    http="no country 400 invalidValue; NO POST 201",
    tables="0 users; Engineering (NO)",
)
def ambiguous_department(scene: Scene) -> Seen:
    vague = scene.hire("Vilde", department="Engineering")
    exact = scene.hire("Eivind", department="Engineering", country="NO")
    cycle = scene.cycle()
    refused = scene.refusal(cycle, vague)
    scene.dismiss(vague)
    return Seen(
        f"no country {refused}; NO {scene.writes(cycle, exact)}",
        f"{scene.users_named('Vilde')} users; {scene.account(exact).department}",
    )


@RULES.rule(
    "B15",
    "countryCode or countryName, never both",
    http="code 201, name 201, both 400 invalidValue; mapped both: 400 invalidValue",
    tables="0 users with both",
)
def both_countries(scene: Scene) -> Seen:
    urn, code = COUNTRY_CODE.rsplit(":", 1)
    bodies = ({code: "NO"}, {"countryName": "Norway"}, {code: "NO", "countryName": "Norway"})
    names = ("code", "name", "both")
    answers = [
        f"{name} {scene.wire.post('/Users', scene.person(f'Country{name}', **{urn: body}))}"
        for name, body in zip(names, bodies, strict=True)
    ]
    wrong = scene.beside(MAPPINGS["flowcase"].with_mistake("both_countries"))
    user = wrong.hire("Trond", country="NO")
    mapped = wrong.refusal(wrong.cycle(), user)
    count = scene.users_named("Countryboth") + scene.users_named("Trond")
    return Seen(f"{', '.join(answers)}; mapped both: {mapped}", f"{count} users with both")


@RULES.rule(
    "B16",
    "… judged on the result: over two PATCHes and inside one",
    http="code 200, then name 400 invalidValue; both at once 400 invalidValue",
    tables="none, code NO, name None; none, code None, name None",
)
def both_over_patches(scene: Scene) -> Seen:
    users = [scene.hire("Gro"), scene.hire("Geir")]
    scene.cycle()
    first, second = (scene.target(user) for user in users)
    code = scene.change(first, {COUNTRY_CODE: "NO"})
    name = scene.change(first, {COUNTRY_NAME: "Norway"})
    both = scene.change(second, {COUNTRY_CODE: "NO", COUNTRY_NAME: "Norway"})
    return Seen(
        f"code {code}, then name {name}; both at once {both}",
        f"{_placed(scene, first)}; {_placed(scene, second)}",
    )


@RULES.rule(
    "B17",
    "The code is ISO 3166-1 alpha-2",
    http="NO 201, NO-03 400 invalidValue, XX 400 invalidValue",
    tables="1, 0, 0 users",
)
def alpha_2(scene: Scene) -> Seen:
    urn, attribute = COUNTRY_CODE.rsplit(":", 1)
    codes = ("NO", "NO-03", "XX")
    answers = [
        f"{code} {scene.wire.post('/Users', scene.person(f'Code{code}', **{urn: {attribute: code}}))}"
        for code in codes
    ]
    counts = ", ".join(str(scene.users_named(f"Code{code}")) for code in codes)
    return Seen(", ".join(answers), f"{counts} users")


@RULES.rule(
    "B18",
    "Checked after all operations: department first, its country later; all or nothing",
    http="PATCH 200; title with an unknown department 400 invalidValue",
    tables="Engineering (SE), code SE, name None; title empty",
)
def order_of_operations(scene: Scene) -> Seen:
    user = scene.hire("Oddny")
    scene.cycle()
    target = scene.target(user)
    placed = scene.change(target, {DEPARTMENT: "Engineering", COUNTRY_CODE: "SE"})
    refused = scene.change(target, {"title": "Lost", DEPARTMENT: "Nowhere"})
    return Seen(
        f"PATCH {placed}; title with an unknown department {refused}",
        f"{_placed(scene, target)}; title {scene.account(user).title or 'empty'}",
    )


@RULES.rule(
    "B40",
    "Values live in the Hub's tables: a new department counts at once",
    http="400 invalidValue; once it exists POST 201",
    tables="Rehearsed Robotics (NO)",
)
def host_tables(scene: Scene) -> Seen:
    name = f"{REHEARSED}Robotics"
    user = scene.hire("Robin", department=name)
    refused = scene.refusal(scene.cycle(), user)
    made = Department.objects.create(
        organization=scene.organization, name=name, country=Country.objects.get(code="NO")
    )
    again = scene.cycle()
    kept = scene.account(user).department
    made.delete()
    return Seen(f"{refused}; once it exists {scene.writes(again, user)}", str(kept))
