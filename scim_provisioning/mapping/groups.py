"""The mapping of groups."""

from collections.abc import Iterable
from typing import Any, ClassVar

from scim_provisioning.mapping.users import ResourceMapping, organization_field
from scim_provisioning.protocol.schemas import ResourceModel, group_model


class GroupMapping(ResourceMapping):
    """Where a Hub keeps its groups: those that SCIM may create and own, and nothing else (A21, A22)."""

    attributes = {"displayName": "name"}
    # The relation to users, as the group's model calls it.
    members: ClassVar[str] = "members"
    resource_type = "Group"
    link = "group"
    name_attribute = "displayName"

    @classmethod
    def scim_model(cls) -> ResourceModel:
        """Return the Group model."""
        return group_model()

    def new(self) -> Any:
        """Return an unsaved group of the organization."""
        return self.model(**{organization_field(self.model): self.organization})

    def same_name(self, name: str) -> Any:
        """Return the organization's groups of this name that SCIM may see, whoever made them (A29)."""
        column = self.attributes[self.name_attribute]
        return self.queryset().filter(**{f"{column}__iexact": name})

    def reserved_names(self) -> Iterable[str]:
        """Return the names that SCIM may never take: those of admin and built-in groups (A22, A29)."""
        return ()

    def delete(self, group: Any) -> None:
        """Delete a group with its permissions (A23, A24)."""
        group.delete()
