"""Pending, Active, Inactive: what a change of ``active`` makes of a user (A14, A15, A18, A19)."""

from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from scim_provisioning.mapping.rows import Row
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection


def initial_status(mapping: UserMapping, active: bool) -> Any:
    """Return the status of a new user (A9)."""
    if not active:
        return mapping.status.inactive
    if mapping.connection.initial_status == Connection.InitialStatus.PENDING:
        return mapping.status.pending
    return mapping.status.active


def reactivate(mapping: UserMapping, user: Any, previous_status: str) -> Sequence[str]:
    """Bring an Inactive user back and return the changed columns (A15)."""
    columns = mapping.activate(user)
    to_previous = mapping.connection.reactivate_to == Connection.ReactivateTo.PREVIOUS
    if to_previous and previous_status == str(mapping.status.pending):
        setattr(user, mapping.status.column, mapping.status.pending)
    return columns


def marks_of_switch(mapping: UserMapping, row: Row, was_active: bool, active: bool) -> dict[str, Any]:
    """Return what a resource keeps of a change of ``active``: what it was, and since when it is not (A15, C6)."""
    if was_active == active:
        return {}
    if active:
        return {"deactivated_at": None}
    return {"previous_status": str(row.values[mapping.status.column]), "deactivated_at": timezone.now()}
