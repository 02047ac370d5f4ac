"""The life of a user: create, adopt, update, deactivate, reactivate, delete."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from scim_provisioning import conf
from scim_provisioning.lifecycle import braking, guards, lockout, states
from scim_provisioning.lifecycle.deleting import try_to_delete
from scim_provisioning.lifecycle.journal import Journal, changes_between
from scim_provisioning.lifecycle.releasing import leave_groups, release_user
from scim_provisioning.lifecycle.soft_deletion import as_hosted
from scim_provisioning.lifecycle.writing import assign, held_paths, load, to_keep, values_of
from scim_provisioning.mapping.rendering import document_of
from scim_provisioning.mapping.rows import Row, Rows
from scim_provisioning.mapping.targets import Document
from scim_provisioning.mapping.users import WORK_EMAIL, UserMapping
from scim_provisioning.models import Connection, UserResource, name_key
from scim_provisioning.protocol.errors import ScimError

USER = "User"


@dataclass(slots=True)
class Users:
    """The use cases of one connection; each runs inside the transaction of its request."""

    mapping: UserMapping
    rows: Rows
    journal: Journal

    @property
    def policy(self) -> Connection:
        """The connection, as the policy it is."""
        return self.mapping.connection

    def create(self, document: Document) -> Row:
        """Create a user, or adopt the one that exists already (A8, A9, A11, B10).

        :raises ScimError: 409 when the user is managed already or more than one matches; 400 for a bad value.
        """
        guards.require_external_id(self.policy, document)
        self._check(document, {})
        found = self.rows.find("user_name_key", name_key(document["userName"]))
        host = self._match(document) if found is None else None
        if host is not None:
            found = self.rows.of_host(host.pk)
        if found is not None:
            # Locked and read again: another request may be adopting it at this moment.
            found = self.rows.locked(found.id)
        if found is not None and found.scim_managed:
            code, path = ("email_taken", WORK_EMAIL) if host else ("user_name_taken", "userName")
            raise ScimError(code, field=path, value=self.mapping.target(path).get(document))
        try:
            if found is not None:
                return self._adopt(found, document_of(self.mapping, found), document, status=201)
            if host is not None:
                linked = self._link(host, document)
                return self._adopt(linked, document_of(self.mapping, linked), document, status=201)
            return self._create(document)
        except IntegrityError as error:
            raise guards.conflict(error, document) from None

    def update(self, row: Row, before: Document, after: Document) -> Row:
        """Make a user what *after* says: the end of PUT and of PATCH alike.

        :raises ScimError: 404 for a user that is not managed yet, 403 for the last administrator who would become
            Inactive (T9), 400 and 409 as in :meth:`create`.
        """
        self._check(after, before)
        try:
            if not row.scim_managed:
                return self._first_contact(row, before, after)
            if after == before:
                return row
            return self._write(row, before, after, "update")
        except IntegrityError as error:
            raise guards.conflict(error, after) from None

    def delete(self, row: Row, operation: str = "delete") -> None:
        """Delete a user for good, or deactivate it, as the policy says (A16, B30); its id is never used again.

        :raises ScimError: 404 for a user that is not managed, 403 for the last administrator (T9).
        """
        if not row.scim_managed:
            raise ScimError("not_managed")
        if self.mapping.status.is_active(row.values[self.mapping.status.column]):
            lockout.check_not_last(self.mapping, row)
        braking.check_user(self.policy, braking.Action.DELETE, row)
        deletes = self.policy.user_deletion == Connection.UserDeletion.DELETE
        if not deletes or not try_to_delete(self.mapping.delete, self.rows.host(row)):
            self._keep_inactive(row)
        UserResource.objects.filter(pk=row.id).delete()
        self.journal.success(operation, USER, row, status=204)
        self.journal.owe("user_deleted", USER, row, row.version + 1)

    def _keep_inactive(self, row: Row) -> None:
        """Leave the host's row where a deletion cannot have it: without access, and without SCIM's groups."""
        user = self.rows.host(row)
        user.save(update_fields=list(self.mapping.deactivate(user)))
        leave_groups(self.policy, row.host_id)

    def _check(self, document: Document, before: Document) -> None:
        guards.fold_letters(self.mapping, document, before)
        if document.get("userName") != before.get("userName"):
            guards.check_name("userName", document.get("userName"))
        if document.get("externalId") != before.get("externalId"):
            guards.check_external_id(self.policy, document.get("externalId"))
        guards.check_unmapped(self.mapping, document)
        self.mapping.check_together(document)

    def _match(self, document: Document) -> Any:
        """Return the one existing host user that *document* stands for, or None."""
        if self.policy.existing_users == Connection.ExistingUsers.REJECT:
            document = {"userName": document["userName"]}
        found = list(self.mapping.match(document)[:2])
        if len(found) > 1:
            raise ScimError("ambiguous_match", value=document["userName"])
        if found and self.policy.existing_users == Connection.ExistingUsers.REJECT:
            raise ScimError("user_name_taken", field="userName", value=document["userName"])
        return found[0] if found else None

    def _link(self, host: Any, document: Document) -> Row:
        return self.rows.insert(
            host,
            user_name=document["userName"],
            user_name_key=name_key(document["userName"]),
            scim_managed=False,
            origin=UserResource.Origin.EXISTING,
        )

    def _first_contact(self, row: Row, before: Document, after: Document) -> Row:
        """Adopt a user that a match filter found, on the first write (A12); never on a read."""
        if self.policy.existing_users == Connection.ExistingUsers.UPDATE:
            return self._adopt(row, before, after, status=200)
        linking = self.policy.existing_users == Connection.ExistingUsers.LINK
        if linking and after.get("externalId") and not before.get("externalId"):
            return self._adopt(row, before, {**after, "userName": before["userName"]}, status=200)
        raise ScimError("not_managed")

    def _adopt(self, row: Row, before: Document, after: Document, *, status: int) -> Row:
        """Mark an existing user as SCIM-managed: kept as it is, or updated at once (A11, A13, B10)."""
        if self.policy.existing_users == Connection.ExistingUsers.REJECT:
            raise ScimError("user_name_taken", field="userName", value=after["userName"])
        external_id = guards.check_external_id(self.policy, after.get("externalId"))
        adopted = self.rows.update(
            row,
            scim_managed=True,
            origin=UserResource.Origin.ADOPTED,
            user_name=after["userName"],
            user_name_key=name_key(after["userName"]),
            external_id=external_id,
            external_id_key=guards.external_id_key(self.policy, external_id),
        )
        self.journal.success(
            "adopt", USER, adopted, status=status, changes={"externalId": {"after": external_id}}
        )
        self.journal.owe("user_adopted", USER, adopted, adopted.version)
        now = document_of(self.mapping, adopted)
        if self.policy.existing_users == Connection.ExistingUsers.UPDATE:
            wanted = {**before, **after, "active": after.get("active", now["active"])}
            # A match by e-mail: the Hub's own column still holds another name than the directory's.
            now["userName"] = adopted.values.get(self.mapping.column("userName") or "") or now["userName"]
        else:
            # Kept as is, but a user that the directory reports as disabled must not keep its access.
            wanted = {**now, "active": now["active"] and after.get("active", True)}
        return self._write(adopted, now, wanted, "update") if wanted != now else adopted

    def _create(self, document: Document) -> Row:
        active = document.setdefault("active", True)
        loaded = load(self.mapping, document, {})
        user = self.mapping.new()
        assign(user, loaded)
        setattr(user, self.mapping.status.column, states.initial_status(self.mapping, active))
        self.mapping.clean(user, document)
        user.save(force_insert=True)
        for attribute, value in loaded.values():
            if value:
                attribute.assign_saved(self.mapping, user, value)
        external_id = document.get("externalId", "")
        row = self.rows.insert(
            user,
            user_name=document["userName"],
            user_name_key=name_key(document["userName"]),
            external_id=external_id,
            external_id_key=guards.external_id_key(self.policy, external_id),
            deactivated_at=None if active else timezone.now(),
            attributes=to_keep(self.mapping, document, held_paths(self.mapping, loaded, {})),
        )
        self.journal.success("create", USER, row, status=201, changes=changes_between({}, document))
        self.journal.owe("user_provisioned", USER, row, row.version)
        return row

    def _write(self, row: Row, before: Document, after: Document, operation: str) -> Row:
        """Bring a managed user from one document to another, host row first."""
        old, new = as_hosted(self.mapping, before), as_hosted(self.mapping, after)
        if row.origin == UserResource.Origin.ADOPTED and self._keeps_identifiers():
            guards.check_adopted(self.mapping, old, new)
        was_active, active = bool(before["active"]), bool(after.get("active", before["active"]))
        ends = was_active and not active
        if ends and self._releases(row):
            braking.check_user(self.policy, braking.Action.RELEASE, row)
            return release_user(self.rows, self.journal, row)
        loaded = load(self.mapping, new, old)
        user = self.rows.host(row)
        columns = {*assign(user, loaded), *self._switch(user, row, was_active, active)}
        self.mapping.clean(user, new)
        if columns:
            user.save(update_fields=sorted(columns))
        for attribute, value in loaded.values():
            attribute.assign_saved(self.mapping, user, value)
        external_id = after.get("externalId", "")
        own: dict[str, Any] = {
            "attributes": to_keep(self.mapping, new, held_paths(self.mapping, loaded, row.values))
        }
        if after["userName"] != row.name:
            own.update(user_name=after["userName"], user_name_key=name_key(after["userName"]))
        if external_id != row.external_id:
            own.update(
                external_id=external_id, external_id_key=guards.external_id_key(self.policy, external_id)
            )
        own.update(states.marks_of_switch(self.mapping, row, was_active, active))
        values = {name: getattr(user, name) for name in columns & row.values.keys()}
        values.update(values_of(self.mapping, user, loaded, new))
        question = lockout.question(self.mapping, row) if ends else None
        written = self.rows.update(row, values, question, **own)
        if ends:
            braking.check_user(self.policy, braking.Action.DEACTIVATE, row)
        kind = _kind(was_active, active)
        self.journal.success(kind or operation, USER, written, changes=changes_between(before, after))
        self.journal.owe(f"user_{kind}d" if kind else "user_updated", USER, written, written.version)
        return written

    def _keeps_identifiers(self) -> bool:
        return self.policy.existing_users == Connection.ExistingUsers.LINK

    def _switch(self, user: Any, row: Row, was_active: bool, active: bool) -> Sequence[str]:
        if was_active and not active:
            return self.mapping.deactivate(user)
        if active and not was_active:
            return states.reactivate(self.mapping, user, row.previous_status)
        return ()

    def _releases(self, row: Row) -> bool:
        releases = self.policy.adopted_removal == Connection.AdoptedRemoval.RELEASE
        return releases and row.origin == UserResource.Origin.ADOPTED


def _kind(was_active: bool, active: bool) -> str | None:
    if was_active == active:
        return None
    return "reactivate" if active else "deactivate"


def activate_on_login(user: Any) -> bool:
    """Turn a Pending SCIM user into an Active one at its first login; once, whoever calls how often (A10, A19).

    For stacks that do not send ``user_logged_in``.

    :returns: whether the user was Pending.
    """
    resource = UserResource.objects.select_related("connection__organization").filter(
        user_id=user.pk, scim_managed=True
    )
    found = resource.first()
    if found is None:
        return False
    mapping: UserMapping = conf.imported("USER_MAPPING")(found.connection)
    status = mapping.status
    if status.pending == status.active:
        return False
    pending = mapping.model._default_manager.filter(pk=user.pk, **{status.column: status.pending})
    if not pending.exists():
        return False
    with transaction.atomic():
        rows = Rows(mapping)
        # The resource first, as in every write of SCIM: in the other order the two would deadlock.
        row = rows.locked(found.pk)
        if row is None or not pending.update(**{status.column: status.active}):
            return False
        rows.update(row)
        journal = Journal(found.connection)
        journal.success("activate", USER, row, changes={"status": {"at": timezone.now().isoformat()}})
        journal.owe("user_activated", USER, row, row.version + 1)
    setattr(user, status.column, status.active)
    return True
