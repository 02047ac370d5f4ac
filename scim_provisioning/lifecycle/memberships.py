"""Who may change the members of a group that SCIM manages: SCIM alone (A25, A26)."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from scim_provisioning.lifecycle.provenance import is_by_scim
from scim_provisioning.models import GroupResource


class ManagedMembership(ValidationError):
    """A change of members that only the identity provider may make; forms show it as their own error."""

    def __init__(self, group: Any) -> None:
        super().__init__(
            _("The members of “%(group)s” are managed by SCIM and change only in the identity provider."),
            code="managed_by_scim",
            params={"group": group},
        )


def check_change(groups: Iterable[Any]) -> None:
    """Refuse a change of members that does not come through SCIM.

    :param groups: primary keys of the host's groups.
    :raises ManagedMembership: when SCIM manages one of them and its connection protects it.
    """
    if is_by_scim():
        return
    managed = GroupResource.objects.filter(
        group__in=list(groups), scim_managed=True, connection__protect_groups=True
    )
    found = managed.select_related("group").first()
    if found is not None:
        raise ManagedMembership(found.group)
