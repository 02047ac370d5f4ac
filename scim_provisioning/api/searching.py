"""``/.search`` at the root of a tenant URL: users and groups in one list (RFC 7644 sections 3.4.2.1 and 3.4.3)."""

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
        resources: list[dict[str, Any]] = []
        total = 0
        refusals: list[ScimError] = []
        for mapping in mappings:
            found = self._found(mapping, search, total, len(resources), refusals)
            representations = Representations(mapping, self.base_url, self.user_mapping)
            resources += representations.render(found.rows, search.projection)
            total += found.total or 0
        if len(refusals) == len(mappings):
            raise refusals[0]
        return respond(list_response(resources, total, search.page.start_index))

    def _found(
        self, mapping: ResourceMapping, search: Search, before: int, taken: int, refusals: list[ScimError]
    ) -> Found:
        """Return the part of the page that is of one type; the types follow one another.

        An attribute that only one type declares is false for the other (RFC 7644 section 3.4.2.1).
        """
        start = max(1, search.page.start_index - before)
        page = Page(start, max(0, search.page.count - taken))
        part = Search(search.filter, page, None, search.sort_by, search.descending, search.projection)
        try:
            return find_page(Rows(mapping), part, self.limits)
        except ScimError as error:
            if error.code not in ("unknown_filter_attribute", "bad_path"):
                raise
            refusals.append(error)
            return Found([], 0)
