"""The public host API: what a Hub developer subclasses."""

from scim_provisioning.mapping.attributes import Attribute, Choice, Column, Status
from scim_provisioning.mapping.groups import GroupMapping
from scim_provisioning.mapping.references import Reference
from scim_provisioning.mapping.roles import RolePattern, Roles
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.schemas import ENTERPRISE

__all__ = [
    "ENTERPRISE",
    "Attribute",
    "Choice",
    "Column",
    "GroupMapping",
    "Reference",
    "RolePattern",
    "Roles",
    "ScimError",
    "Status",
    "UserMapping",
]
