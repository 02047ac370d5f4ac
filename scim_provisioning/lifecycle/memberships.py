"""Who may change the members of a group that SCIM manages: SCIM alone (A25, A26)."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.core.exceptions import ValidationError
from django.db import router, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from scim_provisioning.lifecycle.provenance import is_by_scim
from scim_provisioning.models import GroupResource
from scim_provisioning.models.marks import set_mark

_unguarded: ContextVar[bool] = ContextVar("scim_provisioning_unguarded", default=False)


class ManagedMembership(ValidationError):
    """A change of members that only the identity provider may make; forms show it as their own error."""

    def __init__(self, group: Any) -> None:
        super().__init__(
            _("The members of “%(group)s” are managed by SCIM and change only in the identity provider."),
            code="managed_by_scim",
            params={"group": group},
        )


def may_change() -> bool:
    """Return whether nothing needs to be asked: SCIM writes, or maintenance does."""
    return is_by_scim() or _unguarded.get()


def check_change(groups: Iterable[Any]) -> None:
    """Refuse a change of members that does not come through SCIM.

    :param groups: primary keys of the host's groups, or a query of them.
    :raises ManagedMembership: when SCIM manages one of them and its connection protects it.
    """
    if may_change():
        return
    wanted = groups if isinstance(groups, QuerySet) else [group for group in groups if group is not None]
    managed = GroupResource.objects.filter(
        group__in=wanted, scim_managed=True, connection__protect_groups=True
    )
    found = managed.select_related("group").first()
    if found is not None:
        raise ManagedMembership(found.group)


@contextmanager
def unguarded() -> Iterator[None]:
    """Change members of SCIM-managed groups all the same, in one transaction: for maintenance, such as a repair."""
    alias = router.db_for_write(GroupResource)
    token = _unguarded.set(True)
    try:
        with transaction.atomic(alias):
            before = set_mark(alias)
            yield
            set_mark(alias, before)
    finally:
        _unguarded.reset(token)
