"""What the host can listen to; sent after commit with ``send_robust``, of users and groups out of the outbox.

Every signal of a user or a group carries ``connection_id`` (UUID), ``resource_id`` (UUID, the SCIM id),
``resource_version`` (int), ``host_id`` (str, the primary key of the host's user or group), ``payload`` (dict) and
``effect_id`` (int, the same for every try: an idempotency key). Every signal of a token carries ``connection_id``,
``key_id`` (str) and ``expires_at`` (datetime), never the secret; ``token_expiring`` also ``days`` (int).
"""

from django.dispatch import Signal

user_provisioned = Signal()
user_adopted = Signal()
user_activated = Signal()
user_updated = Signal()
user_deactivated = Signal()
user_reactivated = Signal()
user_released = Signal()
user_deleted = Signal()
group_provisioned = Signal()
group_updated = Signal()
group_deleted = Signal()
membership_changed = Signal()
last_admin_kept = Signal()
deprovisioning_held = Signal()

token_issued = Signal()
token_first_used = Signal()
token_revoked = Signal()
token_expiring = Signal()
token_expired = Signal()

BY_KIND = {
    "user_provisioned": user_provisioned,
    "user_adopted": user_adopted,
    "user_activated": user_activated,
    "user_updated": user_updated,
    "user_deactivated": user_deactivated,
    "user_reactivated": user_reactivated,
    "user_released": user_released,
    "user_deleted": user_deleted,
    "group_provisioned": group_provisioned,
    "group_updated": group_updated,
    "group_deleted": group_deleted,
    "membership_changed": membership_changed,
    "last_admin_kept": last_admin_kept,
    "deprovisioning_held": deprovisioning_held,
}
