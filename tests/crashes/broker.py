"""A broker that is closed, or takes connections and never says a word (F9), between two that work."""

import socket
import threading
import time
from collections.abc import Callable

from tests.crashes.cycle import Played, play
from tests.crashes.population import Population
from tests.crashes.stack import running
from tests.crashes.verdict import Verdict, judge

# safety.md: what a broken broker may add to the slowest requests, and how soon effects run after its return.
ADDED_SECONDS = 0.050
BACKLOG_SECONDS = 10.0
SHARE = 0.99


class SilentListener:
    """Takes every connection on a port and leaves it without an answer."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_server(("127.0.0.1", port))
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


def play_with_silent_broker(
    *, people: int, teams: int, seconds: float, seed: int, silent: bool, say: Callable[[str], None]
) -> Verdict:
    """Play cycles with the broker up, with it gone for so many seconds, and with it back.

    :param silent: whether somebody takes connections at its port meanwhile, and says nothing.
    """
    populations = [Population(people, teams, seed + n) for n in range(2)]
    with running("redis") as stack:
        normal, without = Played(), Played()
        play(populations[0], stack.urls, stack.token, normal, say=say)
        assert stack.broker is not None
        stack.broker.kill()
        listener = SilentListener(stack.broker.port) if silent else None
        gone_at = time.monotonic()
        play(populations[1], stack.urls, stack.token, without, say=say)
        time.sleep(max(0.0, seconds - (time.monotonic() - gone_at)))
        if listener is not None:
            listener.close()
        stack.broker.start()
        verdict = judge(stack, *populations)
    before, during = (played.answers.percentile(SHARE) for played in (normal, without))
    verdict.expect("requests that the client gave up", [], (normal.given_up + without.given_up)[:3])
    verdict.figures["p99_with_broker_ms"] = round(before * 1000)
    verdict.figures["p99_without_ms"] = round(during * 1000)
    verdict.figures["requests"] = len(without.answers.seconds)
    return verdict
