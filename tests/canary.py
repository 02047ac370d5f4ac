"""The canary: every token that any test issues, looked for wherever it must not be (A4, T24).

While a test runs, each line that is logged at DEBUG, each answer of the Hub, its headers and cookies are searched;
after it, the mails and every row of our tables, the admin's history and the sessions. One answer may hold a
secret: the page that has just made it. A test that lets one out fails, whatever it is about.
"""

import logging
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.core import mail
from django.core.handlers.base import BaseHandler
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from scim_provisioning.models import tokens

WATCHED_LOGGERS = ("scim_provisioning", "example_project", "django", "rest_framework", "celery", "kombu")
SHOWS_A_TOKEN = "generate_token"
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_reset_sequences", "live_server"}
FORMATTER = logging.Formatter("%(name)s: %(message)s")


class Canary(logging.Handler):
    """What was issued during one test, and where it was seen."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.secrets: set[str] = set()
        self.leaks: list[str] = []

    def look(self, where: str, text: str) -> None:
        """Search one text."""
        if any(secret in text for secret in self.secrets):
            self.leaks.append(where)

    def emit(self, record: logging.LogRecord) -> None:
        """Search one line of a log, with its traceback."""
        if self.secrets:
            self.look(f"the log: {record.name}", FORMATTER.format(record))

    def look_at_answer(self, request: HttpRequest, response: HttpResponseBase) -> None:
        """Search what a browser or an identity provider is given."""
        if not self.secrets:
            return
        where = f"the answer to {request.method} {request.path}"
        self.look(f"{where}: headers", str(response.headers))
        self.look(f"{where}: cookies", response.cookies.output())
        view = getattr(request.resolver_match, "url_name", None) or ""
        if not view.endswith(SHOWS_A_TOKEN) and not response.streaming:
            self.look(where, response.content.decode(errors="replace"))  # type: ignore[attr-defined]

    def look_at_what_is_kept(self, *, rows: bool) -> None:
        """Search the mails, and the tables where the test had a database."""
        for message in getattr(mail, "outbox", ()):
            self.look("a mail", f"{message.subject} {message.body} {message.message().as_string()}")
        # A test may have taken a table away.
        there = set(connection.introspection.table_names()) if rows else set()
        for model in kept_models() if rows else ():
            if model._meta.db_table not in there:
                continue
            for row in model._base_manager.values():
                self.look(f"the table {model._meta.label}", str(row))
        if rows and apps.is_installed("django.contrib.sessions"):
            for session in apps.get_model("sessions", "Session").objects.all():
                self.look("a session", str(session.get_decoded()))


def kept_models() -> list[Any]:
    """Return our own tables and the admin's history."""
    return [*apps.get_app_config("scim_provisioning").get_models(), apps.get_model("admin", "LogEntry")]


CANARY = Canary()


def install() -> None:
    """Record each token as its text is made, and search each answer; once, for the whole run."""
    make: Callable[[], tuple[str, str, str]] = tokens.new_text
    answer: Callable[[BaseHandler, HttpRequest], HttpResponseBase] = BaseHandler.get_response

    def recorded() -> tuple[str, str, str]:
        made = make()
        CANARY.secrets.add(made[1])
        return made

    def searched(self: BaseHandler, request: HttpRequest) -> HttpResponseBase:
        response = answer(self, request)
        CANARY.look_at_answer(request, response)
        return response

    tokens.new_text = recorded
    BaseHandler.get_response = searched  # type: ignore[method-assign]
    for handler in logging.root.handlers:
        # The host's own console stays as quiet as it was.
        handler.setLevel(max(handler.level, logging.WARNING))


def watched_loggers() -> list[logging.Logger]:
    """Return the loggers whose lines are searched: the watched ones, and those below that keep lines back."""
    below = [
        logger
        for name, logger in logging.root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger) and name.startswith(tuple(f"{top}." for top in WATCHED_LOGGERS))
    ]
    tops = [logging.getLogger(name) for name in WATCHED_LOGGERS]
    return tops + [logger for logger in below if logger.level or not logger.propagate]


@contextmanager
def debug_logging() -> Iterator[None]:
    """Let the loggers say everything, to the canary."""
    loggers = watched_loggers()
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.DEBUG)
        if logger.name in WATCHED_LOGGERS or not logger.propagate:
            logger.addHandler(CANARY)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.removeHandler(CANARY)
            logger.setLevel(level)


def watching(item: pytest.Item) -> Generator[None, Any, Any]:
    """Run one test under the canary."""
    CANARY.leaks.clear()
    with debug_logging():
        result = yield
        CANARY.look_at_what_is_kept(rows=has_rows(item))
    CANARY.secrets.clear()
    assert CANARY.leaks == [], "a token's secret is where it must not be"
    return result


def has_rows(item: pytest.Item) -> bool:
    """Return whether there is a database to search: one that a test broke is not."""
    uses_database = DATABASE_FIXTURES & set(getattr(item, "fixturenames", ()))
    if not CANARY.secrets or not (uses_database or item.get_closest_marker("django_db")):
        return False
    try:
        return not connection.needs_rollback and connection.is_usable()
    except DatabaseError:
        return False
