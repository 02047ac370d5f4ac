"""How the tests of a certification end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum

from scim_provisioning.simulator.client import Exchange
from scim_provisioning.simulator.paths import Document
from scim_provisioning.simulator.results import ConnectionTest


class Outcome(StrEnum):
    """The last column of Microsoft's table."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_APPLICABLE = "not applicable"


class TestFailed(Exception):
    """The server did something else than the test expects; the message says what was seen."""

    __test__ = False


class NotApplicable(Exception):
    """The test is not for this server or mapping; the message says why."""


@dataclass(slots=True)
class CertificationRow:
    """One line of the table: what was sent, what was expected, what was seen."""

    number: int
    name: str
    dialect: str
    expected: str
    optional: bool = False
    """Whether Microsoft counts a failure as a warning only."""
    outcome: Outcome = Outcome.PASSED
    seen: str = ""
    exchanges: list[Exchange] = field(default_factory=list)

    @property
    def label(self) -> str:
        """The number as the catalogue writes it."""
        return f"T{self.number}"

    @property
    def failed(self) -> bool:
        """Whether the test applied and the server did not pass it."""
        return self.outcome is Outcome.FAILED

    @property
    def sent(self) -> str:
        """The requests in short: the catalogue's numbers with the methods, counted, in order of appearance."""
        counts = Counter(f"{exchange.rule} {exchange.method}" for exchange in self.exchanges)
        return ", ".join(text if count == 1 else f"{text} ×{count}" for text, count in counts.items())

    def as_dict(self) -> Document:
        """Return the line ready for JSON."""
        return {
            "test": self.label,
            "name": self.name,
            "dialect": self.dialect,
            "optional": self.optional,
            "sent": [exchange.as_dict() for exchange in self.exchanges],
            "expected": self.expected,
            "seen": self.seen,
            "outcome": self.outcome.value,
        }


@dataclass(slots=True)
class CertificationResult:
    """A whole run, in one dialect or in both."""

    mapping: str
    connection: ConnectionTest
    rows: list[CertificationRow] = field(default_factory=list)
    left_behind: list[str] = field(default_factory=list)
    """What the run created and could not delete."""

    def count(self, outcome: Outcome) -> int:
        """Return how many tests ended so."""
        return sum(1 for row in self.rows if row.outcome is outcome)

    @property
    def failures(self) -> list[CertificationRow]:
        """The lines of the tests that failed."""
        return [row for row in self.rows if row.failed]

    @property
    def ok(self) -> bool:
        """Whether the server was reached and every applicable test passed."""
        return self.connection.ok and not self.failures

    @property
    def exit_code(self) -> int:
        """0 when every applicable test passed, 1 when one failed, 2 when the connection did."""
        if not self.connection.ok:
            return 2
        return 1 if self.failures else 0

    def as_dict(self) -> Document:
        """Return the run ready for JSON."""
        return {
            "mapping": self.mapping,
            "testConnection": {"ok": self.connection.ok, "message": self.connection.message},
            **{outcome.name.lower(): self.count(outcome) for outcome in Outcome},
            "tests": [row.as_dict() for row in self.rows],
            "leftBehind": self.left_behind,
        }
