"""Lists and filters as SQL, always narrowed from the connection's rows (RFC 7644 section 3.4.2)."""

from dataclasses import dataclass
from typing import Any

from django.db import models

from scim_provisioning.api.conditions import Conditions, member_lookup
from scim_provisioning.mapping.groups import GroupMapping
from scim_provisioning.mapping.rows import Row, Rows
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import UserResource, name_key
from scim_provisioning.protocol.filters import equality, read_filter
from scim_provisioning.protocol.messages import Limits, Page


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows, and how many there are in all."""

    rows: list[Row]
    total: int


def find_page(rows: Rows, text: str | None, page: Page, limits: Limits) -> Found:
    """Return a page of the rows that match a filter, in a stable order.

    :raises ScimError: ``invalidFilter`` for a filter that cannot be read or names an unknown attribute; it is
        never answered with an unfiltered or an empty list (R2).
    """
    if text is None or text == "":
        return _page(rows, rows.queryset(), page)
    node = read_filter(rows.mapping.scim_model(), text, limits)
    single = _identified(rows, node)
    if single is not None:
        row = rows.find(*single)
        found = [row] if row else []
        return Found(found if page.start_index == 1 and page.count else [], len(found))
    return _page(rows, Conditions(rows).narrow(node), page)


def _identified(rows: Rows, node: Any) -> tuple[str, Any] | None:
    """Return the unique column that a filter like ``userName eq "x"`` looks up: the request of every cycle (R2)."""
    term = equality(node)
    if term is None:
        return None
    path, value = term
    if path.lower() == rows.mapping.name_attribute.lower():
        return rows.key_field, name_key(value)
    return None


def _page(rows: Rows, queryset: models.QuerySet[Any], page: Page) -> Found:
    first = page.start_index - 1
    window = queryset.order_by("created_at", "id")[first : first + page.count]
    found = rows.select(window) if page.count else []
    if len(found) < page.count and (found or first == 0):
        # The last page tells the total by itself, and so does an empty first one.
        return Found(found, first + len(found))
    return Found(found, queryset.count())


def members(mapping: GroupMapping, users: UserMapping, groups: list[Any]) -> list[tuple[Any, Any, str]]:
    """Return (group key, SCIM id, userName) of the members of host groups that the connection manages."""
    if not groups:
        return []
    group = f"user__{member_lookup(mapping)}"
    found = UserResource.objects.filter(
        connection=users.connection, scim_managed=True, **{f"{group}__in": groups}
    )
    return list(found.order_by("created_at", "id").values_list(group, "id", "user_name"))
