"""From a document to host values: which lines of the mapping a change touches, and who keeps what."""

from collections.abc import Mapping
from typing import Any

from scim_provisioning.lifecycle.guards import mapped_attributes
from scim_provisioning.mapping.attributes import Attribute
from scim_provisioning.mapping.rendering import kept_attributes
from scim_provisioning.mapping.targets import Document
from scim_provisioning.mapping.users import ResourceMapping
from scim_provisioning.models import Connection
from scim_provisioning.protocol.errors import ScimError

# SCIM path of a line to the line and its loaded host value.
Loaded = dict[str, tuple[Attribute, Any]]


def load(mapping: ResourceMapping, after: Document, before: Document) -> Loaded:
    """Return the host values of the lines that a change touches, judged on the resulting document (B18).

    A line is also touched when an attribute that it depends on is, as a department by its country.
    """
    loaded: Loaded = {}
    for target, attribute in mapping.lines():
        value = target.get(after)
        touched = not before or value != target.get(before)
        for path in attribute.depends_on():
            other = mapping.target(path)
            touched = touched or other.get(after) != other.get(before)
        if not touched:
            continue
        if attribute.required and value is None:
            raise ScimError("missing_attribute", field=target.path)
        loaded[target.path] = (attribute, attribute.load(mapping, target, after))
    return loaded


def assign(row: Any, loaded: Loaded) -> list[str]:
    """Put loaded values on the host's instance, and return the columns that a save has to write."""
    columns: list[str] = []
    for attribute, value in loaded.values():
        attribute.assign(row, value)
        columns += attribute.fields()
    return columns


def values_of(mapping: ResourceMapping, row: Any, loaded: Loaded, document: Document) -> dict[str, Any]:
    """Return what the host's lookups hold after loaded values were saved."""
    values: dict[str, Any] = {}
    for path, (attribute, value) in loaded.items():
        values.update(attribute.values_of(row, value, mapping.target(path).get(document)))
    return values


def held_paths(mapping: ResourceMapping, loaded: Loaded, values: Mapping[str, Any]) -> set[str]:
    """Return the lines whose values the host holds after the change."""
    held = set()
    for target, attribute in mapping.lines():
        if target.path in loaded:
            if attribute.keeps(loaded[target.path][1]):
                held.add(target.path)
        elif attribute.in_host and attribute.render(values) is not None:
            held.add(target.path)
    return held


def to_keep(mapping: ResourceMapping, document: Document, held: set[str]) -> dict[str, Any]:
    """Return what the SCIM resource keeps; attributes that are nobody's are dropped where the policy says so."""
    kept = kept_attributes(mapping, document, held)
    if mapping.connection.unmapped_attributes != Connection.Unmapped.IGNORE:
        return kept
    mapped = mapped_attributes(mapping)
    plain = {name: value for name, value in kept.items() if name.startswith("urn:") or ("", name) in mapped}
    for urn in [name for name in plain if name.startswith("urn:")]:
        plain[urn] = {name: value for name, value in plain[urn].items() if (urn, name) in mapped}
        if not plain[urn]:
            del plain[urn]
    return plain
