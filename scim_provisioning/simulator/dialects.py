"""Entra's two ways to write a PATCH body, and the variants seen in the field (R5–R20).

*legacy* is what Entra sends by default; *optscim* is what it sends when the tenant URL carries
`?aadOptscim062020`. They differ in PATCH bodies only.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from scim_provisioning.simulator.expressions import RoleSet
from scim_provisioning.simulator.objects import AppRole
from scim_provisioning.simulator.paths import MANAGER, ROLE_TYPE, Document, Target, boolean_of

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
FLAG = "aadOptscim062020"

Operation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """One difference to write: the verb, the target attribute, the mapped value."""

    verb: str
    target: Target
    value: str | RoleSet


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one provisioning job writes; the defaults are the legacy dialect."""

    name: str
    folded: bool = False
    """Path-less value objects, lower-case verbs, JSON booleans: the flag's whole difference (R5)."""
    plus_for_space: bool = True
    """`+` instead of `%20` in query strings."""
    excluded_first: bool = True
    """`excludedAttributes=members` before `filter`; both orders occur (R15)."""
    reference_check: bool = True
    """Ask `id eq … and manager eq …` before writing a manager (R11)."""
    bare_members: bool = False
    """Members as plain strings (R18, last line)."""
    members_replace: bool = False
    """Send `replace` with only the new members, as seen in the field (R18b)."""
    active_verb: str = "replace"
    """`add` reproduces the disable seen in the field (R8)."""
    schemas_last: bool = False
    """`schemas` after `Operations` (R9)."""
    null_members: bool = False
    """Creations carry nulls for empty attributes (R4)."""
    active_as_text: bool = False
    """Creations carry `"active": "True"` (R4)."""

    def user_patch(self, changes: Sequence[Change]) -> Document:
        """Return the body that writes these differences of a user or of a group's attributes (R5–R13)."""
        operations: list[Operation] = []
        rest: list[Change] = []
        for change in changes:
            if self._needs_path(change) or (len(changes) == 1 and change.target.text == "active"):
                operations.append(self._operation(change))
            else:
                rest.append(change)
        return self.body([*operations, *(self._fold(rest))])

    def reference_patch(self, verb: str, target_id: str) -> Document:
        """Return the body that sets a manager: a plain string in both dialects (R10)."""
        return self.body([{"op": self._verb(verb), "path": MANAGER, "value": target_id}])

    def members_patch(self, verb: str, ids: Sequence[str]) -> Document:
        """Return the body that adds or removes members of a group (R18, R19)."""
        if verb == "remove" and self.folded:
            return self.body([{"op": "remove", "path": f'members[value eq "{i}"]'} for i in ids])
        if verb == "add" and self.members_replace:
            verb = "replace"
        values = [self._member(target_id) for target_id in ids]
        return self.body([{"op": self._verb(verb), "path": "members", "value": values}])

    def role_elements(self, roles: Iterable[AppRole]) -> list[Document]:
        """Return roles as elements of a creation or of a flagged PATCH (R13)."""
        return [
            {"primary": False, "type": ROLE_TYPE, "display": role.display_name, "value": role.value}
            for role in roles
        ]

    def body(self, operations: list[Operation]) -> Document:
        """Return a PatchOp message around operations."""
        if self.schemas_last:
            return {"Operations": operations, "schemas": [PATCH_OP]}
        return {"schemas": [PATCH_OP], "Operations": operations}

    def _verb(self, verb: str) -> str:
        return verb if self.folded else verb.capitalize()

    def _member(self, target_id: str) -> str | Document:
        if self.bare_members:
            return target_id
        return {"value": target_id} if self.folded else {"$ref": None, "value": target_id}

    def _needs_path(self, change: Change) -> bool:
        return not self.folded or change.target.filtered or isinstance(change.value, RoleSet)

    def _operation(self, change: Change) -> Operation:
        verb = self.active_verb if change.target.text == "active" else change.verb
        return {"op": self._verb(verb), "path": change.target.text, "value": self._value(change)}

    def _value(self, change: Change) -> object:
        if isinstance(change.value, RoleSet):
            return self._roles(change.value)
        if self.folded and change.target.boolean:
            return boolean_of(change.value)
        return change.value

    def _roles(self, value: RoleSet) -> list[Document]:
        if self.folded or value.assertive:
            return self.role_elements(value.roles)
        # A JSON document inside a string: what the legacy dialect makes of a complex role (R13).
        return [
            {"value": compact_json({"id": role.id, "value": role.value, "displayName": role.display_name})}
            for role in value.roles
        ]

    def _fold(self, changes: list[Change]) -> list[Operation]:
        folded = []
        for verb in ("add", "replace"):
            values = {c.target.text: self._value(c) for c in changes if c.verb == verb}
            if values:
                folded.append({"op": verb, "value": values})
        return folded


LEGACY = Dialect("legacy")
OPTSCIM = Dialect("optscim", folded=True, plus_for_space=False, excluded_first=False, reference_check=False)
DIALECTS = {dialect.name: dialect for dialect in (LEGACY, OPTSCIM)}


def dialect_for(name: str | Dialect | None, url: str) -> Dialect:
    """Return a dialect by name; None reads it off the tenant URL, as Entra does."""
    if isinstance(name, Dialect):
        return name
    if name is None:
        return OPTSCIM if FLAG.lower() in url.lower() else LEGACY
    try:
        return DIALECTS[name]
    except KeyError:
        raise ValueError(f"unknown dialect {name!r}; there are {', '.join(DIALECTS)}") from None


def variant(dialect: Dialect, **habits: Any) -> Dialect:
    """Return a dialect with some habits changed, such as `members_replace=True` (R18b)."""
    return dataclasses.replace(dialect, **habits)


def compact_json(document: object) -> str:
    """Return JSON as Entra writes it: no spaces, letters as they are."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
