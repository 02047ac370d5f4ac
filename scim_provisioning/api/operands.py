"""What a filter compares: expressions over columns and JSON, with SCIM's operators on them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.functions import Collate, Left, Lower, Right, StrIndex
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IContains,
    IEndsWith,
    IExact,
    IsNull,
    IStartsWith,
    LessThan,
    LessThanOrEqual,
)
from scim2_models.path import CompareOperator

from scim_provisioning.models import name_key
from scim_provisioning.protocol.errors import ScimError

ORDERINGS: dict[CompareOperator, Any] = {
    CompareOperator.gt: GreaterThan,
    CompareOperator.ge: GreaterThanOrEqual,
    CompareOperator.lt: LessThan,
    CompareOperator.le: LessThanOrEqual,
}
WITHOUT_CASE: dict[CompareOperator, Any] = {
    CompareOperator.eq: IExact,
    CompareOperator.co: IContains,
    CompareOperator.sw: IStartsWith,
    CompareOperator.ew: IEndsWith,
}


class ElementText(Func):
    """A member of the JSON entry at hand, as text."""

    output_field = TextField()

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Return SQL for PostgreSQL."""
        return "(scim_element.value ->> %s)", [self.name]

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL for SQLite, with booleans spelled as PostgreSQL does."""
        path = f'$."{self.name}"'
        sql = (
            "(CASE WHEN JSON_TYPE(scim_element.value, %s) IN ('true', 'false')"
            " THEN JSON_TYPE(scim_element.value, %s) ELSE JSON_EXTRACT(scim_element.value, %s) END)"
        )
        return sql, [path, path, path]


class AnyElement(Func):
    """Whether any entry of a JSON list satisfies a condition over :class:`ElementText`."""

    output_field = BooleanField()

    def __init__(self, entries: Any, condition: Q) -> None:
        super().__init__(entries, condition)

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Return SQL for PostgreSQL."""
        entries, entry_params = compiler.compile(self.source_expressions[0])
        condition, condition_params = compiler.compile(self.source_expressions[1])
        sql = (
            "EXISTS (SELECT 1 FROM jsonb_array_elements(CASE WHEN jsonb_typeof({0}) = 'array' THEN {0}"
            " ELSE '[]'::jsonb END) AS scim_element(value) WHERE {1})"
        )
        return sql.format(entries, condition), [*entry_params, *entry_params, *condition_params]

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL for SQLite."""
        entries, entry_params = compiler.compile(self.source_expressions[0])
        condition, condition_params = compiler.compile(self.source_expressions[1])
        sql = "EXISTS (SELECT 1 FROM JSON_EACH({0}) AS scim_element WHERE {1})"
        return sql.format(entries, condition), [*entry_params, *condition_params]


class Operand:
    """One side of a comparison.

    :param folded: the column holds ``name_key`` forms, so the value is brought into that form.
    :param read: turns the filter's value into the column's type, for columns that are not text.
    """

    def __init__(
        self, expression: Any, *, folded: bool = False, read: Callable[[Any], Any] | None = None
    ) -> None:
        self.expression = expression
        self.folded = folded
        self.read = read

    def equals(self, value: Any) -> Any:
        """Return plain equality."""
        return Exact(self.expression, value)

    def present(self) -> Q:
        """Return whether there is a value; the empty text is none."""
        known = Q(IsNull(self.expression, False))
        return known if self.read else known & ~Q(Exact(self.expression, Value("")))

    def compare(self, op: CompareOperator, value: Any, case_exact: bool) -> Q:
        """Return the comparison; with null it asks for absence (RFC 7644 section 3.4.2.2)."""
        if value is None:
            if op != CompareOperator.eq:
                raise ScimError("bad_filter", reason="null can only be compared for equality")
            return ~self.present()
        if self.read is not None:
            return self._compare_typed(op, self.read(value))
        if isinstance(value, bool):
            value = "true" if value else "false"
        wanted = str(value)
        if self.folded:
            return self._compare_exact(op, name_key(wanted))
        if case_exact:
            return self._compare_exact(op, wanted)
        if op in ORDERINGS:
            return Q(ORDERINGS[op](Collated(Lower(self.expression)), Value(wanted.lower())))
        return Q(WITHOUT_CASE[op](self.expression, wanted))

    def _compare_typed(self, op: CompareOperator, value: Any) -> Q:
        if op == CompareOperator.eq:
            return Q(Exact(self.expression, value))
        if op not in ORDERINGS:
            raise ScimError("bad_filter", reason=f"{op.value} compares text only")
        return Q(ORDERINGS[op](self.expression, value))

    def _compare_exact(self, op: CompareOperator, wanted: str) -> Q:
        if op == CompareOperator.eq:
            return Q(Exact(self.expression, wanted))
        if op in ORDERINGS:
            return Q(ORDERINGS[op](Collated(self.expression), Value(wanted)))
        if wanted == "":
            return self.present()
        # Not LIKE: on SQLite it ignores the case of letters.
        if op == CompareOperator.co:
            return Q(GreaterThan(StrIndex(self.expression, Value(wanted)), 0))
        side = Left if op == CompareOperator.sw else Right
        return Q(Exact(side(self.expression, len(wanted)), Value(wanted)))


class Collated(Collate):
    """An expression ordered by code points, as Python orders text, whatever the database's locale."""

    def __init__(self, expression: Any) -> None:
        super().__init__(expression, "C")

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL for SQLite, whose name for it is BINARY."""
        return super().as_sql(compiler, connection, template="%(expressions)s COLLATE BINARY", **extra)


def text(path: str) -> Operand:
    """Return a column of text."""
    return Operand(F(path))


def moment(value: Any) -> datetime:
    """Return a dateTime (RFC 7643 section 2.3.5); seven digits of a second occur."""
    try:
        parsed = datetime.fromisoformat(str(value))
    except ValueError:
        raise ScimError("bad_filter", reason=f"'{str(value)[:40]}' is not a dateTime") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)
