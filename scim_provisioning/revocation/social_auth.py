"""Revoke at their providers the tokens that social-auth keeps of a user (T12)."""

import logging
from typing import Any

from django.apps import apps
from django.utils.module_loading import import_string

from scim_provisioning.lifecycle.handlers import EffectFailed, Handler, register

logger = logging.getLogger(__name__)

APP = "social_django"
TOKENS = ("refresh_token", "access_token", "id_token")


def revoke_at_providers(*, host_id: str, **told: Any) -> None:
    """Revoke a user's refresh tokens, then forget them; a provider that offers no revocation is only forgotten.

    :raises EffectFailed: naming the providers that refused or failed; what the others did is kept.
    """
    links = apps.get_model(APP, "UserSocialAuth")._default_manager.filter(user=host_id)
    failures = []
    for link in links:
        try:
            if not _revoke(link):
                failures.append(f"{link.provider} refused")
        except Exception as error:
            # One provider that cannot be reached keeps no other from being asked.
            logger.warning("A token could not be revoked at %s.", link.provider, exc_info=True)
            failures.append(f"{link.provider}: {type(error).__name__}")
    if failures:
        raise EffectFailed("; ".join(sorted(failures)))


def _revoke(link: Any) -> bool:
    kept = link.extra_data if isinstance(link.extra_data, dict) else {}
    token = next((kept[name] for name in TOKENS if kept.get(name)), None)
    if token is None:
        return True
    backend = link.get_backend_instance(import_string("social_django.utils.load_strategy")())
    # It returns None where the provider has no such address.
    revoke = getattr(backend, "revoke_token", None)
    if revoke is not None and revoke(token, link.uid) is False:
        return False
    link.extra_data = {name: value for name, value in kept.items() if name not in TOKENS}
    link.save(update_fields=["extra_data"])
    return True


def _is_installed(kind: str) -> bool:
    return apps.is_installed(APP)


register(
    Handler(
        "social_auth", frozenset({"user_deactivated", "user_deleted"}), revoke_at_providers, _is_installed
    )
)
