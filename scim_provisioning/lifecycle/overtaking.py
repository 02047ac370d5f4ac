"""Effects that come too late: the end of access after its return, or a grant after the end of access (T14).

The user's status in the Hub decides, read when the effect's turn has come: it is what every way of changing it
leaves behind, SCIM's and the Hub's own.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q

from scim_provisioning import conf
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Effect, UserResource

# The effects that take access away: before all others, and never behind one that fails.
ENDS_ACCESS = frozenset({"user_deactivated", "user_deleted", "user_released"})
USER = "User"


def has_access(row_values: dict[str, Any]) -> bool:
    """Return whether a user has access, by the host's values of its row."""
    status = conf.imported("USER_MAPPING").status
    return bool(status.is_active(row_values.get(status.column)))


def is_overtaken(effect: Effect) -> bool:
    """Return whether a later change has made an effect wrong: it must not run any more.

    One that left the user with access is overtaken by the end of access, tried before or not, and the end of
    access by its return.
    """
    if effect.resource_type != USER:
        return False
    if effect.kind == "user_released":
        return _is_managed(effect)
    if effect.kind in ENDS_ACCESS:
        return _is_active(effect.payload.get("host_id"))
    return bool(effect.payload.get("active")) and not _is_active(effect.payload.get("host_id"))


def give_up_earlier(effect: Effect) -> None:
    """Give up what is owed for the same user from before the end of its access, tried or not."""
    earlier = Effect.objects.filter(
        connection=effect.connection_id,
        resource_id=effect.resource_id,
        pk__lt=effect.pk,
        state=Effect.State.DUE,
    )
    earlier.exclude(kind__in=ENDS_ACCESS).update(
        state=Effect.State.OVERTAKEN, last_error=f"overtaken by {effect.kind}"
    )


def hold_resource(effect: Effect) -> None:
    """Lock the user's resource until the end of the transaction, so that no change comes in between."""
    if effect.resource_type == USER:
        mine = UserResource.objects.filter(pk=effect.resource_id, connection=effect.connection_id)
        list(mine.select_for_update().values_list("pk"))


def _is_active(host_id: Any) -> bool:
    mapping: type[UserMapping] = conf.imported("USER_MAPPING")
    status = mapping.status
    try:
        found = mapping.model._default_manager.filter(pk=host_id).exclude(
            Q(**{status.column: status.inactive})
        )
        return bool(found.exists())
    except (ValueError, ValidationError):
        # No key of the Hub's users: nobody.
        return False


def _is_managed(effect: Effect) -> bool:
    mine = UserResource.objects.filter(connection=effect.connection_id, scim_managed=True)
    try:
        return mine.filter(user=effect.payload.get("host_id")).exists()
    except (ValueError, ValidationError):
        return False
