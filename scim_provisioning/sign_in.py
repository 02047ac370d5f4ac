"""PUBLIC: what a Hub's sign-in asks SCIM, whatever protocol the identity provider speaks (A8, A10, T14).

Nothing here makes a user or brings one back: that is for the identity provider's provisioning alone.
"""

from typing import Any
from uuid import UUID

from scim_provisioning import conf
from scim_provisioning.lifecycle.users import activate_on_login
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection, UserResource

# Two are enough to know that one is not the only one.
AMBIGUOUS = 2


def may_sign_in(user: Any) -> bool:
    """Return whether a user is not Inactive; a Pending one may sign in, without an invitation (A8, A18)."""
    status = conf.imported("USER_MAPPING").status
    return bool(status.is_active(getattr(user, status.column)))


def provisioned_user(tenant_id: UUID | str, object_id: str, organization: Any = None) -> Any:
    """Return the user that a directory provisioned as this object, whatever its status; None where there is none.

    The two are claims that the identity provider vouched for: of Microsoft, ``tid`` and ``oid``. They name a user
    in the connections of that directory alone, and never by an e-mail address or a user name (A2, T1).

    :param organization: the one to sign in to; without it, a person that a directory provisioned to several
        organizations is nobody.
    """
    resources = UserResource.objects.filter(
        connection__in=_connections(tenant_id, organization), external_id=object_id, scim_managed=True
    ).exclude(external_id="")
    found = list(resources.select_related("connection__organization").order_by("pk")[:AMBIGUOUS])
    return _user_of(found[0]) if len(found) == 1 else None


def is_provisioned(tenant_id: UUID | str, organization: Any = None) -> bool:
    """Return whether SCIM makes the users of a directory; then a sign-in must not make any (T14)."""
    return bool(_connections(tenant_id, organization).exists())


def _connections(tenant_id: UUID | str, organization: Any) -> Any:
    try:
        known = Connection.objects.filter(tenant_id=UUID(str(tenant_id)))
    except ValueError:
        return Connection.objects.none()
    # A paused connection still says who its people are.
    return known if organization is None else known.filter(organization=organization)


def _user_of(resource: UserResource) -> Any:
    mapping: UserMapping = conf.imported("USER_MAPPING")(resource.connection)
    return mapping.queryset().filter(pk=resource.user_id).first()


__all__ = ["activate_on_login", "is_provisioned", "may_sign_in", "provisioned_user"]
