"""What is measured: each under the same gunicorn, two sync workers, on one PostgreSQL."""

import json
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import httpx
import psutil
import psycopg

from tests.crashes.programs import Program, free_port
from tests.postgres import EmbeddedPostgres

ROOT = Path(__file__).resolve().parent.parent
MANAGE = ROOT / "example_project" / "manage.py"
WORKERS = "2"


@dataclass(frozen=True, slots=True)
class Server:
    """A PostgreSQL server."""

    url: str

    def database(self, name: str) -> str:
        """Make a database anew and return its URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
            connection.execute(f'CREATE DATABASE "{name}"')
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))


@contextmanager
def database_server() -> Iterator[Server]:
    """Yield the server of ``DATABASE_URL`` where it names one, or an embedded one."""
    url = os.environ.get("DATABASE_URL", "")
    if url.startswith(("postgres://", "postgresql://")):
        yield Server(url)
        return
    embedded = EmbeddedPostgres()
    try:
        yield Server(embedded.start())
    finally:
        embedded.stop()


class Contender:
    """One server under test."""

    name: str
    application: str

    def __init__(self, folder: Path, database: str) -> None:
        self.folder = folder
        self.token = secrets.token_urlsafe(32)
        self.port = free_port()
        self.database = database
        self.program: Program | None = None

    @property
    def root(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Where its resources are."""
        return f"{self.root}/scim"

    def environment(self) -> dict[str, str]:
        """Return what it is told."""
        return {"DATABASE_URL": self.database, "PYTHONPATH": str(ROOT)}

    def prepare(self) -> None:
        """Make its tables and a token."""
        module = self.application.partition(":")[0]
        subprocess.run(
            [sys.executable, "-m", module, self.token], check=True, env={**os.environ, **self.environment()}
        )

    def command(self) -> list[str]:
        """Return its command line."""
        return [
            *(sys.executable, "-m", "gunicorn", self.application, "--bind", f"127.0.0.1:{self.port}"),
            *("--workers", WORKERS, "--worker-class", "sync", "--keep-alive", "30", "--preload"),
            *("--log-level", "warning"),
        ]

    def start(self) -> None:
        """Start it."""
        self.prepare()
        self.program = Program(
            self.name, self.command(), self.folder, self._answers, environment=self.environment()
        )
        self.program.start()

    def _answers(self) -> bool:
        try:
            httpx.get(self.root, timeout=2)
        except httpx.TransportError:
            return False
        return True

    @property
    def pid(self) -> int:
        """The process of its gunicorn."""
        if self.program is None:
            raise LookupError("it has not been started")
        return self.program.pid

    def stop(self) -> None:
        """Stop it."""
        if self.program is not None:
            self.program.stop()


class Floor(Contender):
    """A view written by hand, without validation or log."""

    name = "floor"
    application = "benchmarks.floor:application"


class Ours(Contender):
    """The example Hub with this package: validation, row locks, events and effects on."""

    name = "scim_provisioning"
    connection = ""

    @property
    def url(self) -> str:
        """The tenant URL."""
        return f"{self.root}/scim/{self.connection}/v2"

    def prepare(self) -> None:
        """Seed the Hub, and press the two buttons."""
        self._manage("hub_seed")
        self.connection = self._manage(
            "scim_connection", "create", "--organization", "contoso", "--preset", "rfc"
        )["connection"]
        self.token = self._manage("scim_token", "create", "--connection", self.connection)["token"]

    def command(self) -> list[str]:
        """Return its command line: the same gunicorn."""
        return [
            *(sys.executable, str(MANAGE), "hub_serve", "--port", str(self.port)),
            *("--workers", WORKERS, "--worker-class", "sync"),
        ]

    def _manage(self, *arguments: str) -> dict[str, str]:
        done = subprocess.run(
            [sys.executable, str(MANAGE), *arguments, "--json"],
            check=True,
            capture_output=True,
            env={**os.environ, **self.environment()},
        )
        answer: dict[str, str] = json.loads(done.stdout)
        return answer


class Peer(Contender):
    """django-scim2 as it comes."""

    name = "django-scim2"
    application = "benchmarks.peer.site:application"


KINDS: tuple[type[Contender], ...] = (Floor, Ours, Peer)


def contenders(folder: Path, server: Server) -> list[Contender]:
    """Return all contenders, each with a database of its own."""
    return [kind(folder, server.database(f"bench_{n}")) for n, kind in enumerate(KINDS)]


@dataclass(frozen=True, slots=True)
class Usage:
    """What a server and its share of the database have used so far."""

    server_seconds: float
    database_seconds: float
    memory_mib: float


def usage(contender: Contender) -> Usage:
    """Read the processor time and the memory of a server's processes, and of the backends that serve it."""
    master = psutil.Process(contender.pid)
    processes = [master, *master.children(recursive=True)]
    name = urlsplit(contender.database).path.strip("/")
    with psycopg.connect(contender.database) as connection:
        found = connection.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()", (name,)
        ).fetchall()
    backends = [psutil.Process(row[0]) for row in found if psutil.pid_exists(row[0])]
    return Usage(
        sum(_seconds(process) for process in processes),
        sum(_seconds(process) for process in backends),
        sum(process.memory_full_info().pss for process in processes) / 2**20,
    )


def _seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
