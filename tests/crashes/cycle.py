"""A cycle played over several connections at once."""

import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from tests.crashes.population import Answers, Client, GivenUp, Population

CONNECTIONS = 6


@dataclass(slots=True)
class Played:
    """How a cycle went."""

    answers: Answers = field(default_factory=Answers)
    given_up: list[str] = field(default_factory=list)


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
    clients = [
        Client(urls[n % len(urls) :] + urls[: n % len(urls)], token, played.answers)
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
