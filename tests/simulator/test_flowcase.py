"""A product with roles and departments, from the first cycle to the last: tables and directory end equal."""

from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Token, UserResource
from scim_provisioning.simulator import (
    MAPPINGS,
    Directory,
    DirectoryUser,
    EntraApp,
    Recipe,
    generate_directory,
)
from scim_provisioning.simulator.mapping import COUNTRY_CODE, COUNTRY_NAME, direct, expression
from tests.factories import OrganizationFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.examplehub]

# Two lives of two hundred people, and two shorter ones, so that dialect and expression are crossed.
LIVES = [
    ("legacy", "AppRoleAssignmentsComplex", 200),
    ("optscim", "AssertiveAppRoleAssignmentsComplex", 200),
    ("legacy", "AssertiveAppRoleAssignmentsComplex", 40),
    ("optscim", "AppRoleAssignmentsComplex", 40),
]
# Two people of each department.
ONE_CYCLE = [("legacy", "AssertiveAppRoleAssignmentsComplex", 24)]
COUNTRIES = {"NO": "Norway", "SE": "Sweden", "DE": "Germany"}
# Twelve departments of three countries, one name twice (B14), with spaces and colons (B20, B21).
DEPARTMENTS = [
    ("Engineering", "NO"), ("Engineering", "SE"), ("Software Engineering", "NO"), ("Finance", "NO"),
    ("Sales: Nordics", "SE"), ("People & Culture", "SE"), ("Legal", "SE"), ("Design", "SE"),
    ("R&D: Cloud: Core", "DE"), ("Vertrieb", "DE"), ("Einkauf", "DE"), ("Qualität", "DE"),
]  # fmt: skip
ROLES = [
    "consultant",
    "external",
    "countrymanager",
    "internationalmanager",
    "departmentmanager:office:NO:Engineering",
    "departmentmanager:office:DE:R&D: Cloud: Core",
    "departmentmanager:dept:NO:SoftwareEngineering",
    "departmentmanager:custom_tag:region:north",
]


def make_organization() -> Any:
    """Make the company with its departments and one custom tag."""
    organization = OrganizationFactory.create(slug="fabrikam")
    country, department = apps.get_model("hub", "Country"), apps.get_model("hub", "Department")
    rows = {
        code: country.objects.get_or_create(code=code, defaults={"name": name})[0]
        for code, name in COUNTRIES.items()
    }
    department.objects.bulk_create(
        department(organization=organization, name=name, country=rows[code]) for name, code in DEPARTMENTS
    )
    category = apps.get_model("hub", "CustomTagCategory").objects.create(
        organization=organization, euid="region", name="Region"
    )
    apps.get_model("hub", "CustomTag").objects.create(category=category, euid="north", name="North")
    return organization


def make_directory(users: int) -> Directory:
    """Make up the directory: everybody assigned, most with a department, each with one role or two."""
    directory = generate_directory(Recipe(users=users, groups=0, seed=5, guest_share=0, assign_users=False))
    for value in ROLES:
        directory.add_role(value)
    for number, user in enumerate(directory.users.values()):
        if user.department:
            user.department, user.country = DEPARTMENTS[number % len(DEPARTMENTS)]
        for role in {ROLES[number % len(ROLES)], ROLES[number % 3]}:
            directory.assign(user, role)
    return directory


