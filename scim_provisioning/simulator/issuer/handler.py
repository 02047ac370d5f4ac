"""One request to the issuer: which endpoint it is for, and the answer."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from scim_provisioning.simulator.issuer.grants import (
    AccountRefused,
    OAuthRefusal,
    UntrustedRequest,
    read_request,
    redirect_of,
)
from scim_provisioning.simulator.issuer.pages import account_page, refusal_page
from scim_provisioning.simulator.issuer.tokens import LIFETIME_SECONDS

if TYPE_CHECKING:
    from scim_provisioning.simulator.issuer.server import Issuer

MOST_BYTES = 64 * 1024
POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
CONFIGURATION = "v2.0/.well-known/openid-configuration"
KEYS = "discovery/v2.0/keys"
AUTHORIZE = "oauth2/v2.0/authorize"
TOKEN = "oauth2/v2.0/token"  # noqa: S105


class Handler(BaseHTTPRequestHandler):
    """Answers one request."""

    def __init__(self, issuer: Issuer, *arguments: Any) -> None:
        self.issuer = issuer
        super().__init__(*arguments)

    def do_GET(self) -> None:
        """Answer with a document, or with the page that asks who signs in."""
        directory, endpoint = self._place()
        if endpoint == CONFIGURATION:
            self._json(self.issuer.discovery(directory))
        elif endpoint == KEYS:
            self._json(self.issuer.key.public())
        elif endpoint == AUTHORIZE:
            self._authorize(directory, dict(parse_qsl(urlsplit(self.path).query)))
        else:
            self._page(refusal_page("There is nothing here."), 404)

    def do_POST(self) -> None:
        """Take the account that was picked, or a code to redeem."""
        directory, endpoint = self._place()
        length = self.headers.get("Content-Length", "")
        if not length.isascii() or not length.isdigit() or int(length) > MOST_BYTES:
            self._page(refusal_page("The request is too large."), 413)
            return
        parameters = dict(parse_qsl(self.rfile.read(int(length)).decode("utf-8", "replace")))
        if endpoint == AUTHORIZE:
            self._authorize(directory, parameters)
        elif endpoint == TOKEN:
            self._redeem(parameters)
        else:
            self._page(refusal_page("There is nothing here."), 404)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Say nothing: the lines would hold codes."""

    def _place(self) -> tuple[str, str]:
        directory, _slash, endpoint = urlsplit(self.path).path.strip("/").partition("/")
        return (directory, endpoint) if self.issuer.serves(directory) else ("", "")

    def _authorize(self, directory: str, parameters: dict[str, str]) -> None:
        """Ask who signs in, and send the person back with a code (RFC 6749 section 4.1.1)."""
        account = parameters.pop("account", "")
        try:
            request = read_request(self.issuer.registration, parameters)
            if not account:
                self._page(account_page(self.issuer.accounts(directory), parameters))
                return
            tenant_id, user = self.issuer.account(directory, account)
        except UntrustedRequest as error:
            self._page(refusal_page(str(error)), 400)
        except AccountRefused as error:
            self._page(refusal_page(str(error)), 403)
        except OAuthRefusal as error:
            answer = {"error": error.error, "error_description": error.description}
            self._back(redirect_of(self.issuer.registration, parameters), parameters.get("state"), answer)
        else:
            code = self.issuer.grants.issue(request, tenant_id, user.object_id)
            self._back(request.redirect_uri, request.state, {"code": code})

    def _redeem(self, parameters: dict[str, str]) -> None:
        """Answer a code with tokens (RFC 6749 section 4.1.4)."""
        try:
            grant = self.issuer.grants.redeem(self._credentials(parameters), parameters)
            id_token = self.issuer.id_token(grant)
        except OAuthRefusal as error:
            self._json({"error": error.error, "error_description": error.description}, error.status)
            return
        self._json(
            {
                "token_type": "Bearer",
                "scope": "openid profile email",
                "expires_in": LIFETIME_SECONDS,
                "access_token": secrets.token_urlsafe(32),
                "id_token": id_token,
            }
        )

    def _credentials(self, parameters: dict[str, str]) -> tuple[str, str]:
        """Return what the application says it is, in the header or in the body (RFC 6749 section 2.3.1)."""
        scheme, _space, text = self.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "basic":
            return parameters.get("client_id", ""), parameters.get("client_secret", "")
        try:
            client_id, _colon, secret = base64.b64decode(text, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return "", ""
        return unquote(client_id), unquote(secret)

    def _back(self, redirect_uri: str, state: str | None, answer: dict[str, str]) -> None:
        query = urlencode({**answer, **({"state": state} if state else {})})
        self.send_response(302)
        self.send_header("Location", f"{redirect_uri}?{query}")
        self._end(b"")

    def _json(self, document: dict[str, Any], status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self._end(json.dumps(document).encode())

    def _page(self, text: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Security-Policy", POLICY)
        self._end(text.encode())

    def _end(self, body: bytes) -> None:
        self.send_header("Cache-Control", "no-store")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
