"""The authorization-code grant with PKCE: what an application asks for, and what it gets for a code."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Lock

CODE_SECONDS = 300
CHALLENGE_METHOD = "S256"


class UntrustedRequest(Exception):
    """Nobody can be sent back: the application or its redirect URI is not registered."""


class AccountRefused(Exception):
    """Who cannot sign in, whatever application asks."""


class OAuthRefusal(Exception):
    """An error of OAuth 2.0 (RFC 6749 section 4.1.2.1 and 5.2)."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(description)
        self.error = error
        self.description = description
        self.status = status


@dataclass(frozen=True, slots=True)
class Registration:
    """An application's registration with the directory."""

    client_id: str
    client_secret: str
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What an application asks when it sends a person to sign in."""

    redirect_uri: str
    state: str
    nonce: str
    code_challenge: str


@dataclass(frozen=True, slots=True)
class Grant:
    """Who signed in, for which request, and until when the code stands for it."""

    request: AuthorizationRequest
    tenant_id: str
    object_id: str
    ends_at: float


def redirect_of(registration: Registration, parameters: Mapping[str, str]) -> str:
    """Return where to send the person back to.

    :raises UntrustedRequest: when that is not a place of the registered application's.
    """
    if parameters.get("client_id") != registration.client_id:
        raise UntrustedRequest("AADSTS700016: the application is not registered with this directory.")
    redirect_uri = parameters.get("redirect_uri", "")
    if redirect_uri not in registration.redirect_uris:
        raise UntrustedRequest("AADSTS50011: the redirect URI is not registered for the application.")
    return redirect_uri


def read_request(registration: Registration, parameters: Mapping[str, str]) -> AuthorizationRequest:
    """Read the parameters of the authorization endpoint (OpenID Connect Core section 3.1.2.1; RFC 7636).

    Stricter than Microsoft: state, nonce and PKCE are asked for, so that a rehearsal shows who forgets them.

    :raises UntrustedRequest: as :func:`redirect_of` does.
    :raises OAuthRefusal: for the application.
    """
    redirect_uri = redirect_of(registration, parameters)
    if parameters.get("response_type") != "code":
        raise OAuthRefusal("unsupported_response_type", "The response type must be code.")
    if "openid" not in parameters.get("scope", "").split():
        raise OAuthRefusal("invalid_scope", "The scope must include openid.")
    missing = [name for name in ("state", "nonce", "code_challenge") if not parameters.get(name)]
    if missing:
        raise OAuthRefusal("invalid_request", f"The request lacks {', '.join(missing)}.")
    if parameters.get("code_challenge_method") != CHALLENGE_METHOD:
        raise OAuthRefusal("invalid_request", "The code challenge method must be S256.")
    return AuthorizationRequest(
        redirect_uri, parameters["state"], parameters["nonce"], parameters["code_challenge"]
    )


@dataclass(slots=True)
class Grants:
    """Codes that were given out; each is good for one redemption within five minutes."""

    registration: Registration
    now: Callable[[], float] = time.time
    _open: dict[str, Grant] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def issue(self, request: AuthorizationRequest, tenant_id: str, object_id: str) -> str:
        """Return a code for a sign-in."""
        code = secrets.token_urlsafe(32)
        with self._lock:
            self._open = {key: grant for key, grant in self._open.items() if grant.ends_at > self.now()}
            self._open[code] = Grant(request, tenant_id, object_id, self.now() + CODE_SECONDS)
        return code

    def redeem(self, credentials: tuple[str, str], parameters: Mapping[str, str]) -> Grant:
        """Return the grant behind a code, once (RFC 6749 section 4.1.3).

        :raises OAuthRefusal: for wrong credentials, an unknown, used or expired code, or a wrong verifier.
        """
        if not self._is_registered(credentials):
            raise OAuthRefusal("invalid_client", "AADSTS7000215: invalid client secret.", 401)
        if parameters.get("grant_type") != "authorization_code":
            raise OAuthRefusal("unsupported_grant_type", "The grant type must be authorization_code.")
        with self._lock:
            grant = self._open.pop(parameters.get("code", ""), None)
        if grant is None or grant.ends_at <= self.now():
            raise OAuthRefusal("invalid_grant", "AADSTS70008: the code is unknown, was used, or has expired.")
        if parameters.get("redirect_uri") != grant.request.redirect_uri:
            raise OAuthRefusal("invalid_grant", "The redirect URI is another one than the code was sent to.")
        if not hmac.compare_digest(
            challenge_of(parameters.get("code_verifier", "")), grant.request.code_challenge
        ):
            raise OAuthRefusal("invalid_grant", "AADSTS501481: the code verifier does not match.")
        return grant

    def _is_registered(self, credentials: tuple[str, str]) -> bool:
        wanted = (self.registration.client_id, self.registration.client_secret)
        # A list, so that both are compared whatever the first one says.
        same = [
            hmac.compare_digest(sent.encode(), known.encode())
            for sent, known in zip(credentials, wanted, strict=True)
        ]
        return all(same)


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636 section 4.2)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
