"""django-scim2's adapter protocol, on light rows: what its verbs call, answered by mapping and lifecycle."""

from typing import TYPE_CHECKING, Any

from django_scim.adapters import SCIMMixin

from scim_provisioning.lifecycle.groups import Groups
from scim_provisioning.lifecycle.users import Users
from scim_provisioning.mapping.rendering import document_of
from scim_provisioning.mapping.rows import Row
from scim_provisioning.models import Connection
from scim_provisioning.protocol import documents
from scim_provisioning.protocol.dialects import Operation, read_resource
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.members import (
    MEMBERS,
    MemberChange,
    apply_operation,
    is_members_path,
    member_ids,
)
from scim_provisioning.protocol.operations import read_patch

if TYPE_CHECKING:
    from scim_provisioning.api.resources import ResourceView


class ResourceAdapter(SCIMMixin):
    """One resource on its way in or out.

    ``obj`` is a :class:`Row`, or None before a POST has made one.
    """

    obj: Row | None

    def __init__(self, view: "ResourceView", obj: Row | None, request: Any = None) -> None:
        # django-scim2 has no types.
        super().__init__(obj, request)  # type: ignore[no-untyped-call]
        self.view = view
        self.mapping = view.mapping
        self.before = document_of(self.mapping, obj) if obj else {}
        self.after = self.before

    @property
    def row(self) -> Row:
        """The row, once there is one."""
        if self.obj is None:
            raise LookupError("the resource has not been saved")
        return self.obj

    @property
    def id(self) -> str:
        """The SCIM id."""
        return str(self.row.id)

    @property
    def location(self) -> str:
        """The absolute URL of the resource (RFC 7644 section 3.1)."""
        return self.view.representations.location(self.row)

    def to_dict(self) -> dict[str, Any]:
        """Return the resource as the client asked to see it."""
        return self.view.answered(self.view.representations.render([self.row], self.view.projection)[0])

    def validate_dict(self, d: dict[str, Any]) -> None:
        """Check nothing here: :meth:`from_dict` reads and validates in one go."""

    def from_dict(self, d: dict[str, Any]) -> None:
        """Take the body of a POST or PUT (RFC 7644 sections 3.3 and 3.5.1)."""
        tolerance = self.view.connection.tolerance()
        self.after = documents.validate(self.mapping.scim_model(), read_resource(d, tolerance), tolerance)
        # PUT without them must neither disable nor unlink (Okta).
        for name in ("active", "externalId"):
            if name in self.before:
                self.after.setdefault(name, self.before[name])

    def apply_patch(self, body: dict[str, Any]) -> None:
        """Apply the body of a PATCH and save; an empty list of operations is no error (R24)."""
        operations = next((value for key, value in body.items() if key.lower() == "operations"), None)
        if not isinstance(operations, list):
            raise ScimError("missing_operations")
        limit = self.view.limits.operations
        if len(operations) > limit:
            raise ScimError("too_many_operations", limit=limit, value=str(len(operations)))
        if operations:
            self.handle_operations(operations)
            self.save()

    def save(self) -> None:
        """Create or update the resource."""
        raise NotImplementedError

    def delete(self) -> None:
        """Delete the resource."""
        raise NotImplementedError

    def handle_operations(self, operations: list[Any]) -> None:
        """Take the operations of a PATCH (RFC 7644 section 3.5.2)."""
        tolerance = self.view.connection.tolerance()
        self.patch_document(read_patch(operations, tolerance))

    def patch_document(self, operations: list[Operation]) -> None:
        """Apply normalized operations to the document."""
        tolerance = self.view.connection.tolerance()
        self.after = documents.patch(self.mapping.scim_model(), self.before, operations, tolerance)


class UserAdapter(ResourceAdapter):
    """A User resource."""

    def handle_operations(self, operations: list[Any]) -> None:
        """Take the operations of a PATCH; ``active`` can be changed but not taken away."""
        super().handle_operations(operations)
        self.after.setdefault("active", self.before["active"])

    def save(self) -> None:
        """Create or update the user."""
        users = self._users()
        self.obj = users.update(self.obj, self.before, self.after) if self.obj else users.create(self.after)

    def delete(self) -> None:
        """Delete the user."""
        self._users().delete(self.row)

    def _users(self) -> Users:
        return Users(self.view.user_mapping, self.view.rows, self.view.journal)


class GroupAdapter(ResourceAdapter):
    """A Group resource; its members travel apart from its document."""

    def __init__(self, view: "ResourceView", obj: Row | None, request: Any = None) -> None:
        super().__init__(view, obj, request)
        self.change = MemberChange()

    def from_dict(self, d: dict[str, Any]) -> None:
        """Take the body of a POST or PUT; a PUT names all members (RFC 7644 section 3.5.1)."""
        body = {key: value for key, value in d.items() if key.lower() != MEMBERS}
        super().from_dict(body)
        sent = [value for key, value in d.items() if key.lower() == MEMBERS]
        ids = member_ids(sent[0], self.view.limits.members) if sent else []
        if self.obj is not None:
            self.change.replace(ids)
        else:
            self.change.add(ids)

    def handle_operations(self, operations: list[Any]) -> None:
        """Take the operations of a PATCH, those on members as sets (R18 to R20)."""
        policy = self.view.connection
        rest: list[Operation] = []
        for operation in read_patch(operations, policy.tolerance()):
            if is_members_path(operation["path"]):
                apply_operation(
                    self.change,
                    operation,
                    replace_adds=policy.members_replace == Connection.MembersReplace.ADD,
                    limit=self.view.limits.members,
                )
            else:
                rest.append(operation)
        self.patch_document(rest)
        if "displayName" not in self.after:
            raise ScimError("required_removed", field="displayName")

    def save(self) -> None:
        """Create or update the group."""
        groups = self._groups()
        if self.obj is None:
            self.obj = groups.create(self.after, self.change)
        else:
            self.obj = groups.update(self.obj, self.before, self.after, self.change)

    def delete(self) -> None:
        """Delete the group."""
        self._groups().delete(self.row)

    def _groups(self) -> Groups:
        return Groups(self.view.group_mapping, self.view.user_mapping, self.view.rows, self.view.journal)
