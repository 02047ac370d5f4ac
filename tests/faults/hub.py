"""The example Hub under gunicorn, on a database of the test's own."""

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.scim import CONTENT_TYPE, user_body

ROOT = Path(__file__).resolve().parents[2]
MANAGE = ROOT / "example_project" / "manage.py"
SECONDS = 90
TENANT = "8f1b2a9c-6f0e-4c8c-9d5e-0a1b2c3d4e5f"


@dataclass
class Hub:
    """A served Hub with one connection."""

    environment: dict[str, str]
    port: int
    tenant_path: str
    token: str

    @property
    def headers(self) -> dict[str, str]:
        """The headers of every request."""
        return {"Authorization": f"Bearer {self.token}", "Content-Type": CONTENT_TYPE}

    @contextmanager
    def client(self) -> Iterator[httpx.Client]:
        """Open a connection of an identity provider."""
        base = f"http://127.0.0.1:{self.port}{self.tenant_path}"
        with httpx.Client(base_url=base, headers=self.headers, timeout=SECONDS) as client:
            yield client

    def manage(self, *arguments: str) -> Any:
        """Run a management command and return its JSON."""
        return manage(self.environment, *arguments)


def manage(environment: dict[str, str], *arguments: str) -> Any:
    """Run a management command of the example Hub and return its JSON."""
    done = subprocess.run(
        [sys.executable, str(MANAGE), *arguments, "--json"],
        env=environment,
        check=True,
        timeout=SECONDS,
        capture_output=True,
        text=True,
    )
    return json.loads(done.stdout)


@contextmanager
def served(url: str, workers: int = 1, **environment: str) -> Iterator[Hub]:
    """Serve a seeded Hub on a database, with a connection of preset flow_connect."""
    full = {key: text for key, text in os.environ.items() if key != "CELERY_BROKER_URL"}
    full |= {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "example_project.config.settings"}
    full |= {"PYTHONPATH": str(ROOT), **environment}
    manage(full, "hub_seed")
    made = manage(
        full,
        *("scim_connection", "create", "--organization", "contoso"),
        *("--preset", "flow_connect", "--tenant-id", TENANT),
    )
    token = manage(full, "scim_token", "create", "--connection", made["connection"])["token"]
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, str(MANAGE), "hub_serve", "--port", str(port), "--workers", str(workers)], env=full
    )
    hub = Hub(full, port, f"/scim/{made['connection']}/v2", token)
    try:
        wait_for(hub, server)
        yield hub
    finally:
        server.terminate()
        server.wait(SECONDS)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(hub: Hub, server: "subprocess.Popen[bytes]") -> None:
    """Wait until the Hub answers."""
    deadline = time.monotonic() + SECONDS
    with hub.client() as client:
        while time.monotonic() < deadline:
            if server.poll() is not None:
                raise RuntimeError("the server ended")
            try:
                client.get("/ServiceProviderConfig")
            except httpx.TransportError:
                time.sleep(0.2)
            else:
                return
    raise TimeoutError("the server did not answer")


def create(client: httpx.Client, name: str) -> httpx.Response:
    """Create a user."""
    return client.post("/Users", json=user_body(name))
