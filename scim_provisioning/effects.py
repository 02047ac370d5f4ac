"""PUBLIC host API: functions of the Hub that carry out what follows from a change.

Write them in a module ``scim_effects`` of an installed app, which is imported at start::

    from scim_provisioning.effects import effect

    @effect("user_deactivated", "user_deleted")
    def revoke_api_keys(host_id, **told):
        ApiKey.objects.filter(user=host_id).delete()
"""

from scim_provisioning.lifecycle.handlers import EffectFailed, effect

MODULE = "scim_effects"

__all__ = ["MODULE", "EffectFailed", "effect"]
