"""What the last cycles changed, as numbers for a drawing of bars."""

from collections.abc import Sequence
from dataclasses import dataclass

from scim_provisioning.admin.cycles import Cycle

BARS = 24
WIDTH, HEIGHT = 480, 96
STEP = WIDTH / BARS
LABEL_EVERY = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """One cycle, and where its changes and refusals are drawn."""

    cycle: Cycle
    has_label: bool
    x: str
    y: str
    height: str
    failed_y: str
    failed_height: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars of some cycles, the newest last."""

    bars: list[Bar]
    most: int
    changes: int
    failures: int


def chart_of(newest: Sequence[Cycle]) -> Chart:
    """Draw the newest of some cycles, given the newest first."""
    drawn = list(reversed(newest[:BARS]))
    most = max((each.changes + each.refusals for each in drawn), default=0)
    bars = [_bar(BARS - len(drawn) + place, each, most) for place, each in enumerate(drawn)]
    return Chart(bars, most, sum(each.changes for each in drawn), sum(each.refusals for each in drawn))


def _bar(place: int, cycle: Cycle, most: int) -> Bar:
    scale = HEIGHT / most if most else 0.0
    height, failed_height = cycle.changes * scale, cycle.refusals * scale
    # Text, because a template would write numbers with the reader's own decimal sign.
    return Bar(
        cycle,
        has_label=place % LABEL_EVERY == 0,
        x=f"{place * STEP + 2:.1f}",
        y=f"{HEIGHT - height:.1f}",
        height=f"{height:.1f}",
        failed_y=f"{HEIGHT - height - failed_height:.1f}",
        failed_height=f"{failed_height:.1f}",
    )