class Story:
    """The directory, the application, and the roles that somebody ever held."""

    def __init__(self, organization: Any, app: EntraApp) -> None:
        self.organization = organization
        self.app = app
        self.directory = app.directory
        self.people = list(self.directory.users.values())
        self.ever: dict[str, set[str]] = defaultdict(set)

    def part(self, first: int, last: int) -> list[DirectoryUser]:
        """Return some of the people, by percent."""
        return self.people[len(self.people) * first // 100 : len(self.people) * last // 100]

    def cycle(self) -> None:
        """Run a cycle without a fault, and hold the Hub's tables against the directory."""
        for user in self.people:
            self.ever[user.object_id] |= {role.value for role in self.directory.roles_of(user)}
        result = self.app.cycle()
        assert [f"{row.name}: {row.detail}" for row in result.failures] == []
        assert result.quarantine == ""
        assert self.stored() == self.wanted()

    def stored(self) -> dict[str, Any]:
        """Return what the Hub's tables say of everybody in the organization, by the name of the account."""
        resources = UserResource.objects.filter(user__organization=self.organization).select_related(
            "user__department__country"
        )
        assert apps.get_model("hub", "User").objects.filter(organization=self.organization).count() == len(
            resources
        )
        sources = {each.target_id: source for source, each in self.app.job.connections.items()}
        return {sources[str(each.pk)]: self._row(each) for each in resources}

    def _row(self, resource: UserResource) -> dict[str, Any]:
        user: Any = resource.user
        if user.status == "inactive":
            return {"status": "inactive"}
        kept = resource.attributes
        department = user.department
        return {
            "status": user.status,
            "name": (user.username, user.email, user.display_name),
            "title": user.title,
            "phone": user.phone,
            "department": (department.name, department.country.code) if department else None,
            "roles": {row.value for row in user.role_assignments.filter(source="scim")},
            "externalId": resource.external_id,
            "city": kept.get("addresses", [{}])[0].get("locality"),
            "languages": (kept.get("preferredLanguage"), kept.get("locale")),
        }

    def wanted(self) -> dict[str, Any]:
        """Return what the directory and the mapping ask for."""
        scope = self.app.job.scope()
        assertive = "Assertive" in next(m.source for m in self.app.job.mapping.users if m.is_role)
        found: dict[str, dict[str, Any]] = {}
        for user in self.people:
            if user.object_id not in self.directory.users:
                continue
            if not scope.wants(user):
                found[user.object_id] = {"status": "inactive"}
                continue
            now = {role.value for role in self.directory.roles_of(user)}
            found[user.object_id] = {
                "status": "active",
                "name": (
                    user.user_principal_name.lower(),
                    (user.mail or "").lower(),
                    f"{user.given_name} {user.surname}",
                ),
                "title": user.job_title or "",
                "phone": user.telephone_number or "",
                "department": (user.department, user.country) if user.department else None,
                # Without Assertive, what was withdrawn stays (B25).
                "roles": now if assertive else self.ever[user.object_id],
                "externalId": user.employee_id or "",
                "city": user.city,
                "languages": (user.preferred_language, user.locale),
            }
        return found


@pytest.fixture
def story(request: Any, live_server: LiveServer) -> Iterator[Story]:
    """Return the story of one dialect, one expression for roles, and so many people."""
    dialect, roles, users = request.param
    organization = make_organization()
    connection = create_connection(organization, "flowcase")
    path = reverse("scim_provisioning:unknown", kwargs={"connection": connection.pk})
    line = expression(f"{roles}([appRoleAssignments])", "roles")
    app = EntraApp(
        live_server.url + path.rstrip("/"),
        Token.issue(connection)[1],
        make_directory(users),
        MAPPINGS["flowcase"].with_user_line(line),
        dialect,
        token_form="token",
    )
    with app:
        yield Story(organization, app)


def settled(user: DirectoryUser) -> bool:
    """Whether a user has a department and can move."""
    return user.department is not None


@pytest.mark.parametrize("story", LIVES, indirect=True, ids=lambda life: "-".join(map(str, life)))
def test_b1_to_b45_a_full_life_ends_with_the_hubs_tables_equal_to_the_directory(
    story: Story,
) -> None:
    directory, people, part = story.directory, story.people, story.part
    assert story.app.test_connection().ok
    story.cycle()
    assert len(story.stored()) == len(people)
    assert story.app.cycle().requests == 0

    movers = [user for user in part(0, 30) if settled(user)]
    for number, user in enumerate(movers):
        place = DEPARTMENTS[(number * 5) % len(DEPARTMENTS)]
        directory.change(user, department=place[0], country=place[1], jobTitle=f"Title {number}")
    # The same name in the other country: nothing but the country tells where (B14, B18).
    for user in [user for user in people if (user.department, user.country) == DEPARTMENTS[0]][:3]:
        directory.change(user, country="SE")
    for number, user in enumerate(part(30, 40)):
        directory.rename(user, f"Renamed.{number}@contoso.example")
        directory.change(user, telephoneNumber=f"+47 {number:08}", city="Tromsø", locale="nb-NO")
    for number, user in enumerate(part(40, 60)):
        directory.assign(user, ROLES[(number + 3) % len(ROLES)])
    for user in part(60, 70):
        held = [role.value for role in directory.roles_of(user)]
        if len(held) > 1:
            directory.unassign(user, held[0])
    story.cycle()

    for user in part(70, 75):
        directory.unassign(user)
    for user in part(75, 80):
        directory.disable(user)
    for user in part(80, 85):
        directory.soft_delete(user)
    story.cycle()

    for user in part(70, 75):
        directory.assign(user, "consultant")
    for user in part(75, 80):
        directory.enable(user)
    for user in part(80, 83):
        directory.restore(user)
    story.cycle()

    story.app.clock.advance(days=31)
    story.cycle()
    assert len(story.stored()) == len(people) - len(part(83, 85))
    assert story.app.cycle().requests == 0


@pytest.mark.parametrize("story", ONE_CYCLE, indirect=True, ids=["legacy"])
def test_b15_b39_the_name_of_a_country_does_as_well_as_its_code(story: Story) -> None:
    table = story.app.job.mapping.without_user_line(COUNTRY_CODE)
    story.app.use_mapping(table.with_user_line(direct("country", COUNTRY_NAME)))
    for user in story.people:
        user.country = COUNTRIES.get(user.country or "")
    result = story.app.cycle()
    assert [row.detail for row in result.failures] == []
    assert len(story.stored()) == len(story.people)
    codes = {name: code for code, name in COUNTRIES.items()}
    for user in story.people:
        user.country = codes.get(user.country or "")
    assert {key: each["department"] for key, each in story.stored().items()} == {
        key: each["department"] for key, each in story.wanted().items()
    }
