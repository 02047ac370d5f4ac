"""Several replicas behind PgBouncer in transaction mode, each killed once; a rolling restart; a restored backup."""

import os
import random
import shutil
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

from tests.crashes.cycle import Played, play, play_until
from tests.crashes.population import Population
from tests.crashes.programs import children
from tests.crashes.servers import Postgres, copy
from tests.crashes.stack import Stack, start_together
from tests.crashes.verdict import Verdict, count, judge

Say = Callable[[str], None]


def play_distributed(stack: Stack, *, people: int, teams: int, seed: int, say: Say) -> Verdict:
    """Play a cycle against two web replicas, PgBouncer, a broker and two workers, each killed once.

    The oracle is the directory itself, which a run in a single process is held against as well.
    """
    played = Played()
    killed: list[str] = []
    victims = stack.programs
    random.Random(seed).shuffle(victims)

    def kill_each() -> None:
        for number, victim in enumerate(victims):
            while played.progress < number / len(victims):
                time.sleep(0.02)
            victim.kill()
            victim.start()
            killed.append(victim.name)

    thread = threading.Thread(target=kill_each, daemon=True)
    thread.start()
    populations = play_until(
        [thread], Population(people, teams, seed), stack.urls, stack.token, played, say=say
    )
    verdict = judge(stack, *populations)
    verdict.expect("programs killed once each", sorted(each.name for each in victims), sorted(killed))
    verdict.figures["killed"] = len(killed)
    count(verdict, played)
    return verdict


def play_with_rolling_restarts(
    stack: Stack, *, people: int, teams: int, pause: float, seed: int, say: Say
) -> Verdict:
    """Play a cycle while the replicas are restarted in turn, as a deployment does (F21)."""
    population, played = Population(people, teams, seed), Played()
    restarts = 0

    def restart(over: threading.Event) -> None:
        nonlocal restarts
        while not over.wait(pause):
            web = stack.webs[restarts % 2]
            before = set(children(web.pid))
            # New workers first, then the old ones end what they have begun.
            os.kill(web.pid, signal.SIGHUP)
            # The next replica's turn comes when this one is through, as in a deployment.
            while before & set(children(web.pid)) and not over.wait(0.2):
                pass
            restarts += 1

    _meanwhile(stack, population, played, say, restart)
    verdict = judge(stack, population)
    verdict.figures["restarts"] = restarts
    count(verdict, played)
    verdict.expect("answers that failed", [], sorted(played.answers.failed))
    return verdict


def play_through_bouncer(stack: Stack, *, people: int, teams: int, seed: int, say: Say) -> Verdict:
    """Play a cycle through PgBouncer in transaction mode: nothing relies on a session of the database (F26)."""
    population, played = Population(people, teams, seed), Played()
    play(population, stack.urls, stack.token, played, say=say)
    verdict = judge(stack, population)
    count(verdict, played)
    verdict.expect("answers that failed", [], sorted(played.answers.failed))
    return verdict


def play_after_restore(stack: Stack, *, people: int, teams: int, seed: int, say: Say) -> Verdict:
    """Restore the database as it was in the middle of a cycle; the next cycle brings everything back (F25)."""
    _play_phases(stack, Population(people, teams, seed), 3, say)
    _stop_all_but_broker(stack)
    backup = _copied(stack.postgres)
    _start_again(stack)
    _play_phases(stack, Population(people, teams, seed), 7, say)
    _stop_all_but_broker(stack)
    shutil.rmtree(stack.postgres.data)
    backup.rename(stack.postgres.data)
    _start_again(stack)
    population, played = Population(people, teams, seed), Played()
    play(population, stack.urls, stack.token, played, say=say)
    verdict = judge(stack, population)
    count(verdict, played)
    return verdict


def _meanwhile(
    stack: Stack, population: Population, played: Played, say: Say, work: Callable[[threading.Event], None]
) -> None:
    over = threading.Event()
    thread = threading.Thread(target=work, args=(over,))
    thread.start()
    try:
        play(population, stack.urls, stack.token, played, say=say)
    finally:
        over.set()
        thread.join()


def _play_phases(stack: Stack, population: Population, phases: int, say: Say) -> None:
    played = Played()
    play(population, stack.urls, stack.token, played, say=say, phases=phases)
    assert not played.given_up, played.given_up


def _stop_all_but_broker(stack: Stack) -> None:
    for program in [*stack.workers, *stack.webs, stack.postgres]:
        program.stop()


def _start_again(stack: Stack) -> None:
    stack.postgres.start()
    start_together([*stack.webs, *stack.workers])


def _copied(postgres: Postgres) -> Path:
    backup = postgres.folder / "backup"
    copy(postgres.data, backup)
    return backup
