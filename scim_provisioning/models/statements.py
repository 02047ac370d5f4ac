"""SELECT statements of one row, compiled once: building a statement costs as much as running it."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.db import connections, models

# Stand in a compiled statement for the value that is looked up.
_PLACE = "\N{OBJECT REPLACEMENT CHARACTER}looked up"
_PLACE_ID = uuid.UUID("00000000-5c11-4000-8000-000000000000")
_PLACE_NUMBER = -5_119_000_000_000_000_000


class Statement:
    """A SELECT of one row by one column, compiled by the ORM and run again with other values.

    :param queryset: a queryset of tuples (``values_list``).
    :param field: the name of the model's column that is looked up.
    """

    def __init__(self, queryset: models.QuerySet[Any, Any], field: str) -> None:
        self._field: Any = queryset.model._meta.get_field(field)
        self._alias = queryset.db
        connection = connections[self._alias]
        place = self._place()
        compiler = queryset.filter(**{field: place}).order_by().query.get_compiler(self._alias)
        self._sql, self._params = compiler.as_sql()
        prepared = self._prepared(place)
        self._positions = [index for index, param in enumerate(self._params) if param == prepared]
        if len(self._positions) != 1:
            raise LookupError(f"{field} does not stand once in the statement")
        columns = [column for column, _sql, _alias in compiler.select]
        # Not the compiler itself: it holds the database connection of the thread that made it.
        self._converters = [
            (position, converters, column)
            for position, (converters, column) in compiler.get_converters(columns).items()
        ]
        self._vendor = connection.vendor

    def __call__(self, value: Any) -> Sequence[Any] | None:
        """Return the row whose column is *value*, or None."""
        connection = connections[self._alias]
        params = list(self._params)
        params[self._positions[0]] = self._prepared(value)
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            found = cursor.fetchone()
        if found is None:
            return None
        values = list(found)
        for position, converters, column in self._converters:
            for converter in converters:
                values[position] = converter(values[position], column, connection)
        return values

    def _place(self) -> Any:
        target = self._field.target_field if self._field.is_relation else self._field
        if isinstance(target, models.UUIDField):
            return _PLACE_ID
        return _PLACE if isinstance(target, models.CharField) else _PLACE_NUMBER

    def _prepared(self, value: Any) -> Any:
        return self._field.get_db_prep_value(value, connections[self._alias])
