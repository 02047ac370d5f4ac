"""The entries of a JSON list in SQL: a subquery over them, and what a condition in it can ask of one."""

from typing import Any, ClassVar

from django.core.exceptions import FullResultSet
from django.db.models import BooleanField, Func, Q, TextField

ENTRY = "scim_element"
# Entries of the same list that stand before the one at hand.
EARLIER = "scim_earlier"
# A list that is none, which our writes never make, has no entries.
_POSTGRES_ENTRIES = (
    "jsonb_array_elements(CASE WHEN jsonb_typeof({0}) = 'array' THEN {0} ELSE '[]'::jsonb END)"
    " WITH ORDINALITY AS {1}(value, key)"
)
_SQLITE_ENTRIES = "JSON_EACH({0}) AS {1}"


class ElementText(Func):
    """A member of the entry at hand, as text."""

    output_field = TextField()

    def __init__(self, name: str, alias: str = ENTRY) -> None:
        super().__init__()
        self.name = name
        self.alias = alias

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Return SQL for PostgreSQL."""
        return f"({self.alias}.value ->> %s::text)", [self.name]

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL for SQLite, with booleans spelled as PostgreSQL does."""
        path = f'$."{self.name}"'
        sql = (
            f"(CASE WHEN JSON_TYPE({self.alias}.value, %s) IN ('true', 'false')"
            f" THEN JSON_TYPE({self.alias}.value, %s) ELSE JSON_EXTRACT({self.alias}.value, %s) END)"
        )
        return sql, [path, path, path]


class HasOnly(Func):
    """Whether the entry at hand has no members but these."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, *names: str) -> None:
        super().__init__()
        self.names = names

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Return SQL for PostgreSQL."""
        return f"({ENTRY}.value{' - %s::text' * len(self.names)} = '{{}}'::jsonb)", list(self.names)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL for SQLite."""
        sql = "NOT EXISTS (SELECT 1 FROM JSON_EACH({0}.value) WHERE key NOT IN ({1}))"
        return sql.format(ENTRY, ", ".join(["%s"] * len(self.names))), [*self.names]


class StandsBefore(Func):
    """Whether the entry of the inner subquery stands before the one at hand."""

    output_field = BooleanField()
    conditional = True

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Return SQL."""
        return f"({EARLIER}.key < {ENTRY}.key)", []


class _OverEntries(Func):
    """A subquery over the entries of a list."""

    postgres: ClassVar[str]
    sqlite: ClassVar[str]

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Return SQL for PostgreSQL."""
        return self._sql(compiler, _POSTGRES_ENTRIES, 2)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL for SQLite."""
        return self._sql(compiler, _SQLITE_ENTRIES, 1)

    def _sql(self, compiler: Any, entries: str, mentions: int) -> Any:
        raise NotImplementedError


class AnyElement(_OverEntries):
    """Whether any entry satisfies a condition over :class:`ElementText`."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, entries: Any, condition: Q, alias: str = ENTRY) -> None:
        super().__init__(entries, condition)
        self.alias = alias

    def _sql(self, compiler: Any, entries: str, mentions: int) -> Any:
        listed, listed_params = compiler.compile(self.source_expressions[0])
        try:
            condition, params = compiler.compile(self.source_expressions[1])
        except FullResultSet:
            condition, params = "1 = 1", ()
        sql = "EXISTS (SELECT 1 FROM {0} WHERE {1})"
        source = entries.format(listed, self.alias)
        return sql.format(source, condition), [*listed_params * mentions, *params]


class FirstElement(_OverEntries):
    """The text of the first entry that satisfies a condition."""

    output_field = TextField()

    def __init__(self, entries: Any, value: Any, condition: Q) -> None:
        super().__init__(entries, value, condition)

    def _sql(self, compiler: Any, entries: str, mentions: int) -> Any:
        listed, listed_params = compiler.compile(self.source_expressions[0])
        value, value_params = compiler.compile(self.source_expressions[1])
        try:
            condition, params = compiler.compile(self.source_expressions[2])
        except FullResultSet:
            condition, params = "1 = 1", ()
        sql = "(SELECT {0} FROM {1} WHERE {2} ORDER BY {3}.key LIMIT 1)"
        source = entries.format(listed, ENTRY)
        return sql.format(value, source, condition, ENTRY), [
            *value_params,
            *listed_params * mentions,
            *params,
        ]
