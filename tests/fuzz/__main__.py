"""Sends random requests over HTTP to a running Hub: the long form of ``test_fuzz``.

``python -m tests.fuzz --requests 100000 --url http://127.0.0.1:8000/scim/<id>/v2 --token scim_… [--pid N]``
prints the figures as JSON, and ends with 1 where an answer was not what it has to be.
"""

import argparse
import http.client
import json
import random
import subprocess
import sys
from contextlib import suppress
from urllib.parse import urlsplit

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
    parser.add_argument("--url", required=True, help="a tenant URL")
    parser.add_argument("--token", required=True)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    parser.add_argument("--pid", type=int, help="the server's process, whose memory and workers' is measured")
    options = parser.parse_args()
    print(f"seed {options.seed}", file=sys.stderr)  # noqa: T201
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
    for fault in outcome.faults[:SHOWN_FAULTS]:
        print(fault, file=sys.stderr)  # noqa: T201
    print(json.dumps({**outcome.summary(), "memory_kib": seen}, indent=1))  # noqa: T201
    return 1 if outcome.faults else 0


if __name__ == "__main__":
    sys.exit(main())
