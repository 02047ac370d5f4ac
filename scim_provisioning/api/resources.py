"""/Users and /Groups: django-scim2's verbs inside one transaction, on rows of the connection (RFC 7644 section 3)."""

from functools import cached_property
from typing import Any, ClassVar

from django.db import OperationalError
from django.http import HttpResponse
from django_scim.views import DeleteView, GetView, PostView, PutView
from rest_framework.request import Request

from scim_provisioning.api import queries
from scim_provisioning.api.adapters import GroupAdapter, ResourceAdapter, UserAdapter
from scim_provisioning.api.base import WRITE_ATTEMPTS, ScimView, is_retried, respond
from scim_provisioning.mapping.rendering import etag, resource_of
from scim_provisioning.mapping.rows import Row, Rows
from scim_provisioning.mapping.users import ResourceMapping
from scim_provisioning.models import Connection
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.members import MEMBERS
from scim_provisioning.protocol.messages import list_response, read_page
from scim_provisioning.protocol.projection import Projection, read_projection


class ResourceView(GetView, PostView, PutView, DeleteView, ScimView):
    """One resource type; ``uuid`` in the URL makes it one resource."""

    lookup_url_kwarg = "uuid"
    scim_adapter: ClassVar[type[ResourceAdapter]]

    @property
    def mapping(self) -> ResourceMapping:
        """The mapping of this resource type."""
        raise NotImplementedError

    @cached_property
    def rows(self) -> Rows:
        """The resources of the connection."""
        return Rows(self.mapping)

    @cached_property
    def projection(self) -> Projection:
        """Which attributes the client wants to see."""
        return read_projection(self.request.GET)

    @cached_property
    def collection_url(self) -> str:
        """The absolute URL of the collection."""
        return f"{self.base_url}/{self.resource_type}s"

    def model_cls(self) -> None:
        """Return what a POST starts from: nothing, the lifecycle makes the row."""

    def get_object(self) -> Row:
        """Return the row of the URL, locked for a write; a foreign id and an absent one are both 404 (T2)."""
        self.projection  # noqa: B018 - a bad one is refused before any work
        if self.request.method in ("GET", "HEAD"):
            row = self.rows.get(self.kwargs["uuid"])
        else:
            row = self.rows.locked(self.kwargs["uuid"])
        if row is None:
            raise ScimError("not_found")
        self._check_precondition(row)
        return row

    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return one resource, or a list of them."""
        response: HttpResponse = super().get(request, *args, **kwargs)  # type: ignore[no-untyped-call]
        return response

    def get_single(self, request: Request) -> HttpResponse:
        """Return one resource with its entity tag."""
        adapter = self.scim_adapter(self.get_object(), request=request)
        version = etag(adapter.row.version)
        if version in self._tags("HTTP_IF_NONE_MATCH"):
            return respond(None, 304, ETag=version)
        return respond(adapter.to_dict(), ETag=version, Location=adapter.location)

    def get_many(self, request: Request) -> HttpResponse:
        """Return a page of the resources that match a filter (RFC 7644 section 3.4.2)."""
        page = read_page(request.GET.get("startIndex"), request.GET.get("count"), self.limits)
        text = request.GET.get("filter")
        found = queries.find_page(self.rows, text, page, self.limits)
        resources = self.render(found.rows)
        return respond(list_response(resources, found.total, page.start_index))

    def render(self, rows: list[Row]) -> list[dict[str, Any]]:
        """Return rows as resources, projected."""
        return [
            self.projection.apply(resource_of(self.mapping, row, f"{self.collection_url}/{row.id}"))
            for row in rows
        ]

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Create a resource."""
        if "uuid" in kwargs:
            raise ScimError("method_not_allowed", value="POST")
        return self._written(super().post, request, *args, **kwargs)

    def put(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Replace a resource."""
        self._require_item("PUT")
        return self._written(super().put, request, *args, **kwargs)

    def patch(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Change a resource; answered with it or without, as the policy says (RFC 7644 section 3.5.2)."""
        self._require_item("PATCH")
        return self._written(self._patch, request)

    def delete(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Delete a resource."""
        self._require_item("DELETE")
        return self._written(super().delete, request, *args, **kwargs)

    def patch_status(self, connection: Connection) -> int:
        """Return the status that answers a PATCH."""
        raise NotImplementedError

    def _patch(self, request: Request) -> HttpResponse:
        adapter = self.scim_adapter(self.get_object(), request=request)
        operations = self._operations(self.load_body(request.body))
        if operations:
            # None is not an error: Microsoft's validator sends an empty list (R24).
            adapter.handle_operations(operations)
            adapter.save()  # type: ignore[no-untyped-call]
        if self.patch_status(self.connection) == Connection.PatchResponse.NO_CONTENT:
            return respond(None, 204)
        return respond(adapter.to_dict(), Location=adapter.location)

    def _operations(self, body: dict[str, Any]) -> list[Any]:
        operations = next((value for key, value in body.items() if key.lower() == "operations"), None)
        if not isinstance(operations, list):
            raise ScimError("missing_operations")
        if len(operations) > self.limits.operations:
            raise ScimError("too_many_operations", limit=self.limits.operations, value=str(len(operations)))
        return operations

    def _written(self, verb: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Run a verb in its transaction, again where the database asks for that."""
        for attempt in range(1, WRITE_ATTEMPTS + 1):
            try:
                with self.writing():
                    response: HttpResponse = verb(request, *args, **kwargs)
                    return response
            except OperationalError as error:
                if attempt == WRITE_ATTEMPTS or not is_retried(error):
                    raise
        raise AssertionError("unreachable")

    def _require_item(self, verb: str) -> None:
        if "uuid" not in self.kwargs:
            raise ScimError("method_not_allowed", value=verb)

    def _tags(self, header: str) -> set[str]:
        return {tag.strip() for tag in self.request.META.get(header, "").split(",") if tag.strip()}

    def _check_precondition(self, row: Row) -> None:
        """Refuse a write on another version than the client has seen (RFC 7644 section 3.14)."""
        wanted = self._tags("HTTP_IF_MATCH")
        if wanted and "*" not in wanted and etag(row.version) not in wanted:
            raise ScimError("version_mismatch")


class UsersView(ResourceView):
    """/Users and /Users/{id}."""

    resource_type = "User"
    scim_adapter = UserAdapter

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
    scim_adapter = GroupAdapter

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

    def render(self, rows: list[Row]) -> list[dict[str, Any]]:
        """Return groups with their members, in one more statement, unless they were not asked for (R15)."""
        members = self.members_of(rows) if self.projection.wants(MEMBERS) else {}
        rendered = []
        for row in rows:
            resource = resource_of(self.mapping, row, f"{self.collection_url}/{row.id}")
            if self.projection.wants(MEMBERS):
                resource[MEMBERS] = members.get(row.host_id, [])
            rendered.append(self.projection.apply(resource))
        return rendered

    def members_of(self, rows: list[Row]) -> dict[Any, list[dict[str, Any]]]:
        """Return the members of groups by the group's host key."""
        found = queries.members(self.group_mapping, self.user_mapping, [row.host_id for row in rows])
        by_group: dict[Any, list[dict[str, Any]]] = {}
        for group, user_id, name in found:
            by_group.setdefault(group, []).append(
                {
                    "value": str(user_id),
                    "$ref": f"{self.base_url}/Users/{user_id}",
                    "display": name,
                    "type": "User",
                }
            )
        return by_group
