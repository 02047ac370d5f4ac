"""Attribute-mapping tables as on Entra's *Attribute mapping* screen, and the mistakes admins make there."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

from scim_provisioning.simulator.expressions import RoleSet, SourceObject, Value, parse_expression
from scim_provisioning.simulator.paths import MANAGER, Target, parse_target


class Kind(Enum):
    """The *Mapping type* column."""

    DIRECT = "Direct"
    EXPRESSION = "Expression"
    CONSTANT = "Constant"


@dataclass(frozen=True, slots=True)
class AttributeMapping:
    """One line of the table: where a value comes from, where it goes, whether it matches accounts."""

    kind: Kind
    source: str
    target_text: str
    precedence: int | None = None
    """Matching precedence; None when the attribute is not used for matching (C2)."""
    default: str | None = None
    """*Default value if null.*"""
    only_on_creation: bool = False
    """*Apply this mapping: Only during object creation.*"""

    @property
    def target(self) -> Target:
        """The target attribute, taken apart."""
        return parse_target(self.target_text)

    @property
    def is_role(self) -> bool:
        """Whether the line carries app roles, which provision on demand leaves out (C16)."""
        return "approleassignment" in self.source.lower()

    def value(self, source: SourceObject) -> Value:
        """Return the value that this line yields for a directory object."""
        if self.kind is Kind.CONSTANT:
            return self.source
        found = (
            source.attribute(self.source)
            if self.kind is Kind.DIRECT
            else parse_expression(self.source).evaluate(source)
        )
        return self.default if found is None else found


def direct(source: str, target: str, precedence: int | None = None) -> AttributeMapping:
    """A line of type Direct."""
    return AttributeMapping(Kind.DIRECT, source, target, precedence)


def expression(text: str, target: str, precedence: int | None = None) -> AttributeMapping:
    """A line of type Expression; the text is checked at once."""
    parse_expression(text)
    return AttributeMapping(Kind.EXPRESSION, text, target, precedence)


def constant(value: str, target: str) -> AttributeMapping:
    """A line of type Constant."""
    return AttributeMapping(Kind.CONSTANT, value, target)


Mapped = Mapping[Target, str | RoleSet]


@dataclass(frozen=True, slots=True)
class MappingTable:
    """The user mapping and the group mapping of one application; an empty *groups* is switched off (C23)."""

    name: str
    users: tuple[AttributeMapping, ...]
    groups: tuple[AttributeMapping, ...] = ()

    @property
    def maps_manager(self) -> bool:
        """Whether the manager reference is provisioned in the second pass (C1)."""
        return any(line.target_text == MANAGER for line in self.users)

    @property
    def maps_members(self) -> bool:
        """Whether the members of groups are provisioned."""
        return any(line.target_text == "members" for line in self.groups)

    @property
    def maps_active(self) -> bool:
        """Whether anything flows to `active`; without it nobody is ever disabled (B29)."""
        return any(line.target_text == "active" for line in self.users)

    def matching(self, lines: tuple[AttributeMapping, ...]) -> list[AttributeMapping]:
        """Return the matching attributes in order of precedence (C2)."""
        return sorted((m for m in lines if m.precedence is not None), key=lambda m: m.precedence or 0)

    def user_values(self, source: SourceObject, *, creating: bool, roles: bool = True) -> Mapped:
        """Return target → value for a user; empty values are left out, as Entra does (C5)."""
        return self._values(self.users, source, creating, roles)

    def group_values(self, source: SourceObject, *, creating: bool) -> Mapped:
        """Return target → value for a group, without its members."""
        return self._values(self.groups, source, creating, roles=False)

    @staticmethod
    def _values(
        lines: tuple[AttributeMapping, ...], source: SourceObject, creating: bool, roles: bool
    ) -> Mapped:
        found: dict[Target, str | RoleSet] = {}
        for line in lines:
            if line.target_text in {MANAGER, "members"} or (line.is_role and not roles):
                continue
            if line.only_on_creation and not creating:
                continue
            value = line.value(source)
            if isinstance(value, (str, RoleSet)) and value != "":
                found[line.target] = value
        return found

    def with_user_line(self, line: AttributeMapping) -> MappingTable:
        """Return the table with this line in place of the one with the same target, or added."""
        kept = [line if old.target_text == line.target_text else old for old in self.users]
        return dataclasses.replace(self, users=tuple(kept if line in kept else [*kept, line]))

    def without_user_line(self, target: str) -> MappingTable:
        """Return the table without the line of this target."""
        return dataclasses.replace(self, users=tuple(m for m in self.users if m.target_text != target))

    def with_mistake(self, name: str) -> MappingTable:
        """Return the table with one of the `MISTAKES` made in it."""
        try:
            return MISTAKES[name](self)
        except KeyError:
            raise ValueError(f"unknown mistake {name!r}; there are {', '.join(sorted(MISTAKES))}") from None


DEFAULT_GROUPS = (
    direct("displayName", "displayName", 1),
    direct("objectId", "externalId"),
    direct("members", "members"),
)

COUNTRY_CODE = "urn:ietf:params:scim:schemas:extension:flowcase:2.0:User:countryCode"
COUNTRY_NAME = "urn:ietf:params:scim:schemas:extension:flowcase:2.0:User:countryName"


def _without_to_lower(table: MappingTable) -> MappingTable:
    for line in table.users:
        if line.source.lower().startswith("tolower(["):
            bare = line.source[len("ToLower([") :].partition("]")[0]
            table = table.with_user_line(direct(bare, line.target_text, line.precedence))
    return table


def _both_countries(table: MappingTable) -> MappingTable:
    return table.with_user_line(direct("country", COUNTRY_CODE)).with_user_line(
        direct("country", COUNTRY_NAME)
    )


MISTAKES: dict[str, Callable[[MappingTable], MappingTable]] = {
    "external_id_from_mail_nickname": lambda t: t.with_user_line(direct("mailNickname", "externalId")),
    "without_to_lower": _without_to_lower,
    "both_countries": _both_countries,
    "manager_mapped": lambda t: t.with_user_line(direct("manager", MANAGER)),
    "groups_left_on": lambda t: dataclasses.replace(t, groups=DEFAULT_GROUPS),
    "groups_off": lambda t: dataclasses.replace(t, groups=()),
    "active_not_mapped": lambda t: t.without_user_line("active"),
    "roles_not_mapped": lambda t: t.without_user_line("roles"),
    "id_mapped": lambda t: t.with_user_line(direct("objectId", "id")),
    "unknown_attribute": lambda t: t.with_user_line(direct("companyName", "organisation")),
    "guest_names_unstripped": lambda t: t.with_user_line(direct("originalUserPrincipalName", "userName", 1)),
}
"""What admins get wrong on the mapping screen, one at a time; each turns a right table into a wrong one."""
