"""Where the Hub keeps an attribute: the right column of a mapping."""

import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import models

from scim_provisioning.mapping.targets import Document, Target
from scim_provisioning.protocol.errors import ScimError, shown

if TYPE_CHECKING:
    from scim_provisioning.mapping.users import ResourceMapping

NEAR_NAMES = 3


def near(value: str, candidates: Iterable[str]) -> str:
    """Return a clause that offers the nearest candidates, or nothing."""
    names = difflib.get_close_matches(value, list(candidates), n=NEAR_NAMES, cutoff=0.6)
    return f" (did you mean {', '.join(shown(name) for name in names)}?)" if names else ""


@dataclass(frozen=True, slots=True, order=True)
class PassedOver:
    """A value that the Hub does not know and the policy does not refuse; *code* is what the refusal would be."""

    code: str
    field: str
    value: str


class Attribute:
    """One line of a mapping.

    :param required: a user without this attribute is refused (B44).
    """

    # Whether the value is a column of the host; otherwise it stays with the SCIM resource, as it was sent.
    in_host: ClassVar[bool] = True

    def __init__(self, *, required: bool = False) -> None:
        self.required = required

    def lookups(self) -> tuple[str, ...]:
        """Return the host lookups that are read to answer this attribute."""
        return ()

    def fields(self) -> tuple[str, ...]:
        """Return the host columns that a write changes, for ``save(update_fields=…)``."""
        return ()

    def filter_lookup(self) -> str | None:
        """Return the host lookup that a filter on this attribute compares, or None for the kept value."""
        return None

    def depends_on(self) -> tuple[str, ...]:
        """Return the paths of other attributes that decide what a value of this one means."""
        return ()

    def render(self, values: Mapping[str, Any]) -> Any:
        """Return the SCIM value that the host's *values* hold, or None."""
        return None

    def load(self, mapping: "ResourceMapping", target: Target, document: Document) -> Any:
        """Return the host value for what *document* holds.

        :raises ScimError: when there is none.
        """
        return target.get(document)

    def assign(self, instance: models.Model, value: Any) -> None:
        """Put a loaded value on the host's instance, before it is saved."""

    def assign_saved(self, mapping: "ResourceMapping", instance: models.Model, value: Any) -> None:
        """Put a loaded value into tables that point at the instance, after it is saved."""

    def values_of(self, instance: models.Model, value: Any, scim_value: Any) -> Mapping[str, Any]:
        """Return what the line's lookups hold after *value*, loaded from *scim_value*, was saved."""
        return {}

    def keeps(self, value: Any) -> bool:
        """Return whether the host holds a loaded value, so that the SCIM resource need not keep it."""
        return self.in_host

    def problems(self, model: type[models.Model]) -> Iterable[str]:
        """Yield what is wrong with this line for the host's model, for the system check."""
        return ()


class Column(Attribute):
    """A column of the host's model; a mapping may write just its name."""

    def __init__(self, name: str, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.name = name

    def lookups(self) -> tuple[str, ...]:
        """Return the column."""
        return (self.name,)

    def fields(self) -> tuple[str, ...]:
        """Return the column."""
        return (self.name,)

    def filter_lookup(self) -> str | None:
        """Return the column."""
        return self.name

    def render(self, values: Mapping[str, Any]) -> Any:
        """Return the column's value; the empty string means unassigned."""
        value = values[self.name]
        return None if value == "" else value

    def load(self, mapping: "ResourceMapping", target: Target, document: Document) -> Any:
        """Return the value as the column's field takes it; it is never cut to fit."""
        field: Any = mapping.model._meta.get_field(self.name)
        value = target.get(document)
        if value is None:
            return None if field.null else field.get_default()
        limit = getattr(field, "max_length", None)
        if limit is not None and len(str(value)) > limit:
            raise ScimError("value_too_long", field=target.path, value=value, limit=limit)
        try:
            return field.to_python(value)
        except ValidationError as error:
            raise ScimError(
                "bad_value", field=target.path, value=value, reason=" ".join(error.messages)
            ) from None

    def assign(self, instance: models.Model, value: Any) -> None:
        """Set the column."""
        setattr(instance, self.name, value)

    def values_of(self, instance: models.Model, value: Any, scim_value: Any) -> Mapping[str, Any]:
        """Return the column as the instance has it: the host's ``save`` may have had a say."""
        return {self.name: getattr(instance, self.name)}

    def problems(self, model: type[models.Model]) -> Iterable[str]:
        """Yield when the model has no such column."""
        try:
            field = model._meta.get_field(self.name)
        except FieldDoesNotExist:
            yield f"{model._meta.label} has no field {self.name!r}"
            return
        if not getattr(field, "concrete", False) or field.is_relation:
            yield f"{self.name!r} is not a plain column of {model._meta.label}; use Reference for a foreign key"


class Choice(Attribute):
    """An attribute with permitted values, kept as it was sent (B17).

    :param choices: the values, or a function of the mapping that returns them.
    """

    in_host = False

    def __init__(
        self,
        choices: Sequence[str] | Callable[["ResourceMapping"], Iterable[str]],
        *,
        required: bool = False,
        ignore_case: bool = True,
    ) -> None:
        super().__init__(required=required)
        self.choices = choices
        self.ignore_case = ignore_case

    def load(self, mapping: "ResourceMapping", target: Target, document: Document) -> Any:
        """Return the value if it is permitted."""
        value = target.get(document)
        if value is None:
            return None
        permitted = list(self.choices(mapping) if callable(self.choices) else self.choices)
        known = {self._key(choice) for choice in permitted}
        if self._key(value) in known:
            return value
        if mapping.passes_over("unknown_choice", target.path, value):
            return value
        raise ScimError("unknown_choice", field=target.path, value=value, near=near(value, permitted))

    def _key(self, text: str) -> str:
        return text.casefold() if self.ignore_case else text


class Status:
    """The column that says whether a user is Pending, Active or Inactive (A18).

    A host without a pending state leaves *pending* out; then a new user is active.
    """

    def __init__(self, column: str, *, active: Any, inactive: Any, pending: Any = None) -> None:
        self.column = column
        self.active = active
        self.inactive = inactive
        self.pending = active if pending is None else pending

    def is_active(self, value: Any) -> bool:
        """Return what ``active`` is on the wire: anything but Inactive (A18)."""
        return bool(value != self.inactive)
