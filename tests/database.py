"""Chooses the database of the tests: a pytest plugin, because the choice comes before Django's settings.

`SCIM_TEST_DATABASE` (or `--database`) says `sqlite` or `postgres`. Without it `DATABASE_URL` decides, and
without that the default of the settings module, SQLite. `postgres` takes the server of `DATABASE_URL` if that
is a PostgreSQL one, and starts an embedded server otherwise: once, in the process that pytest-xdist's workers
are started from; they inherit `DATABASE_URL`, and pytest-django gives each a database of its own.

Where no server can be started, a run with `CI` set fails, and any other run skips every test and says why.
"""

import os
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from django.db import connection

from tests.postgres import EmbeddedPostgres, PostgresUnavailableError

# Nothing runs on it: it only lets the tests be collected.
IN_MEMORY = "sqlite://:memory:"
POSTGRES_SCHEMES = ("postgres://", "postgresql://")
UNAVAILABLE = "SCIM_TEST_DATABASE_UNAVAILABLE"
origin = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("django").addoption(
        "--database",
        choices=["sqlite", "postgres"],
        default=os.environ.get("SCIM_TEST_DATABASE") or None,
        help="Run on SQLite or PostgreSQL (also SCIM_TEST_DATABASE); the default is what DATABASE_URL names.",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    options = early_config.known_args_namespace
    early_config.stash[origin] = (
        "DATABASE_URL" if "DATABASE_URL" in os.environ else "the default of the settings"
    )
    if "PYTEST_XDIST_WORKER" in os.environ or options.help or options.version or options.database is None:
        return
    if options.database == "sqlite":
        folder = tempfile.TemporaryDirectory(prefix="scim-sqlite-")
        early_config.add_cleanup(folder.cleanup)
        os.environ["DATABASE_URL"] = f"sqlite:///{folder.name}/hub.sqlite3"
        early_config.stash[origin] = f"asked for, in {folder.name}"
    elif not os.environ.get("DATABASE_URL", "").startswith(POSTGRES_SCHEMES):
        start_postgres(early_config)


def start_postgres(config: pytest.Config) -> None:
    """Start an embedded server that lives as long as this run, or arrange for a loud skip."""
    server = EmbeddedPostgres()
    config.add_cleanup(server.stop)
    try:
        os.environ["DATABASE_URL"] = server.start()
        config.stash[origin] = f"embedded, in {server.folder}"
    except PostgresUnavailableError as error:
        if os.environ.get("CI", "").lower() not in {"", "0", "false"}:
            raise pytest.UsageError(str(error)) from error
        os.environ["DATABASE_URL"] = IN_MEMORY
        os.environ[UNAVAILABLE] = str(error)
        config.add_cleanup(partial(os.environ.__delitem__, UNAVAILABLE))


@pytest.hookimpl(trylast=True)
def pytest_configure() -> None:
    """Let the tests of SQLite run on a file, as a Hub does.

    A database in memory has one connection for all threads, so the requests of a live server would meet in one
    transaction.
    """
    if connection.vendor == "sqlite" and os.environ.get("DATABASE_URL") != IN_MEMORY:
        name = Path(connection.settings_dict["NAME"])
        connection.settings_dict["TEST"]["NAME"] = str(name.with_name(f"tests.{name.name}"))


def pytest_report_header(config: pytest.Config) -> str:
    return f"database: {connection.vendor} ({config.stash[origin]})"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item, reason in reasons_to_skip(items):
        item.add_marker(pytest.mark.skip(reason=reason))


def reasons_to_skip(items: list[pytest.Item]) -> Iterator[tuple[pytest.Item, str]]:
    """Pair each test that the chosen database cannot run with the reason."""
    unavailable = os.environ.get(UNAVAILABLE)
    for item in items:
        if unavailable:
            yield item, unavailable
        elif item.get_closest_marker("postgres") and connection.vendor != "postgresql":
            yield item, "needs row locks: run it with SCIM_TEST_DATABASE=postgres"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if reason := os.environ.get(UNAVAILABLE):
        terminalreporter.section("NOTHING WAS TESTED", red=True, bold=True)
        terminalreporter.write_line(reason)
