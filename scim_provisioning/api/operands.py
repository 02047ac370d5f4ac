"""What a filter compares: expressions over columns and JSON, with SCIM's operators on them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Collate, Left, Right, StrIndex
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, IsNull, LessThan, LessThanOrEqual
from scim2_models.path import CompareOperator

from scim_provisioning.models import Folded, folded, name_key
from scim_provisioning.protocol.errors import ScimError

NEVER = Q(pk__in=[])
ALWAYS = ~NEVER
ORDERINGS: dict[CompareOperator, Any] = {
    CompareOperator.gt: GreaterThan,
    CompareOperator.ge: GreaterThanOrEqual,
    CompareOperator.lt: LessThan,
    CompareOperator.le: LessThanOrEqual,
}
# What every text that is not empty answers to a comparison with the empty one.
_ABOVE_EMPTY = frozenset(
    {CompareOperator.co, CompareOperator.sw, CompareOperator.ew, CompareOperator.gt, CompareOperator.ge}
)
_MILLISECOND = timedelta(milliseconds=1)


class Operand:
    """A text to compare; the empty one stands for none.

    :param key: brings the filter's value into the form that the expression has; without it, letters are
        compared with their case or without, as the attribute says.
    """

    def __init__(self, expression: Any, *, key: Callable[[str], str] | None = None) -> None:
        self.expression = expression
        self.key = key

    def present(self) -> Q:
        """Return whether there is a value."""
        return Q(IsNull(self.expression, False)) & ~Q(Exact(self.expression, Value("")))

    def compare(self, op: CompareOperator, value: Any, case_exact: bool) -> Q:
        """Return the comparison; equal to null is what is absent (RFC 7644 section 3.4.2.2).

        ``ne`` is the caller's: the negation of ``eq``.
        """
        if value is None:
            return ~self.present()
        wanted = value if isinstance(value, str) else str(value).lower()
        if wanted == "":
            return self.present() if op in _ABOVE_EMPTY else NEVER
        if self.key is not None:
            return self._compare(self.expression, op, self.key(wanted))
        if case_exact:
            return self._compare(self.expression, op, wanted)
        return self._compare(Folded(self.expression), op, folded(wanted))

    def _compare(self, expression: Any, op: CompareOperator, wanted: str) -> Q:
        if op == CompareOperator.eq:
            return Q(Exact(expression, Value(wanted)))
        if op in ORDERINGS:
            return Q(ORDERINGS[op](Collated(expression), Value(wanted))) & self.present()
        # Not LIKE: on SQLite it ignores the case of letters.
        if op == CompareOperator.co:
            return Q(GreaterThan(StrIndex(expression, Value(wanted)), 0))
        side = Left if op == CompareOperator.sw else Right
        return Q(Exact(side(expression, len(wanted)), Value(wanted)))


class Constant(Operand):
    """A text that is the same for every row, or absent from all."""

    def __init__(self, value: str | None) -> None:
        super().__init__(Value(value))
        self.value = value

    def present(self) -> Q:
        """Return whether there is a value."""
        return ALWAYS if self.value else NEVER

    def compare(self, op: CompareOperator, value: Any, case_exact: bool) -> Q:
        """Return the comparison, known already."""
        if value is None or self.value is None:
            return ALWAYS if value is self.value else NEVER
        left, right = (text if case_exact else folded(text) for text in (self.value, str(value)))
        truth = {
            CompareOperator.eq: left == right,
            CompareOperator.co: right in left,
            CompareOperator.sw: left.startswith(right),
            CompareOperator.ew: left.endswith(right),
            CompareOperator.gt: left > right,
            CompareOperator.ge: left >= right,
            CompareOperator.lt: left < right,
            CompareOperator.le: left <= right,
        }[op]
        return ALWAYS if truth else NEVER


class Identifier(Operand):
    """A column of SCIM ids: looked up by index for ``eq``, compared as text otherwise."""

    def __init__(self, field: str) -> None:
        super().__init__(IdText(F(field)))
        self.field = F(field)

    def present(self) -> Q:
        """Return true: every resource has an id."""
        return ALWAYS

    def compare(self, op: CompareOperator, value: Any, case_exact: bool) -> Q:
        """Return the comparison; an id is caseExact and has one spelling (RFC 7643 section 3.1)."""
        if op != CompareOperator.eq or not isinstance(value, str):
            return super().compare(op, value, True) if value is not None else NEVER
        try:
            parsed = UUID(value)
        except ValueError:
            return NEVER
        return Q(Exact(self.field, parsed)) if str(parsed) == value else NEVER


class Moment(Operand):
    """A column of moments, compared as they are shown: with milliseconds, what is finer cut off."""

    def present(self) -> Q:
        """Return true: it is set by the service."""
        return ALWAYS

    def compare(self, op: CompareOperator, value: Any, case_exact: bool) -> Q:
        """Return the comparison in time (RFC 7644 section 3.4.2.2)."""
        if value is None:
            return NEVER
        wanted = moment(value)
        shown = wanted.replace(microsecond=wanted.microsecond // 1000 * 1000)
        after = shown + _MILLISECOND
        if op == CompareOperator.eq:
            within = Q(GreaterThanOrEqual(self.expression, shown)) & Q(LessThan(self.expression, after))
            return within if wanted == shown else NEVER
        if op == CompareOperator.gt:
            return Q(GreaterThanOrEqual(self.expression, after))
        if op == CompareOperator.le:
            return Q(LessThan(self.expression, after))
        if op not in ORDERINGS:
            raise ScimError("bad_filter", reason=f"{op.value} compares text only")
        bound = shown if wanted == shown else after
        return Q(ORDERINGS[op](self.expression, bound))


class IdText(Func):
    """A UUID as its text."""

    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Return SQL for PostgreSQL."""
        sql, params = compiler.compile(self.source_expressions[0])
        return f"({sql})::text", params

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL for SQLite, which stores the digits alone."""
        sql, params = compiler.compile(self.source_expressions[0])
        parts = ((1, 8), (9, 4), (13, 4), (17, 4), (21, 12))
        return " || '-' || ".join(f"SUBSTR({sql}, {start}, {length})" for start, length in parts), params * 5


class Collated(Collate):
    """An expression ordered by code points, as Python orders text, whatever the database's locale."""

    def __init__(self, expression: Any) -> None:
        super().__init__(expression, "C")

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> Any:
        """Return SQL for SQLite, whose name for it is BINARY."""
        return super().as_sql(compiler, connection, template="%(expressions)s COLLATE BINARY", **extra)


def positive(op: CompareOperator, value: Any) -> CompareOperator:
    """Return the operator without its negation; null has no order and no letters to compare.

    :raises ScimError: ``invalidFilter``.
    """
    if value is None and op not in (CompareOperator.eq, CompareOperator.ne):
        raise ScimError("bad_filter", reason="null can only be compared for equality")
    return CompareOperator.eq if op == CompareOperator.ne else op


def named(field: str) -> Operand:
    """Return a column that holds ``name_key`` forms."""
    return Operand(F(field), key=name_key)


def text(path: str) -> Operand:
    """Return a column of text."""
    return Operand(F(path))


def moment(value: Any) -> datetime:
    """Return a dateTime (RFC 7643 section 2.3.5); seven digits of a second occur."""
    try:
        parsed = datetime.fromisoformat(str(value))
        parsed = parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
        # What comes next must be a moment too.
        parsed + _MILLISECOND
    except (ValueError, OverflowError):
        raise ScimError("bad_filter", reason=f"'{str(value)[:40]}' is not a dateTime") from None
    return parsed
