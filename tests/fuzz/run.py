"""Sends random requests and insists on what every answer has to be."""

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from scim_provisioning.protocol.errors import ERROR_SCHEMA
from tests.fuzz.requests import Request, Requests

# What a request may take, on a machine that does something else as well.
LONGEST_SECONDS = 2.0
# The RFC's own answer to an endpoint that a service need not have (RFC 7644 section 3.11).
NOT_IMPLEMENTED = 501
# status, body
Send = Callable[[Request], tuple[int, bytes]]


@dataclass
class Outcome:
    """What came of a run."""

    seed: int
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0
    slowest_request: str = ""

    @property
    def count(self) -> int:
        """How many requests were sent."""
        return self.statuses.total()

    def summary(self) -> dict[str, Any]:
        """Return the figures."""
        return {
            "seed": self.seed,
            "requests": self.count,
            "statuses": dict(sorted(self.statuses.items())),
            "faults": len(self.faults),
            "slowest_ms": round(self.slowest * 1000),
            "slowest": self.slowest_request[:200],
        }


def run(
    requests: Requests,
    send: Send,
    count: int,
    outcome: Outcome,
    progress: Callable[[int], None] = lambda number: None,
) -> Outcome:
    """Send so many requests."""
    for number in range(count):
        request = requests.next()
        started = time.perf_counter()
        status, content = send(request)
        seconds = time.perf_counter() - started
        outcome.statuses[status] += 1
        if seconds > outcome.slowest:
            outcome.slowest, outcome.slowest_request = seconds, str(request)
        answer, fault = judge(request, status, content)
        if fault:
            outcome.faults.append(f"{fault}: {status} {content[:300]!r} to {request}")
        requests.learn(request, status, answer)
        progress(number + 1)
    return outcome


def judge(request: Request, status: int, content: bytes) -> tuple[Any, str]:
    """Return the JSON of an answer, and what is wrong with it."""
    try:
        answer = json.loads(content) if content else None
    except ValueError:
        return None, "no JSON"
    if status >= 500 and not (status == NOT_IMPLEMENTED and request.path.lower().startswith("/me")):
        return answer, "a fault of the server"
    if status >= 400 and request.method != "HEAD":
        error = answer if isinstance(answer, dict) else {}
        if (
            error.get("schemas") != [ERROR_SCHEMA]
            or error.get("status") != str(status)
            or not error.get("detail")
        ):
            return answer, "no SCIM Error"
    return answer, ""
