"""The masking rule of the log: what of a change, a request and an answer is kept, and how much of it."""

import json
import re
from typing import Any

from scim_provisioning import conf
from scim_provisioning.mapping.targets import Document

# Attributes whose values are never kept, by their names in small letters.
SECRET = frozenset({"password"})
PERSONAL = frozenset({"addresses", "phonenumbers", "photos"})
HIDDEN = SECRET | PERSONAL
# What tells the shape of a request, even where values are not kept.
SHAPE = frozenset({"op", "primary", "type"})
MASK = "•••"
CUT = "…"
# So much of one text, or of one name, is kept.
LONGEST_TEXT = 500
LONGEST_NAME = 200
_BRACKETS = re.compile(r"\[.*\]", re.DOTALL)


def changes_between(before: Document, after: Document) -> dict[str, Any]:
    """Return the changed attributes with their values before and after, under the masking rule."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if not conf.value("EVENT_VALUES"):
        return {name: {} for name in names}
    return {
        name: {} if name.lower() in HIDDEN else {"before": before.get(name), "after": after.get(name)}
        for name in names
    }


def kept_text(body: Any) -> str:
    """Return a body as the log keeps it: JSON, masked, and no longer than ``MAX_EVENT_BODY`` or so."""
    if body is None:
        return ""
    masked = Masking(conf.value("MAX_EVENT_BODY")).value(body, hidden=not conf.value("EVENT_VALUES"))
    return json.dumps(masked, ensure_ascii=False)


def head_of(path: str) -> str:
    """Return the attribute that a path begins with, in small letters and without its schema."""
    return path.partition("[")[0].rpartition(":")[2].partition(".")[0].strip().lower()


class Masking:
    """One body on its way into the log; what it costs depends on what is kept, not on what was sent.

    :param characters: how much is kept.
    """

    def __init__(self, characters: int) -> None:
        self.left = characters

    def value(self, value: Any, *, hidden: bool) -> Any:
        """Return a value as it is kept."""
        if isinstance(value, dict):
            return self._object(value, hidden)
        if isinstance(value, list):
            return self._list(value, hidden)
        if value is None or hidden:
            self.left -= 4
            return None if value is None else MASK
        if isinstance(value, str):
            return self._text(value, LONGEST_TEXT)
        self.left -= 8
        return value

    def _text(self, text: str, longest: int) -> str:
        kept = text[: max(0, min(longest, self.left))]
        self.left -= len(kept) + 4
        return kept if len(kept) == len(text) else kept + CUT

    def _list(self, values: list[Any], hidden: bool) -> list[Any]:
        kept: list[Any] = []
        for value in values:
            if self.left <= 0:
                return [*kept, CUT]
            kept.append(self.value(value, hidden=hidden))
        return kept

    def _object(self, document: dict[str, Any], hidden: bool) -> dict[str, Any]:
        paths = [value for key, value in document.items() if key.lower() == "path" and isinstance(value, str)]
        all_hidden = hidden or any(head_of(path) in HIDDEN for path in paths)
        kept: dict[str, Any] = {}
        for key, value in document.items():
            if self.left <= 0:
                kept[CUT] = CUT
                break
            name = key.lower()
            key_hidden = all_hidden or head_of(key) in HIDDEN
            if name == "path" and isinstance(value, str):
                kept[self._name(key)] = self._path(value, all_hidden)
            elif name in SHAPE and isinstance(value, (str, bool)):
                kept[self._name(key)] = self.value(value, hidden=False)
            else:
                kept[self._path(key, key_hidden)] = self.value(value, hidden=key_hidden)
        return kept

    def _name(self, name: str) -> str:
        return self._text(name, LONGEST_NAME)

    def _path(self, path: str, hidden: bool) -> str:
        """Return a path; the values that its filter names are values too."""
        return self._name(_BRACKETS.sub(f"[{CUT}]", path) if hidden else path)
