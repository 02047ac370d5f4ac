"""``kill -9`` of one process of the stack, again and again, while a cycle is played (F5 to F8)."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass

from tests.crashes.cycle import Played, play
from tests.crashes.population import Population
from tests.crashes.programs import Program, children, kill_process
from tests.crashes.stack import Stack, running
from tests.crashes.verdict import Verdict, judge

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Victim:
    """Which process dies, and in which stack."""

    name: str
    fault: str
    broker: str
    kill: Callable[[Stack, random.Random], None]


def kill_web_worker(stack: Stack, chance: random.Random) -> None:
    """Kill one of gunicorn's workers; its master starts another one."""
    workers = children(stack.webs[0].pid)
    if workers:
        kill_process(chance.choice(workers))


def kill_and_restart(choose: Callable[[Stack], Program | None]) -> Callable[[Stack, random.Random], None]:
    """Return a killer of a whole program, which comes back a moment later."""

    def kill(stack: Stack, chance: random.Random) -> None:
        program = choose(stack)
        assert program is not None
        program.kill()
        program.start()

    return kill


VICTIMS = (
    Victim("web worker", "F5", "rabbitmq", kill_web_worker),
    Victim("celery worker", "F6", "rabbitmq", kill_and_restart(lambda stack: stack.workers[0])),
    Victim("postgres", "F7", "rabbitmq", kill_and_restart(lambda stack: stack.postgres)),
    Victim("redis", "F8", "redis", kill_and_restart(lambda stack: stack.broker)),
    Victim("rabbitmq", "F9", "rabbitmq", kill_and_restart(lambda stack: stack.broker)),
)


@dataclass(slots=True)
class Killer:
    """A thread that kills until it has done so often enough, or the cycle is over."""

    stack: Stack
    victim: Victim
    kills: int
    pause: float
    chance: random.Random
    done: int = 0
    failure: Exception | None = None

    def run(self, over: threading.Event) -> None:
        """Kill at random points."""
        while self.done < self.kills and not over.wait(self.chance.uniform(0.5, 1.5) * self.pause):
            try:
                self.victim.kill(self.stack, self.chance)
            except Exception as error:  # noqa: BLE001 - told in the verdict, whatever it is
                self.failure = error
                return
            self.done += 1


def play_with_kills(
    victim: Victim, *, people: int, teams: int, kills: int, pause: float, seed: int, say: Say
) -> Verdict:
    """Play a cycle while a process dies again and again; what counts is the state in the end."""
    population = Population(people, teams, seed)
    played = Played()
    with running(victim.broker) as stack:
        killer = Killer(stack, victim, kills, pause, random.Random(seed))
        over = threading.Event()
        thread = threading.Thread(target=killer.run, args=(over,))
        thread.start()
        try:
            play(population, stack.urls, stack.token, played, say=say)
        finally:
            over.set()
            thread.join()
        verdict = judge(stack, population)
        if verdict.wrong:
            say(stack.log_tails())
    verdict.expect("requests that the client gave up", [], played.given_up[:3])
    verdict.expect("failures of the harness", None, killer.failure)
    verdict.figures["kills"] = killer.done
    verdict.figures["requests"] = len(played.answers.seconds)
    verdict.figures["answers_500"] = played.answers.by_status.get("500", 0)
    verdict.figures["answers_503"] = played.answers.by_status.get("503", 0)
    verdict.expect("answers 500", 0, verdict.figures["answers_500"])
    return verdict
