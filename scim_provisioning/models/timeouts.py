"""How long a statement may wait for a lock and may run, said in one message with the statement (F10, T31)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from django.db import connections

from scim_provisioning import conf

Execute = Callable[..., Any]


class Timeouts:
    """Puts ``SET LOCAL`` in front of the first statement of a transaction, and of every statement outside of one.

    The limits end with the transaction, so nothing stays behind on a connection that a pooler lends to
    somebody else. A message that is sent outside of a transaction is one by itself, so a read has its limits
    without a ``BEGIN`` and a ``COMMIT`` of its own. It costs no round trip, where the driver binds parameters
    itself, as it does unless ``server_side_binding`` is on.
    """

    def __init__(self) -> None:
        self._is_on = True
        self._is_said = False

    @contextmanager
    def on(self, *aliases: str) -> Iterator[None]:
        """Keep the limits of the databases of these names while the block runs; only PostgreSQL has them."""
        with ExitStack() as stack:
            for alias in dict.fromkeys(aliases):
                if connections[alias].vendor == "postgresql":
                    stack.enter_context(connections[alias].execute_wrapper(self))
            yield

    def begin(self) -> None:
        """Say the limits again with the next statement: a transaction begins."""
        self._is_on, self._is_said = True, False

    def end(self) -> None:
        """Say nothing from here on: what runs after the commit is the Hub's."""
        self._is_on = False

    def __call__(self, execute: Execute, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Run one statement; Django calls this (``execute_wrapper``)."""
        inside = context["connection"].in_atomic_block
        raw = context["cursor"].cursor
        if not self._is_on or (inside and self._is_said) or many or not isinstance(sql, str):
            return execute(sql, params, many, context)
        self._is_said = inside
        statements = _statements()
        if not _takes_several(raw):
            if inside and not _is_named(raw):
                raw.execute("; ".join(statements))
            return execute(sql, params, many, context)
        result = execute("; ".join([*statements, sql]), params, many, context)
        for _statement in statements:
            raw.nextset()
        return result


def _statements() -> list[str]:
    lock, statement = conf.value("LOCK_TIMEOUT_SECONDS"), conf.value("STATEMENT_TIMEOUT_SECONDS")
    return [
        f"SET LOCAL lock_timeout = {lock * 1000:d}",
        f"SET LOCAL statement_timeout = {statement * 1000:d}",
    ]


def _takes_several(cursor: Any) -> bool:
    """Return whether one execution may hold several statements: psycopg 3 that binds on its own side."""
    return hasattr(cursor, "pgresult") and hasattr(cursor, "mogrify") and not _is_named(cursor)


def _is_named(cursor: Any) -> bool:
    """Return whether a cursor lives on the server."""
    return hasattr(cursor, "scrollable")
