"""The order of a list, and cursors that go on in it (RFC 7644 section 3.4.2.3, RFC 9865).

Every order ends in the id, so that it is total: pages never overlap, and a cursor names a place in it. A cursor
page is found by comparing with that place, so the last one costs what the first one does.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    F,
    Func,
    IntegerField,
    Q,
    QuerySet,
    TextField,
    UUIDField,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from scim2_models import Path
from scim2_models.exceptions import SCIMException
from scim2_models.path import AttributeBinding, AttrPath

from scim_provisioning.api.operands import Collated
from scim_provisioning.api.places import MOMENTS, Names, Places
from scim_provisioning.mapping.rows import Rows
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Folded
from scim_provisioning.protocol.discovery import CURSOR_SECONDS
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.filters import is_complex, resolve_path, value_of
from scim_provisioning.protocol.searches import Search


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: annotations, and the names ordered by."""

    annotations: dict[str, Any]
    names: tuple[str, ...]
    descending: bool

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the queryset in this order."""
        annotated: QuerySet[Any] = queryset.annotate(**self.annotations)
        return annotated.order_by(*(f"-{name}" if self.descending else name for name in self.names))

    def after(self, place: list[Any]) -> Q:
        """Return the condition for what comes after a place: one comparison of rows, which an index serves."""
        return Q(ComesAfter(self.names, place, descending=self.descending))


class ComesAfter(Func):
    """Whether (a, b, c) comes after a place in an order."""

    output_field = BooleanField()
    conditional = True

    def __init__(self, names: Sequence[str], place: Sequence[Any], *, descending: bool) -> None:
        values = [
            Value(part, output_field=_FIELDS.get(name, TextField()))
            for name, part in zip(names, place, strict=True)
        ]
        super().__init__(*(F(name) for name in names), *values)
        self.descending = descending

    def as_sql(self, compiler: Any, connection: Any, *args: Any, **extra: Any) -> Any:
        """Return SQL."""
        compiled = [compiler.compile(expression) for expression in self.source_expressions]
        half = len(compiled) // 2
        here, there = (", ".join(sql for sql, _params in part) for part in (compiled[:half], compiled[half:]))
        sign = "<" if self.descending else ">"
        return f"({here}) {sign} ({there})", [param for _sql, params in compiled for param in params]


_FIELDS: dict[str, Any] = {
    "id": UUIDField(),
    "created_at": DateTimeField(),
    "modified_at": DateTimeField(),
    "sort_missing": IntegerField(),
}


def read_order(rows: Rows, search: Search) -> Order:
    """Return the order that a search asks for: that of creation unless it names an attribute.

    :raises ScimError: ``invalidPath`` for what cannot be sorted by.
    """
    if search.sort_by is None:
        return Order({}, ("created_at", "id"), descending=False)
    places = Places(rows)
    binding = _binding(rows, search.sort_by)
    urn, attribute, sub_attribute = names = places.names(binding)
    if urn is None and attribute == "id":
        return Order({}, ("id",), search.descending)
    if urn is None and attribute == "meta" and sub_attribute in MOMENTS:
        return Order({}, (MOMENTS[sub_attribute], "id"), search.descending)
    if is_complex(binding) or (urn is None and attribute in ("meta", "members")):
        raise ScimError("bad_path", value=search.sort_by)
    key = Collated(Coalesce(_text(places, binding, names), Value(""), output_field=TextField()))
    missing = Case(When(sort_key="", then=Value(1)), default=Value(0), output_field=IntegerField())
    # A resource without the attribute comes last in ascending order, first in descending order.
    return Order(
        {"sort_key": key, "sort_missing": missing}, ("sort_missing", "sort_key", "id"), search.descending
    )


def _text(places: Places, binding: AttributeBinding, names: Names) -> Any:
    """Return the text that resources are sorted by, with its case only where the attribute is caseExact."""
    urn, attribute, sub_attribute = names
    own = places.own_column(names)
    if own is not None:
        return own.expression
    mapping = places.mapping
    if isinstance(mapping, UserMapping) and (urn, attribute) == (None, "active"):
        inactive = {f"{mapping.link}__{mapping.status.column}": mapping.status.inactive}
        return Case(When(**inactive, then=Value("false")), default=Value("true"))
    if binding.is_multivalued:
        found = places.entries(binding, names).leading(sub_attribute or "value")
    else:
        found = places.shown(names).expression
    return found if binding.case_exact else Folded(found)


def _binding(rows: Rows, text: str) -> AttributeBinding:
    try:
        node = Path(text).ast
        model = rows.mapping.scim_model()
        # An attribute that has sub-attributes is sorted by its value.
        found = resolve_path(model, value_of(model, node)) if isinstance(node, AttrPath) else None
    except (SCIMException, ScimError):
        found = None
    if found is None:
        raise ScimError("bad_path", value=text)
    return found


def _fingerprint(rows: Rows, search: Search) -> str:
    """Return what a cursor belongs to: one connection, filter and order."""
    parts = (
        rows.mapping.connection.pk,
        rows.mapping.resource_type,
        search.filter,
        search.sort_by,
        search.descending,
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def write_cursor(rows: Rows, search: Search, place: tuple[Any, ...]) -> str:
    """Return a cursor for a place; its letters are the unreserved ones (RFC 9865 section 2)."""
    plain = [part.isoformat() if isinstance(part, datetime) else str(part) for part in place]
    return _signer().sign_object([_fingerprint(rows, search), *plain])


def read_cursor(rows: Rows, search: Search, order: Order) -> list[Any] | None:
    """Return the place that a cursor names, or None for the first page.

    :raises ScimError: ``invalidCursor`` or ``expiredCursor`` (RFC 9865 section 2.3).
    """
    if not search.cursor:
        return None
    try:
        fingerprint, *place = _signer().unsign_object(search.cursor, max_age=CURSOR_SECONDS)
    except signing.SignatureExpired:
        raise ScimError("cursor_expired") from None
    except (signing.BadSignature, ValueError):
        raise ScimError("bad_cursor") from None
    if fingerprint != _fingerprint(rows, search) or len(place) != len(order.names):
        raise ScimError("bad_cursor")
    return [_typed(name, part) for name, part in zip(order.names, place, strict=True)]


def _typed(name: str, part: str) -> Any:
    if name in MOMENTS.values():
        return datetime.fromisoformat(part)
    if name == "id":
        return UUID(part)
    return int(part) if name == "sort_missing" else part


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="scim_provisioning.cursor", sep="~")
