"""``attributes`` and ``excludedAttributes``: which part of a resource an answer carries (RFC 7644 section 3.9)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scim_provisioning.protocol.errors import ScimError

ALWAYS = frozenset({"id", "schemas"})
# Microsoft's own collection asks for attributes=emails[type eq "work"].
_BRACKETS = re.compile(r"\[[^\]]*\]")


@dataclass(frozen=True, slots=True)
class Projection:
    """What was asked for and what was not wanted, in lower case."""

    attributes: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()

    def wants(self, name: str) -> bool:
        """Return whether a top-level attribute appears in the answer at all."""
        lowered = name.lower()
        if self.attributes:
            return any(_first(path) == lowered for path in self.attributes)
        return lowered not in self.excluded

    def apply(self, resource: dict[str, Any]) -> dict[str, Any]:
        """Return the part of *resource* that was asked for."""
        if self.attributes:
            return _only(resource, self.attributes)
        if self.excluded:
            return _without(resource, self.excluded)
        return resource


def read_projection(parameters: Mapping[str, str]) -> Projection:
    """Return the projection that a query or a search request names."""
    attributes = _paths(parameters.get("attributes"))
    excluded = _paths(parameters.get("excludedAttributes"))
    if attributes and excluded:
        raise ScimError("bad_projection")
    return Projection(attributes, excluded)


def _paths(text: str | None) -> tuple[str, ...]:
    if not text:
        return ()
    return tuple(
        _relative(path) for part in _BRACKETS.sub("", text).split(",") if (path := part.strip().lower())
    )


def _relative(path: str) -> str:
    core, separator, name = path.rpartition(":")
    is_core = core.startswith("urn:ietf:params:scim:schemas:core:2.0:")
    return name if separator and is_core else path


def _first(path: str) -> str:
    return path if path.startswith("urn:") else path.partition(".")[0]


def _only(resource: dict[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    kept = {}
    for name, value in resource.items():
        lowered = name.lower()
        if name in ALWAYS or lowered in paths:
            kept[name] = value
            continue
        separator = ":" if lowered.startswith("urn:") else "."
        inner = tuple(path[len(lowered) + 1 :] for path in paths if path.startswith(lowered + separator))
        if inner and (part := _inside(value, lambda item, inner=inner: _only(item, inner))):
            kept[name] = part
    return kept


def _without(resource: dict[str, Any], paths: tuple[str, ...]) -> dict[str, Any]:
    kept = {}
    for name, value in resource.items():
        lowered = name.lower()
        if lowered in paths and name not in ALWAYS:
            continue
        separator = ":" if lowered.startswith("urn:") else "."
        inner = tuple(path[len(lowered) + 1 :] for path in paths if path.startswith(lowered + separator))
        kept[name] = _inside(value, lambda item, inner=inner: _without(item, inner)) if inner else value
    return kept


def _inside(value: Any, function: Any) -> Any:
    if isinstance(value, dict):
        return function(value)
    if isinstance(value, list):
        parts = [function(item) if isinstance(item, dict) else item for item in value]
        return [part for part in parts if part not in ({}, None)]
    return value
