"""Directory objects as sources of attribute mappings: what Entra reads, and how it bends it."""

from __future__ import annotations

from dataclasses import dataclass

from scim_provisioning.simulator.directory import Directory
from scim_provisioning.simulator.expressions import Value
from scim_provisioning.simulator.objects import DirectoryGroup, DirectoryUser, field_name


def local_principal_name(name: str) -> str:
    """Turn `ada_partner.example#EXT#@contoso.example` into `ada@partner.example` (C24)."""
    original, mark, _ = name.partition("#EXT#")
    if not mark:
        return name
    alias, underscore, domain = original.rpartition("_")
    return f"{alias}@{domain}" if underscore else original


@dataclass(frozen=True, slots=True)
class UserSource:
    """A user as mapping source; *out_of_scope* makes `IsSoftDeleted` true, as an unassignment does (C6)."""

    user: DirectoryUser
    directory: Directory
    out_of_scope: bool = False

    @property
    def is_soft_deleted(self) -> bool:
        """Whether the target account shall be inactive: deleted, disabled or out of scope (C6)."""
        return self.out_of_scope or self.user.is_soft_deleted or not self.user.account_enabled

    def attribute(self, name: str) -> Value:
        """Return a source attribute by its name on Entra's screen, in any letter case."""
        bare = name.lower()
        if bare == "issoftdeleted":
            return str(self.is_soft_deleted)
        if bare == "approleassignments":
            return tuple(self.directory.roles_of(self.user))
        if bare == "originaluserprincipalname":
            return self.user.user_principal_name
        if bare == "userprincipalname":
            return local_principal_name(self.user.user_principal_name)
        value = getattr(self.user, field_name(name))
        return None if value is None or value == "" else str(value)


@dataclass(frozen=True, slots=True)
class GroupSource:
    """A group as mapping source."""

    group: DirectoryGroup

    def attribute(self, name: str) -> Value:
        """Return one of the attributes that Entra's default group mapping can name."""
        values = {
            "objectid": self.group.object_id,
            "displayname": self.group.display_name,
            "mailnickname": self.group.mail_nickname,
        }
        try:
            return values[name.lower()] or None
        except KeyError:
            raise AttributeError(f"{name!r} is not an attribute of a directory group") from None
