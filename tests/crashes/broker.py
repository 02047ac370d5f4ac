"""A broker that is closed, or takes connections and never says a word (F9), between two that work."""

import socket
import threading
import time
from collections.abc import Callable

from tests.crashes.cycle import Played, play
from tests.crashes.population import Population
from tests.crashes.stack import Stack
from tests.crashes.verdict import OWED, Verdict, count, judge

# How soon effects are done after the broker's return.
BACKLOG_SECONDS = 10.0
SHARE = 0.99


class SilentListener:
    """Takes every connection on a port and leaves it without an answer."""

    def __init__(self, port: int) -> None:
        self._socket = _taking(port)
        self._taken: list[socket.socket] = []
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    def _take(self) -> None:
        while True:
            try:
                self._taken.append(self._socket.accept()[0])
            except OSError:
                return

    def close(self) -> None:
        """Give the port back."""
        # Without the shutdown, the thread would sit in accept() and keep the port.
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)
        for taken in self._taken:
            taken.close()


def _taking(port: int, seconds: float = 10.0) -> socket.socket:
    """Take a port as soon as a process that was killed has let go of it."""
    end = time.monotonic() + seconds
    while True:
        try:
            return socket.create_server(("127.0.0.1", port))
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


def play_with_broken_broker(
    stack: Stack,
    *,
    people: int,
    teams: int,
    seconds: float,
    added: float,
    seed: int,
    silent: bool,
    say: Callable[[str], None],
) -> Verdict:
    """Play cycles with the broker up, with it gone for so many seconds, and with it back.

    :param silent: whether somebody takes connections at its port meanwhile, and says nothing.
    :param added: how many seconds the slowest hundredth of the requests may take longer meanwhile.
    """
    warm, before, meanwhile = (Population(people, teams, seed + n) for n in range(3))
    normal, without = Played(), Played()
    play(warm, stack.urls, stack.token, Played(), say=say)
    play(before, stack.urls, stack.token, normal, say=say)
    assert stack.broker is not None
    _wait_for_nothing_owed(stack)
    stack.broker.kill()
    listener = SilentListener(stack.broker.port) if silent else None
    gone_at = time.monotonic()
    play(meanwhile, stack.urls, stack.token, without, say=say)
    time.sleep(max(0.0, seconds - (time.monotonic() - gone_at)))
    owed, gone = stack.count(OWED), time.monotonic() - gone_at
    if listener is not None:
        listener.close()
    stack.broker.start()
    verdict = judge(stack, warm, before, meanwhile)
    count(verdict, without)
    first, then = (played.answers.percentile(SHARE) for played in (normal, without))
    verdict.figures["p99_with_broker_ms"] = round(first * 1000)
    verdict.figures["p99_without_ms"] = verdict.figures.pop("p99_ms")
    verdict.figures["gone_s"] = round(gone)
    verdict.figures["owed_at_its_return"] = owed
    if then > first + added:
        verdict.wrong.append(f"p99 is {then - first:.3f} s more without the broker, not {added} s at most")
    if verdict.figures["effects_done_after_s"] > BACKLOG_SECONDS:
        verdict.wrong.append(f"effects were done later than {BACKLOG_SECONDS:.0f} s after its return")
    return verdict


def _wait_for_nothing_owed(stack: Stack) -> None:
    """Let the figures of the time without the broker be those of that time alone."""
    end = time.monotonic() + 120
    while stack.count(OWED) and time.monotonic() < end:
        time.sleep(0.2)
