"""Requests that reach the endpoints as the Hub's own ``urls.py`` mounts them, without leaving the process."""

import json
from dataclasses import dataclass
from io import BytesIO
from typing import Any
from urllib.parse import unquote_to_bytes, urlencode

from django.core.handlers.wsgi import WSGIRequest
from django.db import transaction
from django.http import HttpResponse
from django.urls import get_script_prefix, resolve

from scim_provisioning.api.tenancy import tenant_address
from scim_provisioning.models import Connection
from scim_provisioning.protocol.messages import CONTENT_TYPE


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with."""

    request: str
    status: int
    body: dict[str, Any]

    @property
    def detail(self) -> str:
        """The sentence of a refusal."""
        return str(self.body.get("detail", "")) if self.status >= 400 else ""


class Caller:
    """Sends requests to one connection with one token.

    :param host: what the Hub is reached by, for a Hub that reads it off the request.
    """

    def __init__(self, connection: Connection, token: str, host: str, *, is_secure: bool = True) -> None:
        self.token = token
        address = tenant_address(connection)
        self.host = address.host or host
        self.scheme = "https" if is_secure else "http"
        self.root = address.path

    def __call__(self, method: str, path: str, body: Any = None, *, token: str = "", **query: str) -> Answer:
        """Send one request.

        Each has a savepoint of its own: where the Hub sets ``ATOMIC_REQUESTS``, a refusal, even a wanted one,
        marks the transaction around it to be rolled back.
        """
        request = self._request(method, path, body, token or self.token, query)
        match = resolve(request.path_info)
        request.resolver_match = match
        with transaction.atomic():
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        shown = f"{method} {path}" + "".join(f"?{name}={value}" for name, value in query.items())
        return Answer(shown, response.status_code, json.loads(response.content or b"{}"))

    def _request(self, method: str, path: str, body: Any, token: str, query: dict[str, str]) -> WSGIRequest:
        content = b"" if body is None else json.dumps(body).encode()
        script = get_script_prefix().rstrip("/")
        name, _colon, port = self.host.partition(":")
        return WSGIRequest(
            {
                "REQUEST_METHOD": method,
                "SCRIPT_NAME": script,
                "PATH_INFO": _wsgi_text((self.root + path).removeprefix(script)),
                "QUERY_STRING": urlencode(query),
                "SERVER_NAME": name,
                "SERVER_PORT": port or ("443" if self.scheme == "https" else "80"),
                "SERVER_PROTOCOL": "HTTP/1.1",
                "REMOTE_ADDR": "127.0.0.1",
                "HTTP_HOST": self.host,
                "HTTP_AUTHORIZATION": f"Bearer {token}",
                "CONTENT_TYPE": CONTENT_TYPE if content else "",
                "CONTENT_LENGTH": str(len(content)),
                "wsgi.url_scheme": self.scheme,
                "wsgi.input": BytesIO(content),
            }
        )


def _wsgi_text(path: str) -> str:
    """Return a path as WSGI hands it over: its bytes, each as one character (PEP 3333)."""
    return unquote_to_bytes(path).decode("latin-1")
