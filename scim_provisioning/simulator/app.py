"""An enterprise application with automatic provisioning: the simulator's public face."""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import Self

import httpx

from scim_provisioning.simulator.client import Credentials, Exchange, ScimClient, TokenForm
from scim_provisioning.simulator.clock import Clock
from scim_provisioning.simulator.cycle import run_cycle
from scim_provisioning.simulator.dialects import Dialect, dialect_for
from scim_provisioning.simulator.directory import Directory
from scim_provisioning.simulator.job import Job, JobSettings, ObjectConnection
from scim_provisioning.simulator.mapping import MappingTable
from scim_provisioning.simulator.mapping_presets import mapping_table
from scim_provisioning.simulator.objects import DirectoryGroup, DirectoryUser
from scim_provisioning.simulator.on_demand import run_on_demand
from scim_provisioning.simulator.paths import Document
from scim_provisioning.simulator.probe import discover_accounts, run_connection_test
from scim_provisioning.simulator.quarantine import Quarantine
from scim_provisioning.simulator.requests import flagged
from scim_provisioning.simulator.results import ConnectionTest, CycleResult, OnDemandResult, Progress


def silent(phase: str, done: int, total: int) -> None:
    """Report progress to nobody."""


class EntraApp:
    """An enterprise application of an Entra tenant that provisions a directory to one SCIM server.

    ::

        directory = Directory()
        ada = directory.add_user("ada@contoso.example", mail="ada@contoso.example", given_name="Ada")
        directory.assign(ada)
        app = EntraApp(tenant_url, token, directory, mapping="flow_connect")
        assert app.test_connection().ok
        result = app.cycle()                  # the initial cycle
        directory.unassign(ada)
        result = app.cycle()                  # 40 simulated minutes later: PATCH active=false
        app.clock.advance(days=31)
        app.provision_on_demand("ada@contoso.example")
        for exchange in app.log:              # rule, method, url, request_body, status, response_body, ms
            ...
    """

    def __init__(
        self,
        url: str,
        token: str,
        directory: Directory | None = None,
        mapping: str | MappingTable = "default",
        dialect: str | Dialect | None = None,
        *,
        settings: JobSettings | None = None,
        token_form: TokenForm | str = TokenForm.BEARER,
        timeout: float = 30.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Configure the application; the dialect is read off the tenant URL unless it is named.

        *mapping* is a preset (default, flow_connect, flowcase) or a table of your own; *transport* replaces
        the network, for instance by `httpx.WSGITransport`.
        """
        chosen = dialect_for(dialect, url)
        self.directory = directory if directory is not None else Directory()
        credentials = Credentials(flagged(url) if chosen.folded else url, token, TokenForm(token_form))
        client = ScimClient(credentials, lambda: self.clock.now, timeout, transport)
        self.job = Job(self.directory, mapping_table(mapping), chosen, client, settings or JobSettings())

    def __enter__(self) -> Self:
        """Return the application; leaving closes its connection."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the HTTP connection."""
        self.job.client.close()

    # State

    @property
    def clock(self) -> Clock:
        """The simulated clock that directory and application share."""
        return self.directory.clock

    @property
    def log(self) -> list[Exchange]:
        """Every HTTP exchange so far."""
        return self.job.client.log

    @property
    def quarantine(self) -> Quarantine | None:
        """The job's quarantine, None when it is healthy (C13)."""
        return self.job.quarantine

    def connection_of(self, principal: str | DirectoryUser | DirectoryGroup) -> ObjectConnection | None:
        """Return the object connection of a user or group: its `target_id` is the server's id (C2)."""
        if isinstance(principal, str):
            if principal in self.job.connections:
                return self.job.connections[principal]
            principal = self.directory.principal(principal)
        return self.job.connections.get(principal.object_id)

    # The buttons of the provisioning page

    def test_connection(self) -> ConnectionTest:
        """Press *Test connection* (R1)."""
        return run_connection_test(self.job)

    def cycle(self, progress: Progress = silent) -> CycleResult:
        """Run the next cycle: the clock moves on to its time, 40 minutes after the last one (C1)."""
        return run_cycle(self.job, progress)

    def provision_on_demand(
        self,
        principal: str | DirectoryUser | DirectoryGroup,
        members: Iterable[str | DirectoryUser] | None = None,
    ) -> OnDemandResult:
        """Press *Provision on demand* for a user, or for a group with up to five of its members (C16)."""
        chosen = self.directory.principal(principal)
        users = None if members is None else [self.directory.user(member) for member in members]
        return run_on_demand(self.job, chosen, users)

    def discover_accounts(self, count: int = 100) -> list[Document]:
        """Run *Account Discovery*: page through every user of the target (C21, R23).

        :raises ProvisioningFault: when the pages do not add up.
        """
        return discover_accounts(self.job, count)

    def allow_deletes(self) -> None:
        """Press *Allow deletes*: what the accidental-deletion threshold staged goes out next (C14)."""
        self.job.deletes_allowed = True

    def restart(self, *, full: bool = False) -> None:
        """Press *Restart provisioning*: forget watermark, failures and quarantine.

        Object connections stay, unless *full*, which is what Graph's `resetScope=Full` does (C2).
        """
        job = self.job
        job.quarantine, job.disabled, job.next_cycle = None, False, None
        job.retries.clear()
        for connection in job.connections.values():
            connection.seen, connection.manager = None, None
            connection.members.clear()
        if full:
            job.connections.clear()
            job.targets.clear()

    def update_credentials(self, token: str) -> None:
        """Paste a new secret token; a job in quarantine is tried again at its next time (A5)."""
        old = self.job.client.credentials
        self.job.client.credentials = Credentials(old.url, token, old.token_form)

    def use_mapping(self, mapping: str | MappingTable) -> None:
        """Save another attribute mapping; every object is evaluated again in the next cycle."""
        self.job.mapping = mapping_table(mapping)
