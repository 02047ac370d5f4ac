"""Letters whatever their case, the same in Python and in each database (caseExact, RFC 7643 section 2.2).

Two texts are equal when each letter of one is the small form of the other's. PostgreSQL folds by its own
``LOWER`` wherever the database has a UTF-8 locale; SQLite knows ASCII alone and is taught. What follows from
neither is settled here: the forms of sigma are one letter, and six signs that look like a letter but are not
its capital are none, so that no index on ``UPPER`` ever misses what this finds (T22).
"""

from typing import Any

from django.db.backends.signals import connection_created
from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.lookups import Exact
from django.dispatch import receiver

# Capital and final sigma; I with a dot, theta symbol, capital sharp s, the signs of ohm, kelvin and angstrom.
_FROM = "\u03a3\u03c2\u0130\u03f4\u1e9e\u2126\u212a\u212b"
# Noncharacters, which no text holds, stand for the six signs: they have no case, in Python as in a database.
_TO = "\u03c3\u03c3\ufdd0\ufdd1\ufdd2\ufdd3\ufdd4\ufdd5"
_TABLE = str.maketrans(_FROM, _TO)
_SQLITE_NAME = "scim_folded"


def folded(text: str) -> str:
    """Return the form under which texts are equal whatever the case of their letters."""
    return text.translate(_TABLE).lower()


class Folded(Func):
    """An expression in the form of :func:`folded`."""

    output_field = TextField()

    def __init__(self, expression: Any) -> None:
        super().__init__(expression)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Return SQL for PostgreSQL."""
        sql, params = compiler.compile(self.source_expressions[0])
        return f"LOWER(TRANSLATE({sql}, %s, %s))", [*params, _FROM, _TO]

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL for SQLite, which has been taught the function."""
        sql, params = compiler.compile(self.source_expressions[0])
        return f"{_SQLITE_NAME}({sql})", params


@receiver(connection_created, dispatch_uid="scim_provisioning.folded")
def teach_sqlite(sender: Any, connection: Any, **kwargs: Any) -> None:
    """Give a new connection to SQLite the function that PostgreSQL has."""
    if connection.vendor == "sqlite":
        connection.connection.create_function(_SQLITE_NAME, 1, _folded_value, deterministic=True)


def _folded_value(value: Any) -> str | None:
    return None if value is None else folded(str(value))


class SameCapitals(Func):
    """Whether two texts have the same capitals: what an index on UPPER answers, and every equal text fulfils."""

    output_field = BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Return SQL for PostgreSQL."""
        (one, params), (other, others) = (compiler.compile(side) for side in self.source_expressions)
        return f"UPPER({one}::text) = UPPER({other}::text)", [*params, *others]

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL for SQLite, where it would hold of ASCII alone."""
        return "1 = 1", []


def same_letters(lookup: str, value: str) -> Q:
    """Return the rows whose column equals *value* whatever the case of letters, found by an index on UPPER.

    The index alone is not enough: it says that dotless i is i, and would merge two accounts (T22).
    """
    column = F(lookup)
    return Q(SameCapitals(column, Value(value))) & Q(Exact(Folded(column), Value(folded(value))))
