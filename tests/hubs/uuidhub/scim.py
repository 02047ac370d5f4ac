"""The second Hub's mapping: nothing but what has no default."""

from django.db.models import QuerySet

from scim_provisioning.mapping import GroupMapping, Status, UserMapping
from tests.hubs.uuidhub.models import Person, Team


class People(UserMapping):
    """People as SCIM users."""

    model = Person
    status = Status("is_active", active=True, inactive=False)
    attributes = {
        "userName": "login",
        'emails[type eq "work"].value': "mail",
        "displayName": "full_name",
    }

    def admins(self) -> QuerySet[Person]:
        """Return the people who may use the admin pages (T9)."""
        return self.queryset().filter(is_staff=True)


class Teams(GroupMapping):
    """Teams as SCIM groups."""

    model = Team
    attributes = {"displayName": "label"}
    members = "people"
