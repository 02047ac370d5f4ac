"""Target attributes of a mapping, such as `emails[type eq "work"].value`, in a SCIM document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Document = dict[str, Any]

CORE_USER = "urn:ietf:params:scim:schemas:core:2.0:User"
CORE_GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
MANAGER = f"{ENTERPRISE}:manager"
ROLE_TYPE = "WindowsAzureActiveDirectoryRole"

_FILTERED = re.compile(r'^(?P<name>\w+)\[(?P<key>\w+) eq "(?P<match>[^"]*)"\](?:\.(?P<sub>\w+))?$')


@dataclass(frozen=True, slots=True)
class Target:
    """A target attribute taken apart: extension URN, attribute, value filter, sub-attribute."""

    text: str
    name: str
    urn: str | None = None
    key: str | None = None
    match: str | None = None
    sub: str | None = None

    @property
    def filtered(self) -> bool:
        """Whether the path selects elements of a multi-valued attribute."""
        return self.key is not None

    @property
    def boolean(self) -> bool:
        """Whether the target holds a boolean, which the legacy dialect writes as a string (R8)."""
        return self.name == "active" or self.sub == "primary"

    def read(self, document: Document) -> Any:
        """Return the value a document holds at this path, None when it holds none."""
        holder = document.get(self.urn) if self.urn else document
        value = holder.get(self.name) if isinstance(holder, dict) else None
        if self.filtered:
            elements = [e for e in value if isinstance(e, dict)] if isinstance(value, list) else []
            value = next((e for e in elements if self._selects(e)), None)
        if self.sub and isinstance(value, dict):
            return value.get(self.sub)
        return None if self.sub else value

    def write(self, document: Document, value: object) -> None:
        """Put a value into the body of a creation, making what the path needs (R4)."""
        holder = document.setdefault(self.urn, {}) if self.urn else document
        if self.filtered:
            elements = holder.setdefault(self.name, [])
            element = next((e for e in elements if self._selects(e)), None)
            if element is None:
                element = self._new_element()
                elements.append(element)
            element[self.sub or "value"] = value
        elif self.sub:
            holder.setdefault(self.name, {})[self.sub] = value
        else:
            holder[self.name] = value

    def _selects(self, element: Document) -> bool:
        # `primary eq "True"` compares a text with a boolean (R13).
        return self.key in element and str(element[self.key]).lower() == (self.match or "").lower()

    def _new_element(self) -> Document:
        if self.key == "primary":
            return {"primary": self.match == "True", "type": ROLE_TYPE}
        element: Document = {str(self.key): self.match}
        if self.name == "emails" and self.match == "work":
            element = {"primary": True, **element}
        return element


@lru_cache(maxsize=512)
def parse_target(text: str) -> Target:
    """Take a target attribute apart; URNs contain dots, so they end at the last colon (R12)."""
    urn, rest = None, text
    if text.lower().startswith("urn:"):
        urn, _, rest = text.rpartition(":")
    match = _FILTERED.match(rest)
    if match:
        return Target(text, match["name"], urn, match["key"], match["match"], match["sub"])
    name, _, sub = rest.partition(".")
    if not name or "[" in rest:
        raise ValueError(f"{text!r} is not a target attribute")
    return Target(text, name, urn, sub=sub or None)


def boolean_of(value: object) -> object:
    """Turn the expression language's `"True"` and `"False"` into JSON booleans."""
    return {"True": True, "False": False}.get(value, value) if isinstance(value, str) else value
