"""``kill -9`` of one process of the stack, again and again, while a cycle is played (F5 to F8)."""

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.crashes.cycle import Played, play_until
from tests.crashes.population import Population
from tests.crashes.programs import Program, children, kill_process
from tests.crashes.stack import Stack
from tests.crashes.verdict import Verdict, count, judge

Say = Callable[[str], None]
# F7: how soon the Hub serves again once its database is back.
RECOVERY_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Victim:
    """Which process dies, and in which stack."""

    name: str
    fault: str
    broker: str
    kill: Callable[[Stack, random.Random], None]
    # What may be answered meanwhile, but for the successes; a word is whatever the connection says. 409 is for what an
    # attempt without an answer has created.
    failures: frozenset[str] = frozenset()
    # About how many seconds it lives between two kills.
    lives: float = 0.3


def kill_web_worker(stack: Stack, chance: random.Random) -> None:
    """Kill one of gunicorn's workers; its master starts another one."""
    workers = children(stack.webs[0].pid)
    if workers:
        kill_process(chance.choice(workers))


def kill_and_restart(choose: Callable[[Stack], Program | None]) -> Callable[[Stack, random.Random], None]:
    """Return a killer of a whole program, which comes back, and is waited for."""

    def kill(stack: Stack, chance: random.Random) -> None:
        program = choose(stack)
        assert program is not None
        program.kill()
        program.start()

    return kill


def kill_celery_worker(stack: Stack, _chance: random.Random) -> None:
    """Kill a worker, which may take its time to come back, or have to wait for its broker."""
    stack.workers[0].kill()
    stack.workers[0].spawn()


DROPPED = frozenset({"ReadError", "RemoteProtocolError", "ConnectError", "WriteError", "409"})
VICTIMS = (
    Victim("web worker", "F5", "rabbitmq", kill_web_worker, DROPPED),
    Victim("celery worker", "F6", "rabbitmq", kill_celery_worker, lives=4.0),
    Victim(
        "postgres",
        "F7",
        "rabbitmq",
        kill_and_restart(lambda stack: stack.postgres),
        frozenset({"503", "409"}),
    ),
    Victim("redis", "F8", "redis", kill_and_restart(lambda stack: stack.broker), lives=2.0),
    # Its workers look for it every four seconds.
    Victim("rabbitmq", "F9", "rabbitmq", kill_and_restart(lambda stack: stack.broker), lives=5.0),
)


@dataclass(slots=True)
class Killer:
    """A thread that kills at random points of a cycle, until it has done so often enough."""

    stack: Stack
    victim: Victim
    played: Played
    kills: int
    chance: random.Random
    back: list[float] = field(default_factory=list)
    failure: Exception | None = None

    def run(self) -> None:
        """Kill; where the cycle goes faster than a victim comes back, the kills follow each other."""
        # The last one is well before the end, so that something is left to be done after it.
        points = sorted(self.chance.uniform(0.0, 0.95) for _kill in range(self.kills))
        for point in points:
            while self.played.progress < point:
                time.sleep(0.02)
            time.sleep(self.chance.uniform(0.5, 1.5) * self.victim.lives)
            try:
                self.victim.kill(self.stack, self.chance)
            except Exception as error:  # noqa: BLE001 - told in the verdict, whatever it is
                self.failure = error
                return
            self.back.append(time.monotonic())


def play_with_kills(
    *victims: Victim, stack: Stack, people: int, teams: int, kills: int, seed: int, say: Say
) -> Verdict:
    """Play a cycle while processes die again and again, each so often; what counts is the state in the end."""
    played = Played()
    killers = [
        Killer(stack, victim, played, kills, random.Random(f"{seed} {victim.name}")) for victim in victims
    ]
    threads = [threading.Thread(target=killer.run, daemon=True) for killer in killers]
    for thread in threads:
        thread.start()
    populations = play_until(
        threads, Population(people, teams, seed), stack.urls, stack.token, played, say=say
    )
    verdict = judge(stack, *populations)
    failures = frozenset[str]().union(*(victim.failures for victim in victims))
    verdict.expect("answers that no such fault explains", set(), played.answers.failed - failures)
    for killer in killers:
        name = killer.victim.name
        verdict.expect(f"failures to kill {name}", None, killer.failure)
        verdict.expect(f"kills of {name}", kills, len(killer.back))
        verdict.figures[f"kills_of_{name}"] = len(killer.back)
        recovered = max((played.answers.recovery(back) for back in killer.back), default=0.0)
        verdict.figures[f"served_again_after_{name}_s"] = round(recovered, 1)
        if name == "postgres" and len(victims) == 1 and recovered > RECOVERY_SECONDS:
            verdict.wrong.append(f"served again only {recovered:.1f} s after the database was back")
    count(verdict, played)
    for status in sorted(played.answers.failed):
        verdict.figures[f"answers_{status}"] = played.answers.count(status)
    return verdict
