"""Rows of whichever host project the tests run on, by neutral names (factory-boy).

The columns come from the host's own mapping; what no mapping says is in ``HOSTS``.
"""

from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from factory import declarations
from factory.django import DjangoModelFactory

from scim_provisioning import conf
from scim_provisioning.mapping import GroupMapping, UserMapping
from scim_provisioning.mapping.users import WORK_EMAIL, organization_field
from scim_provisioning.models import Connection

USERS: type[UserMapping] = conf.imported("USER_MAPPING")
GROUPS: type[GroupMapping] = conf.imported("GROUP_MAPPING")
# factory-boy has no types of its own.
computed: Any = declarations.LazyAttribute
related: Any = declarations.SubFactory
sequence: Any = declarations.Sequence
IS_EXAMPLE = settings.AUTH_USER_MODEL == "hub.User"


@dataclass(frozen=True)
class Host:
    """How a host project calls what a mapping does not name."""

    organization_slug: str
    organization_name: str = "name"


HOSTS = {"hub.User": Host("slug"), "uuidhub.Person": Host("subdomain")}
HOST = HOSTS[settings.AUTH_USER_MODEL]


def column(path: str) -> str:
    """Return the host column that a path of the user mapping names."""
    name = USERS.column(path)
    if name is None:
        raise LookupError(f"the host has no column for {path}")
    return name


def status_of(user: Any) -> str:
    """Return the status of a host user, read afresh: pending, active or inactive."""
    user.refresh_from_db()
    value = getattr(user, USERS.status.column)
    names = ("inactive", "active", "pending")
    return next(name for name in names if getattr(USERS.status, name) == value)


def expected_status(name: str) -> str:
    """Return what a status looks like on a host that may have no Pending."""
    return "active" if name == "pending" and USERS.status.pending == USERS.status.active else name


class OrganizationFactory(DjangoModelFactory[Any]):
    """An organization."""

    class Meta:
        model = settings.SCIM_ORGANIZATION_MODEL
        rename = {"slug": HOST.organization_slug, "name": HOST.organization_name}

    slug = sequence("organization-{}".format)
    name = computed(lambda made: made.slug.title())


class UserFactory(DjangoModelFactory[Any]):
    """A user that the host made; ``state`` is pending, active or inactive."""

    class Meta:
        model = settings.AUTH_USER_MODEL
        rename = {
            "user_name": column("userName"),
            "mail": column(WORK_EMAIL),
            "display": column("displayName"),
            "status_value": USERS.status.column,
            "belongs_to": organization_field(USERS.model),
        }

    class Params:
        state = "active"
        name = sequence("user{}".format)
        organization = related(OrganizationFactory)

    belongs_to = computed(lambda made: made.organization)
    user_name = computed(lambda made: f"{made.name}@contoso.example")
    mail = computed(lambda made: made.user_name)
    display = computed(lambda made: made.name.title())
    status_value = computed(lambda made: getattr(USERS.status, made.state))


class GroupFactory(DjangoModelFactory[Any]):
    """An end-user group that the host made."""

    class Meta:
        model = settings.SCIM_GROUP_MODEL
        rename = {
            "name": str(GROUPS.attributes["displayName"]),
            "belongs_to": organization_field(GROUPS.model),
        }

    class Params:
        organization = related(OrganizationFactory)

    belongs_to = computed(lambda made: made.organization)
    name = sequence("Group {}".format)


def make_user(organization: Any, name: str = "", **fields: Any) -> Any:
    """Make one user of an organization."""
    if name:
        fields.setdefault("user_name", name if "@" in name else f"{name}@contoso.example")
    return UserFactory.create(organization=organization, **fields)


def make_group(organization: Any, name: str = "", *members: Any, **fields: Any) -> Any:
    """Make one group of an organization, with members."""
    if name:
        fields["name"] = name
    group = GroupFactory.create(organization=organization, **fields)
    getattr(group, GROUPS.members).add(*members)
    return group


def members_of(group: Any) -> set[Any]:
    """Return the keys of a host group's members."""
    return set(getattr(group, GROUPS.members).values_list("pk", flat=True))


def host_rows(connection: Connection) -> tuple[Any, Any]:
    """Return the querysets of users and groups that a connection's mappings see."""
    return USERS(connection).queryset(), GROUPS(connection).queryset()


def seed_places(organization: Any) -> None:
    """Give an organization of the example Hub departments in four countries, and custom tags."""
    country_model = apps.get_model("hub", "Country")
    names = {"NO": "Norway", "SE": "Sweden", "DE": "Germany", "DK": "Denmark"}
    countries = {
        code: country_model.objects.get_or_create(code=code, defaults={"name": name})[0]
        for code, name in names.items()
    }
    for name, code in (
        ("Engineering", "NO"),
        ("Engineering", "SE"),
        ("Software Engineering", "NO"),
        ("Sales: Nordics", "SE"),
        ("R&D: Cloud: Core", "DE"),
        ("Finance", "DK"),
        ("Data Science", "DK"),
        ("DataScience", "DK"),
    ):
        apps.get_model("hub", "Department").objects.create(
            organization=organization, name=name, country=countries[code]
        )
    category = apps.get_model("hub", "CustomTagCategory").objects.create(
        organization=organization, euid="region", name="Region"
    )
    apps.get_model("hub", "CustomTag").objects.create(category=category, euid="north", name="North")
