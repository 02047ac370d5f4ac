"""Requests that Entra's engine would not send by itself: odd headers, foreign ids, single PATCHes."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

MEDIA_TYPE = "application/scim+json"


@dataclass(slots=True)
class Tally:
    """How many requests were made."""

    requests: int = 0

    def count(self, request: httpx.Request) -> None:
        """Count one; a hook of httpx."""
        self.requests += 1


@dataclass(frozen=True, slots=True)
class Answer:
    """What a request was answered with."""

    status: int
    text: str
    headers: dict[str, str] = field(repr=False)

    @property
    def body(self) -> Any:
        """The JSON body; an empty object where there is none."""
        return json.loads(self.text) if self.text else {}

    @property
    def found(self) -> int:
        """How many resources a list holds."""
        return int(self.body["totalResults"])

    @property
    def detail(self) -> str:
        """What a SCIM Error says."""
        return str(self.body.get("detail", ""))

    def __str__(self) -> str:
        """Return the status, with the scimType of an error."""
        kind = self.body.get("scimType") if self.status >= 400 else None
        return f"{self.status} {kind}" if kind else str(self.status)


class Wire:
    """A plain SCIM client of one tenant URL."""

    def __init__(self, url: str, token: str, tally: Tally) -> None:
        """Open the connection; the flag of the tenant URL stays on every request (B1)."""
        self.url, _, self.flag = url.partition("?")
        self.token = token
        self._tally = tally
        self._others: list[Wire] = []
        self._http = httpx.Client(timeout=30, event_hooks={"request": [tally.count]})

    def at(self, url: str) -> Wire:
        """Return the same client at another tenant URL."""
        other = Wire(url, self.token, self._tally)
        self._others.append(other)
        return other

    def close(self) -> None:
        """Close the connections."""
        for other in self._others:
            other.close()
        self._http.close()

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        query: dict[str, str] | None = None,
        authorization: str | None = None,
        token: str | None = None,
    ) -> Answer:
        """Send a request; *authorization* replaces the header, and the empty text leaves it out."""
        header = f"Bearer {token or self.token}" if authorization is None else authorization
        headers = {"Accept": MEDIA_TYPE, "Content-Type": MEDIA_TYPE}
        if header:
            headers["Authorization"] = header
        parameters = "&".join(text for text in (self.flag, urlencode(query or {})) if text)
        answer = self._http.request(
            method,
            f"{self.url}{path}?{parameters}",
            headers=headers,
            content=None if body is None else json.dumps(body),
        )
        return Answer(answer.status_code, answer.text, dict(answer.headers))

    def get(self, path: str, **query: str) -> Answer:
        """Read."""
        return self.send("GET", path, query=query)

    def find(self, text: str, path: str = "/Users") -> Answer:
        """Read by a filter."""
        return self.get(path, filter=text)

    def post(self, path: str, body: Any) -> Answer:
        """Create."""
        return self.send("POST", path, body)

    def patch(self, path: str, body: Any) -> Answer:
        """Change."""
        return self.send("PATCH", path, body)

    def delete(self, path: str) -> Answer:
        """Delete."""
        return self.send("DELETE", path)
