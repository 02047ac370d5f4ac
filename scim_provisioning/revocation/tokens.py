"""Delete the API tokens of a user: Django REST framework's, knox's, django-oauth-toolkit's (T12)."""

from functools import partial
from typing import Any

from django.apps import apps
from django.conf import settings
from django.utils import timezone

from scim_provisioning.lifecycle.handlers import Handler, register

ENDS = frozenset({"user_deactivated", "user_deleted"})
AUTHTOKEN, KNOX, OAUTH = "rest_framework.authtoken", "knox", "oauth2_provider"


def delete_auth_tokens(*, host_id: str, **told: Any) -> None:
    """Delete the user's token of Django REST framework."""
    _of(host_id, "authtoken.Token").delete()


def delete_knox_tokens(*, host_id: str, **told: Any) -> None:
    """Delete the user's tokens of knox."""
    _of(host_id, getattr(settings, "KNOX_TOKEN_MODEL", "knox.AuthToken")).delete()


def revoke_oauth_tokens(*, host_id: str, **told: Any) -> None:
    """End what django-oauth-toolkit has given out in the user's name.

    Refresh tokens are revoked and kept, as its own revocation does: it tells by them when one is used again.
    """
    _of(host_id, _oauth_model("REFRESH_TOKEN", "RefreshToken")).filter(revoked=None).update(
        revoked=timezone.now()
    )
    for setting, name in (("ACCESS_TOKEN", "AccessToken"), ("ID_TOKEN", "IDToken"), ("GRANT", "Grant")):
        _of(host_id, _oauth_model(setting, name)).delete()
    device = _oauth_model("DEVICE_GRANT", "DeviceGrant")
    if device.lower() in {model._meta.label_lower for model in apps.get_models()}:
        _of(host_id, device).delete()


def _oauth_model(setting: str, name: str) -> str:
    return str(getattr(settings, f"OAUTH2_PROVIDER_{setting}_MODEL", f"oauth2_provider.{name}"))


def _of(host_id: str, model: str) -> Any:
    return apps.get_model(model)._default_manager.filter(user=host_id)


def _is_installed(app: str, kind: str) -> bool:
    return apps.is_installed(app)


for name, app, function in (
    ("authtoken", AUTHTOKEN, delete_auth_tokens),
    ("knox", KNOX, delete_knox_tokens),
    ("oauth2_provider", OAUTH, revoke_oauth_tokens),
):
    register(Handler(name, ENDS, function, partial(_is_installed, app), atomic=True))
