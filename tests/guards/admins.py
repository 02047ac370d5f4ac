"""Administrators of whichever host project the tests run on."""

from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission

from scim_provisioning import conf
from tests.factories import IS_EXAMPLE, USERS

Mapping: Any = conf.imported("USER_MAPPING")


def make_admin(user: Any) -> Any:
    """Make a user what the host's mapping calls an administrator."""
    if IS_EXAMPLE:
        group, _created = apps.get_model("hub", "Group").objects.get_or_create(
            organization=user.organization, name="Administrators", kind="admin"
        )
        group.permissions.add(Permission.objects.get(codename="manage_users_and_groups"))
        group.members.add(user)
    else:
        type(user).objects.filter(pk=user.pk).update(is_staff=True)
    return user


class WithOwners(Mapping):
    """The host's users, of which the ones with "owner" in their name own the organization; nobody administers."""

    def admins(self) -> None:
        """Return nothing: no administrator is kept."""
        return

    def owners(self) -> Any:
        """Return the owners."""
        return self.queryset().filter(**{f"{USERS.column('userName')}__contains": "owner"})
