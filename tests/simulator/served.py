"""The server in memory behind a real port, for what only speaks HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import httpx

from tests.simulator.target import Target


@contextmanager
def served(target: Target) -> Iterator[str]:
    """Serve a target on a free port while the block runs; yields its tenant URL."""

    class Face(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # One packet per answer; two wait 40 ms for each other.
        wbufsize = -1

        def answer(self) -> None:
            """Hand one request over to the target."""
            content = self.rfile.read(int(self.headers.get("content-length", 0)))
            url = f"http://{self.headers['host']}{self.path}"
            request = httpx.Request(self.command, url, headers=dict(self.headers), content=content)
            answer = target.answer(request)
            self.send_response(answer.status_code)
            self.send_header("Content-Type", "application/scim+json")
            self.send_header("Content-Length", str(len(answer.content)))
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PATCH = do_DELETE = answer  # noqa: N815 - the names http.server calls

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - as in the base class
            """Keep the test's output clean."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Face)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/scim/v2"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
