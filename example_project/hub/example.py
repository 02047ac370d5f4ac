"""What the example organizations consist of."""

from dataclasses import dataclass, field
from pathlib import Path

PASSWORD = "demo"
SUPERUSER = ("admin", "admin")

# ISO 3166-1: alpha-2 codes and short names.
COUNTRIES = Path(__file__).with_name("countries.json")

# One name in two countries (B14), names with spaces and colons (B20), and two names that are one without
# their spaces (B21).
DEPARTMENTS = [
    ("Engineering", "NO"),
    ("Engineering", "SE"),
    ("Software Engineering", "NO"),
    ("Sales: Nordics", "SE"),
    ("R&D: Cloud: Core", "DE"),
    ("Finance", "DK"),
    ("Data Science", "DK"),
    ("DataScience", "DK"),
]
OFFICES = [
    ("Engineering", "NO", "Oslo"),
    ("Engineering", "SE", "Stockholm"),
    ("Software Engineering", "NO", "Bergen"),
    ("R&D: Cloud: Core", "DE", "Berlin"),
]
TAGS = {
    ("region", "Region"): {"north": "North", "south": "South"},
    ("skill", "Skill"): {"python": "Python", "sql": "SQL"},
}


@dataclass(frozen=True)
class ExampleGroup:
    """A group that the Hub made, not SCIM."""

    name: str
    kind: str
    permissions: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExampleUser:
    """A user who was there before provisioning."""

    name: str
    first_name: str
    last_name: str
    status: str
    groups: tuple[str, ...] = ()
    is_staff: bool = False
    roles: tuple[str, ...] = ()


@dataclass(frozen=True)
class ExampleOrganization:
    """An organization and the preset that its connections are meant for."""

    slug: str
    name: str
    preset: str
    users: list[ExampleUser] = field(default_factory=list)


GROUPS = [
    ExampleGroup("Everyone", "built_in"),
    ExampleGroup(
        "Administrators",
        "admin",
        (
            "create_application_packages",
            "edit_all_application_packages",
            "manage_users_and_groups",
            "manage_organization_components",
            "edit_organization_metadata",
        ),
    ),
    ExampleGroup("Auditors", "admin"),
    ExampleGroup("Packagers", "end_user", ("create_application_packages",)),
    ExampleGroup("Newsletter", "end_user"),
]

ORGANIZATIONS = [
    ExampleOrganization(
        "contoso",
        "Contoso",
        "flow_connect",
        [
            ExampleUser(
                "olivia", "Olivia", "Owner", "active", ("Everyone", "Administrators"), is_staff=True
            ),
            ExampleUser("peter", "Peter", "Pending", "pending", ("Everyone",)),
            ExampleUser("astrid", "Astrid", "Active", "active", ("Everyone", "Packagers")),
            ExampleUser("ivan", "Ivan", "Inactive", "inactive", ("Everyone",)),
        ],
    ),
    ExampleOrganization(
        "fabrikam",
        "Fabrikam",
        "flowcase",
        [
            ExampleUser(
                "frida", "Frida", "Owner", "active", ("Everyone", "Administrators"), is_staff=True,
                roles=("internationalmanager",),
            ),
            ExampleUser("paula", "Paula", "Pending", "pending", ("Everyone",)),
            ExampleUser("aksel", "Aksel", "Active", "active", ("Everyone",), roles=("consultant",)),
            ExampleUser("ines", "Ines", "Inactive", "inactive", ("Everyone",)),
        ],
    ),
]  # fmt: skip
