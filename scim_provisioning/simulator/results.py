"""What a run leaves behind: provisioning-log rows, cycle results, connection tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from scim_provisioning.simulator.client import Exchange
from scim_provisioning.simulator.paths import Document

Progress = Callable[[str, int, int], None]
"""Called with the phase, how many objects are done, and how many there are."""


@dataclass(slots=True)
class ProvisioningAction:
    """One row of Entra's provisioning log: what was done to one object, and how it ended."""

    at: datetime
    cycle: int
    action: str
    """Create, Update, Enable, Disable, Delete, StagedDelete; Match if it failed before, None if nothing differed."""
    kind: str
    """User or Group."""
    source_id: str
    name: str
    target_id: str = ""
    outcome: str = "Success"
    """Success, Failure or Skipped."""
    code: str = ""
    detail: str = ""
    reference: bool = False
    """Whether it wrote a reference: a manager, or members of a group (C1)."""
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether the object will be tried again."""
        return self.outcome == "Failure"

    def as_dict(self) -> Document:
        """Return the row ready for JSON."""
        return {
            "at": self.at.isoformat(),
            "cycle": self.cycle,
            "action": self.action,
            "kind": self.kind,
            "sourceId": self.source_id,
            "name": self.name,
            "targetId": self.target_id,
            "outcome": self.outcome,
            "code": self.code,
            "detail": self.detail,
            "exchanges": [exchange.as_dict() for exchange in self.exchanges],
        }


@dataclass(slots=True)
class CycleResult:
    """The outcome of one provisioning cycle."""

    number: int
    started: datetime
    initial: bool = False
    actions: list[ProvisioningAction] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    quarantine: str = ""
    """Why the job is in quarantine after this cycle; empty when it is not."""
    quarantine_detail: str = ""
    job_disabled: bool = False
    """Whether the job is switched off, after 28 days of quarantine (C13)."""

    @property
    def requests(self) -> int:
        """How many HTTP requests the cycle took; 0 when nothing had changed (C1)."""
        return len(self.exchanges)

    def count(self, action: str, kind: str | None = None) -> int:
        """Return how many objects had this action done with success, of one kind or of both."""
        return sum(
            1
            for row in self.actions
            if row.action == action
            and row.outcome == "Success"
            and kind in {None, row.kind}
            and not row.reference
        )

    @property
    def created(self) -> int:
        """Users and groups created."""
        return self.count("Create")

    @property
    def updated(self) -> int:
        """Users and groups whose attributes were changed, references apart."""
        return self.count("Update")

    @property
    def enabled(self) -> int:
        """Users set to active=true again."""
        return self.count("Enable")

    @property
    def disabled(self) -> int:
        """Users set to active=false."""
        return self.count("Disable")

    @property
    def deleted(self) -> int:
        """Users and groups deleted."""
        return self.count("Delete")

    @property
    def references(self) -> int:
        """Objects whose manager or members were written."""
        return sum(1 for row in self.actions if row.reference and row.outcome == "Success")

    @property
    def failures(self) -> list[ProvisioningAction]:
        """The rows that failed."""
        return [row for row in self.actions if row.failed]

    @property
    def ok(self) -> bool:
        """Whether nothing failed and the job is not in quarantine."""
        return not self.failures and not self.quarantine and not self.job_disabled

    def statuses(self) -> Counter[int]:
        """Return how often each HTTP status was answered."""
        return Counter(exchange.status for exchange in self.exchanges)

    def as_dict(self) -> Document:
        """Return the result ready for JSON."""
        return {
            "cycle": self.number,
            "started": self.started.isoformat(),
            "initial": self.initial,
            "requests": self.requests,
            "created": self.created,
            "updated": self.updated,
            "enabled": self.enabled,
            "disabled": self.disabled,
            "deleted": self.deleted,
            "references": self.references,
            "quarantine": self.quarantine or None,
            "quarantineDetail": self.quarantine_detail or None,
            "jobDisabled": self.job_disabled,
            "failures": [
                {k: v for k, v in row.as_dict().items() if k != "exchanges"} for row in self.failures
            ],
        }


@dataclass(slots=True)
class ConnectionTest:
    """The outcome of *Test connection* (R1)."""

    ok: bool
    message: str
    exchanges: list[Exchange] = field(default_factory=list)


@dataclass(slots=True)
class OnDemandResult:
    """The outcome of *Provision on demand*: the four steps that Entra's page shows (C16)."""

    steps: list[tuple[str, str]] = field(default_factory=list)
    actions: list[ProvisioningAction] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether something was provisioned and nothing failed."""
        return bool(self.actions) and not any(row.failed for row in self.actions)
