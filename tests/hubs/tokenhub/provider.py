"""An identity provider whose tokens can be revoked (RFC 7009), on the loopback interface."""

from typing import Any

from social_core.backends.oauth import BaseOAuth2


class LoopbackProvider(BaseOAuth2):  # type: ignore[type-arg]
    """What social-auth knows of it."""

    name = "loopback"
    REVOKE_TOKEN_METHOD = "POST"

    def revoke_token_params(self, token: str, uid: str) -> dict[str, Any]:
        """Return what the provider is sent."""
        return {"token": token}
