"""Writers race over HTTP, on replicas whose web workers die meanwhile; their history is checked (F2 to F4, T15)."""

import random
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import groupby
from typing import Any

import httpx

from tests.crashes.population import Answers
from tests.crashes.programs import children, kill_process
from tests.crashes.stack import Stack
from tests.crashes.verdict import Verdict, wait_for_effects
from tests.histories.races import PREPARES, Race, Send, Size

# One sets free what the other one ends: of one user and one handler, they take turns.
SWITCHES = ("user_deactivated", "user_reactivated")


def play_races(stack: Stack, *, size: Size, kills: int, seed: int, say: Callable[[str], None]) -> Verdict:
    """Race, kill web workers meanwhile, and look for an order of the requests that explains every answer."""
    answers, killer = Answers(), Killer(stack, kills, size.writers * size.rounds, seed)
    verdict = Verdict()
    with ExitStack() as exits:
        race = Race(lambda writer: _sender(stack, answers, exits, writer, killer), size, seed)
        started = time.monotonic()
        history = race.run()
        say(f"{history.requests} requests in {time.monotonic() - started:.0f} s")
    checked = time.monotonic()
    verdict.expect("anomalies", [], history.anomalies()[:3])
    verdict.figures["checked_in_s"] = round(time.monotonic() - checked, 1)
    wait_for_effects(stack)
    verdict.expect("changes that were told of twice, or not at all", [], _told_wrongly(stack, race)[:3])
    verdict.expect("answers 500", 0, answers.count("500"))
    verdict.figures["requests"] = history.requests
    verdict.figures["without_answer"] = history.unsure
    verdict.figures["kills"] = killer.done
    return verdict


class Killer:
    """Ends web workers while writers race, the last one well before the end."""

    def __init__(self, stack: Stack, kills: int, requests: int, seed: int) -> None:
        self.stack = stack
        self.kills = kills
        self.every = requests // (kills + 1)
        self.chance = random.Random(seed)
        self.lock = threading.Lock()
        self.sent = self.done = 0

    def count(self) -> None:
        """Count a request that is about to be sent, and kill a worker whenever it is time."""
        with self.lock:
            self.sent += 1
            if self.done < self.kills and self.sent > self.every * (self.done + 1):
                # There is none for a moment after the one before was killed: the next request tries again.
                workers = children(self.chance.choice(self.stack.webs).pid)
                if workers:
                    kill_process(self.chance.choice(workers))
                    self.done += 1


def _sender(stack: Stack, answers: Answers, exits: ExitStack, writer: int, killer: Killer) -> Send:
    """Return what sends the requests of a writer to the replicas in turn, without a second attempt."""
    client = exits.enter_context(httpx.Client(headers={"Authorization": f"Bearer {stack.token}"}, timeout=30))
    turn = writer

    def send(method: str, path: str, body: Any) -> tuple[int, Any] | None:
        nonlocal turn
        turn += 1
        if writer != PREPARES:
            killer.count()
        started = time.monotonic()
        try:
            answer = client.request(method, stack.urls[turn % len(stack.urls)] + path, json=body)
        except httpx.TransportError as error:
            answers.note(type(error).__name__, started)
            # The replica is starting its worker anew.
            time.sleep(0.1)
            return None
        answers.note(str(answer.status_code), started)
        return answer.status_code, answer.json() if answer.content else None

    return send


def _told_wrongly(stack: Stack, race: Race) -> list[str]:
    """Return the users of whom the Hub was owed two ends of access in a row, or whose last effect is not their state.

    A request of which the client has seen no answer may have been carried out, so the tables are asked, not it.
    """
    kinds = ", ".join(f"'{kind}'" for kind in SWITCHES)
    users = ", ".join(f"'{user}'" for user in race.users)
    rows = stack.query(
        "SELECT resource_id::text, handler, kind, resource_version FROM scim_provisioning_effect "
        f"WHERE kind IN ({kinds}) AND resource_id IN ({users}) ORDER BY resource_id, handler, resource_version, id"
    )
    found_active = stack.query(
        "SELECT r.id::text, u.status <> 'inactive' FROM scim_provisioning_userresource r "
        f"JOIN hub_user u ON u.id = r.user_id WHERE r.id IN ({users})"
    )
    status: dict[object, bool] = {user: bool(is_active) for user, is_active in found_active}
    wrong = []
    for (user, handler), found in groupby(rows, key=lambda row: row[:2]):
        told = list(found)
        versions = [row[3] for row in told]
        turns = [SWITCHES[number % 2] for number in range(len(told))]
        active = told[-1][2] == SWITCHES[1]
        kinds_told = [row[2] for row in told]
        if len(set(versions)) != len(versions) or (kinds_told != turns and _knows_both(rows, handler)):
            wrong.append(f"{user}, {handler}: {kinds_told} in versions {versions}")
        if _knows_both(rows, handler) and active != status[user]:
            wrong.append(
                f"{user}, {handler}: told {told[-1][2]}, and it is {'active' if status[user] else 'not'}"
            )
    return wrong


def _knows_both(rows: list[tuple[object, ...]], handler: object) -> bool:
    return {row[2] for row in rows if row[1] == handler} == set(SWITCHES)
