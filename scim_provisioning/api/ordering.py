"""The order of a list, and cursors that go on in it (RFC 7644 section 3.4.2.3, RFC 9865).

Every order ends in the id, so that it is total: pages never overlap, and a cursor names a place in it. A cursor
page is found by comparing with that place, so the last one costs what the first one does.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import signing
from django.db.models import Case, CharField, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, Lower
from scim2_models import Path
from scim2_models.exceptions import SCIMException
from scim2_models.path import AttributeBinding, AttrPath

from scim_provisioning.api.operands import Collated
from scim_provisioning.mapping.rows import Rows
from scim_provisioning.mapping.targets import canonical_names
from scim_provisioning.protocol.discovery import CURSOR_SECONDS
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.filters import resolve_path
from scim_provisioning.protocol.searches import Search

_MOMENTS = {"created": "created_at", "lastModified": "modified_at"}


@dataclass(frozen=True, slots=True)
class Order:
    """A total order: annotations, and the names ordered by."""

    annotations: dict[str, Any]
    names: tuple[str, ...]
    descending: bool

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the queryset in this order."""
        return self.annotate(queryset).order_by(
            *(f"-{name}" if self.descending else name for name in self.names)
        )

    def annotate(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the queryset with what it is ordered by."""
        annotated: QuerySet[Any] = queryset.annotate(**self.annotations)
        return annotated

    def after(self, place: list[Any]) -> Q:
        """Return the condition for what comes after a place."""
        comparison = "lt" if self.descending else "gt"
        condition = Q()
        for index, name in enumerate(self.names):
            equal = {earlier: place[position] for position, earlier in enumerate(self.names[:index])}
            condition |= Q(**equal, **{f"{name}__{comparison}": place[index]})
        return condition


def read_order(rows: Rows, search: Search) -> Order:
    """Return the order that a search asks for: that of creation unless it names an attribute.

    :raises ScimError: ``invalidPath`` for what cannot be sorted by.
    """
    if search.sort_by is None:
        return Order({}, ("created_at", "id"), descending=False)
    expression, moment = _expression(rows, search.sort_by)
    if moment:
        return Order({}, (moment, "id"), descending=search.descending)
    key = Collated(Coalesce(expression, Value(""), output_field=CharField()))
    missing = Case(When(sort_key="", then=Value(1)), default=Value(0), output_field=IntegerField())
    # A resource without the attribute comes last in ascending order, first in descending order.
    return Order(
        {"sort_key": key, "sort_missing": missing}, ("sort_missing", "sort_key", "id"), search.descending
    )


def _expression(rows: Rows, text: str) -> tuple[Any, str | None]:
    """Return (text expression, None), or (None, name of a typed column)."""
    binding = _binding(rows, text)
    urn, attribute, sub_attribute = canonical_names(rows.mapping.scim_model(), binding)
    own = {rows.mapping.name_attribute: rows.key_field, "externalId": "external_id"}
    if urn is None and attribute in own:
        return F(own[attribute]), None
    if attribute == "id":
        return None, "id"
    if attribute == "meta" and sub_attribute in _MOMENTS:
        return None, _MOMENTS[sub_attribute]
    if urn is None and attribute in ("meta", "active", "members"):
        raise ScimError("bad_path", value=text)
    if binding.is_multivalued:
        sub_attribute = sub_attribute or "value"
    for target, line in rows.mapping.lines():
        lookup = line.filter_lookup()
        if lookup and (target.urn, target.attribute, target.sub_attribute) == (urn, attribute, sub_attribute):
            return Lower(F(f"{rows.mapping.link}__{lookup}")), None
    holder: Any = KeyTransform(urn, F("attributes")) if urn else F("attributes")
    if sub_attribute is None:
        return Lower(KeyTextTransform(attribute, holder)), None
    inside: Any = KeyTransform(attribute, holder)
    if binding.is_multivalued:
        inside = KeyTransform(0, inside)
    return Lower(KeyTextTransform(sub_attribute, inside)), None


def _binding(rows: Rows, text: str) -> AttributeBinding:
    try:
        node = Path(text).ast
        found = resolve_path(rows.mapping.scim_model(), node) if isinstance(node, AttrPath) else None
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
    if name in _MOMENTS.values():
        return datetime.fromisoformat(part)
    if name == "id":
        return UUID(part)
    return int(part) if name == "sort_missing" else part


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt="scim_provisioning.cursor", sep="~")
