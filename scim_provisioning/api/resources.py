"""/Users and /Groups: django-scim2's verbs inside one transaction, on rows of the connection (RFC 7644 section 3)."""

from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from django.http import HttpResponse
from django_scim.views import DeleteView, GetView, PostView, PutView
from rest_framework.request import Request

from scim_provisioning.api import queries
from scim_provisioning.api.adapters import GroupAdapter, ResourceAdapter, UserAdapter
from scim_provisioning.api.base import ScimView, respond
from scim_provisioning.api.representations import Representations
from scim_provisioning.mapping.rendering import etag
from scim_provisioning.mapping.rows import Row, Rows
from scim_provisioning.mapping.users import ResourceMapping
from scim_provisioning.models import Connection
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import list_response
from scim_provisioning.protocol.projection import Projection, read_projection
from scim_provisioning.protocol.searches import Search, read_search, read_search_request

# The verbs of a list, of ``.search`` below it, and of one resource.
SEARCH = ".search"
OF_LIST = ["get", "head", "post"]
OF_SEARCH = ["post"]
OF_ONE = ["get", "head", "put", "patch", "delete"]


class ResourceView(GetView, PostView, PutView, DeleteView, ScimView):
    """One resource type; ``uuid`` in the URL makes it one resource."""

    lookup_url_kwarg = "uuid"
    adapter_class: ClassVar[type[ResourceAdapter]]

    def setup(self, request: Any, *args: Any, **kwargs: Any) -> None:
        """Take the verbs of the list, of the search, or of one resource."""
        super().setup(request, *args, **kwargs)
        if "uuid" not in kwargs:
            self.http_method_names = OF_LIST
        else:
            self.http_method_names = OF_SEARCH if kwargs["uuid"] == SEARCH else OF_ONE

    @property
    def mapping(self) -> ResourceMapping:
        """The mapping of this resource type."""
        raise NotImplementedError

    @cached_property
    def rows(self) -> Rows:
        """The resources of the connection."""
        return Rows(self.mapping)

    @cached_property
    def representations(self) -> Representations:
        """How rows leave."""
        return Representations(self.mapping, self.base_url, self.user_mapping)

    @cached_property
    def projection(self) -> Projection:
        """Which attributes the client wants to see."""
        return read_projection(self.request.GET)

    def model_cls(self) -> None:
        """Return what a POST starts from: nothing, the lifecycle makes the row."""

    def scim_adapter(self, obj: Row | None, request: Any = None) -> ResourceAdapter:
        """Return the adapter that django-scim2's verbs work with, and remember it for the answer."""
        self.adapter = self.adapter_class(self, obj, request)
        return self.adapter

    def get_object(self) -> Row:
        """Return the row of the URL, locked for a write; a foreign id and an absent one are both 404 (T2)."""
        writes = self.request.method not in ("GET", "HEAD")
        row = self.find_row(self.kwargs["uuid"], lock=writes, versions=self._tags("HTTP_IF_MATCH"))
        if writes and self._is_unwanted(etag(row.version)):
            raise ScimError("version_mismatch")
        return row

    def find_row(self, resource_id: str, *, lock: bool, versions: set[str] | None) -> Row:
        """Return a row of the connection.

        :param versions: the entity tags that the client has seen (RFC 7644 section 3.14); None for any.
        :raises ScimError: 404 when there is none, 412 when it has another version.
        """
        row = self.rows.locked(resource_id, by_scim=True) if lock else self.rows.get(resource_id)
        if row is None:
            raise ScimError("not_found")
        if versions is not None and "*" not in versions and etag(row.version) not in versions:
            raise ScimError("version_mismatch")
        return row

    def answered(self, document: dict[str, Any]) -> dict[str, Any]:
        """Remember what a write is answered with, for the log."""
        if self.request.method != "GET" and self.journal.exchange is not None:
            self.journal.exchange.answer = document
        return document

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return one resource, or a list of them."""
        response: HttpResponse = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return response

    def get_single(self, request: Request) -> HttpResponse:
        """Return one resource with its entity tag."""
        adapter = self.scim_adapter(self.get_object(), request=request)
        version = etag(adapter.row.version)
        if self._is_unwanted(version):
            return respond(None, 304, ETag=version)
        return respond(adapter.to_dict(), ETag=version, Location=adapter.location)

    def get_many(self, request: Request) -> HttpResponse:
        """Return a page of the resources that match a filter (RFC 7644 section 3.4.2)."""
        return self._found(read_search(request.GET, self.limits))

    def search(self, request: Request) -> HttpResponse:
        """Answer ``POST /.search``, the same as GET with its parameters in the body (RFC 7644 section 3.4.3)."""
        self.check_length()
        return self._found(read_search_request(self.load_body(request.body), self.limits))

    def _found(self, search: Search) -> HttpResponse:
        found = queries.find_page(self.rows, search, self.limits)
        self.listed = found
        resources = self.representations.render(found.rows, search.projection)
        start = search.page.start_index if search.cursor is None else None
        return respond(list_response(resources, found.total, start, found.next_cursor))

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Create a resource, or search."""
        if "uuid" in kwargs:
            return self.search(request)
        verb = super().post
        return self._written(lambda: verb(request, *args, **kwargs))  # type: ignore[no-untyped-call]

    def put(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Replace a resource."""
        verb = super().put
        return self._written(lambda: verb(request, *args, **kwargs))  # type: ignore[no-untyped-call]

    def patch(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change a resource; answered with it or without, as the policy says (RFC 7644 section 3.5.2)."""
        return self._written(lambda: self._patch(request))

    def delete(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete a resource."""
        verb = super().delete
        return self.in_transaction(lambda: verb(request, *args, **kwargs))  # type: ignore[no-untyped-call]

    def patch_status(self, connection: Connection) -> int:
        """Return the status that answers a PATCH."""
        raise NotImplementedError

    def _patch(self, request: Request) -> HttpResponse:
        adapter = self.scim_adapter(self.get_object(), request=request)
        adapter.apply_patch(self.load_body(request.body))
        if self.patch_status(self.connection) == Connection.PatchResponse.NO_CONTENT:
            return respond(None, 204)
        return respond(adapter.to_dict(), Location=adapter.location)

    def _written(self, verb: Callable[[], HttpResponse]) -> HttpResponse:
        """Run a write, and tell the version that it made."""
        self.projection  # noqa: B018 - a bad one is refused before any work
        response = self.in_transaction(verb)
        response["ETag"] = etag(self.adapter.row.version)
        return response

    def _tags(self, header: str) -> set[str] | None:
        text = self.request.META.get(header)
        return None if text is None else {tag.strip() for tag in text.split(",")}

    def _is_unwanted(self, version: str) -> bool:
        """Return whether ``If-None-Match`` names a version, or any (RFC 9110 section 13.1.2)."""
        return not {version, "*"}.isdisjoint(self._tags("HTTP_IF_NONE_MATCH") or ())


class UsersView(ResourceView):
    """/Users and /Users/{id}."""

    resource_type = "User"
    adapter_class = UserAdapter

    @property
    def mapping(self) -> ResourceMapping:
        """The mapping of users."""
        return self.user_mapping

    def patch_status(self, connection: Connection) -> int:
        """Return the policy's column."""
        return connection.user_patch_response


class GroupsView(ResourceView):
    """/Groups and /Groups/{id}; 404 where the connection has no groups (B5)."""

    resource_type = "Group"
    adapter_class = GroupAdapter

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authenticate, and be absent where groups are off."""
        super().initial(request, *args, **kwargs)
        if not self.groups_on:
            raise ScimError("groups_off")

    @property
    def mapping(self) -> ResourceMapping:
        """The mapping of groups."""
        return self.group_mapping

    def patch_status(self, connection: Connection) -> int:
        """Return the policy's column."""
        return connection.group_patch_response
