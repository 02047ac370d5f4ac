"""The runs of the harness: what is done, how large it is in its short and in its long form, and what is asked of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.crashes.broker import play_with_silent_broker
from tests.crashes.kills import VICTIMS, play_with_kills
from tests.crashes.replicas import (
    play_after_restore,
    play_distributed,
    play_through_bouncer,
    play_with_rolling_restarts,
)
from tests.crashes.verdict import Verdict


@dataclass(frozen=True, slots=True)
class Run:
    """One fault, provoked on a stack of its own."""

    name: str
    faults: str
    target: str
    play: Callable[..., Verdict]
    short: dict[str, Any]
    long: dict[str, Any]

    def __call__(self, size: dict[str, Any], seed: int, say: Callable[[str], None]) -> Verdict:
        """Do it."""
        return self.play(**size, seed=seed, say=say)


SHORT = {"people": 60, "teams": 3}
LONG = {"people": 5000, "teams": 20}
END_STATE = "the Hub is as the directory; nobody half-made; no effect lost or visible twice; no answer 500"


def _kills() -> list[Run]:
    return [
        Run(
            f"kill {victim.name}",
            victim.fault,
            END_STATE,
            play_with_kills,
            {**SHORT, "victim": victim, "kills": 3, "pause": 0.5},
            {**LONG, "victim": victim, "kills": 50, "pause": 2.5},
        )
        for victim in VICTIMS
    ]


RUNS = [
    *_kills(),
    Run(
        "closed broker",
        "F9",
        "p99 within 50 ms of the run before; effects done within 10 s of its return",
        play_with_silent_broker,
        {**SHORT, "seconds": 3.0, "silent": False},
        {"people": 1000, "teams": 10, "seconds": 60.0, "silent": False},
    ),
    Run(
        "silent broker",
        "F9",
        "p99 within 50 ms of the run before; effects done within 10 s of its return",
        play_with_silent_broker,
        {**SHORT, "seconds": 3.0, "silent": True},
        {"people": 1000, "teams": 10, "seconds": 60.0, "silent": True},
    ),
    Run(
        "rolling restart",
        "F21",
        "every request answered, none 5xx",
        play_with_rolling_restarts,
        {**SHORT, "pause": 1.0},
        {**LONG, "pause": 5.0},
    ),
    Run("restored backup", "F25", END_STATE, play_after_restore, SHORT, {"people": 1000, "teams": 10}),
    Run(
        "pgbouncer", "F26", f"{END_STATE}; every request answered at once", play_through_bouncer, SHORT, LONG
    ),
]
DISTRIBUTED = Run(
    "distributed",
    "F5 to F8, F26",
    "each program killed once; the end state is that of a single process",
    play_distributed,
    {**SHORT, "pause": 0.3},
    {**LONG, "pause": 10.0},
)
BY_NAME = {run.name: run for run in [*RUNS, DISTRIBUTED]}
