"""The life of a group: create, rename, change members, delete."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError
from django.db.models import OuterRef, Subquery

from scim_provisioning.lifecycle import braking, guards
from scim_provisioning.lifecycle.deleting import try_to_delete
from scim_provisioning.lifecycle.journal import SHOWN_MEMBERS, Journal, changes_between
from scim_provisioning.lifecycle.writing import assign, held_paths, load, to_keep, values_of
from scim_provisioning.mapping.groups import GroupMapping, empty
from scim_provisioning.mapping.rows import Row, Rows, parse_id
from scim_provisioning.mapping.targets import Document
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection, GroupResource, UserResource, name_key
from scim_provisioning.models.marks import set_mark
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.members import MemberChange

GROUP = "Group"


@dataclass(slots=True)
class Groups:
    """The use cases of one connection; each runs inside the transaction of its request."""

    mapping: GroupMapping
    users: UserMapping
    rows: Rows
    journal: Journal

    @property
    def policy(self) -> Connection:
        """The connection, as the policy it is."""
        return self.mapping.connection

    def create(self, document: Document, change: MemberChange) -> Row:
        """Create an end-user group, a new one with a new id even where one of its name was deleted (A20, A24).

        :raises ScimError: 409 for a name that is taken or reserved, 400 for a bad value.
        """
        guards.check_external_id(self.policy, document.get("externalId"))
        guards.check_unmapped(self.mapping, document)
        self._check_name(document)
        loaded = load(self.mapping, document, {})
        group = self.mapping.new()
        assign(group, loaded)
        external_id = document.get("externalId", "")
        try:
            group.save(force_insert=True)
            row = self.rows.insert(
                group,
                display_name=document["displayName"],
                name_key=name_key(document["displayName"]),
                external_id=external_id,
                external_id_key=guards.external_id_key(self.policy, external_id),
                attributes=to_keep(self.mapping, document, held_paths(self.mapping, loaded, {})),
            )
        except IntegrityError as error:
            raise guards.conflict(error, document) from None
        self.journal.success("create", GROUP, row, status=201, changes=changes_between({}, document))
        self.journal.owe("group_provisioned", GROUP, row, row.version)
        if change:
            # No row was there to lock, and so none to mark the transaction with.
            set_mark(GroupResource.objects.db)
            self._change_members(row, change)
        return row

    def update(self, row: Row, before: Document, after: Document, change: MemberChange) -> Row:
        """Rename a group or change its members; its id and its permissions stay (A28)."""
        if after == before and not change:
            return row
        own, values = self._write(row, before, after) if after != before else ({}, {})
        try:
            written = self.rows.update(row, values, **own)
        except IntegrityError as error:
            raise guards.conflict(error, after) from None
        if after != before:
            self.journal.success("update", GROUP, written, changes=changes_between(before, after))
            self.journal.owe("group_updated", GROUP, written, written.version)
        if change:
            self._change_members(written, change)
        return written

    def delete(self, row: Row) -> None:
        """Delete a group with its permissions (A23); one that the Hub still needs stays, without members."""
        group = self.rows.host(row)
        braking.check_group(self.policy, row, getattr(group, self.mapping.members))
        if not try_to_delete(self.mapping.delete, group):
            empty(self.mapping, self.rows.host(row))
        GroupResource.objects.filter(pk=row.id).delete()
        self.journal.success("delete", GROUP, row, status=204)
        self.journal.owe("group_deleted", GROUP, row, row.version + 1)

    def _write(self, row: Row, before: Document, after: Document) -> tuple[dict[str, Any], dict[str, Any]]:
        if after.get("externalId") != before.get("externalId"):
            guards.check_external_id(self.policy, after.get("externalId"))
        guards.check_unmapped(self.mapping, after)
        renamed = name_key(after.get("displayName", "")) != name_key(before["displayName"])
        if renamed:
            self._check_name(after)
        loaded = load(self.mapping, after, before)
        group = self.rows.host(row)
        columns = assign(group, loaded)
        if columns:
            try:
                group.save(update_fields=columns)
            except IntegrityError as error:
                raise guards.conflict(error, after) from None
        external_id = after.get("externalId", "")
        own = {
            "display_name": after["displayName"],
            "name_key": name_key(after["displayName"]),
            "external_id": external_id,
            "external_id_key": guards.external_id_key(self.policy, external_id),
            "attributes": to_keep(self.mapping, after, held_paths(self.mapping, loaded, row.values)),
        }
        return own, values_of(self.mapping, group, loaded, after)

    def _check_name(self, document: Document) -> None:
        name = guards.check_name("displayName", document.get("displayName"))
        key = name_key(name)
        if any(name_key(reserved) == key for reserved in self.mapping.reserved_names()):
            raise ScimError("group_name_reserved", field="displayName", value=name)
        if (
            self.policy.group_name_clash == Connection.NameClash.REJECT
            and self.mapping.same_name(name).exists()
        ):
            raise ScimError("group_name_taken", field="displayName", value=name)

    def _change_members(self, row: Row, change: MemberChange) -> None:
        """Apply a change of members as sets; who is there already is never loaded (A25 to A27, R18, R19)."""
        known = self._host_ids({*change.added, *change.removed})
        unknown = [member for member in change.added if member not in known]
        if unknown and self.policy.unknown_members == Connection.Unknown.REJECT:
            raise ScimError("unknown_member", field="members", value=unknown[0])
        group = self.rows.host(row)
        members = getattr(group, self.mapping.members)
        added = [known[member] for member in change.added if member in known]
        removed = [known[member] for member in change.removed if member in known]
        if change.from_nothing:
            removed = self.mapping.members_but(group, added)
        if removed:
            braking.check_members(self.policy, row, removed)
            self.mapping.remove_members(group, removed)
        if added:
            members.add(*added)
        if unknown:
            self.journal.ignored("members", GROUP, row, "unknown_member", unknown)
        self.journal.success("members", GROUP, row, changes=_summary(change, len(removed)))
        self.journal.owe("membership_changed", GROUP, row, row.version, **_told(added, removed))

    def _host_ids(self, members: Iterable[str]) -> dict[str, Any]:
        """Resolve SCIM ids inside the connection; foreign, absent and unmanaged ones are all just missing (T3)."""
        by_id: dict[uuid.UUID, str] = {}
        for member in members:
            parsed = parse_id(member)
            if parsed:
                by_id[parsed] = member
        if not by_id:
            return {}
        # Each of the Hub's users is looked up by its key. As a join, it would be the planner's choice, which pairs
        # everybody with everybody where it does not know yet how many they are: right after they were created.
        visible = Subquery(self.users.queryset().filter(pk=OuterRef("user_id")).values("pk")[:1])
        found = UserResource.objects.filter(connection=self.policy, scim_managed=True, pk__in=list(by_id))
        return {
            by_id[resource_id]: user_id
            for resource_id, user_id in found.values_list("pk", visible)
            if user_id is not None
        }


def _told(added: list[Any], removed: list[Any]) -> dict[str, Any]:
    """Return who was added and removed, by the Hub's own keys; of many the first, and how many they are."""
    return {
        "added": [str(key) for key in added[:SHOWN_MEMBERS]],
        "removed": [str(key) for key in removed[:SHOWN_MEMBERS]],
        "added_count": len(added),
        "removed_count": len(removed),
    }


def _summary(change: MemberChange, removed: int) -> dict[str, Any]:
    return {
        "members": {
            "replaced": change.from_nothing,
            "added": list(change.added)[:SHOWN_MEMBERS],
            "removed": list(change.removed)[:SHOWN_MEMBERS],
            "added_count": len(change.added),
            "removed_count": removed,
        }
    }
