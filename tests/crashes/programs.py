"""One process of a stack, started, killed and started again, with a log and a process group of its own."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

READY_SECONDS = 120.0
STOP_SECONDS = 20.0
POLL_SECONDS = 0.05


class NotReady(Exception):
    """A program did not come up; the message holds the end of its log."""


class ProgramMissing(Exception):
    """A program is not installed; the message says which package brings it."""


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Return whether somebody takes connections on a port."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that still run."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    except OSError:
        return []
    return [int(word) for word in text.split()]


class Program:
    """A command line that can be run again and again.

    :param ready: says whether it does its work, once it has started.
    :param user: runs it as another user, where this one is root and the program refuses that.
    """

    def __init__(
        self,
        name: str,
        arguments: Sequence[str],
        folder: Path,
        ready: Callable[[], bool],
        *,
        environment: dict[str, str] | None = None,
        user: str | None = None,
    ) -> None:
        self.name = name
        self.arguments = list(arguments)
        self.folder = folder
        self.ready = ready
        self.environment = environment or {}
        self.user = user if os.geteuid() == 0 else None
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Where it writes what it says."""
        return self.folder / f"{self.name}.log"

    @property
    def pid(self) -> int:
        """The process of the last start."""
        assert self.process is not None
        return self.process.pid

    def start(self) -> None:
        """Start it and wait until it is ready; one that ends at once is started again meanwhile."""
        end = time.monotonic() + READY_SECONDS
        self.spawn()
        while not (self.is_running and self.ready()):
            if time.monotonic() > end:
                self.kill()
                raise NotReady(f"{self.name}: {self.tail()}")
            if not self.is_running:
                # After a kill its children may live a moment longer and hold what it needs.
                time.sleep(0.3)
                self.spawn()
            time.sleep(POLL_SECONDS)

    def spawn(self) -> None:
        """Start it and wait for nothing."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.arguments,
                cwd=self.folder,
                env={**os.environ, **self.environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                user=self.user,
                extra_groups=() if self.user else None,
            )

    @property
    def is_running(self) -> bool:
        """Whether the process of the last start still runs."""
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """Kill it and its children, which no handler hears of: ``kill -9``."""
        if self.process is None:
            return
        for pid in [*children(self.process.pid), self.process.pid]:
            kill_process(pid)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """End it politely, and for good."""
        if self.process is None or not self.is_running:
            return
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def tail(self, lines: int = 15) -> str:
        """Return the end of the log."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-lines:])


def kill_process(pid: int) -> None:
    """Kill one process that may be gone already."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
