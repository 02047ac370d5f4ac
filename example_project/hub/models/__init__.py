"""The Hub's tables, all of them its own: provisioning points at them and alters none."""

from hub.models.groups import Group
from hub.models.organizations import Country, Department, Office, Organization
from hub.models.roles import CustomTag, CustomTagCategory, RoleAssignment
from hub.models.users import User

__all__ = [
    "Country",
    "CustomTag",
    "CustomTagCategory",
    "Department",
    "Group",
    "Office",
    "Organization",
    "RoleAssignment",
    "User",
]
