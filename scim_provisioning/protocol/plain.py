"""PATCH operations that need no engine: one text or boolean put in, or taken out of, one place.

Nearly all of what Entra sends is of this form (R5, R7, R8). The result is what the engine makes of it, which a
property test holds; anything else is left to the engine.
"""

import copy
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from scim2_models import Mutability, Required

from scim_provisioning.protocol.dialects import Operation
from scim_provisioning.protocol.schemas import ResourceModel

Document = dict[str, Any]
# Extension URN or None, attribute, sub-attribute or None, and the type of the value.
Place = tuple[str | None, str, str | None, type]


def patched(model: ResourceModel, document: Document, operations: Sequence[Operation]) -> Document | None:
    """Return what *document* becomes, or None when the engine has to do it."""
    kind: Any = model
    places = _places(kind)
    steps: list[tuple[Place, Any]] = []
    for operation in operations:
        place = places.get(operation["path"].lower())
        if place is None:
            return None
        value = operation.get("value") if operation["op"] != "remove" else None
        if operation["op"] != "remove" and type(value) is not place[3]:
            return None
        if operation["op"] == "remove" and "value" in operation:
            return None
        steps.append((place, value))
    changed = copy.deepcopy(document)
    for (urn, attribute, sub_attribute, _type), value in steps:
        _put(changed, [name for name in (urn, attribute, sub_attribute) if name], value)
    return changed


def _put(holder: Document, names: list[str], value: Any) -> None:
    name, *inner = names
    if inner:
        below = holder.setdefault(name, {})
        _put(below, inner, value)
        if not below:
            del holder[name]
    elif value is None:
        holder.pop(name, None)
    else:
        holder[name] = value


@lru_cache(maxsize=64)
def _places(model: Any) -> Mapping[str, Place]:
    """Return the places of a model by their paths in lower case, each with and without the core schema's URN."""
    places: dict[str, Place] = {}
    core = str(model.__schema__)
    for path, place in _places_of(model, None):
        places[path.lower()] = places[f"{core}:{path}".lower()] = place
    for urn, extension in model.get_extension_models().items():
        for path, place in _places_of(extension, urn):
            places[f"{urn}:{path}".lower()] = place
    return places


def _places_of(model: Any, urn: str | None) -> list[tuple[str, Place]]:
    found: list[tuple[str, Place]] = []
    for field, name in _writable(model):
        kind = model.get_field_root_type(field)
        if model.get_field_multiplicity(field):
            continue
        if kind in (str, bool):
            found.append((name, (urn, name, None, kind)))
        elif hasattr(kind, "model_fields") and getattr(kind, "__is_complex_attribute__", False):
            for sub_field, sub_name in _writable(kind):
                if kind.get_field_root_type(sub_field) is str:
                    found.append((f"{name}.{sub_name}", (urn, name, sub_name, str)))
    return found


def _writable(model: Any) -> list[tuple[str, str]]:
    """Return the fields that a client may change and clear, with their names on the wire."""
    return [
        (field, info.serialization_alias)
        for field, info in model.model_fields.items()
        if info.serialization_alias
        and model.get_field_annotation(field, Mutability) == Mutability.read_write
        and model.get_field_annotation(field, Required) == Required.false
    ]
