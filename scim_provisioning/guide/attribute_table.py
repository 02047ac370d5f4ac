"""The attribute list and the mapping table of a connection, as Entra's screens show them, from the Hub's mapping."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from scim_provisioning.guide.setups import Setup
from scim_provisioning.mapping.attributes import Attribute
from scim_provisioning.mapping.roles import Roles
from scim_provisioning.mapping.targets import Target
from scim_provisioning.mapping.users import WORK_EMAIL
from scim_provisioning.models import Connection
from scim_provisioning.protocol.schemas import ENTERPRISE

SWITCH_ACTIVE = 'Switch([IsSoftDeleted], , "False", "True", "True", "False")'
ROLES = "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"
# Entra's own defaults for a new application; what is not here has none that could be guessed.
SOURCES: Mapping[str, str] = {
    "userName": "userPrincipalName",
    WORK_EMAIL: "mail",
    "displayName": "displayName",
    "title": "jobTitle",
    "preferredLanguage": "preferredLanguage",
    "locale": "preferredLanguage",
    "name.givenName": "givenName",
    "name.familyName": "surname",
    'addresses[type eq "home"].locality': "city",
    'addresses[type eq "work"].locality': "city",
    'addresses[type eq "work"].country': "country",
    'phoneNumbers[type eq "work"].value': "telephoneNumber",
    'phoneNumbers[type eq "mobile"].value': "mobile",
    f"{ENTERPRISE}:department": "department",
    f"{ENTERPRISE}:employeeNumber": "employeeId",
    f"{ENTERPRISE}:costCenter": "employeeOrgData.costCenter",
}
# Kept and returned even where the Hub has no place for them; common enough to be offered.
OPTIONAL = (
    'addresses[type eq "home"].locality',
    "preferredLanguage",
    "locale",
)


@dataclass(frozen=True, slots=True)
class AttributeRow:
    """One attribute: a line of *Edit attribute list*, and one of *Attribute mapping*."""

    target: str
    type: str
    required: bool
    multi_valued: bool
    mapping_type: str
    source: str
    precedence: int | None
    note: str

    def as_dict(self) -> dict[str, Any]:
        """Return the row for JSON."""
        return {name: getattr(self, name) for name in self.__slots__}


def attribute_rows(setup: Setup) -> list[AttributeRow]:
    """Return the attributes to map, the required ones first."""
    rows = list(_rows(setup))
    return sorted(rows, key=lambda row: not row.required)


def _rows(setup: Setup) -> Iterator[AttributeRow]:
    lines = {target.path: (target, line) for target, line in setup.mapping.lines()}
    excluded = {path for pair in setup.mapping.exclusive for path in pair}
    yield _named(setup, "userName")
    for path, (target, line) in lines.items():
        if path == WORK_EMAIL:
            yield _named(setup, path)
        elif path != "userName":
            yield _mapped(target, line, _note(path, line, setup, excluded))
    yield AttributeRow("active", "Boolean", True, False, "Expression", SWITCH_ACTIVE, None, "")
    yield _external_id(setup)
    if setup.connection.unmapped_attributes == Connection.Unmapped.KEEP:
        for path in OPTIONAL:
            if path not in lines:
                yield AttributeRow(path, "String", False, False, "Direct", SOURCES[path], None, _("optional"))


def _named(setup: Setup, path: str) -> AttributeRow:
    """Return a matching attribute; ToLower() where capital letters are not taken (B7)."""
    lower = setup.connection.letter_case != Connection.LetterCase.PRESERVE
    by_email = setup.connection.existing_users == Connection.ExistingUsers.UPDATE
    source = f"ToLower([{SOURCES[path]}], )" if lower else SOURCES[path]
    precedence = 1 if path == "userName" else 2 if by_email else None
    required = precedence is not None
    note = _("must be lower-case") if setup.lower_case else ""
    kind = "Expression" if lower else "Direct"
    return AttributeRow(path, "String", required, False, kind, source, precedence, note)


def _external_id(setup: Setup) -> AttributeRow:
    source = "objectId" if setup.wants_guid else "employeeId"
    note = _("instead of mailNickname") if setup.wants_guid else _("optional")
    return AttributeRow("externalId", "String", setup.wants_guid, False, "Direct", source, None, note)


def _mapped(target: Target, line: Attribute, note: str) -> AttributeRow:
    roles = isinstance(line, Roles)
    source = ROLES if roles else SOURCES.get(target.path, "")
    if not source and target.path.rpartition(":")[2].lower().startswith("country"):
        source = "country"
    kind = "Expression" if roles else "Direct"
    required = line.required or roles
    # An entry that a type selects is one value to Entra.
    several = target.multi_valued and target.selector is None
    return AttributeRow(target.path, "String", required, several, kind, source, None, note)


def _note(path: str, line: Attribute, setup: Setup, excluded: set[str]) -> str:
    if isinstance(line, Roles):
        return _("AppRoleAssignmentsComplex would never take a role away")
    if path in excluded:
        others = [name for pair in setup.mapping.exclusive if path in pair for name in pair if name != path]
        others = [name.rpartition(":")[2] for name in others]
        return _("not together with %(others)s") % {"others": ", ".join(others)}
    if any(target.path == path for target, _line in setup.references):
        return _("must be a name that exists here")
    return "" if line.required else _("optional")
