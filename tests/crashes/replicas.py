"""Several replicas behind PgBouncer in transaction mode, each killed once; a rolling restart; a restored backup."""

import os
import random
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

from tests.crashes.cycle import Played, play
from tests.crashes.population import Population
from tests.crashes.programs import Program, children
from tests.crashes.servers import Postgres
from tests.crashes.stack import Stack, running
from tests.crashes.verdict import Verdict, judge

Say = Callable[[str], None]


def play_distributed(
    *, people: int, teams: int, pause: float, seed: int, say: Say, broker: str = "rabbitmq"
) -> Verdict:
    """Play a cycle against two web replicas, PgBouncer, a broker and two workers, each killed once.

    The oracle is the directory itself, which a run in a single process is held against as well.
    """
    population, played = Population(people, teams, seed), Played()
    killed: list[str] = []
    with running(broker, webs=2, workers=2, bouncer=True) as stack:

        def kill_each(over: threading.Event) -> None:
            assert stack.bouncer is not None
            assert stack.broker is not None
            victims: list[Program] = [
                *stack.webs,
                *stack.workers,
                stack.bouncer,
                stack.broker,
                stack.postgres,
            ]
            random.Random(seed).shuffle(victims)
            for victim in victims:
                if over.wait(pause):
                    return
                victim.kill()
                victim.start()
                killed.append(victim.name)

        _meanwhile(stack, population, played, say, kill_each)
        verdict = judge(stack, population)
        verdict.expect("programs killed once each", len(stack.programs), len(killed))
        if verdict.wrong:
            say(stack.log_tails())
    _count(verdict, played)
    return verdict


def play_with_rolling_restarts(*, people: int, teams: int, pause: float, seed: int, say: Say) -> Verdict:
    """Play a cycle while the replicas are restarted in turn, as a deployment does (F21)."""
    population, played = Population(people, teams, seed), Played()
    restarts = 0
    with running("redis", webs=2) as stack:

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
    _count(verdict, played)
    failed = sorted({*played.answers.by_status} - {"200", "201", "204"})
    verdict.expect("answers that failed", [], failed)
    return verdict


def play_through_bouncer(*, people: int, teams: int, seed: int, say: Say) -> Verdict:
    """Play a cycle through PgBouncer in transaction mode: nothing relies on a session of the database (F26)."""
    population, played = Population(people, teams, seed), Played()
    with running("redis", bouncer=True) as stack:
        play(population, stack.urls, stack.token, played, say=say)
        verdict = judge(stack, population)
        if verdict.wrong:
            say(stack.log_tails())
    _count(verdict, played)
    verdict.expect("answers that failed", [], sorted({*played.answers.by_status} - {"200", "201", "204"}))
    return verdict


def play_after_restore(*, people: int, teams: int, seed: int, say: Say) -> Verdict:
    """Restore the database as it was in the middle of a cycle; the next cycle brings everything back (F25)."""
    with running("redis") as stack:
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
    _count(verdict, played)
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
    for program in [stack.postgres, *stack.webs, *stack.workers]:
        program.start()


def _copied(postgres: Postgres) -> Path:
    copy = postgres.folder / "backup"
    # With owners and modes, which the server insists on.
    subprocess.run(["cp", "-a", postgres.data, copy], check=True)
    return copy


def _count(verdict: Verdict, played: Played) -> None:
    verdict.expect("requests that the client gave up", [], played.given_up[:3])
    verdict.expect("answers 500", 0, played.answers.by_status.get("500", 0))
    verdict.figures["requests"] = len(played.answers.seconds)
    verdict.figures["p99_ms"] = round(played.answers.percentile(0.99) * 1000)
