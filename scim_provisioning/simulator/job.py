"""The state of one provisioning job: object connections, retries, watermark, quarantine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scim_provisioning.simulator.client import Exchange, ScimClient
from scim_provisioning.simulator.dialects import Dialect
from scim_provisioning.simulator.directory import Directory
from scim_provisioning.simulator.faults import JobStopped, ProvisioningFault, check_answer
from scim_provisioning.simulator.mapping import MappingTable
from scim_provisioning.simulator.paths import Document
from scim_provisioning.simulator.quarantine import Quarantine, QuarantineRules
from scim_provisioning.simulator.requests import ScimRequest
from scim_provisioning.simulator.results import ProvisioningAction
from scim_provisioning.simulator.scope import Scope, evaluate_scope


@dataclass(frozen=True, slots=True)
class JobSettings:
    """The switches of an application's provisioning page and of its job."""

    everybody: bool = False
    """Scope *Sync all users and groups* instead of *only assigned*."""
    skip_out_of_scope_deletions: bool = False
    """`SkipOutOfScopeDeletions`: an unassigned user is left as it is (C15)."""
    deletion_threshold: int | None = None
    """*Prevent accidental deletion*: more disables and deletions than this are staged (C14)."""
    delete_when_active_unmapped: bool = False
    """Delete who leaves the scope if nothing is mapped to `active`; else nothing is done (B29)."""
    members_per_request: int = 100
    quarantine: QuarantineRules = field(default_factory=QuarantineRules)


@dataclass(slots=True)
class ObjectConnection:
    """A directory object's cached link to its target, with what was last sent (C2).

    What was last seen is the watermark: an object that equals it causes no request at all (C1).
    """

    kind: str
    source_id: str
    target_id: str
    name: str
    seen: object = None
    """The mapped values last provisioned."""
    active: bool = True
    assigned: bool = True
    """False once the user was unassigned: the service no longer manages it (C6)."""
    manager: str | None = None
    members: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Retry:
    """An object that failed: how often, when it is due again, and what it looked like."""

    failures: int
    due: int
    seen: object


@dataclass(slots=True)
class Job:
    """Everything that a provisioning job remembers between its cycles."""

    directory: Directory
    mapping: MappingTable
    dialect: Dialect
    client: ScimClient
    settings: JobSettings
    connections: dict[str, ObjectConnection] = field(default_factory=dict)
    targets: dict[tuple[str, str], str] = field(default_factory=dict)
    """Kind and target id → objectId: the connections the other way round."""
    retries: dict[tuple[str, str], Retry] = field(default_factory=dict)
    documents: dict[str, Document] = field(default_factory=dict)
    """Accounts read or created in this cycle, by objectId."""
    cycle: int = 0
    next_cycle: datetime | None = None
    quarantine: Quarantine | None = None
    disabled: bool = False
    deletes_allowed: bool = False
    on_demand: bool = False

    @property
    def now(self) -> datetime:
        """The simulated time."""
        return self.directory.clock.now

    def scope(self) -> Scope:
        """Evaluate the scope as the directory stands now."""
        return evaluate_scope(self.directory, everybody=self.settings.everybody)

    def send(self, request: ScimRequest) -> Exchange:
        """Send a request and raise what Entra makes of a bad answer."""
        exchange = self.client.send(request, self.dialect)
        check_answer(request, exchange)
        return exchange

    def connect(self, kind: str, source_id: str, target_id: str, name: str) -> ObjectConnection:
        """Cache the target's id; one account must not serve two directory objects."""
        holder = self.targets.setdefault((kind, target_id), source_id)
        if holder != source_id:
            other = self.connections[holder].name
            raise ProvisioningFault("DuplicateSourceEntries", f"{target_id} is already connected to {other}")
        connection = ObjectConnection(kind, source_id, target_id, name)
        self.connections[source_id] = connection
        return connection

    def disconnect(self, source_id: str) -> None:
        """Forget an object connection: its target is gone, or nobody manages it any longer."""
        connection = self.connections.pop(source_id)
        self.targets.pop((connection.kind, connection.target_id), None)

    def may_try(self, phase: str, source_id: str, seen: object) -> bool:
        """Whether an object may be tried now: never failed, changed since, or its back-off is over."""
        retry = self.retries.get((phase, source_id))
        return retry is None or self.cycle >= retry.due or retry.seen != seen

    def failed(self, phase: str, source_id: str, seen: object) -> None:
        """Note a failure: the next try comes after 1, 2, 4, … cycles (C13)."""
        before = self.retries.get((phase, source_id))
        failures = before.failures + 1 if before else 1
        self.retries[phase, source_id] = Retry(failures, self.cycle + min(2 ** (failures - 1), 32), seen)

    def succeeded(self, phase: str, source_id: str) -> None:
        """Forget the failures of an object."""
        self.retries.pop((phase, source_id), None)

    @contextmanager
    def acting(
        self, row: ProvisioningAction, phase: str, seen: object = None
    ) -> Iterator[ProvisioningAction]:
        """Collect the requests made for one object and turn a fault into a failed row to retry."""
        first = len(self.client.log)
        self.client.subject = row.name
        try:
            yield row
        except ProvisioningFault as fault:
            row.outcome, row.code, row.detail = "Failure", fault.code, fault.detail
            self.failed(phase, row.source_id, seen)
        except JobStopped as stop:
            row.outcome, row.code, row.detail = "Failure", stop.code, stop.detail
            raise
        else:
            self.succeeded(phase, row.source_id)
        finally:
            row.exchanges = self.client.log[first:]
            self.client.subject = ""

    def pause(self) -> timedelta | None:
        """How long quarantine holds the next cycle back, None outside it."""
        return self.quarantine.pause() if self.quarantine else None
