"""References to rows of the Hub that a name stands for, narrowed by other attributes (B13, B14)."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models

from scim_provisioning.mapping.attributes import NEAR_NAMES, Attribute, near
from scim_provisioning.mapping.targets import Document, Target
from scim_provisioning.protocol.errors import ScimError, shown

if TYPE_CHECKING:
    from scim_provisioning.mapping.users import ResourceMapping

CANDIDATES_FOR_NEAR_NAMES = 500


class Reference(Attribute):
    """A foreign key to a row that must exist; SCIM never creates one (B13).

    :param name: the foreign key on the host's model.
    :param by: the column of the referenced model that the SCIM value names.
    :param narrowed_by: SCIM paths whose values tell rows of one name apart, and the lookup each is compared with.
    :param within: the referenced model's foreign key to the organization; None for a table all share.
    """

    def __init__(
        self,
        name: str,
        *,
        by: str,
        narrowed_by: Mapping[str, str] | None = None,
        within: str | None = "organization",
        required: bool = False,
    ) -> None:
        super().__init__(required=required)
        self.name = name
        self.by = by
        self.narrowed_by = dict(narrowed_by or {})
        self.within = within

    def lookups(self) -> tuple[str, ...]:
        """Return the foreign key and the name behind it."""
        return (f"{self.name}_id", f"{self.name}__{self.by}")

    def fields(self) -> tuple[str, ...]:
        """Return the foreign key."""
        return (self.name,)

    def filter_lookup(self) -> str | None:
        """Return the name behind the foreign key."""
        return f"{self.name}__{self.by}"

    def depends_on(self) -> tuple[str, ...]:
        """Return the narrowing paths."""
        return tuple(self.narrowed_by)

    def render(self, values: Mapping[str, Any]) -> Any:
        """Return the name of the referenced row."""
        return values[f"{self.name}__{self.by}"]

    def candidates(self, mapping: "ResourceMapping") -> models.QuerySet[Any]:
        """Return the rows that this organization may refer to."""
        rows = self._related(mapping.model)._default_manager.all()
        return rows.filter(**{self.within: mapping.organization}) if self.within else rows

    def load(self, mapping: "ResourceMapping", target: Target, document: Document) -> Any:
        """Return the referenced row's key, or None; unknown and ambiguous names are refused (B13, B14)."""
        value = target.get(document)
        if value is None:
            return None
        named = self.candidates(mapping).filter(**{self.by: value})
        places = {path: mapping.target(path).get(document) for path in self.narrowed_by}
        narrowing = {path: place for path, place in places.items() if place is not None}
        rows = named.filter(**{self.narrowed_by[path]: place for path, place in narrowing.items()})
        found = list(rows.values_list("pk", flat=True)[:2])
        if len(found) == 1:
            return found[0]
        # Which of the two it is costs no query; what else a refusal says would.
        code = "ambiguous_reference" if found else "unknown_reference"
        if mapping.passes_over(code, target.path, value):
            return None
        if found:
            choices = " or ".join(self.narrowed_by) or "none is available"
            raise ScimError("ambiguous_reference", field=target.path, value=value, narrowed_by=choices)
        if narrowing and named.exists():
            raise self._elsewhere(target, value, named, narrowing)
        names = self.candidates(mapping).values_list(self.by, flat=True)[:CANDIDATES_FOR_NEAR_NAMES]
        raise ScimError("unknown_reference", field=target.path, value=value, near=near(str(value), names))

    def _elsewhere(
        self, target: Target, value: Any, named: models.QuerySet[Any], narrowing: Mapping[str, Any]
    ) -> ScimError:
        """Return the refusal of a name that exists, but not where the narrowing attributes say (B14)."""
        path, lookup = next((path, self.narrowed_by[path]) for path in narrowing)
        column = lookup.removesuffix("__iexact").removesuffix("__exact")
        choices = ""
        if column != lookup:
            known = sorted({str(place) for place in named.values_list(column, flat=True)[:NEAR_NAMES]})
            choices = f", but with {path} {' or '.join(shown(place) for place in known)}"
        return ScimError(
            "reference_elsewhere",
            field=target.path,
            value=value,
            narrowing=" and ".join(f"{path} {shown(place)}" for path, place in narrowing.items()),
            choices=choices,
        )

    def assign(self, instance: models.Model, value: Any) -> None:
        """Set the foreign key."""
        setattr(instance, f"{self.name}_id", value)

    def values_of(self, instance: models.Model, value: Any, scim_value: Any) -> Mapping[str, Any]:
        """Return the foreign key, and the name that was found behind it."""
        return {f"{self.name}_id": value, f"{self.name}__{self.by}": None if value is None else scim_value}

    def keeps(self, value: Any) -> bool:
        """Return whether a row was found; an ignored name stays with the SCIM resource and is returned."""
        return value is not None

    def problems(self, model: type[models.Model]) -> Iterable[str]:
        """Yield when the foreign key, the name or the tenancy column is not there."""
        try:
            related = self._related(model)
        except (FieldDoesNotExist, AttributeError):
            yield f"{model._meta.label} has no foreign key {self.name!r}"
            return
        for column in (self.by, self.within):
            if column is not None and column not in {field.name for field in related._meta.get_fields()}:
                yield f"{related._meta.label} has no field {column!r}"

    def _related(self, model: type[models.Model]) -> type[models.Model]:
        field = model._meta.get_field(self.name)
        if not isinstance(field, models.ForeignKey):
            raise FieldDoesNotExist
        return field.related_model
