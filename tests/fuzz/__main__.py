"""Sends random requests over HTTP to a running Hub: the long form of ``test_fuzz``.

``python -m tests.fuzz --requests 100000 --url http://127.0.0.1:8000/scim/<id>/v2 --token scim_… [--pid N]``
prints the figures as JSON, and ends with 1 where an answer was not what it has to be.

``python -m tests.fuzz --openapi scim.json --token scim_… [--examples 100]`` holds the Hub to the description that
``scim_connection openapi`` has printed, instead: the long form of ``test_face``.
"""

import argparse
import http.client
import json
import random
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.fuzz.face import hold
from tests.fuzz.requests import Request, Requests
from tests.fuzz.run import Outcome, run

SHOWN_FAULTS = 20
STEP = 5000


class Wire:
    """One kept connection."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.path = parts.path.rstrip("/")
        self.connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)

    def send(self, request: Request) -> tuple[int, bytes]:
        """Send a request; a connection that the server closed in the meantime is opened again, once."""
        target = self.path + request.path + (f"?{request.query}" if request.query else "")
        for attempt in range(2):
            try:
                self.connection.putrequest(request.method, target, skip_accept_encoding=True)
                for name, value in request.headers.items():
                    self.connection.putheader(name, value.encode("latin-1"))
                self.connection.putheader("Content-Length", str(len(request.body)))
                self.connection.endheaders(request.body)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (http.client.HTTPException, ConnectionError):
                self.connection.close()
                if attempt:
                    raise
        raise AssertionError("unreachable")


def memory(pid: int) -> dict[int, int]:
    """Return the resident memory of a server and its workers, in KiB."""
    found = subprocess.run(
        ["ps", "-o", "pid=,rss=", "--pid", str(pid), "--ppid", str(pid)],
        capture_output=True,
        text=True,
        check=True,
    )
    return {int(line.split()[0]): int(line.split()[1]) for line in found.stdout.splitlines()}


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    target = parser.add_mutually_exclusive_group(required=True)
    target.add_argument("--url", help="a tenant URL")
    target.add_argument("--openapi", metavar="FILE", type=Path, help="a description, whose server is called")
    parser.add_argument("--token", required=True)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--examples", type=int, default=100, help="of each operation of a description")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--pid", type=int, help="the server's process, whose memory and workers' is measured")
    options = parser.parse_args()
    print(f"seed {options.seed}", file=sys.stderr)  # noqa: T201
    faults, figures = described(options) if options.openapi else fuzzed(options)
    for fault in faults[:SHOWN_FAULTS]:
        print(fault, file=sys.stderr)  # noqa: T201
    print(json.dumps(figures, indent=1))  # noqa: T201
    return 1 if faults else 0


def fuzzed(options: argparse.Namespace) -> tuple[list[str], dict[str, Any]]:
    """Send random requests; return what was wrong, and the figures."""
    seen: dict[int, dict[int, int]] = {}

    def progress(number: int) -> None:
        if number % STEP == 0:
            seen[number] = memory(options.pid) if options.pid else {}
            print(f"{number} requests, memory {seen[number]}", file=sys.stderr, flush=True)  # noqa: T201

    outcome = Outcome(options.seed)
    # Ctrl-C ends a run, and shows what came of it so far.
    with suppress(KeyboardInterrupt):
        run(
            Requests(options.seed, options.token), Wire(options.url).send, options.requests, outcome, progress
        )
    return outcome.faults, {**outcome.summary(), "memory_kib": seen}


def described(options: argparse.Namespace) -> tuple[list[str], dict[str, Any]]:
    """Hold a Hub to its description; return what was wrong, and the figures."""
    description = json.loads(options.openapi.read_text(encoding="utf-8"))
    verdict = hold(description, options.token, examples=options.examples, seed=options.seed)
    answers: dict[str, dict[int, int]] = {}
    for (label, status), number in sorted(verdict.answers.items()):
        answers.setdefault(label, {})[status] = number
    figures = {"requests": verdict.requests, "faults": len(verdict.faults), "answers": answers}
    return verdict.faults, {"seed": options.seed, **figures}


if __name__ == "__main__":
    sys.exit(main())
