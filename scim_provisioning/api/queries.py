"""Lists and filters as SQL, always narrowed from the connection's rows (RFC 7644 section 3.4.2)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from scim2_models.path import FilterNode

from scim_provisioning.api.conditions import Conditions
from scim_provisioning.api.ordering import Order, read_cursor, read_order, write_cursor
from scim_provisioning.mapping.groups import GroupMapping, member_columns, members_field
from scim_provisioning.mapping.rows import Row, Rows
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import UserResource, name_key
from scim_provisioning.protocol.filters import equality, read_filter
from scim_provisioning.protocol.messages import Limits, Page
from scim_provisioning.protocol.schemas import ResourceModel
from scim_provisioning.protocol.searches import Search


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows; how many there are in all, or the cursor of the next page; and the filter that was read."""

    rows: list[Row]
    total: int | None
    next_cursor: str | None = None
    node: FilterNode | None = None


def find_page(rows: Rows, search: Search, limits: Limits, others: Sequence[ResourceModel] = ()) -> Found:
    """Return a page of the rows that match a filter, in a stable order.

    :param others: models of the other types that the search is over.

    :raises ScimError: ``invalidFilter`` for a filter that cannot be read or names an unknown attribute; it is
        never answered with an unfiltered or an empty list (R2).
    """
    model = rows.mapping.scim_model()
    node = read_filter(model, search.filter, limits, others) if search.filter else None
    order = read_order(rows, search)
    single = _identified(rows, node)
    if single is not None and search.cursor is None:
        return replace(_single(rows.find(*single), search.page), node=node)
    queryset = Conditions(rows).narrow(node) if node is not None else rows.queryset()
    find = _page if search.cursor is None else _cursor_page
    return replace(find(rows, queryset, search, order), node=node)


def _identified(rows: Rows, node: Any) -> tuple[str, Any] | None:
    """Return the unique column that a filter like ``userName eq "x"`` looks up: the request of every cycle (R2)."""
    term = equality(node) if node is not None else None
    if term is None:
        return None
    path, value = term
    if path.lower() == rows.mapping.name_attribute.lower():
        return rows.key_field, name_key(value)
    return None


def _single(row: Row | None, page: Page) -> Found:
    found = [row] if row else []
    return Found(found if page.start_index == 1 and page.count else [], len(found))


def _page(rows: Rows, queryset: models.QuerySet[Any], search: Search, order: Order) -> Found:
    page = search.page
    first = page.start_index - 1
    found = rows.select(order.apply(queryset)[first : first + page.count]) if page.count else []
    if len(found) < page.count and (found or first == 0):
        # The last page tells the total by itself, and so does an empty first one.
        return Found(found, first + len(found))
    return Found(found, queryset.count())


def _cursor_page(rows: Rows, queryset: models.QuerySet[Any], search: Search, order: Order) -> Found:
    """Return a page that goes on after a place; no total, which would cost what the page saves (RFC 9865)."""
    place = read_cursor(rows, search, order)
    window = order.apply(queryset)
    if place is not None:
        window = window.filter(order.after(place))
    if search.page.count == 0:
        return Found([], queryset.count())
    # One more than the page, to know whether there is a next one.
    found = list(window.values_list("id", *order.names)[: search.page.count + 1])
    wanted = [entry[0] for entry in found[: search.page.count]]
    by_id = {row.id: row for row in rows.select(rows.queryset().filter(pk__in=wanted))}
    page = [by_id[pk] for pk in wanted if pk in by_id]
    more = len(found) > search.page.count
    cursor = write_cursor(rows, search, found[search.page.count - 1][1:]) if more else None
    total = len(page) if place is None and not more else None
    return Found(page, total, cursor)


def members(mapping: GroupMapping, users: UserMapping, groups: list[Any]) -> list[tuple[Any, Any, str]]:
    """Return (group key, SCIM id, userName) of the members of host groups that the connection manages."""
    if not groups:
        return []
    through = members_field(type(mapping)).through
    group, user = member_columns(through)
    # Each member is looked up by its key. As a join, it would be the planner's choice, which pairs everybody with
    # everybody where it does not know yet how many they are: right after they were created.
    resource = UserResource.objects.filter(
        connection=users.connection, scim_managed=True, user=models.OuterRef(user.attname)
    )
    found = through._base_manager.filter(**{f"{group.name}__in": groups}).order_by("pk")
    columns = (models.Subquery(resource.values(name)[:1]) for name in ("pk", "user_name"))
    return [row for row in found.values_list(group.attname, *columns) if row[1] is not None]
