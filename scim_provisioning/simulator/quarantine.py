"""Quarantine: when Entra slows a failing job down, and when it gives up (C13)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

CYCLE = timedelta(minutes=40)
_BACK_OFF = (timedelta(hours=6), timedelta(hours=12), timedelta(hours=24))
GIVE_UP = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class QuarantineRules:
    """How many failures of one cycle are too many; smaller numbers make rehearsals of it short."""

    least: int = 5_000
    share: float = 0.4
    many: int = 40_000
    with_references: int = 60_000

    def broken_by(self, failures: int, reference_failures: int, attempts: int) -> bool:
        """Whether these numbers of one cycle put the job into quarantine."""
        if failures + reference_failures > self.with_references:
            return True
        if failures < self.least:
            return False
        return failures > self.many or (attempts > 0 and failures / attempts > self.share)


@dataclass(slots=True)
class Quarantine:
    """A job's stay in quarantine."""

    reason: str
    detail: str
    since: datetime
    attempts: int = 0
    """Retries made so far."""

    def pause(self) -> timedelta:
        """How long the job now waits: 6, 12, 24 hours, then a day each time."""
        return _BACK_OFF[min(self.attempts, len(_BACK_OFF) - 1)]

    def over(self, now: datetime) -> bool:
        """Whether Entra has given up and switched the job off."""
        return now - self.since >= GIVE_UP
