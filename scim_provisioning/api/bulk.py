"""/Bulk: many writes in one request, each a transaction of its own (RFC 7644 section 3.7)."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse
from rest_framework.request import Request

from scim_provisioning.api.base import ScimView, respond, scim_error
from scim_provisioning.api.resources import GroupsView, ResourceView, UsersView
from scim_provisioning.mapping.rendering import etag
from scim_provisioning.protocol.bulk import BULK_RESPONSE, REFERENCE, BulkOperation, read_bulk, resolved
from scim_provisioning.protocol.errors import ScimError

VIEWS: dict[str, type[ResourceView]] = {"User": UsersView, "Group": GroupsView}
SUCCESS = {"POST": 201, "PUT": 200, "PATCH": 200, "DELETE": 204}


class BulkView(ScimView):
    """/Bulk."""

    resource_type = "Bulk"

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Run the operations and answer each with its own status."""
        self.check_length()
        job = read_bulk(self.load_body(request.body), self.limits)
        run = BulkRun(self)
        results: dict[int, dict[str, Any]] = {}
        errors = 0
        for index in run.order(job.operations):
            results[index] = run.perform(job.operations[index])
            errors += int(results[index]["status"]) >= 400
            if job.fail_on_errors is not None and errors >= job.fail_on_errors:
                break
        run.close_circles()
        return respond(
            {"schemas": [BULK_RESPONSE], "Operations": [results[index] for index in sorted(results)]}
        )


class BulkRun:
    """One bulk request on its way: the ids made so far, and the circles that are still open."""

    def __init__(self, view: BulkView) -> None:
        self.view = view
        self.ids: dict[str, str] = {}
        self.open: list[tuple[BulkOperation, str]] = []
        self.pending: set[str | None] = set()

    def order(self, operations: list[BulkOperation]) -> list[int]:
        """Return the operations so that what is referred to comes first, where there is no circle."""
        self.pending = {operation.bulk_id for operation in operations if operation.method == "POST"}
        makers = {
            operation.bulk_id: index
            for index, operation in enumerate(operations)
            if operation.method == "POST"
        }
        ordered: list[int] = []
        state: dict[int, bool] = {}
        for start in range(len(operations)):
            stack = [start]
            while stack:
                index = stack[-1]
                if index in state:
                    stack.pop()
                    if not state[index]:
                        state[index] = True
                        ordered.append(index)
                    continue
                state[index] = False
                needed = (makers.get(reference) for reference in sorted(operations[index].references()))
                stack += [other for other in needed if other is not None and other not in state]
        return ordered

    def perform(self, operation: BulkOperation) -> dict[str, Any]:
        """Run one operation and return its part of the answer."""
        result: dict[str, Any] = {"method": operation.method}
        if operation.bulk_id is not None:
            result["bulkId"] = operation.bulk_id
        view = self._view(operation)
        try:
            status = self._run(view, operation, result)
        except (ScimError, DatabaseError) as raised:
            error = scim_error(raised)
            view.record_refusal(operation.method, operation.resource_id, error)
            status = error.status
            result["response"] = error.body()
            if operation.method != "POST":
                result["location"] = f"{self.view.base_url}{operation.path}"
        finally:
            self.pending.discard(operation.bulk_id)
        return {**result, "status": str(status)}

    def close_circles(self) -> None:
        """Write the references that were left out to break a circle, now that every id is known."""
        for operation, resource_id in self.open:
            missing = operation.references() - set(self.ids)
            if not missing:
                data = resolved(operation.data, self.ids)
                self.perform(
                    BulkOperation(
                        "PUT", operation.resource_type, resource_id, None, None, data, operation.path
                    )
                )

    def _run(self, view: ResourceView, operation: BulkOperation, result: dict[str, Any]) -> int:
        if operation.resource_type == "Group" and not self.view.groups_on:
            raise ScimError("groups_off")
        unknown = operation.references() - set(self.ids)
        circle = unknown & self.pending if operation.method == "POST" else set()
        if unknown - circle:
            raise ScimError("unresolved_bulk_id", value=REFERENCE + min(unknown - circle))
        data = resolved(operation.data, self.ids, drop=bool(unknown))
        resource_id = resolved(operation.resource_id, self.ids)
        view.kwargs = {"uuid": resource_id}

        def work() -> HttpResponse:
            self._write(view, operation, resource_id, data)
            return respond(None)

        view.in_transaction(work)
        if operation.method != "DELETE":
            result["location"] = view.adapter.location
            result["version"] = etag(view.adapter.row.version)
        if operation.method == "POST" and operation.bulk_id is not None:
            self.ids[operation.bulk_id] = view.adapter.id
            if unknown:
                self.open.append((operation, view.adapter.id))
        return SUCCESS[operation.method]

    def _write(
        self, view: ResourceView, operation: BulkOperation, resource_id: Any, data: dict[str, Any]
    ) -> None:
        versions = {operation.version} if operation.version else set()
        row = None if operation.method == "POST" else view.find_row(resource_id, lock=True, versions=versions)
        adapter = view.scim_adapter(row, self.view.request)
        if operation.method == "DELETE":
            adapter.delete()
        elif operation.method == "PATCH":
            adapter.apply_patch(data)
        else:
            adapter.from_dict(data)
            adapter.save()

    def _view(self, operation: BulkOperation) -> ResourceView:
        view = VIEWS[operation.resource_type]()
        view.request = self.view.request
        view.args, view.kwargs = (), {}
        return view
