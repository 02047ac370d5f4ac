"""A whole Hub: database, broker, web servers and workers, set up with a connection and a token."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.crashes.programs import Program
from tests.crashes.servers import SETTINGS, Hub, PgBouncer, Postgres, RabbitMQ, Redis, Worker, manage

# The longest name of a socket or a file of a server has to fit below it.
PLACE = "/tmp"
BROKERS: dict[str, type[RabbitMQ] | type[Redis]] = {"rabbitmq": RabbitMQ, "redis": Redis}


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


@contextmanager
def running(
    broker: str | None = "rabbitmq",
    *,
    webs: int = 1,
    workers: int = 1,
    bouncer: bool = False,
    broker_url: str = "",
) -> Iterator[Stack]:
    """Run a stack while the block runs.

    :param broker_url: a broker that somebody else plays, in place of one of ours.
    """
    folder = Path(tempfile.mkdtemp(prefix="scim-faults-", dir=PLACE))
    folder.chmod(0o755)
    with ExitStack() as exits:
        exits.callback(shutil.rmtree, folder, ignore_errors=True)
        postgres = Postgres(_folder(folder, "postgres"))
        _start(postgres, exits)
        postgres.execute("CREATE DATABASE hub")
        environment = {
            "DJANGO_SETTINGS_MODULE": SETTINGS,
            "DATABASE_URL": postgres.url,
            "CELERY_BROKER_URL": broker_url,
        }
        # Migrations take locks of the session: they go past PgBouncer.
        manage(environment, "hub_seed", "--json")
        stack = Stack(folder, postgres, environment)
        if broker is not None:
            server: RabbitMQ | Redis = BROKERS[broker](_folder(folder, broker))
            _start(server, exits)
            stack.broker = server
            environment["CELERY_BROKER_URL"] = server.url
        if bouncer:
            stack.bouncer = PgBouncer(_folder(folder, "pgbouncer"), postgres)
            _start(stack.bouncer, exits)
            environment["DATABASE_URL"] = stack.bouncer.url
        _connect(stack)
        for n in range(webs):
            stack.webs.append(Hub(folder, environment, f"web{n + 1}"))
            _start(stack.webs[-1], exits)
        for n in range(workers):
            stack.workers.append(Worker(folder, environment, f"worker{n + 1}"))
            _start(stack.workers[-1], exits)
        yield stack


def _folder(parent: Path, name: str) -> Path:
    folder = parent / name
    folder.mkdir(mode=0o755)
    return folder


def _start(program: Program, exits: ExitStack) -> None:
    exits.callback(program.stop)
    program.start()


def _connect(stack: Stack) -> None:
    created = manage(
        stack.environment,
        *("scim_connection", "create", "--organization", "contoso", "--preset", "rfc", "--json"),
    )
    stack.connection = json.loads(created)["connection"]
    issued = manage(stack.environment, "scim_token", "create", "--connection", stack.connection, "--json")
    stack.token = json.loads(issued)["token"]
