"""The servers of a stack: PostgreSQL, Redis, RabbitMQ, PgBouncer, the Hub, its workers; each has its own data."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import psycopg

from tests.crashes.programs import Program, ProgramMissing, free_port, listens
from tests.postgres import programs_in

ROOT = Path(__file__).resolve().parents[2]
MANAGE = ROOT / "example_project" / "manage.py"
SETTINGS = "tests.crashes.hub_settings"
# PostgreSQL refuses to run as root; this account exists wherever root does, and owns nothing.
NOBODY = "nobody"
# What is killed has to have written what it acknowledged.
POSTGRES_SETTINGS = """
fsync = on
max_connections = 100
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
log_min_messages = fatal
"""
BOUNCER_SETTINGS = """
[databases]
hub = host=127.0.0.1 port={database} dbname=hub user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {port}
auth_type = any
pool_mode = transaction
default_pool_size = 10
max_client_conn = 200
server_login_retry = 1
ignore_startup_parameters = extra_float_digits,options
"""


# The location is the one of docs/how-to/run-on-postgresql-and-gunicorn.md.
NGINX_SETTINGS = """
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://127.0.0.1:{server};
            proxy_set_header Host $host;
            client_max_body_size 1m;
            proxy_buffering on;
            proxy_request_buffering on;
        }}
    }}
}}
"""


def program(name: str, package: str, *places: str) -> str:
    """Return where a program is.

    :raises ProgramMissing: with the package that brings it.
    """
    found = shutil.which(
        name, path=os.pathsep.join([*places, os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
    )
    if found is None:
        raise ProgramMissing(f"{name} is not installed: it is in Debian's package {package}")
    return found


def copy(data: Path, to: Path) -> None:
    """Copy the data of a server that does not run, with owners and modes, which the next one insists on."""
    subprocess.run(["cp", "-a", data, to], check=True)


class Postgres(Program):
    """A PostgreSQL server that keeps what it has acknowledged, whatever kills it.

    :param template: the data of a server that was stopped, to begin with a copy of.
    """

    def __init__(self, folder: Path, template: Path | None = None) -> None:
        self.port = free_port()
        self.data = folder / "data"
        programs = programs_in(folder)
        super().__init__(
            "postgres",
            [str(programs / "postgres"), "-D", str(self.data), "-p", str(self.port)],
            folder,
            self._answers,
            user=NOBODY,
        )
        if self.user is not None:
            shutil.chown(self.folder, self.user)
        if template is None:
            self._initialise(programs)
        else:
            copy(template, self.data)

    @property
    def url(self) -> str:
        """Where the Hub's database is."""
        return f"postgres://postgres@127.0.0.1:{self.port}/hub"

    def _initialise(self, programs: Path) -> None:
        self.data.mkdir(mode=0o700)
        if self.user is not None:
            shutil.chown(self.data, self.user)
        subprocess.run(
            [
                programs / "initdb",
                "-D",
                self.data,
                "-U",
                "postgres",
                "--auth=trust",
                "--locale=C.UTF-8",
                "-E",
                "UTF8",
            ],
            check=True,
            capture_output=True,
            user=self.user,
            extra_groups=() if self.user else None,
        )
        with (self.data / "postgresql.conf").open("a", encoding="ascii") as settings:
            settings.write(POSTGRES_SETTINGS)

    def _answers(self) -> bool:
        try:
            self.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def execute(self, sql: str, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement and return its rows."""
        with psycopg.connect(
            f"postgres://postgres@127.0.0.1:{self.port}/{database}", autocommit=True, connect_timeout=2
        ) as connection:
            cursor = connection.execute(sql)
            return cursor.fetchall() if cursor.description else []


class Redis(Program):
    """A Redis server that keeps nothing on disk, so that killing it loses all that it held."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        arguments = [program("redis-server", "redis-server"), "--port", str(self.port), "--bind", "127.0.0.1"]
        arguments += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        super().__init__("redis", arguments, folder, lambda: listens(self.port))

    @property
    def url(self) -> str:
        """Where Celery finds it."""
        return f"redis://127.0.0.1:{self.port}/0"


class RabbitMQ(Program):
    """A RabbitMQ node with a name, a cookie and data of its own."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        server = program("rabbitmq-server", "rabbitmq-server", "/usr/lib/rabbitmq/bin")
        home = folder / "rabbit"
        home.mkdir()
        plugins = home / "enabled_plugins"
        plugins.write_text("[].\n", encoding="ascii")
        settings = home / "rabbitmq.conf"
        settings.write_text(f"listeners.tcp.local = 127.0.0.1:{self.port}\n", encoding="ascii")
        super().__init__(
            "rabbitmq",
            [server],
            folder,
            lambda: listens(self.port),
            environment={
                "HOME": str(home),
                "RABBITMQ_NODENAME": f"scim{self.port}@localhost",
                "RABBITMQ_CONFIG_FILE": str(settings),
                "RABBITMQ_DIST_PORT": str(free_port()),
                "RABBITMQ_MNESIA_BASE": str(home / "mnesia"),
                "RABBITMQ_LOG_BASE": str(home),
                "RABBITMQ_ENABLED_PLUGINS_FILE": str(plugins),
                "RABBITMQ_CONF_ENV_FILE": str(home / "none.conf"),
                "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 1:1 +sbwt none",
            },
        )

    @property
    def url(self) -> str:
        """Where Celery finds it."""
        return f"amqp://guest:guest@127.0.0.1:{self.port}//"


class PgBouncer(Program):
    """PgBouncer in transaction mode before a PostgreSQL server."""

    def __init__(self, folder: Path, database: Postgres) -> None:
        self.port = free_port()
        settings = folder / "pgbouncer.ini"
        settings.write_text(BOUNCER_SETTINGS.format(database=database.port, port=self.port), encoding="ascii")
        settings.chmod(0o644)
        super().__init__(
            "pgbouncer",
            [program("pgbouncer", "pgbouncer"), str(settings)],
            folder,
            lambda: listens(self.port),
            user=NOBODY,
        )

    @property
    def url(self) -> str:
        """Where the Hub's database is."""
        return f"postgres://postgres@127.0.0.1:{self.port}/hub"


class Nginx(Program):
    """Nginx before a web server, buffering as the documentation asks for."""

    def __init__(self, folder: Path, server: int) -> None:
        self.port = free_port()
        settings = folder / "nginx.conf"
        text = NGINX_SETTINGS.format(folder=folder, port=self.port, server=server)
        settings.write_text(text, encoding="ascii")
        arguments = [program("nginx", "nginx"), "-c", str(settings), "-e", str(folder / "error.log")]
        super().__init__("nginx", arguments, folder, lambda: listens(self.port))

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"


class Hub(Program):
    """The example Hub under gunicorn, with a master and its web workers."""

    def __init__(
        self, folder: Path, environment: dict[str, str], name: str = "web", workers: int = 2
    ) -> None:
        self.port = free_port()
        arguments = [
            sys.executable,
            str(MANAGE),
            "hub_serve",
            "--port",
            str(self.port),
            "--workers",
            str(workers),
        ]
        super().__init__(name, arguments, folder, self._answers, environment=environment)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/login/", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.port}"


class Worker(Program):
    """A Celery worker of the Hub with a beat of its own, on SCIM's queue."""

    def __init__(self, folder: Path, environment: dict[str, str], name: str = "worker") -> None:
        schedule = folder / f"{name}-beat"
        arguments = [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "example_project.config.celery",
            "worker",
            "--beat",
        ]
        arguments += [
            "--schedule",
            str(schedule),
            "--queues",
            "scim",
            "--concurrency",
            "1",
            "--loglevel",
            "INFO",
        ]
        arguments += ["--hostname", f"{name}@%h", "--without-gossip", "--without-mingle"]
        super().__init__(name, arguments, folder, self._is_up, environment=environment)

    def start(self) -> None:
        """Start it anew: what an earlier process said is no sign of this one's readiness."""
        self._said = self.log.stat().st_size if self.log.exists() else 0
        super().start()

    def _is_up(self) -> bool:
        with self.log.open("rb") as log:
            log.seek(self._said)
            return b" ready." in log.read()


def run_module(module: str, environment: dict[str, str]) -> str:
    """Run a module in a process of its own and return what it prints.

    :raises subprocess.CalledProcessError: when it fails.
    """
    done = subprocess.run(
        [sys.executable, "-m", module],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={**os.environ, **environment},
        timeout=120,
    )
    return done.stdout
