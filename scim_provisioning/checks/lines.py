"""Checks of a mapping's lines: what each attribute is, and what it may write."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.exceptions import FieldError, ValidationError
from django.db import models
from django.db.models import F, UniqueConstraint
from scim2_models import ComplexAttribute, Path

from scim_provisioning.checks.catalogue import CHECKS
from scim_provisioning.mapping import Attribute, Choice, Column, Reference, Roles, Status, UserMapping
from scim_provisioning.mapping.targets import BadTarget, Target, read_target
from scim_provisioning.mapping.users import WORK_EMAIL, ResourceMapping

Mapping = type[ResourceMapping]
Line = tuple[Target, Attribute]
FORBIDDEN_ATTRIBUTES = {
    "password": "SCIM never writes passwords",
    "id": "it is the service provider's own",
    "meta": "it is the service provider's own",
    "schemas": "it is the service provider's own",
    "groups": "it is read-only; membership changes through /Groups",
    "active": "status decides it",
    "members": "the relation named by members decides it",
}
FORBIDDEN_COLUMNS = {
    "password": "it is a secret",
    "is_staff": "it gives power",
    "is_superuser": "it gives power",
    "user_permissions": "it gives power",
    "groups": "it gives power",
    "last_login": "it is the Hub's own record",
}
ONE_VALUE = (Column, Reference, Choice)


def check_lines(mapping: Mapping) -> Iterator[CheckMessage]:
    """Check each line by itself, then what lines say of each other."""
    lines: list[Line] = []
    written: Any = mapping.attributes
    for path, right in written.items():
        attribute = Column(right) if isinstance(right, str) else right
        if not isinstance(attribute, Attribute):
            reason = f"{right!r} is neither the name of a column nor an Attribute"
            yield CHECKS["E018"].message(mapping, path=path, reason=reason)
            continue
        try:
            target = read_target(mapping.scim_model(), path)
        except BadTarget as error:
            yield CHECKS["E013"].message(mapping, reason=str(error))
            continue
        yield from _left(mapping, target, attribute)
        yield from _right(mapping, target, attribute)
        lines.append((target, attribute))
    yield from _twice(mapping, lines)
    yield from _names(mapping, lines)
    yield from _dependencies(mapping, lines)


def _left(mapping: Mapping, target: Target, attribute: Attribute) -> Iterator[CheckMessage]:
    forbidden = FORBIDDEN_ATTRIBUTES.get(target.attribute) if target.urn is None else None
    if forbidden:
        yield CHECKS["E016"].message(mapping, path=target.path, reason=forbidden)
    elif isinstance(attribute, ONE_VALUE) and not _is_one_value(mapping, target):
        yield CHECKS["E014"].message(mapping, path=target.path, column=type(attribute).__name__)


def _is_one_value(mapping: Mapping, target: Target) -> bool:
    if target.sub_attribute is not None:
        return True
    binding = Path.__class_getitem__(mapping.scim_model())(target.path).resolve()
    kind = binding.field_type if binding is not None else None
    is_complex = isinstance(kind, type) and issubclass(kind, ComplexAttribute)
    return not target.multi_valued and not is_complex


def _right(mapping: Mapping, target: Target, attribute: Attribute) -> Iterator[CheckMessage]:
    for problem in attribute.problems(mapping.model):
        yield CHECKS["E018"].message(mapping, path=target.path, reason=problem)
    forbidden = {**FORBIDDEN_COLUMNS, **_own_columns(mapping)}
    for column in sorted(_columns(attribute) & set(forbidden))[:1]:
        yield CHECKS["E019"].message(mapping, path=target.path, column=column, reason=forbidden[column])


def _columns(attribute: Attribute) -> set[str]:
    """Return the columns and relations of the host's model that a line reads or writes."""
    names = {*attribute.fields(), *(lookup.partition("__")[0] for lookup in attribute.lookups())}
    return names | {attribute.relation} if isinstance(attribute, Roles) else names


