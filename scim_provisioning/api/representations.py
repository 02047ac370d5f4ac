"""Rows as the resources of an answer: located, projected, groups with their members."""

from typing import Any

from scim_provisioning.api import queries
from scim_provisioning.mapping.groups import GroupMapping
from scim_provisioning.mapping.rendering import resource_of
from scim_provisioning.mapping.rows import Row
from scim_provisioning.mapping.users import ResourceMapping, UserMapping
from scim_provisioning.protocol.members import MEMBERS
from scim_provisioning.protocol.projection import Projection


class Representations:
    """The resources of one type, below one tenant URL."""

    def __init__(self, mapping: ResourceMapping, base_url: str, users: UserMapping) -> None:
        self.mapping = mapping
        self.base_url = base_url
        self.users = users

    def location(self, row: Row) -> str:
        """Return the absolute URL of a resource (RFC 7644 section 3.1)."""
        return f"{self.base_url}/{self.mapping.resource_type}s/{row.id}"

    def render(self, rows: list[Row], projection: Projection) -> list[dict[str, Any]]:
        """Return rows as resources; members cost one statement for all, or none where nobody asked (R15, R16)."""
        with_members = isinstance(self.mapping, GroupMapping) and projection.wants(MEMBERS)
        members = (
            self._members(rows, named="members.display" in projection.attributes) if with_members else {}
        )
        rendered = []
        for row in rows:
            resource = resource_of(self.mapping, row, self.location(row))
            if with_members:
                resource[MEMBERS] = members.get(row.host_id, [])
            rendered.append(projection.apply(resource))
        return rendered

    def _members(self, rows: list[Row], *, named: bool) -> dict[Any, list[dict[str, Any]]]:
        if not isinstance(self.mapping, GroupMapping):
            return {}
        found = queries.members(self.mapping, self.users, [row.host_id for row in rows])
        by_group: dict[Any, list[dict[str, Any]]] = {}
        for group, user_id, name in found:
            member = {"value": str(user_id), "$ref": f"{self.base_url}/Users/{user_id}"}
            if named:
                member["display"] = name
            by_group.setdefault(group, []).append({**member, "type": "User"})
        return by_group
