"""How the Hub's users and groups look on Entra's Attribute-mapping screen."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from example_project.hub.models import Group, RoleAssignment, User
from example_project.hub.roles import (
    PLAIN_ROLES,
    country_codes,
    country_names,
    custom_tag,
    custom_tag_roles,
    office,
    stripped,
    stripped_roles,
)
from scim_provisioning.mapping import (
    ENTERPRISE,
    Choice,
    GroupMapping,
    Reference,
    RolePattern,
    Roles,
    Status,
    UserMapping,
)

FLOWCASE = "urn:ietf:params:scim:schemas:extension:flowcase:2.0:User"
DEPARTMENT = f"{ENTERPRISE}:department"
COUNTRY_CODE, COUNTRY_NAME = f"{FLOWCASE}:countryCode", f"{FLOWCASE}:countryName"


class HubUsers(UserMapping):
    """Users, by the names that an Entra administrator maps."""

    model = User
    status = Status("status", pending="pending", active="active", inactive="inactive")
    principal_role = "International Manager"
    attributes = {
        "userName": "username",
        'emails[type eq "work"].value': "email",
        "name.givenName": "first_name",
        "name.familyName": "last_name",
        "displayName": "display_name",
        "title": "title",
        'phoneNumbers[type eq "work"].value': "phone",
        COUNTRY_CODE: Choice(country_codes),
        COUNTRY_NAME: Choice(country_names),
        DEPARTMENT: Reference(
            "department",
            by="name",
            narrowed_by={COUNTRY_CODE: "country__code__iexact", COUNTRY_NAME: "country__name__iexact"},
        ),
        "roles": Roles(
            "role_assignments",
            owned={"source": RoleAssignment.Source.SCIM},
            plain=PLAIN_ROLES,
            high=["internationalmanager", "countrymanager"],
            patterns=[
                RolePattern("departmentmanager:office:{country}:{department}", office),
                RolePattern("departmentmanager:dept:{country}:{department}", stripped, stripped_roles),
                RolePattern("departmentmanager:custom_tag:{category}:{tag}", custom_tag, custom_tag_roles),
            ],
        ),
    }
    extensions = {FLOWCASE: ["countryCode", "countryName"]}
    exclusive = [(COUNTRY_CODE, COUNTRY_NAME)]
    dependent = [(COUNTRY_CODE, DEPARTMENT), (COUNTRY_NAME, DEPARTMENT)]

    def queryset(self) -> QuerySet[User]:
        """Return the users of the organization."""
        return User.objects.filter(organization=self.organization)

    @classmethod
    def principals(cls, organization: Any) -> QuerySet[User]:
        """Return the organization's international managers, and the Hub's operator (B3)."""
        managers = RoleAssignment.objects.filter(value="internationalmanager").values("user")
        active = User.objects.exclude(status=User.Status.INACTIVE)
        return active.filter(Q(organization=organization, pk__in=managers) | Q(is_superuser=True))

    def admins(self) -> QuerySet[User]:
        """Return those who can manage users; without one of them nobody could let anybody in (T9)."""
        managing = Group.objects.filter(
            organization=self.organization, permissions__codename="manage_users_and_groups"
        )
        return self.queryset().filter(groups__in=managing).distinct()


class HubGroups(GroupMapping):
    """Groups: end-user groups only (A21)."""

    model = Group
    attributes = {"displayName": "name"}
    members = "members"

    def queryset(self) -> QuerySet[Group]:
        """Return the end-user groups of the organization; SCIM sees no others (A22)."""
        return Group.objects.filter(organization=self.organization, kind=Group.Kind.END_USER)

    def reserved_names(self) -> Iterable[str]:
        """Return the names of admin and built-in groups, which SCIM may never take (A29)."""
        others = Group.objects.filter(organization=self.organization).exclude(kind=Group.Kind.END_USER)
        return others.values_list("name", flat=True)
