"""Random requests that grow out of what was answered before."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from tests.fuzz.values import ATTRIBUTES, METHODS, TEXTS, Values

REMEMBERED = 200
LONGEST_TARGET = 8000
PLACES = ["/Users", "/Users/{id}", "/Groups", "/Groups/{id}", "/Bulk", "/.search", "/Users/.search", "/Groups/.search",
          "/Schemas", "/Schemas/{text}", "/ResourceTypes", "/ServiceProviderConfig", "/Me", "/{text}", "/Users/{text}",
          "/users/{id}/", "/Users/{id}/{text}", ""]  # fmt: skip
WEIGHTS = [20, 30, 14, 20, 6, 3, 3, 2, 1, 1, 1, 1, 1, 2, 3, 1, 1, 1]
NATURAL = {
    "/Users": ["POST", "GET"],
    "/Groups": ["POST", "GET"],
    "/Users/{id}": ["PATCH", "PATCH", "PUT", "GET", "DELETE"],
    "/Groups/{id}": ["PATCH", "PATCH", "PUT", "GET", "DELETE"],
    "/Bulk": ["POST"],
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request, ready to be sent."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes

    def __str__(self) -> str:
        """Return what is needed to see it again."""
        headers = {name: text for name, text in self.headers.items() if name != "Authorization"}
        return f"{self.method} {self.path}?{self.query[:200]} {headers} {self.body[:400]!r}"


@dataclass
class Requests:
    """The requests of one seed."""

    seed: int
    token: str
    users: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.values = Values(self.chance)

    def next(self) -> Request:
        """Return the next request that a web server lets through; gunicorn refuses longer lines by itself."""
        while True:
            request = self._any()
            if len(request.path) + len(request.query) < LONGEST_TARGET:
                return request

    def _any(self) -> Request:
        place = self.chance.choices(PLACES, WEIGHTS)[0]
        natural = NATURAL.get(place, ["GET", "POST"])
        method = self.chance.choice(natural if self.chance.random() < 0.93 else METHODS)
        is_group = place.startswith("/Groups")
        ids = self.groups if is_group else self.users
        body = b"" if method in ("GET", "HEAD") else self._body(place, method, is_group=is_group)
        text = quote(self.chance.choice([*TEXTS, *ATTRIBUTES]).encode("utf-8", "surrogatepass"), safe="")
        path = place.format(id=self.chance.choice([*ids, "x"]) if ids else "x", text=text[:500] or "x")
        query = urlencode(self._query(), encoding="utf-8", errors="surrogatepass")
        return Request(method, path, query, self._headers(), body)

    def learn(self, request: Request, status: int, answer: Any) -> None:
        """Remember an id that an answer tells."""
        if status == 201 and isinstance(answer, dict) and isinstance(answer.get("id"), str):
            ids = self.groups if "displayName" in answer and "userName" not in answer else self.users
            ids.append(answer["id"])
            del ids[:-REMEMBERED]

    def _body(self, place: str, method: str, *, is_group: bool) -> bytes:
        values = self.values
        body: Any
        if "search" in place or place == "":
            body = {"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], **self._query()}
        elif place == "/Bulk":
            body = values.bulk(self.users)
        elif method == "PATCH":
            body = values.patch(self.users)
        elif is_group:
            body = values.group(self.chance.sample(self.users, min(3, len(self.users))))
        else:
            body = values.user()
        if self.chance.random() < 0.5:
            body = values.spoiled(body)
        return values.document(body) if self.chance.random() < 0.97 else self.chance.randbytes(60)

    def _query(self) -> dict[str, str]:
        made: dict[str, str] = {}
        options: dict[str, tuple[float, Callable[[], str]]] = {
            "filter": (0.3, self.values.filter),
            "startIndex": (0.1, self._number),
            "count": (0.1, self._number),
            "cursor": (0.04, lambda: self.chance.choice([*TEXTS, "e30"])),
            "sortBy": (0.08, lambda: self.chance.choice(ATTRIBUTES)),
            "sortOrder": (0.05, lambda: self.values.one_of("ascending", "descending", "x", "")),
            "attributes": (0.08, lambda: ",".join(self.chance.choices(ATTRIBUTES, k=3))),
            "excludedAttributes": (0.08, lambda: self.values.one_of("members", *ATTRIBUTES)),
            "aadOptscim062020": (0.05, str),
        }
        for name, (share, make) in options.items():
            if self.chance.random() < share:
                made[name] = make()
        return made

    def _number(self) -> str:
        return str(self.values.one_of(0, 1, -1, 5, 10**30, "x", "", "1.5", "٣", 2**63, "0x1"))

    def _headers(self) -> dict[str, str]:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/scim+json"}
        what = self.chance.random()
        if what < 0.02:
            spoiled = list(headers["Authorization"])
            spoiled[self.chance.randrange(len(spoiled))] = self.values.one_of("x", '"', ";", "\t", "", "é")
            headers["Authorization"] = "".join(spoiled)
        elif what < 0.03:
            headers["Authorization"] = self.values.one_of("", "Bearer", "Basic eA==", "Bearer " + "x" * 3000)
        elif what < 0.06:
            headers["Content-Type"] = self.values.one_of(
                "", "text/plain", "application/json; charset=utf-16", "é", "a/b/c"
            )
        elif what < 0.1:
            name = self.values.one_of(
                "If-Match", "If-None-Match", "Accept", "X-HTTP-Method-Override", "Range"
            )
            headers[name] = self.values.one_of(
                "*", 'W/"1"', "W/", '"', "x" * 3000, "bytes=0-1", "text/html", "é"
            )
        return headers
