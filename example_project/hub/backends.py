"""Authentication and permissions of a Hub whose user names are unique per organization."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model
from django.http import HttpRequest

from example_project.hub.access import held_permissions
from example_project.hub.models import Organization, User
from scim_provisioning.backends import ScimBackendMixin

# The same name in more organizations than this is somebody trying names, not somebody signing in.
MOST_NAMESAKES = 5


class StoredUsers(BaseBackend):
    """Reads the user of a session with the organization, which every page of the Hub asks for."""

    def get_user(self, user_id: Any) -> User | None:
        """Return the user of a session."""
        return User.objects.select_related("organization").filter(pk=user_id).first()


class HubBackend(ScimBackendMixin, StoredUsers):
    """Finds a user by name and organization; the Inactive one is refused at every request."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        organization: Organization | None = None,
        **credentials: Any,
    ) -> User | None:
        """Return the one user of that name whose password it is; namesakes need the organization."""
        if not username or not password:
            return None
        namesakes = User.objects.filter(username__iexact=username)
        if organization is not None:
            namesakes = namesakes.filter(organization=organization)
        candidates = list(namesakes.order_by("pk")[:MOST_NAMESAKES])
        if not candidates:
            make_password(password)  # an unknown name must take as long as a wrong password
        matches = [user for user in candidates if user.check_password(password)]
        if len(matches) != 1 or not self.user_can_authenticate(matches[0]):
            return None
        return matches[0]

    def get_group_permissions(
        self, user_obj: AbstractBaseUser | AnonymousUser, obj: Model | None = None
    ) -> set[str]:
        """Return what the user's groups allow, for nothing outside the user's organization."""
        if not isinstance(user_obj, User) or not user_obj.is_active:
            return set()
        if obj is not None and organization_id_of(obj) != user_obj.organization_id:
            return set()
        held: set[str] | None = user_obj.__dict__.get("_held_permissions")
        if held is None:
            held = user_obj.__dict__["_held_permissions"] = held_permissions(user_obj)
        return held


def organization_id_of(row: Model) -> int | None:
    """Return the key of the organization that a row belongs to, or is."""
    if isinstance(row, Organization):
        return row.pk
    return getattr(row, "organization_id", None)
