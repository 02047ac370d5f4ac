"""The issuer's HTTP server: discovery, keys, authorize and token endpoint, under Microsoft's paths."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from http.server import ThreadingHTTPServer
from threading import Thread
from types import TracebackType
from typing import Any, Self

from scim_provisioning.simulator.directory import Directory
from scim_provisioning.simulator.issuer.grants import (
    AccountRefused,
    Grant,
    Grants,
    OAuthRefusal,
    Registration,
)
from scim_provisioning.simulator.issuer.handler import Handler
from scim_provisioning.simulator.issuer.tokens import ALGORITHM, Claims, SigningKey, id_token_claims
from scim_provisioning.simulator.objects import DirectoryUser

LOOPBACK = "127.0.0.1"
# The endpoints that serve the people of every directory; their issuer is a template, as with Microsoft.
ANY_DIRECTORY = "organizations"
TEMPLATE = "{tenantid}"


class Issuer:
    """Signs in the people of directories, as ``login.microsoftonline.com`` does.

    ::

        registration = Registration("client", "secret", ("http://127.0.0.1:8000/login/microsoft/callback/",))
        with Issuer({tenant_id: directory}, registration) as issuer:
            issuer.url_of(tenant_id)    # what an application is configured with
            issuer.url_of()             # the same for the people of every directory

    It listens on the loopback interface only, and asks nobody for a password.
    """

    def __init__(
        self,
        directories: Mapping[str, Directory],
        registration: Registration,
        *,
        port: int = 0,
        key: SigningKey | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Bind the port, 0 for a free one; without a *key* to sign with, one is made."""
        self.directories = dict(directories)
        self.registration = registration
        self.key = key or SigningKey()
        self.grants = Grants(registration, now)
        self.now = now
        self._server = ThreadingHTTPServer((LOOPBACK, port), self._handler)
        self._server.daemon_threads = True
        self._thread: Thread | None = None

    def _handler(self, *arguments: Any) -> Handler:
        return Handler(self, *arguments)

    def __enter__(self) -> Self:
        """Serve from a thread of its own until the end of the block."""
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), name="issuer", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        if self._thread is not None:
            self._thread.join()

    def serve_forever(self) -> None:
        """Serve from this thread until it is interrupted."""
        with self._server:
            self._server.serve_forever()

    @property
    def url(self) -> str:
        """Where the server is reached."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}"

    def url_of(self, directory: str = ANY_DIRECTORY) -> str:
        """Return the issuer of one directory, or of the endpoints for the people of every one."""
        return f"{self.url}/{directory}/v2.0"

    def serves(self, directory: str) -> bool:
        """Return whether there are endpoints of that name."""
        return directory == ANY_DIRECTORY or directory in self.directories

    def discovery(self, directory: str) -> dict[str, Any]:
        """Return the discovery document (OpenID Connect Discovery section 3)."""
        base = f"{self.url}/{directory}"
        return {
            "issuer": self.url_of(TEMPLATE if directory == ANY_DIRECTORY else directory),
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": ["openid", "profile", "email"],
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "name", "oid", "tid", "email"],
        }

    def accounts(self, directory: str) -> list[tuple[str, DirectoryUser]]:
        """Return who may be chosen: the people of a directory that are not in its recycle bin."""
        chosen = self.directories if directory == ANY_DIRECTORY else [directory]
        return [
            (tenant_id, user)
            for tenant_id in chosen
            for user in self.directories[tenant_id].users.values()
            if not user.is_soft_deleted
        ]

    def account(self, directory: str, chosen: str) -> tuple[str, DirectoryUser]:
        """Return the account that was picked.

        :raises AccountRefused: when it does not exist here, or is disabled.
        """
        for tenant_id, user in self.accounts(directory):
            if f"{tenant_id}/{user.object_id}" == chosen:
                if not user.account_enabled:
                    raise AccountRefused("AADSTS50057: the user account is disabled.")
                return tenant_id, user
        raise AccountRefused("AADSTS50034: the user account does not exist in this directory.")

    def claims_of(self, grant: Grant) -> Claims:
        """Return the claims of the ID token for a sign-in.

        :raises OAuthRefusal: when the person was deleted since.
        """
        user = self.directories[grant.tenant_id].users.get(grant.object_id)
        if user is None:
            raise OAuthRefusal("invalid_grant", "AADSTS50034: the user account does not exist any more.")
        return id_token_claims(
            user,
            grant.tenant_id,
            issuer=self.url_of(grant.tenant_id),
            client_id=self.registration.client_id,
            nonce=grant.request.nonce,
            now=int(self.now()),
        )

    def id_token(self, grant: Grant) -> str:
        """Return the signed ID token for a sign-in."""
        return self.key.sign(self.claims_of(grant))
