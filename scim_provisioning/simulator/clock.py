"""Simulated time: thirty days must pass without anybody waiting for them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

START = datetime(2026, 1, 5, 8, 0, tzinfo=UTC)


class Clock:
    """The time of the simulation; it moves only when it is told to."""

    def __init__(self, start: datetime = START) -> None:
        """Begin at *start*, by default a fixed Monday so that runs can be compared."""
        self._now = start

    @property
    def now(self) -> datetime:
        """The present moment of the simulation."""
        return self._now

    def advance(self, *, days: float = 0, hours: float = 0, minutes: float = 0) -> datetime:
        """Let time pass and return the new present."""
        step = timedelta(days=days, hours=hours, minutes=minutes)
        if step < timedelta(0):
            raise ValueError("simulated time cannot run backwards")
        self._now += step
        return self._now

    def advance_to(self, moment: datetime) -> datetime:
        """Let time pass until *moment*; a moment already gone changes nothing."""
        self._now = max(self._now, moment)
        return self._now
