"""PUBLIC: authentication backends that refuse whom SCIM made Inactive (A8, T12, T14)."""

from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from scim_provisioning.sign_in import may_sign_in, provisioned_user


class ScimBackendMixin:
    """Put before a backend, refuses the Inactive user: at the sign-in, and at every request of an open session.

    It asks the mapping's status column, so the Hub's ``is_active`` need not know of it.
    """

    def user_can_authenticate(self, user: Any) -> bool:
        """Return whether the user is not Inactive and the Hub's own backend has nothing against it either."""
        inherited = getattr(super(), "user_can_authenticate", None)
        return may_sign_in(user) and (inherited is None or bool(inherited(user)))

    def get_user(self, user_id: Any) -> Any:
        """Return the user of a session; none for an Inactive one, so that its sessions end at once (T12)."""
        user = super().get_user(user_id)  # type: ignore[misc]
        return user if user is not None and self.user_can_authenticate(user) else None


class DirectoryBackend(ScimBackendMixin, BaseBackend):
    """Signs in whom a directory provisioned, by what its identity provider vouched for.

    ``authenticate(request, tenant_id=…, object_id=…)`` with the verified claims ``tid`` and ``oid``. It never makes
    a user, so that a deleted one does not come back, and never a deactivated one Active (T14).
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        *,
        tenant_id: UUID | str | None = None,
        object_id: str | None = None,
        organization: Any = None,
        **credentials: Any,
    ) -> Any:
        """Return the provisioned user, unless it is Inactive."""
        if not tenant_id or not object_id:
            return None
        user = provisioned_user(tenant_id, object_id, organization)
        return user if user is not None and self.user_can_authenticate(user) else None

    def get_user(self, user_id: Any) -> Any:
        """Return the user of a session, unless it is Inactive (T12)."""
        user = get_user_model()._default_manager.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
