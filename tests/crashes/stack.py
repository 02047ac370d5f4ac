"""A whole Hub: database, broker, web servers and workers, set up with a connection and a token."""

import atexit
import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.crashes.population import Population
from tests.crashes.programs import Program
from tests.crashes.servers import SETTINGS, Hub, PgBouncer, Postgres, RabbitMQ, Redis, Worker, run_module

# The longest name of a socket or a file of a server has to fit below it.
PLACE = "/tmp"
BROKERS: dict[str, type[RabbitMQ] | type[Redis]] = {"rabbitmq": RabbitMQ, "redis": Redis}


@dataclass(frozen=True, slots=True)
class Tenant:
    """A connection and its token."""

    connection: str
    token: str


@dataclass(slots=True)
class Stack:
    """What runs, and how a client reaches it."""

    folder: Path
    postgres: Postgres
    environment: dict[str, str]
    broker: RabbitMQ | Redis | None = None
    bouncer: PgBouncer | None = None
    webs: list[Hub] = field(default_factory=list)
    workers: list[Worker] = field(default_factory=list)
    connection: str = ""
    token: str = ""
    # Connections beside the one that the cycles are played on.
    tenants: list[Tenant] = field(default_factory=list)
    # What was provisioned and judged before.
    populations: list[Population] = field(default_factory=list)

    @property
    def urls(self) -> list[str]:
        """The tenant URL on each web server."""
        return [f"{web.url}/scim/{self.connection}/v2" for web in self.webs]

    @property
    def programs(self) -> list[Program]:
        """Everything that runs, in the order of its start."""
        between = [program for program in (self.broker, self.bouncer) if program is not None]
        return [self.postgres, *between, *self.webs, *self.workers]

    def query(self, sql: str) -> list[tuple[object, ...]]:
        """Return the rows of a statement on the Hub's tables."""
        return self.postgres.execute(sql, "hub")

    def count(self, sql: str) -> int:
        """Return the one number that a statement says."""
        return int(str(self.query(sql)[0][0]))

    def log_tails(self) -> str:
        """Return what each program said last."""
        return "\n\n".join(f"--- {program.name}\n{program.tail()}" for program in self.programs)


@dataclass(frozen=True, slots=True)
class Template:
    """The data of a Hub with its demo organizations, a connection and a token."""

    data: Path
    tenants: list[Tenant]


@cache
def template() -> Template:
    """Make the data once, which every stack of this process begins with a copy of."""
    folder = _temporary()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    postgres = Postgres(_folder(folder, "template"))
    with ExitStack() as exits:
        _start(postgres, exits)
        postgres.execute("CREATE DATABASE hub")
        told = json.loads(run_module("tests.crashes.seed", _environment(postgres.url)))
    return Template(postgres.data, [Tenant(**each) for each in told])


@contextmanager
def running(
    *,
    broker: str | None = "rabbitmq",
    webs: int = 1,
    workers: int = 1,
    bouncer: bool = False,
) -> Iterator[Stack]:
    """Run a stack while the block runs."""
    begun = template()
    folder = _temporary()
    with ExitStack() as exits:
        exits.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = Postgres(_folder(folder, "postgres"), begun.data)
        _start(postgres, exits)
        environment = _environment(postgres.url)
        first, *others = begun.tenants
        stack = Stack(
            folder, postgres, environment, connection=first.connection, token=first.token, tenants=others
        )
        if broker is not None:
            stack.broker = BROKERS[broker](_folder(folder, broker))
            environment["CELERY_BROKER_URL"] = stack.broker.url
        if bouncer:
            stack.bouncer = PgBouncer(_folder(folder, "pgbouncer"), postgres)
            environment["DATABASE_URL"] = stack.bouncer.url
        stack.webs += [Hub(folder, environment, f"web{n + 1}") for n in range(webs)]
        stack.workers += [Worker(folder, environment, f"worker{n + 1}") for n in range(workers)]
        for each in stack.programs[1:]:
            exits.callback(each.stop)
        start_together(stack.programs[1:])
        yield stack


def start_together(programs: Sequence[Program]) -> None:
    """Start programs at once: each waits for what it needs, and most of the time is that of the imports."""
    with ThreadPoolExecutor(len(programs)) as threads:
        for started in [threads.submit(each.start) for each in programs]:
            started.result()


def _temporary() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="scim-faults-", dir=PLACE))
    folder.chmod(0o755)
    return folder


def _environment(database: str) -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": SETTINGS, "DATABASE_URL": database, "CELERY_BROKER_URL": ""}


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir(mode=0o755)
    return folder


def _start(program: Program, exits: ExitStack) -> None:
    exits.callback(program.stop)
    program.start()
