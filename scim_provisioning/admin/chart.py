"""What happened per hour, as numbers for a drawing of bars."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from scim_provisioning.admin.health import FAILED

HOURS = 24
WIDTH, HEIGHT = 480, 96
STEP = WIDTH / HOURS
BAR = STEP - 4


@dataclass(frozen=True, slots=True)
class Bar:
    """One hour: how many changes, how many refusals, and where they are drawn."""

    start: datetime
    changes: int
    failures: int
    x: str
    y: str
    height: str
    failed_y: str
    failed_height: str

    @property
    def has_label(self) -> bool:
        """Whether the hour is written below the bar."""
        return self.start.hour % 6 == 0


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of a day, the newest hour last."""

    bars: list[Bar]
    most: int
    changes: int
    failures: int


def chart_of(events: Iterable[tuple[str, datetime]], now: datetime) -> Chart:
    """Count (outcome, time) pairs by hour; pairs of an earlier day are left out."""
    first = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    changes, failures = [0] * HOURS, [0] * HOURS
    for outcome, at in events:
        hour = int((at - first) // timedelta(hours=1))
        if 0 <= hour < HOURS:
            (failures if outcome in FAILED else changes)[hour] += 1
    most = max(map(sum, zip(changes, failures, strict=True)), default=0)
    bars = [
        _bar(number, first + timedelta(hours=number), done, refused, most)
        for number, (done, refused) in enumerate(zip(changes, failures, strict=True))
    ]
    return Chart(bars, most, sum(changes), sum(failures))


def _bar(number: int, start: datetime, changes: int, failures: int, most: int) -> Bar:
    scale = HEIGHT / most if most else 0.0
    height, failed_height = changes * scale, failures * scale
    # Text, because a template would write numbers with the reader's own decimal sign.
    return Bar(
        start,
        changes,
        failures,
        x=f"{number * STEP + 2:.1f}",
        y=f"{HEIGHT - height:.1f}",
        height=f"{height:.1f}",
        failed_y=f"{HEIGHT - height - failed_height:.1f}",
        failed_height=f"{failed_height:.1f}",
    )
