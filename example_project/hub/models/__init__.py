"""The Hub's tables, all of them its own: provisioning points at them and alters none."""

from example_project.hub.models.groups import Group
from example_project.hub.models.organizations import Country, Department, Office, Organization
from example_project.hub.models.roles import CustomTag, CustomTagCategory, RoleAssignment
from example_project.hub.models.users import User

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
