"""The app roles of a connection, ready for the manifest of Entra's app registration (B19 to B22)."""

import uuid
from dataclasses import dataclass
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from scim_provisioning.guide.setups import Setup

# What Entra lets an app role be.
LONGEST_VALUE = 120
LONGEST_NAME = 100
# Who may have it, as the manifest says "Both (Users/Groups + Applications)"; "User" stands for groups as well.
MEMBER_TYPES = ("User", "Application")
# A manifest may hold 1,200 entries in all.
MOST_ROLES = 1_000


@dataclass(frozen=True, slots=True)
class RoleValue:
    """One value that a role may have, or a form of such values."""

    value: str
    description: str
    is_form: bool = False


def role_values(setup: Setup) -> list[RoleValue]:
    """Return the role values that the connection may give: plain ones, forms of those with parts, offered ones."""
    roles = setup.roles
    if roles is None:
        return []
    found = [RoleValue(value, _name_of(value)) for value in roles.plain]
    for pattern in roles.patterns:
        found.append(RoleValue(pattern.template, _("Put the values in place of the braces."), is_form=True))
        if pattern.offer is not None:
            offered = islice(pattern.offer(setup.mapping), MOST_ROLES)
            found += [RoleValue(value, description) for value, description in offered]
    return [each for each in found if roles.permits(setup.connection, each.value)]


def app_roles(setup: Setup) -> list[dict[str, Any]]:
    """Return the entries for ``appRoles`` in the manifest; an id is the same for ever, whoever exports it."""
    return [
        {
            "allowedMemberTypes": list(MEMBER_TYPES),
            "description": each.description,
            "displayName": each.description[:LONGEST_NAME],
            "id": str(uuid.uuid5(setup.connection.pk, each.value)),
            "isEnabled": True,
            "value": each.value,
        }
        for each in role_values(setup)[:MOST_ROLES]
        if not each.is_form and fits_entra(each.value)
    ]


def fits_entra(value: str) -> bool:
    """Return whether Entra takes a value for an app role: no spaces, 120 characters."""
    return 0 < len(value) <= LONGEST_VALUE and not any(letter.isspace() for letter in value)


def _name_of(value: str) -> str:
    return value.replace("_", " ").capitalize()
