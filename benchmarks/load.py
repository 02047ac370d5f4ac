"""The cycle of an identity provider, over so many connections at once, with the time that each request took.

``http.client``, because the generator shares the machine with what it measures and has to cost little.
"""

import http.client
import json
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
BATCH = 100


@dataclass(slots=True)
class Timings:
    """Milliseconds by operation, and what went wrong."""

    by_operation: dict[str, list[float]] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)

    def percentile(self, operation: str, share: float) -> float:
        """Return the milliseconds that a share of the requests of an operation took at most."""
        taken = sorted(self.by_operation.get(operation, ()))
        return taken[min(len(taken) - 1, int(share * len(taken)))] if taken else 0.0

    @property
    def requests(self) -> int:
        """How many requests there were."""
        return sum(map(len, self.by_operation.values()))


class Line:
    """One connection that is kept open."""

    def __init__(self, url: str, token: str, timings: Timings) -> None:
        parts = urlsplit(url)
        self.prefix = parts.path
        self.http = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=60)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/scim+json"}
        self.timings = timings

    def send(
        self, operation: str, method: str, path: str, body: Any = None, expect: Iterable[int] = (200,)
    ) -> Any:
        """Send one request and return its JSON."""
        content = None if body is None else json.dumps(body)
        started = time.perf_counter()
        self.http.request(method, self.prefix + path, content, self.headers)
        answer = self.http.getresponse()
        raw = answer.read()
        self.timings.by_operation.setdefault(operation, []).append((time.perf_counter() - started) * 1000)
        if answer.status not in expect:
            self.timings.errors.append(f"{operation}: {answer.status} {raw[:200]!r}")
        return json.loads(raw) if raw else None

    def find(self, kind: str, attribute: str, value: str) -> str | None:
        """Return the id of the resource that has a name, or None."""
        extra = "&excludedAttributes=members" if kind == "Groups" else ""
        wanted = quote(f'{attribute} eq "{value}"')
        found = self.send(f"find {kind}", "GET", f"/{kind}?filter={wanted}{extra}")
        listed = found.get("Resources") or []
        return str(listed[0]["id"]) if listed else None


Step = Callable[[Line], None]


