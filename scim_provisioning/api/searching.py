"""``/.search`` at the root of a tenant URL: users and groups in one list (RFC 7644 sections 3.4.2.1 and 3.4.3)."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from rest_framework.request import Request

from scim_provisioning.api.base import ScimView, respond
from scim_provisioning.api.queries import Found, find_page
from scim_provisioning.api.representations import Representations
from scim_provisioning.mapping.rows import Rows
from scim_provisioning.mapping.users import ResourceMapping
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import Page, list_response
from scim_provisioning.protocol.schemas import ResourceModel
from scim_provisioning.protocol.searches import Search, read_search, read_search_request


class RootSearchView(ScimView):
    """A search over every resource type of the connection."""

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a query at the root."""
        return self._answer(read_search(request.GET, self.limits))

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer a SearchRequest."""
        self.check_length()
        return self._answer(read_search_request(self.load_body(request.body), self.limits))

    def _answer(self, search: Search) -> HttpResponse:
        if search.cursor is not None:
            raise ScimError("bad_cursor")
        mappings: list[ResourceMapping] = [self.user_mapping]
        if self.groups_on:
            mappings.append(self.group_mapping)
        models = [mapping.scim_model() for mapping in mappings]
        resources: list[dict[str, Any]] = []
        total = 0
        sorted_types = 0
        for mapping in mappings:
            try:
                found = self._found(mapping, search, models, total, len(resources))
                sorted_types += 1
            except ScimError as error:
                if error.code != "bad_path":
                    raise
                # Only another type has the attribute to sort by; this one keeps the order of creation.
                found = self._found(mapping, replace(search, sort_by=None), models, total, len(resources))
            representations = Representations(mapping, self.base_url, self.user_mapping)
            resources += representations.render(found.rows, search.projection)
            total += found.total or 0
        if not sorted_types:
            raise ScimError("bad_path", value=search.sort_by)
        return respond(list_response(resources, total, search.page.start_index))

    def _found(
        self, mapping: ResourceMapping, search: Search, models: list[ResourceModel], before: int, taken: int
    ) -> Found:
        """Return the part of the page that is of one type; the types follow one another."""
        start = max(1, search.page.start_index - before)
        page = Page(start, max(0, search.page.count - taken))
        return find_page(Rows(mapping), replace(search, page=page), self.limits, models)
