"""Checks of the host's mapping classes: model, organization, status, members."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models
from django.utils.module_loading import import_string

from scim_provisioning import conf
from scim_provisioning.checks.catalogue import CHECKS
from scim_provisioning.checks.extensions import check_extensions
from scim_provisioning.checks.lines import check_lines
from scim_provisioning.checks.settings import is_readable
from scim_provisioning.mapping import GroupMapping, Status, UserMapping
from scim_provisioning.mapping.users import ResourceMapping, organization_field

Mapping = type[ResourceMapping]
# Setting to (base class, the setting that names its model).
MAPPINGS: dict[str, tuple[Mapping, str]] = {
    "USER_MAPPING": (UserMapping, "AUTH_USER_MODEL"),
    "GROUP_MAPPING": (GroupMapping, "SCIM_GROUP_MODEL"),
}


def check_mappings(**_kwargs: Any) -> list[CheckMessage]:
    """Check both mappings, line by line."""
    found: list[CheckMessage] = []
    if not is_readable():
        return found
    if not conf.value("USER_MAPPING"):
        found.append(CHECKS["E008"].message())
    for name, (base, setting) in MAPPINGS.items():
        if conf.value(name):
            found += _check(name, base, setting)
    return found


def _check(name: str, base: Mapping, setting: str) -> Iterator[CheckMessage]:
    path = conf.value(name)
    try:
        mapping = import_string(path)
    except (ImportError, AttributeError) as error:
        yield CHECKS["E009"].message(name=name, value=repr(path), reason=str(error).rstrip("."))
        return
    if not (isinstance(mapping, type) and issubclass(mapping, base)):
        yield CHECKS["E010"].message(value=path, base=base.__name__)
        return
    expected, model = getattr(settings, setting), getattr(mapping, "model", None)
    if model is None or _label(model) != expected.lower():
        label = model._meta.label if model is not None else None
        yield CHECKS["E011"].message(mapping, model=label, expected=expected, setting=setting)
        return
    yield from _tenancy(mapping, base)
    if issubclass(mapping, UserMapping):
        yield from _status(mapping)
    if issubclass(mapping, GroupMapping):
        yield from _members(mapping)
    extension_faults = list(check_extensions(mapping))
    yield from extension_faults
    # The schema of a mapping with a bad extension cannot be built, so its lines cannot be read.
    if not extension_faults:
        yield from check_lines(mapping)


def _label(model: type[models.Model]) -> str:
    return (model._meta.concrete_model or model)._meta.label_lower


def _tenancy(mapping: Mapping, base: Mapping) -> Iterator[CheckMessage]:
    """Hooks that find the organization by the model's only foreign key to it must be able to (T2)."""
    try:
        organization_field(mapping.model)
    except LookupError:
        label = settings.SCIM_ORGANIZATION_MODEL.lower()
        count = sum(
            isinstance(field, models.ForeignKey) and _related_label(field) == label
            for field in mapping.model._meta.get_fields()
        )
        for method in ("queryset", "new"):
            if getattr(mapping, method) is getattr(base, method):
                yield CHECKS["E012"].message(
                    mapping, model=mapping.model._meta.label, count=count, method=method
                )


def _related_label(field: Any) -> str:
    return str(field.related_model._meta.label_lower)


def _status(mapping: type[UserMapping]) -> Iterator[CheckMessage]:
    status = getattr(mapping, "status", None)
    model = mapping.model
    column = status.column if isinstance(status, Status) else None
    try:
        field: Any = model._meta.get_field(column or "")
    except FieldDoesNotExist:
        field = None
    if status is None or field is None or not field.concrete or field.is_relation:
        yield CHECKS["E020"].message(mapping, column=column, model=model._meta.label)
        return
    for state in ("active", "pending", "inactive"):
        value = getattr(status, state)
        if state == "pending" and value == status.active:
            # None was given; what is wrong with it is told of the other.
            continue
        if not _takes(field, value):
            reason = f"is no value of {column}"
        elif state != "inactive" and value == status.inactive:
            reason = "is the same as inactive"
        else:
            continue
        yield CHECKS["E021"].message(mapping, state=state, value=repr(value), reason=reason)


def _takes(field: Any, value: Any) -> bool:
    if value is None:
        return bool(field.null)
    if field.choices:
        return value in [choice for choice, _label in field.flatchoices]
    try:
        return bool(field.to_python(value) == value)
    except ValidationError:
        return False


def _members(mapping: type[GroupMapping]) -> Iterator[CheckMessage]:
    model, members = mapping.model, mapping.members
    through = _through(model, members)
    if through is None:
        yield CHECKS["E022"].message(mapping, members=repr(members), model=model._meta.label)
        return
    ends = {settings.AUTH_USER_MODEL.lower(), settings.SCIM_GROUP_MODEL.lower()}
    empty = [
        field.name
        for field in through._meta.concrete_fields
        if not (field.primary_key or field.null or field.has_default() or _is_set_by_itself(field))
        and not (field.is_relation and _related_label(field) in ends)
    ]
    if empty:
        yield CHECKS["E023"].message(mapping, through=through._meta.label, fields=", ".join(empty))


def _through(model: type[models.Model], members: str) -> Any:
    """Return the table between groups and users, from whichever side the relation is declared."""
    try:
        field: Any = model._meta.get_field(members)
    except FieldDoesNotExist:
        return None
    if not field.many_to_many or _related_label(field) != settings.AUTH_USER_MODEL.lower():
        return None
    if isinstance(field, models.ManyToManyField):
        return field.remote_field.through
    # Lookups and attributes call a reverse relation by the same name only with a related_name.
    return field.through if field.get_accessor_name() == members else None


def _is_set_by_itself(field: Any) -> bool:
    return bool(
        getattr(field, "auto_now", False)
        or getattr(field, "auto_now_add", False)
        or field.generated
        or field.db_default is not models.NOT_PROVIDED
        # Django inserts the empty text.
        or field.empty_strings_allowed
    )
