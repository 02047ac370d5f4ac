"""The runs of the harness: what is done, how large it is in its short and in its long form, and what is asked of it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import inf
from typing import Any

from tests.crashes.broker import play_with_broken_broker
from tests.crashes.crowds import (
    NEIGHBOUR,
    SLOW_CLIENTS_SECONDS,
    play_with_many_tenants,
    play_with_slow_clients,
)
from tests.crashes.kills import VICTIMS, play_with_kills
from tests.crashes.races import play_races
from tests.crashes.replicas import (
    play_after_restore,
    play_distributed,
    play_through_bouncer,
    play_with_rolling_restarts,
)
from tests.crashes.stack import BROKERS, Stack, running
from tests.crashes.suite import play_suite
from tests.crashes.verdict import Verdict
from tests.histories.races import Size


@dataclass(frozen=True, slots=True)
class Run:
    """One fault, provoked on a stack of its own."""

    name: str
    faults: str
    target: str
    play: Callable[..., Verdict]
    stack: dict[str, Any] | None
    short: dict[str, Any]
    long: dict[str, Any]

    def __call__(self, size: dict[str, Any], seed: int, say: Callable[[str], None]) -> Verdict:
        """Do it, on a stack of its own if it needs one."""
        if self.stack is None:
            return self.play(**size, seed=seed, say=say)
        with running(**self.stack) as stack:
            return self.on(stack, size, seed, say)

    def on(self, stack: Stack, size: dict[str, Any], seed: int, say: Callable[[str], None]) -> Verdict:
        """Do it on a stack that runs; another run may have been there before."""
        verdict = self.play(stack=stack, **size, seed=seed, say=say)
        if verdict.wrong:
            say(stack.log_tails())
        return verdict


SHORT = {"people": 40, "teams": 2}
LONG = {"people": 5000, "teams": 20}
# For what happens once, or all the time.
MIDDLE = {"people": 1000, "teams": 10}
END_STATE = "the Hub is as the directory; nobody half-made; no effect lost or visible twice; no answer 500"


def _kills() -> dict[str, Run]:
    return {
        victim.name: Run(
            f"kill {victim.name}",
            victim.fault,
            END_STATE,
            partial(play_with_kills, victim),
            {"broker": victim.broker},
            # RabbitMQ takes ten seconds to come back.
            {**SHORT, "kills": 1 if victim.name == "rabbitmq" else 3},
            {**LONG, "kills": 50},
        )
        for victim in VICTIMS
    }


# In one and the same cycle, which takes a third of the time. A broker that is hardly ever there lets no worker begin.
KILL_ALL = Run(
    "kill web, celery and postgres",
    "F5 to F7",
    END_STATE,
    partial(play_with_kills, *(victim for victim in VICTIMS if victim.name not in BROKERS)),
    {"broker": "rabbitmq"},
    {**SHORT, "kills": 2},
    {**LONG, "kills": 50},
)


def _broken_brokers() -> list[Run]:
    return [
        Run(
            f"{'silent' if silent else 'closed'} {broker}",
            "F9",
            "p99 within 50 ms of the run before; effects done within 10 s of its return",
            play_with_broken_broker,
            {"broker": broker, "workers": 2},
            # So few requests, on a machine that does more, tell no milliseconds apart; a wait for a broker they do.
            {"people": 40, "teams": 2, "seconds": 3.0, "added": 0.5, "silent": silent},
            {"people": 400, "teams": 5, "seconds": 60.0, "added": 0.05, "silent": silent},
        )
        for silent in (False, True)
        for broker in ("redis", "rabbitmq")
    ]


KILLS = _kills()
SUITE = [
    Run(
        "races in process",
        "F1 to F4",
        "of 20 equal POSTs one is 201 and 19 are 409, 1,000 times; of 10,000 concurrent changes none is lost",
        play_suite,
        None,
        {"faults": range(1, 5), "rounds": 1},
        {"faults": range(1, 5), "rounds": 125},
    ),
    Run(
        "other faults",
        "F5 to F26",
        "every test that is named after a fault passes",
        play_suite,
        None,
        {"faults": range(5, 27), "rounds": 1},
        {"faults": range(5, 27), "rounds": 5},
    ),
]
RUNS = [
    KILL_ALL,
    *(KILLS[name] for name in BROKERS),
    *_broken_brokers(),
    Run(
        "rolling restart",
        "F21",
        "every request answered, none 5xx",
        play_with_rolling_restarts,
        {"broker": "redis", "webs": 2},
        {**SHORT, "pause": 1.0},
        {**MIDDLE, "pause": 5.0},
    ),
    Run(
        "restored backup",
        "F25",
        END_STATE,
        play_after_restore,
        {"broker": "redis"},
        SHORT,
        MIDDLE,
    ),
    Run(
        "pgbouncer",
        "F26",
        f"{END_STATE}; every request answered at once",
        play_through_bouncer,
        {"broker": "redis", "bouncer": True},
        SHORT,
        MIDDLE,
    ),
    Run(
        "races",
        "F2 to F4",
        "some order of the requests explains every answer and the state in the end; no change told of twice",
        play_races,
        {"broker": "redis", "webs": 2},
        {"size": Size(rounds=12), "kills": 3},
        {"size": Size(rounds=250, users=20, groups=4, members=500, names=10), "kills": 50},
    ),
    Run(
        "slow clients",
        "F15",
        "with 50 sockets that are half sent, every other request is answered in a second",
        play_with_slow_clients,
        {"broker": "redis", "webs": 2},
        # Whoever is held up by the half-sent ones waits for ever; a second is for a machine that does nothing else.
        {"sockets": 50, "requests": 20, "longest": 30.0},
        {"sockets": 50, "requests": 200, "longest": SLOW_CLIENTS_SECONDS},
    ),
    Run(
        "many tenants",
        "F12 to F14",
        "25 requests/s of one are served without an error; at 200 the others' p99 is within 1.2 times, the rest 429",
        play_with_many_tenants,
        {"broker": "redis"},
        # So few requests tell who is served, and not how quickly.
        {"seconds": 4.0, "ratio": inf},
        {"seconds": 60.0, "ratio": NEIGHBOUR},
    ),
    *SUITE,
]
ALL_TWICE: dict[str, Any] = {"broker": "rabbitmq", "webs": 2, "workers": 2, "bouncer": True}
DISTRIBUTED = Run(
    "distributed",
    "F5 to F8, F26",
    "each program killed once; the end state is that of a single process",
    play_distributed,
    ALL_TWICE,
    SHORT,
    LONG,
)
BY_NAME = {run.name: run for run in [*RUNS, *KILLS.values(), DISTRIBUTED]}
