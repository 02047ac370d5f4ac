"""A cycle played over several connections at once."""

import itertools
import queue
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice

from tests.crashes.population import Answers, Client, GivenUp, Population

CONNECTIONS = 6
# What is played once more while somebody still has to be killed.
ENCORE = {"people": 60, "teams": 2}


@dataclass(slots=True)
class Played:
    """How a cycle went, or goes."""

    answers: Answers = field(default_factory=Answers)
    given_up: list[str] = field(default_factory=list)
    steps: int = 0
    done: list[None] = field(default_factory=list)

    @property
    def progress(self) -> float:
        """How much of the cycle is done, from 0 to 1."""
        return len(self.done) / self.steps if self.steps else 0.0


def play(
    population: Population,
    urls: list[str],
    token: str,
    played: Played,
    *,
    say: Callable[[str], None],
    phases: int | None = None,
) -> None:
    """Play a cycle, phase by phase, each over all connections; all of it or so many phases."""
    played.steps += sum(len(steps) for _name, steps in islice(population.steps(), phases))
    with ExitStack() as exits:
        clients = [
            exits.enter_context(Client(urls[n % len(urls) :] + urls[: n % len(urls)], token, played.answers))
            for n in range(CONNECTIONS)
        ]
        for name, steps in islice(population.steps(), phases):
            say(f"{name} ({len(steps)})")
            waiting: queue.SimpleQueue[Callable[[Client], None]] = queue.SimpleQueue()
            for step in steps:
                waiting.put(step)
            threads = [threading.Thread(target=_work, args=(client, waiting, played)) for client in clients]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()


def _work(client: Client, waiting: "queue.SimpleQueue[Callable[[Client], None]]", played: Played) -> None:
    while True:
        try:
            step = waiting.get_nowait()
        except queue.Empty:
            return
        try:
            step(client)
        except GivenUp as error:
            played.given_up.append(str(error))
        # Appending is one step for all threads.
        played.done.append(None)


def play_until(
    over: Sequence[threading.Thread],
    population: Population,
    urls: list[str],
    token: str,
    played: Played,
    *,
    say: Callable[[str], None],
) -> list[Population]:
    """Play a cycle, and small ones after it until the threads have ended that meanwhile do harm.

    :returns: what was provisioned.
    """
    populations = [population]
    play(population, urls, token, played, say=say)
    for number in itertools.count(1):
        if not any(thread.is_alive() for thread in over):
            break
        populations.append(Population(ENCORE["people"], ENCORE["teams"], population.seed * 1000 + number))
        play(populations[-1], urls, token, played, say=say)
    return populations
