"""Whose access SCIM never ends: the organization's last Active administrator and owner (T9)."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from scim_provisioning.mapping.rows import Question, Row
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection
from scim_provisioning.protocol.errors import ScimError


def question(mapping: UserMapping, row: Row) -> Question | None:
    """Return what to ask before a user becomes Inactive, for the statement that changes its resource.

    A query of its own for every deactivation, to find that the user is no administrator, would be one too many.
    """
    about = Q()
    for _code, people in _kinds(mapping):
        about |= Q(Exists(people.filter(pk=OuterRef("user_id"))))
    return Question(about, partial(check_not_last, mapping, row)) if about else None


def check_not_last(mapping: UserMapping, row: Row) -> None:
    """Refuse to end a user's access when nobody else could do what the user does for the organization.

    :raises ScimError: 403, with the code of what the user is the last one of.
    """
    locked = False
    for code, people in _kinds(mapping):
        if not people.filter(pk=row.host_id).exists():
            continue
        if not locked:
            # Only now, so that nobody else waits; and before the others are looked for, so that of two
            # administrators who go at the same moment the second one finds nobody left.
            _lock_organization(mapping.connection)
            locked = True
        status = mapping.status
        if not people.exclude(pk=row.host_id).filter(**{status.column: status.active}).exists():
            raise ScimError(code, field="active", value=row.name)


def _kinds(mapping: UserMapping) -> Iterator[tuple[str, QuerySet[Any]]]:
    for code, people in (("last_admin", mapping.admins()), ("last_owner", mapping.owners())):
        if people is not None:
            yield code, people


def _lock_organization(connection: Connection) -> None:
    model: Any = Connection._meta.get_field("organization").related_model
    # Not the stronger lock: every new user of the organization would wait for it.
    rows = model._base_manager.filter(pk=connection.organization_id).select_for_update(no_key=True)
    list(rows.values_list("pk"))
