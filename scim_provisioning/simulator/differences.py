"""The difference engine: what Entra writes after it has read an account (C4, C5)."""

from __future__ import annotations

from typing import Any

from scim_provisioning.simulator.dialects import Change
from scim_provisioning.simulator.expressions import RoleSet
from scim_provisioning.simulator.mapping import Mapped
from scim_provisioning.simulator.paths import Document, Target


def differences(values: Mapped, document: Document) -> list[Change]:
    """Return Add for what the account lacks and Replace for what differs; empty sources are skipped (C5)."""
    found = (_difference(target, value, target.read(document)) for target, value in values.items())
    return [change for change in found if change is not None]


def _difference(target: Target, value: str | RoleSet, present: Any) -> Change | None:
    if isinstance(value, RoleSet):
        return _role_difference(target, value, present)
    if present is None or present == "":
        return Change("add", target, value)
    # Expressions yield "True", answers carry true.
    return None if str(present) == value else Change("replace", target, value)


def _role_difference(target: Target, wanted: RoleSet, present: Any) -> Change | None:
    held = {element.get("value") for element in present or () if isinstance(element, dict)}
    values = {role.value for role in wanted.roles}
    if wanted.assertive:
        return Change("replace", target, wanted) if held != values else None
    # AppRoleAssignmentsComplex only ever adds (R13): a role withdrawn in Entra stays.
    return Change("add", target, wanted) if values - held else None