def _own_columns(mapping: Mapping) -> dict[str, str]:
    """Return the columns that a mapping must leave alone because they decide whose row it is, and its state."""
    own: dict[str, str] = {}
    for field in mapping.model._meta.concrete_fields:
        if field.primary_key:
            own[field.name] = "it is the primary key"
        elif field.is_relation and _label(field) == settings.SCIM_ORGANIZATION_MODEL.lower():
            own[field.name] = own[field.attname] = "it decides which organization owns the row"
    status = getattr(mapping, "status", None)
    if isinstance(status, Status):
        own[status.column] = "the status decides it, by active"
    return own


def _label(field: Any) -> str:
    return str(field.related_model._meta.label_lower)


def _twice(mapping: Mapping, lines: list[Line]) -> Iterator[CheckMessage]:
    places: dict[Any, str] = {}
    writers: dict[str, str] = {}
    for target, attribute in lines:
        other = places.setdefault(_place(target), target.path)
        if other != target.path:
            yield CHECKS["E015"].message(mapping, path=target.path, other=other)
            continue
        for column in attribute.fields():
            other = writers.setdefault(column, target.path)
            if other != target.path:
                yield CHECKS["W003"].message(mapping, path=target.path, other=other, column=column)


def _place(target: Target) -> tuple[Any, ...]:
    return (target.urn, target.attribute, target.selector, target.sub_attribute)


def _names(mapping: Mapping, lines: list[Line]) -> Iterator[CheckMessage]:
    """The attributes that resources are found by must be plain columns, indexed and tenant-wide unique at most."""
    columns = {_place(target): attribute for target, attribute in lines if isinstance(attribute, Column)}
    if _place(read_target(mapping.scim_model(), mapping.name_attribute)) not in columns:
        yield CHECKS["E017"].message(mapping, path=mapping.name_attribute)
    if (
        issubclass(mapping, UserMapping)
        and _place(read_target(mapping.scim_model(), WORK_EMAIL)) not in columns
    ):
        yield CHECKS["W001"].message(mapping)
    for target, attribute in lines:
        if isinstance(attribute, Column) and _is_unique(mapping.model, attribute.name):
            yield CHECKS["W002"].message(
                mapping, path=target.path, column=attribute.name, model=mapping.model._meta.label
            )


def _is_unique(model: type[models.Model], column: str) -> bool:
    """Return whether one value of *column* can be in the whole table only once."""
    field = next((field for field in model._meta.concrete_fields if field.name == column), None)
    if field is None or field.primary_key:
        # Either is an error of its own.
        return False
    if field.unique or (column,) in map(tuple, model._meta.unique_together):
        return True
    return any(
        isinstance(constraint, UniqueConstraint)
        and constraint.condition is None
        and {*constraint.fields, *(name for one in constraint.expressions for name in _referred(one))}
        == {column}
        for constraint in model._meta.constraints
    )


def _referred(expression: Any) -> Iterator[str]:
    if isinstance(expression, F):
        yield str(expression.name)  # type: ignore[attr-defined]
        return
    for source in expression.get_source_expressions():
        yield from _referred(source)


def _dependencies(mapping: Mapping, lines: list[Line]) -> Iterator[CheckMessage]:
    mapped = {_place(target) for target, _attribute in lines}
    named = [("exclusive", path) for pair in mapping.exclusive for path in pair]
    named += [("dependent", path) for pair in mapping.dependent for path in pair]
    for target, attribute in lines:
        named += [(target.path, path) for path in attribute.depends_on()]
        if isinstance(attribute, Reference):
            yield from _lookups(mapping, attribute)
    for name, path in named:
        try:
            known = _place(read_target(mapping.scim_model(), path)) in mapped
        except BadTarget:
            known = False
        if not known:
            yield CHECKS["E024"].message(mapping, name=name, path=path)


def _lookups(mapping: Mapping, reference: Reference) -> Iterator[CheckMessage]:
    if list(reference.problems(mapping.model)):
        return
    field: Any = mapping.model._meta.get_field(reference.name)
    for lookup in reference.narrowed_by.values():
        try:
            field.related_model._base_manager.filter(**{lookup: ""})
        except FieldError:
            yield CHECKS["E025"].message(mapping, lookup=lookup, model=field.related_model._meta.label)
        except (ValueError, TypeError, ValidationError):
            # The lookup is there and takes no empty text.
            continue
