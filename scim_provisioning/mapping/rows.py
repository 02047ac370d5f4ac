"""Resource rows: read and written here and nowhere else, always from the connection.

A row is a light tuple of the SCIM resource and the host columns that the mapping names. The statement that
finds one row is compiled once for each connection, because building it costs as much as running it.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from typing import Any

from django.db import models
from django.utils import timezone

from scim_provisioning.mapping.users import ResourceMapping, UserMapping
from scim_provisioning.models import GroupResource, UserResource
from scim_provisioning.models.marks import mark
from scim_provisioning.models.statements import Statement


@dataclass(slots=True)
class Row:
    """One resource: what SCIM keeps of it, and what the host does."""

    id: uuid.UUID
    host_id: Any
    name: str
    external_id: str
    attributes: dict[str, Any]
    version: int
    created_at: Any
    modified_at: Any
    scim_managed: bool
    origin: str
    previous_status: str
    values: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """Something that has to be asked before a row is changed; *ask* raises ``ScimError`` to refuse."""

    about: models.Q
    ask: Callable[[], None]


_OWN = tuple(field.name for field in fields(Row) if field.name != "values")


class Rows:
    """The resources of one type in one connection."""

    def __init__(self, mapping: ResourceMapping) -> None:
        self.mapping = mapping
        is_user = isinstance(mapping, UserMapping)
        self.model: Any = UserResource if is_user else GroupResource
        self.name_field = "user_name" if is_user else "display_name"
        self.key_field = "user_name_key" if is_user else "name_key"
        kind: Any = type(mapping)
        self._lookups = _host_lookups(kind)

    def queryset(self) -> models.QuerySet[Any]:
        """Return the resources whose host row the connection may still see."""
        found: models.QuerySet[Any] = self.model.objects.filter(
            connection=self.mapping.connection, **{f"{self.mapping.link}__in": self.mapping.queryset()}
        )
        return found

    def find(self, field: str, value: Any) -> Row | None:
        """Return the row whose own column *field* is *value*, or None."""
        found = self._statement(field)(value)
        return self._row(found) if found else None

    def of_host(self, host_id: Any) -> Row | None:
        """Return the row that stands for a row of the host, or None."""
        return self.find(self.mapping.link, host_id)

    def get(self, resource_id: str | uuid.UUID) -> Row | None:
        """Return the row of a SCIM id; a foreign id, an absent one and nonsense get the same answer."""
        parsed = parse_id(resource_id)
        return self.find("id", parsed) if parsed else None

    def locked(self, resource_id: str | uuid.UUID, *, by_scim: bool = False) -> Row | None:
        """Lock a row until the end of the transaction, then read it.

        :param by_scim: mark the transaction as SCIM's for the database, with the same statement.

        Two statements on purpose: a row that PostgreSQL waited for is read again, but what is joined to it is
        not, so a read in the locking statement could see the host's columns as they were before the wait.
        """
        parsed = parse_id(resource_id)
        if parsed is None:
            return None
        mine = self.model.objects.filter(pk=parsed, connection_id=self.mapping.connection.pk)
        marks = mark(mine.db) if by_scim else ()
        if not list(mine.select_for_update().values_list("pk", *marks)):
            return None
        return self.find("id", parsed)

    def select(self, queryset: models.QuerySet[Any]) -> list[Row]:
        """Return the rows of a narrowed queryset, in one statement."""
        return [self._row(found) for found in queryset.values_list(*self._columns())]

    def insert(self, host: Any, **columns: Any) -> Row:
        """Link a host row and return the new resource."""
        now = timezone.now()
        own = {"created_at": now, "modified_at": now, **self._with_mark(columns)}
        resource = self.model(connection_id=self.mapping.connection.pk, **own)
        setattr(resource, f"{self.mapping.link}_id", host.pk)
        resource.save(force_insert=True)
        found = self.get(resource.pk)
        if found is None:
            raise LookupError(f"{type(self.mapping).__name__}.queryset() leaves out what its new() made")
        return found

    def update(
        self,
        row: Row,
        values: Mapping[str, Any] | None = None,
        question: "Question | None" = None,
        **columns: Any,
    ) -> Row:
        """Change a resource's own columns, count its version up, and return the row as it is now.

        :param values: what became of the host's values, as the caller has saved them.
        :param question: what has to be asked first about some rows.
        """
        changed = {"version": row.version + 1, "modified_at": timezone.now(), **self._with_mark(columns)}
        mine = self.model.objects.filter(pk=row.id)
        # Which rows those are is found out by the same statement: most are not among them.
        if question is None or not mine.exclude(question.about).update(**changed):
            if question is not None:
                question.ask()
            mine.update(**changed)
        own = {"name" if name == self.name_field else name: value for name, value in changed.items()}
        known = {name: value for name, value in own.items() if name in _OWN}
        return replace(row, values={**row.values, **(values or {})}, **known)

    def _with_mark(self, columns: dict[str, Any]) -> dict[str, Any]:
        """Return the columns of a write, with the mark of attributes that hold values of mapped places."""
        if "attributes" not in columns:
            return columns
        kept = columns["attributes"]
        lines = self.mapping.lines()
        mark = any(target.occurs(kept) for target, line in lines if line.filter_lookup())
        return {**columns, "keeps_mapped": mark}

    def host(self, row: Row) -> Any:
        """Return the host's instance for writing; columns that were not read load when they are used."""
        model = self.mapping.model
        attnames = {field.attname for field in model._meta.concrete_fields}
        values = {name: value for name, value in row.values.items() if name in attnames}
        pk_name = model._meta.pk.attname
        values[pk_name] = row.host_id
        order = [field.attname for field in model._meta.concrete_fields if field.attname in values]
        return model.from_db(self.model.objects.db, order, [values[name] for name in order])

    def _columns(self) -> tuple[str, ...]:
        own = ["id", f"{self.mapping.link}_id", self.name_field, "external_id", "attributes", "version"]
        own += ["created_at", "modified_at", "scim_managed"]
        if self.model is UserResource:
            own += ["origin", "previous_status"]
        return (*own, *(f"{self.mapping.link}__{lookup}" for lookup in self._lookups))

    def _row(self, found: Sequence[Any]) -> Row:
        count = 11 if self.model is UserResource else 9
        values = dict(zip(self._lookups, found[count:], strict=True))
        own: list[Any] = [*found[:count], "", ""][:11]
        return Row(**dict(zip(_OWN, own, strict=True)), values=values)

    def _statement(self, field: str) -> "Statement":
        key = (type(self.mapping), self.mapping.connection.pk, field)
        statement = _STATEMENTS.get(key)
        if statement is None:
            if len(_STATEMENTS) >= STATEMENTS_KEPT:
                _STATEMENTS.clear()
            statement = _STATEMENTS[key] = Statement(self.queryset().values_list(*self._columns()), field)
        return statement


STATEMENTS_KEPT = 4096
_STATEMENTS: dict[tuple[type[ResourceMapping], uuid.UUID, str], Statement] = {}


def parse_id(text: str | uuid.UUID) -> uuid.UUID | None:
    """Return a SCIM id as UUID, or None for anything that no id of ours looks like."""
    if isinstance(text, uuid.UUID):
        return text
    try:
        parsed = uuid.UUID(text) if len(text) == 36 else None
    except ValueError:
        return None
    return parsed if parsed and str(parsed) == text.lower() else None


@lru_cache(maxsize=32)
def _host_lookups(mapping: Any) -> tuple[str, ...]:
    names = dict.fromkeys(lookup for _target, attribute in mapping.lines() for lookup in attribute.lookups())
    if issubclass(mapping, UserMapping):
        names[mapping.status.column] = None
    return tuple(names)
