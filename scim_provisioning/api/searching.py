"""``/.search`` at the root of a tenant URL: users and groups in one list (RFC 7644 sections 3.4.2.1 and 3.4.3)."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import IntegerField, QuerySet, TextField, Value
from django.http import HttpResponse
from rest_framework.request import Request

from scim_provisioning.api.base import ScimView, respond
from scim_provisioning.api.conditions import Conditions
from scim_provisioning.api.operands import Collated
from scim_provisioning.api.ordering import Order, read_order
from scim_provisioning.api.queries import find_page
from scim_provisioning.api.representations import Representations
from scim_provisioning.mapping.rows import Row, Rows
from scim_provisioning.mapping.users import ResourceMapping
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.filters import read_filter
from scim_provisioning.protocol.messages import Page, list_response
from scim_provisioning.protocol.schemas import ResourceModel
from scim_provisioning.protocol.searches import Search, read_search, read_search_request

# A type without the attribute to sort by is sorted as one whose resources all lack a value.
UNSORTED = {
    "sort_key": Collated(Value("", output_field=TextField())),
    "sort_missing": Value(1, output_field=IntegerField()),
}


@dataclass(frozen=True, slots=True)
class Part:
    """One resource type of a search, and the place of each of its rows in the list."""

    rows: Rows
    representations: Representations

    @property
    def model(self) -> ResourceModel:
        """The scim2-models class of the type."""
        return self.rows.mapping.scim_model()

    def order(self, search: Search) -> Order | None:
        """Return the order asked for, or None where only another type has the attribute."""
        try:
            return read_order(self.rows, search)
        except ScimError as error:
            if error.code != "bad_path":
                raise
            return None


class RootSearchView(ScimView):
    """A search over every resource type of the connection."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a query at the root."""
        return self._answer(read_search(request.GET, self.limits))

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a SearchRequest."""
        self.check_length()
        return self._answer(read_search_request(self.load_body(request.body), self.limits))

    @cached_property
    def parts(self) -> list[Part]:
        """The resource types of the connection."""
        mappings: list[ResourceMapping] = [self.user_mapping]
        if self.groups_on:
            mappings.append(self.group_mapping)
        return [
            Part(Rows(mapping), Representations(mapping, self.base_url, self.user_mapping))
            for mapping in mappings
        ]

    def _answer(self, search: Search) -> HttpResponse:
        if search.cursor is not None:
            raise ScimError("bad_cursor")
        resources, total = self._sorted(search) if search.sort_by else self._one_after_the_other(search)
        return respond(list_response(resources, total, search.page.start_index))

    def _one_after_the_other(self, search: Search) -> tuple[list[dict[str, Any]], int]:
        """Return a page in the order of creation, and the total; the types follow one another."""
        models = [part.model for part in self.parts]
        resources: list[dict[str, Any]] = []
        total = 0
        for part in self.parts:
            start = max(1, search.page.start_index - total)
            page = Page(start, max(0, search.page.count - len(resources)))
            found = find_page(part.rows, replace(search, page=page), self.limits, models)
            resources += part.representations.render(found.rows, search.projection)
            total += found.total or 0
        return resources, total

    def _sorted(self, search: Search) -> tuple[list[dict[str, Any]], int]:
        """Return a page of one order over all types, and the total (RFC 7644 section 3.4.2.3)."""
        orders = [part.order(search) for part in self.parts]
        names = next((order.names for order in orders if order is not None), None)
        if names is None:
            raise ScimError("bad_path", value=search.sort_by)
        total = 0
        windows: list[QuerySet[Any, Any]] = []
        for number, (part, order) in enumerate(zip(self.parts, orders, strict=True)):
            narrowed = self._narrowed(part, search)
            total += narrowed.count()
            keyed = narrowed.annotate(**(order.annotations if order else UNSORTED), part=Value(number))
            windows.append(keyed.order_by().values_list("part", *names))
        first = search.page.start_index - 1
        ordered = windows[0].union(*windows[1:], all=True)
        ordered = ordered.order_by(*(f"-{name}" if search.descending else name for name in names))
        place = names.index("id") + 1
        found = [(key[0], key[place]) for key in ordered[first : first + search.page.count]]
        return self._rendered(found, search), total

    def _narrowed(self, part: Part, search: Search) -> QuerySet[Any]:
        if search.filter is None:
            return part.rows.queryset()
        node = read_filter(part.model, search.filter, self.limits, [other.model for other in self.parts])
        return Conditions(part.rows).narrow(node)

    def _rendered(self, found: list[tuple[int, Any]], search: Search) -> list[dict[str, Any]]:
        """Return the resources of (number of the part, id), in this order; one statement for each part."""
        by_id: dict[Any, dict[str, Any]] = {}
        for number, part in enumerate(self.parts):
            ids = [pk for owner, pk in found if owner == number]
            rows: list[Row] = part.rows.select(part.rows.queryset().filter(pk__in=ids)) if ids else []
            rendered = part.representations.render(rows, search.projection)
            by_id.update(zip((row.id for row in rows), rendered, strict=True))
        return [by_id[pk] for _number, pk in found if pk in by_id]