@dataclass(slots=True)
class Cycle:
    """An initial cycle and the changes of a later one."""

    users: int
    groups: int
    memberships: int
    tag: str
    user_ids: dict[int, str] = field(default_factory=dict)
    group_ids: dict[int, str] = field(default_factory=dict)
    members: dict[int, set[int]] = field(default_factory=dict)

    def phases(self) -> Iterable[list[Step]]:
        """Yield steps that may be done in any order, phase by phase."""
        sample = range(0, self.users, 4)
        yield [self._create_user(n) for n in range(self.users)]
        yield [self._create_group(n) for n in range(self.groups)]
        yield self._additions()
        yield [self._read(n) for n in sample]
        yield [self._change(n) for n in sample]
        yield [self._remove(g, n) for g, members in self.members.items() for n in sorted(members)[:10]]
        yield [self._disable(n) for n in sample]

    def _create_user(self, n: int) -> Step:
        name = f"user{n}.{self.tag}@example.com"
        body = {
            "schemas": [USER, ENTERPRISE],
            "externalId": str(uuid.uuid5(uuid.NAMESPACE_DNS, name)),
            "userName": name,
            "active": True,
            "displayName": f"Given{n} Family{n}",
            "emails": [{"primary": True, "type": "work", "value": name}],
            "meta": {"resourceType": "User"},
            "name": {
                "formatted": f"Given{n} Family{n}",
                "familyName": f"Family{n}",
                "givenName": f"Given{n}",
            },
            "title": "Engineer",
            ENTERPRISE: {"employeeNumber": str(n)},
        }

        def step(line: Line) -> None:
            if line.find("Users", "userName", name) is None:
                self.user_ids[n] = line.send("create user", "POST", "/Users", body, (201,))["id"]

        return step

    def _create_group(self, n: int) -> Step:
        name = f"Group {n} {self.tag}"
        body = {"schemas": [GROUP], "externalId": str(uuid.uuid4()), "displayName": name}

        def step(line: Line) -> None:
            if line.find("Groups", "displayName", name) is None:
                self.group_ids[n] = line.send("create group", "POST", "/Groups", body, (201,))["id"]

        return step

    def _additions(self) -> list[Step]:
        """A third of the memberships one by one, the rest in batches."""
        each = self.memberships // self.groups
        steps: list[Step] = []
        for g in range(self.groups):
            chosen = [(g * 7 + n) % self.users for n in range(each)]
            self.members[g] = set(chosen)
            single = len(chosen) // 3
            steps += [self._add(g, [n], "add 1 member") for n in chosen[:single]]
            for first in range(single, len(chosen), BATCH):
                steps.append(self._add(g, chosen[first : first + BATCH], f"add {BATCH} members"))
        return steps

    def _add(self, g: int, users: list[int], operation: str) -> Step:
        return lambda line: self._patch_group(line, operation, g, "add", users)

    def _remove(self, g: int, n: int) -> Step:
        def step(line: Line) -> None:
            self._patch_group(line, "remove 1 member", g, "remove", [n])
            self.members[g].discard(n)

        return step

    def _patch_group(self, line: Line, operation: str, g: int, op: str, users: list[int]) -> None:
        value = [{"value": self.user_ids[n]} for n in users]
        line.send(
            operation, "PATCH", f"/Groups/{self.group_ids[g]}", _patch(op, "members", value), (200, 204)
        )

    def _read(self, n: int) -> Step:
        return lambda line: line.send("read user", "GET", f"/Users/{self.user_ids[n]}") and None

    def _change(self, n: int) -> Step:
        return lambda line: self._patch_user(line, "change user", n, "name.givenName", f"New{n}")

    def _disable(self, n: int) -> Step:
        return lambda line: self._patch_user(line, "disable user", n, "active", value=False)

    def _patch_user(self, line: Line, operation: str, n: int, path: str, value: Any) -> None:
        body = _patch("replace", path, value)
        line.send(operation, "PATCH", f"/Users/{self.user_ids[n]}", body, (200, 204))


def _patch(op: str, path: str, value: Any) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": [{"op": op, "path": path, "value": value}]}


def play(cycle: Cycle, url: str, token: str, connections: int) -> tuple[float, Timings]:
    """Play a cycle and return how many seconds it took, and its timings."""
    timings = Timings()
    lines = [Line(url, token, timings) for _n in range(connections)]
    started = time.perf_counter()
    for steps in cycle.phases():
        waiting: queue.SimpleQueue[Step] = queue.SimpleQueue()
        for step in steps:
            waiting.put(step)
        threads = [threading.Thread(target=_work, args=(line, waiting)) for line in lines]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    return time.perf_counter() - started, timings


def _work(line: Line, waiting: "queue.SimpleQueue[Step]") -> None:
    while True:
        try:
            waiting.get_nowait()(line)
        except queue.Empty:
            return


def verify(cycle: Cycle, url: str, token: str) -> list[str]:
    """Return what is wrong of the result: a fast wrong answer is no result."""
    line = Line(url, token, Timings())
    wrong = []
    for g, expected in cycle.members.items():
        found = line.send("verify", "GET", f"/Groups/{cycle.group_ids[g]}")
        seen = {str(member["value"]) for member in found.get("members", ())}
        if seen != {str(cycle.user_ids[n]) for n in expected}:
            wrong.append(f"group {g}: {len(seen)} members in place of {len(expected)}")
    for n in range(0, cycle.users, 4):
        found = line.send("verify", "GET", f"/Users/{cycle.user_ids[n]}")
        if found["active"] is not False or found["name"]["givenName"] != f"New{n}":
            wrong.append(f"user {n}: {found['active']}, {found['name']}")
    return wrong
