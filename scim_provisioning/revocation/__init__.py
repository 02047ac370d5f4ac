"""What ends with a user's access, each where its app is installed: sessions, tokens, grants."""

from scim_provisioning.revocation.grants import drop_grants
from scim_provisioning.revocation.sessions import end_sessions
from scim_provisioning.revocation.social_auth import revoke_at_providers
from scim_provisioning.revocation.tokens import delete_auth_tokens, delete_knox_tokens, revoke_oauth_tokens

__all__ = [
    "delete_auth_tokens",
    "delete_knox_tokens",
    "drop_grants",
    "end_sessions",
    "revoke_at_providers",
    "revoke_oauth_tokens",
]
