"""/Bulk: many writes in one request, each a transaction of its own (RFC 7644 section 3.7)."""

from collections.abc import Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

from django.db import DatabaseError
from django.http import HttpResponse
from django.utils.encoding import escape_uri_path
from rest_framework.request import Request

from scim_provisioning.api import observing
from scim_provisioning.api.base import ScimView, logger, respond, scim_error
from scim_provisioning.api.resources import GroupsView, ResourceView, UsersView
from scim_provisioning.lifecycle.journal import Exchange
from scim_provisioning.mapping.rendering import etag
from scim_provisioning.models import Connection, UserResource
from scim_provisioning.protocol.bulk import (
    BULK_RESPONSE,
    REFERENCE,
    BulkOperation,
    in_order,
    late_operations,
    read_bulk,
    resolved,
)
from scim_provisioning.protocol.errors import ScimError

VIEWS: dict[str, type[ResourceView]] = {"User": UsersView, "Group": GroupsView}
SUCCESS = {"POST": 201, "PUT": 200, "DELETE": 204}

Result = dict[str, Any]


class BulkView(ScimView):
    """/Bulk."""

    resource_type = "Bulk"

    def post(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Run the operations and answer each with its own status."""
        self.check_length()
        job = read_bulk(self.load_body(request.body), self.limits)
        run = BulkRun(self)
        results: dict[int, Result] = {}
        errors = 0
        for indexes in in_order(job.operations):
            done = run.perform([job.operations[index] for index in indexes])
            results.update(zip(indexes, done, strict=True))
            errors += sum(int(result["status"]) >= 400 for result in done)
            if job.fail_on_errors is not None and errors >= job.fail_on_errors:
                break
        return respond(
            {"schemas": [BULK_RESPONSE], "Operations": [results[index] for index in sorted(results)]}
        )


class BulkRun:
    """One bulk request on its way: the ids that its operations have made so far."""

    def __init__(self, view: BulkView) -> None:
        self.view = view
        self.ids: dict[str, str] = {}

    def perform(self, operations: Sequence[BulkOperation]) -> list[Result]:
        """Run one operation, or those of one circle, in one transaction; return their parts of the answer.

        The first half of a circle is created without what it refers to, which is written when the rest is
        there. Where one of a circle fails, all of it is undone (RFC 7644 section 3.7.1).
        """
        steps = [BulkStep(self._view(operation), operation) for operation in operations]
        made: dict[str, str] = {}
        at = steps[0]

        def work() -> HttpResponse:
            nonlocal made, at
            made = dict(self.ids)
            inside = {step.operation.bulk_id for step in steps}
            for at in steps:
                at.write(made, inside)
            for at in steps:
                at.write_late(made)
            return respond(None)

        try:
            self.view.in_transaction(work, [step.view.journal for step in steps])
        except (ScimError, DatabaseError) as raised:
            error = scim_error(raised)
            if error.status == 500:
                logger.error("SCIM bulk operation %s failed", error.value, exc_info=raised)
            undone = ScimError("unresolved_bulk_id", value=f"{REFERENCE}{at.operation.bulk_id}")
            return [step.refused(error if step is at else undone, self.ids) for step in steps]
        self.ids = made
        return [step.done() for step in steps]

    def _view(self, operation: BulkOperation) -> ResourceView:
        view = VIEWS[operation.resource_type]()
        view.request = self.view.request
        view.args, view.kwargs = (), {}
        path = f"/{operation.resource_type}s" + (f"/{operation.resource_id}" if operation.resource_id else "")
        exchange = Exchange(operation.method, escape_uri_path(path), operation.data or None)
        view.journal = replace(self.view.journal, started=monotonic(), exchange=exchange)
        return view


class BulkStep:
    """One operation and its part of the answer."""

    def __init__(self, view: ResourceView, operation: BulkOperation) -> None:
        self.view = view
        self.operation = operation
        self.waits = False

    def write(self, ids: dict[str, str], circle: set[str | None]) -> None:
        """Do what the operation says, without the references to others of its circle that are not there yet."""
        operation = self.operation
        if operation.resource_type == "Group" and not self.view.groups_on:
            raise ScimError("groups_off")
        unknown = operation.references() - set(ids)
        if operation.method != "POST":
            circle = set()
        if unknown - circle:
            raise ScimError("unresolved_bulk_id", value=f"{REFERENCE}{min(unknown - circle)}")
        self.waits = bool(unknown)
        data = resolved(operation.data, ids, drop=self.waits)
        row = None
        if operation.method != "POST":
            resource_id = resolved(operation.resource_id, ids)
            self.view.kwargs = {"uuid": resource_id}
            versions = None if operation.version is None else {operation.version}
            row = self.view.find_row(resource_id, lock=True, versions=versions)
        adapter = self.view.scim_adapter(row, self.view.request)
        if operation.method == "DELETE":
            adapter.delete()
        elif operation.method == "PATCH":
            adapter.apply_patch(data)
        else:
            adapter.from_dict(data)
            adapter.save()
        if operation.method == "POST" and operation.bulk_id is not None:
            ids[operation.bulk_id] = adapter.id

    def write_late(self, ids: dict[str, str]) -> None:
        """Write the references that the operation was done without, now that every id is known."""
        if not self.waits or self._kept_as_is():
            return
        row = self.view.find_row(self.view.adapter.id, lock=True, versions=None)
        operations = late_operations(self.operation.data, ids)
        self.view.scim_adapter(row, self.view.request).apply_patch({"Operations": operations})

    def done(self) -> Result:
        """Return the part of the answer for an operation that went through."""
        operation = self.operation
        observing.observe_write(self.view, operation.method, operation.data, None)
        result = self._result()
        result["location"] = self.view.adapter.location
        if operation.method != "DELETE":
            result["version"] = etag(self.view.adapter.row.version)
        status = SUCCESS.get(operation.method) or self.view.patch_status(self.view.connection)
        return {**result, "status": str(status)}

    def refused(self, error: ScimError, ids: dict[str, str]) -> Result:
        """Record a refusal and return its part of the answer."""
        operation = self.operation
        resource_id = resolved(operation.resource_id, ids)
        self.view.record_refusal(operation.method, resource_id, error)
        observing.observe_write(self.view, operation.method, operation.data, error)
        result = self._result()
        if operation.method != "POST":
            # A failed POST has no location (RFC 7644 section 3.7).
            # It names what was asked for, which need not be an id.
            place = escape_uri_path(f"/{operation.resource_type}s/{resource_id}")
            result["location"] = f"{self.view.base_url}{place}"
        return {**result, "status": str(error.status), "response": error.body()}

    def _result(self) -> Result:
        result: Result = {"method": self.operation.method}
        if self.operation.bulk_id is not None:
            result["bulkId"] = self.operation.bulk_id
        return result

    def _kept_as_is(self) -> bool:
        """Return whether the POST has met an existing account, on which the first contact writes nothing (A13)."""
        row = self.view.adapter.row
        keeps = self.view.connection.existing_users == Connection.ExistingUsers.LINK
        return keeps and row.origin == UserResource.Origin.ADOPTED
