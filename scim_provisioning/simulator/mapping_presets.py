"""The mapping tables that setup guides ask for."""

from __future__ import annotations

import dataclasses

from scim_provisioning.simulator.mapping import COUNTRY_CODE, DEFAULT_GROUPS, MappingTable, direct, expression
from scim_provisioning.simulator.paths import ENTERPRISE, MANAGER

SWITCH_ACTIVE = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'

DEFAULT = MappingTable(
    "default",
    users=(
        direct("userPrincipalName", "userName", 1),
        expression(SWITCH_ACTIVE, "active"),
        direct("displayName", "displayName"),
        direct("jobTitle", "title"),
        direct("mail", 'emails[type eq "work"].value'),
        direct("preferredLanguage", "preferredLanguage"),
        direct("givenName", "name.givenName"),
        direct("surname", "name.familyName"),
        expression('Join(" ", [givenName], [surname])', "name.formatted"),
        direct("physicalDeliveryOfficeName", 'addresses[type eq "work"].formatted'),
        direct("streetAddress", 'addresses[type eq "work"].streetAddress'),
        direct("city", 'addresses[type eq "work"].locality'),
        direct("state", 'addresses[type eq "work"].region'),
        direct("postalCode", 'addresses[type eq "work"].postalCode'),
        direct("country", 'addresses[type eq "work"].country'),
        direct("telephoneNumber", 'phoneNumbers[type eq "work"].value'),
        direct("mobile", 'phoneNumbers[type eq "mobile"].value'),
        direct("facsimileTelephoneNumber", 'phoneNumbers[type eq "fax"].value'),
        direct("mailNickname", "externalId"),
        direct("department", f"{ENTERPRISE}:department"),
        direct("employeeId", f"{ENTERPRISE}:employeeNumber"),
        direct("manager", MANAGER),
    ),
    groups=DEFAULT_GROUPS,
)
"""The 22 user mappings of a new non-gallery application, with the group mapping on (C23)."""

FLOW_CONNECT = dataclasses.replace(
    DEFAULT.with_user_line(direct("objectId", "externalId")), name="flow_connect"
)
"""The default table after the one change that the guide asks for (A32)."""

FLOWCASE = MappingTable(
    "flowcase",
    users=(
        expression("ToLower([userPrincipalName], )", "userName", 1),
        expression("ToLower([mail], )", 'emails[type eq "work"].value', 2),
        expression('Switch([isSoftDeleted],, "False","True","True","False")', "active"),
        expression("AppRoleAssignmentsComplex([appRoleAssignments])", "roles"),
        direct("department", f"{ENTERPRISE}:department"),
        direct("employeeid", "externalId"),
        expression('Join(" ",[givenName],[surname])', "displayName"),
        direct("city", 'addresses[type eq "home"].locality'),
        direct("telephoneNumber", 'phoneNumbers[type eq "work"].value'),
        direct("jobTitle", "title"),
        direct("preferredLanguage", "preferredLanguage"),
        direct("locale", "locale"),
        direct("country", COUNTRY_CODE),
    ),
)
"""The required and the optional lines of the guide, group mapping off (B4–B18, B25, B28, B32–B39)."""

MAPPINGS = {table.name: table for table in (DEFAULT, FLOW_CONNECT, FLOWCASE)}


def mapping_table(name: str | MappingTable) -> MappingTable:
    """Return a preset by name, or the table itself."""
    if isinstance(name, MappingTable):
        return name
    try:
        return MAPPINGS[name]
    except KeyError:
        raise ValueError(f"unknown mapping {name!r}; there are {', '.join(MAPPINGS)}") from None
