"""ID tokens as Microsoft's identity platform writes them, and the key that signs them."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass, field
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

from scim_provisioning.simulator.objects import DirectoryUser

ALGORITHM = "RS256"
KEY_BITS = 2048
LIFETIME_SECONDS = 3600

Claims = dict[str, Any]


def _new_key() -> RSAKey:
    return RSAKey.generate_key(
        KEY_BITS, {"kid": uuid.uuid4().hex, "use": "sig", "alg": ALGORITHM}, private=True
    )


@dataclass(frozen=True, slots=True)
class SigningKey:
    """An RSA key that lives as long as its issuer."""

    key: RSAKey = field(default_factory=_new_key)

    def public(self) -> dict[str, Any]:
        """Return the JSON Web Key Set (RFC 7517 section 5), without anything secret."""
        return {"keys": [dict(self.key.as_dict(private=False))]}

    def sign(self, claims: Claims) -> str:
        """Return a signed token (RFC 7519)."""
        return jwt.encode({"typ": "JWT", "alg": ALGORITHM, "kid": self.key.kid}, claims, self.key)


def id_token_claims(
    user: DirectoryUser, tenant_id: str, *, issuer: str, client_id: str, nonce: str | None, now: int
) -> Claims:
    """Return what a version 2.0 ID token says of a user; ``oid`` and ``tid`` are who it is, the rest is for show.

    ``sub`` is another one for each application, as with Microsoft.
    """
    claims: Claims = {
        "ver": "2.0",
        "iss": issuer,
        "sub": hashlib.sha256(f"{client_id}/{tenant_id}/{user.object_id}".encode()).hexdigest(),
        "aud": client_id,
        "exp": now + LIFETIME_SECONDS,
        "iat": now,
        "nbf": now,
        "name": user.display_name or user.user_principal_name,
        "preferred_username": user.user_principal_name,
        "oid": user.object_id,
        "tid": tenant_id,
    }
    if user.mail:
        claims["email"] = user.mail
    if nonce:
        claims["nonce"] = nonce
    return claims
