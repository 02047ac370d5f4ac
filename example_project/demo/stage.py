"""What a rehearsal stands on: the seeded Hub, its server process, connections and tokens from the commands."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from django.core.management import call_command
from django.db.models import Q

from example_project.demo.scene import Endpoint, domain_of
from example_project.hub.models import Department, Group, Organization, User
from scim_provisioning.models import Connection
from scim_provisioning.simulator import DIALECTS, Dialect, TokenForm

MANAGE = Path(__file__).resolve().parent.parent / "manage.py"
SECONDS_TO_START = 60
NAME = "Rehearsal, "
"""How the names of its connections begin."""
REHEARSED = "Rehearsed "
"""How rows begin that a rehearsal makes in the Hub's own tables."""


@dataclass(frozen=True, slots=True)
class Product:
    """One of the two products, as an organization of the example Hub."""

    organization: str
    preset: str
    mapping: str
    token_form: TokenForm


FLOW_CONNECT = Product("contoso", "flow_connect", "flow_connect", TokenForm.BEARER)
FLOWCASE = Product("fabrikam", "flowcase", "flowcase", TokenForm.PARAMETER)
PRODUCTS = (FLOW_CONNECT, FLOWCASE)


class ServerFailed(Exception):
    """The Hub did not come up; the message holds what it said last."""


def command(*arguments: str) -> Any:
    """Run a management command that answers with JSON."""
    output = StringIO()
    call_command(*arguments, "--json", stdout=output)
    return json.loads(output.getvalue())


def prepare() -> None:
    """Make the tables and the example organizations, and clear away what an earlier rehearsal left."""
    call_command("hub_seed", stdout=StringIO())
    clear()
    for key in Connection.objects.filter(name__startswith=NAME).values_list("pk", flat=True):
        command("scim_connection", "remove", str(key), "--no-input")


def clear() -> None:
    """Empty the organizations of everything that rehearsals put there."""
    for product in PRODUCTS:
        call_command("hub_reset", organization=product.organization, stdout=StringIO())
        domains = Q()
        for dialect in DIALECTS.values():
            domains |= Q(username__endswith=f"@{domain_of(product.organization, dialect)}")
        User.objects.filter(domains, organization__slug=product.organization).delete()
        Group.objects.filter(organization__slug=product.organization, name__startswith=REHEARSED).delete()
        Department.objects.filter(
            organization__slug=product.organization, name__startswith=REHEARSED
        ).delete()


def create_endpoint(product: Product, dialect: Dialect, hub_url: str) -> Endpoint:
    """Press "Create Tenant URL" and "Generate token", by the commands."""
    created = command(
        *("scim_connection", "create", "--organization", product.organization),
        *("--preset", product.preset, "--tenant-id", str(uuid4())),
        *("--name", f"{NAME}{dialect.name}", "--base-url", hub_url),
    )
    token = command("scim_token", "create", "--connection", created["connection"])
    return Endpoint(
        hub_url=hub_url,
        organization=Organization.objects.get(slug=product.organization),
        connection=Connection.objects.select_related("organization").get(pk=created["connection"]),
        url=created["tenant_url"],
        token=token["token"],
        mapping=product.mapping,
        token_form=product.token_form,
    )


def free_port(wanted: int | None = None) -> int:
    """Return the wanted port, or any free one.

    :raises ServerFailed: when somebody listens there already, who would be taken for the Hub.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", wanted or 0))
        except OSError as error:
            raise ServerFailed(f"port {wanted} cannot be used: {error.strerror}") from None
        return int(probe.getsockname()[1])


@contextmanager
def served(port: int, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Serve the Hub under gunicorn while the block runs; what it says goes to *log*."""
    command_line = [sys.executable, str(MANAGE), "hub_serve", "--port", str(port), "--workers", "2"]
    with log.open("wb") as output:
        server = subprocess.Popen(  # noqa: S603
            command_line, env=os.environ.copy(), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(server, f"http://127.0.0.1:{port}/login/", log)
            yield server
        finally:
            server.terminate()
            server.wait(SECONDS_TO_START)


def _wait_for(server: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline and server.poll() is None:
        try:
            httpx.get(url, timeout=SECONDS_TO_START)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise ServerFailed(f"the Hub did not start:\n{log.read_text(errors='replace')[-2000:]}")
