"""The HTTP side: one recorded exchange per request, over one kept connection."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import httpx

from scim_provisioning.simulator.dialects import Dialect, compact_json
from scim_provisioning.simulator.paths import Document
from scim_provisioning.simulator.requests import ScimRequest, address

MEDIA_TYPE = "application/scim+json"
TIMED_OUT = -1
UNREACHABLE = 0


@dataclass(slots=True)
class Exchange:
    """A request and its answer, as the provisioning log keeps them."""

    at: datetime
    rule: str
    """Number of the request in the catalogue, such as R4."""
    method: str
    url: str
    request_text: str | None
    status: int = UNREACHABLE
    """HTTP status; 0 when the server was out of reach, -1 when it took too long."""
    response_text: str = ""
    response_headers: dict[str, str] = field(default_factory=dict)
    ms: float = 0.0
    cycle: int = 0
    subject: str = ""
    """The object that was being provisioned."""

    @property
    def ok(self) -> bool:
        """Whether the answer is a 2xx."""
        return 200 <= self.status < 300

    @property
    def request_body(self) -> Any:
        """The request body as JSON, None when there was none."""
        return json.loads(self.request_text) if self.request_text else None

    @property
    def response_body(self) -> Any:
        """The response body as JSON, None when it is empty or not JSON."""
        try:
            return json.loads(self.response_text) if self.response_text else None
        except json.JSONDecodeError:
            return None

    @property
    def detail(self) -> str:
        """What the answer says of an error: SCIM's `detail`, else the body as it is."""
        body = self.response_body
        if isinstance(body, dict) and isinstance(body.get("detail"), str):
            return str(body["detail"])
        return self.response_text.strip()

    @property
    def resource(self) -> Document | None:
        """The response body when it is a JSON object."""
        body = self.response_body
        return body if isinstance(body, dict) else None

    def as_dict(self) -> Document:
        """Return the exchange ready for JSON."""
        return {
            "at": self.at.isoformat(),
            "cycle": self.cycle,
            "rule": self.rule,
            "subject": self.subject,
            "method": self.method,
            "url": self.url,
            "request": self.request_body,
            "status": self.status,
            "response": self.response_body if self.response_body is not None else self.response_text or None,
            "ms": round(self.ms, 2),
        }


class TokenForm(StrEnum):
    """How the secret token is written in the Authorization header (B2)."""

    BEARER = "bearer"
    """`Bearer X`"""
    PARAMETER = "token"
    """`Bearer token="X"`"""


def authorization(token: str, form: TokenForm = TokenForm.BEARER) -> str:
    """Return the Authorization header."""
    if form is TokenForm.PARAMETER and not token.startswith("token="):
        return f'Bearer token="{token}"'
    return f"Bearer {token}"


@dataclass(frozen=True, slots=True)
class Credentials:
    """The *Admin credentials* of an application: tenant URL, secret token and how the token is written."""

    url: str
    token: str = field(repr=False)
    token_form: TokenForm = TokenForm.BEARER

    def __post_init__(self) -> None:
        """Refuse what could never be sent, such as a token with a line break."""
        if not self.url.lower().startswith(("http://", "https://")):
            raise ValueError(f"the tenant URL must start with http:// or https://, not {self.url!r}")
        if not self.token.isascii() or not self.token.isprintable():
            raise ValueError("the secret token may hold printable ASCII characters only")


class ScimClient:
    """Sends the catalogue's requests to one tenant URL and records every exchange."""

    def __init__(
        self,
        credentials: Credentials,
        now: Callable[[], datetime],
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Open the connection; *transport* may be an in-process one, such as httpx.WSGITransport."""
        self.credentials = credentials
        self.log: list[Exchange] = []
        self.cycle = 0
        self.subject = ""
        self._now = now
        self._http = httpx.Client(timeout=timeout, transport=transport, follow_redirects=False)
        # Requests of Entra may have no User-Agent, and servers must not need one (C20).
        del self._http.headers["user-agent"]

    def close(self) -> None:
        """Close the connection."""
        self._http.close()

    def send(self, request: ScimRequest, dialect: Dialect) -> Exchange:
        """Send one request; failures of the network are answers too, with status 0 or -1 (C18)."""
        url = address(self.credentials.url, request, dialect)
        text = None if request.body is None else compact_json(request.body)
        exchange = Exchange(
            self._now(), request.rule, request.method, url, text, cycle=self.cycle, subject=self.subject
        )
        self.log.append(exchange)
        headers = {
            "Authorization": authorization(self.credentials.token, self.credentials.token_form),
            "Accept": MEDIA_TYPE,
        }
        if text is not None:
            headers["Content-Type"] = MEDIA_TYPE
        start = time.perf_counter()
        try:
            answer = self._http.request(
                request.method, url, headers=headers, content=None if text is None else text.encode()
            )
        except httpx.TimeoutException as error:
            exchange.status, exchange.response_text = TIMED_OUT, str(error) or "took too long"
        except httpx.HTTPError as error:
            exchange.status, exchange.response_text = UNREACHABLE, str(error)
        else:
            exchange.status = answer.status_code
            exchange.response_text = answer.text
            exchange.response_headers = dict(answer.headers)
        exchange.ms = (time.perf_counter() - start) * 1000
        return exchange
