"""Where in a SCIM document a mapped attribute stands: the left column of a mapping."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic.alias_generators import to_camel
from scim2_models import Path
from scim2_models.exceptions import SCIMException
from scim2_models.path import AttributeBinding, CompareOperator, Comparison

from scim_provisioning.protocol.schemas import ResourceModel

Document = dict[str, Any]


class BadTarget(ValueError):
    """A path that no attribute of the resource has."""


@dataclass(frozen=True, slots=True)
class Target:
    """One attribute of a document: ``title``, ``name.givenName``, ``emails[type eq "work"].value``, ``URN:x``."""

    path: str
    urn: str | None
    attribute: str
    selector: tuple[str, Any] | None = None
    sub_attribute: str | None = None
    multi_valued: bool = False

    def get(self, document: Document) -> Any:
        """Return the value at this place, or None."""
        holder = document.get(self.urn) if self.urn else document
        value = holder.get(self.attribute) if holder else None
        if value is None or self.sub_attribute is None:
            return value
        if self.selector is None:
            return value.get(self.sub_attribute)
        return next((entry.get(self.sub_attribute) for entry in self._selected(value)), None)

    def occurs(self, document: Document) -> bool:
        """Return whether there is any value at this place; unlike :meth:`get`, in any selected entry."""
        holder = document.get(self.urn) if self.urn else document
        value = holder.get(self.attribute) if holder else None
        if value is None or self.selector is None:
            return self.get(document) is not None
        return any(entry.get(self.sub_attribute or "") is not None for entry in self._selected(value))

    def set(self, document: Document, value: Any) -> None:
        """Put *value* at this place; an entry that another one with the same selector holds is left alone."""
        holder = document.setdefault(self.urn, {}) if self.urn else document
        if self.sub_attribute is None:
            holder[self.attribute] = value
        elif self.selector is None:
            holder.setdefault(self.attribute, {})[self.sub_attribute] = value
        else:
            entries = holder.setdefault(self.attribute, [])
            for entry in self._selected(entries):
                if self.sub_attribute not in entry:
                    entry[self.sub_attribute] = value
                    return
            name, wanted = self.selector
            entries.insert(0, {name: wanted, self.sub_attribute: value})

    def discard(self, document: Document) -> None:
        """Take the value at this place out, and what is left empty by it; entries keep their order."""
        holder = document.get(self.urn) if self.urn else document
        if not holder or self.attribute not in holder:
            return
        if self.sub_attribute is None:
            del holder[self.attribute]
        elif self.selector is None:
            holder[self.attribute].pop(self.sub_attribute, None)
            if not holder[self.attribute]:
                del holder[self.attribute]
        else:
            for entry in self._selected(holder[self.attribute]):
                entry.pop(self.sub_attribute, None)
                break
        if self.urn and not holder:
            del document[self.urn]

    def prune(self, document: Document) -> None:
        """Drop the entry that holds nothing but its selector, as one whose value the host has lost does."""
        if self.selector is None:
            return
        holder = document.get(self.urn) if self.urn else document
        if not holder or self.attribute not in holder:
            return
        empty = [
            entry
            for entry in self._selected(holder[self.attribute])
            if set(entry) <= {self.selector[0], "primary"}
        ]
        kept = [entry for entry in holder[self.attribute] if not any(entry is one for one in empty)]
        if kept:
            holder[self.attribute] = kept
        else:
            del holder[self.attribute]

    def _selected(self, entries: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        if self.selector is None:
            return
        name, wanted = self.selector
        for entry in entries:
            value = entry.get(name)
            if value == wanted or (isinstance(value, str) and value.casefold() == str(wanted).casefold()):
                yield entry


def read_target(model: ResourceModel, text: str) -> Target:
    """Return the target that a mapping's left column names.

    :raises BadTarget: when the text is no path or the model does not declare the attribute.
    """
    try:
        path = Path.__class_getitem__(model)(text)
        binding = path.resolve()
    except SCIMException as error:
        raise BadTarget(f"{text} is not an attribute path: {error.detail}") from None
    if binding is None:
        raise BadTarget(f"{text} is not an attribute of the resource")
    selector = None
    if path.value_filter is not None:
        node = path.value_filter
        if not (isinstance(node, Comparison) and node.op == CompareOperator.eq and binding.sub_field_name):
            raise BadTarget(f'{text} must select with one "eq" and name a sub-attribute')
        selector = (node.attr_path.attr, node.value)
    urn, attribute, sub_attribute = canonical_names(model, binding)
    if binding.is_multivalued and sub_attribute and selector is None:
        raise BadTarget(
            f'{text} has several values; select one, as in {attribute}[type eq "work"].{sub_attribute}'
        )
    return Target(text, urn, attribute, selector, sub_attribute, binding.is_multivalued)


def canonical_names(model: ResourceModel, binding: AttributeBinding) -> tuple[str | None, str, str | None]:
    """Return (extension URN or None, attribute, sub-attribute) in the RFC's spelling."""
    holder: Any = binding.model
    urn = None if issubclass(model, holder) else str(holder.__schema__)
    attribute = _scim_name(holder, binding.field_name)
    if binding.sub_field_name is None:
        return urn, attribute, None
    return urn, attribute, _scim_name(binding.field_type, binding.sub_field_name)


def scim_names(model: Any) -> list[str]:
    """Return the names of a model's attributes in the RFC's spelling."""
    return [_scim_name(model, field) for field in model.model_fields]


def _scim_name(model: Any, field: str) -> str:
    return model.model_fields[field].serialization_alias or to_camel(field)
