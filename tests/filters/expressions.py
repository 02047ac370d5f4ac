"""Random filters over the attributes of the random people, with values that some of them have."""

import json
import random
from datetime import datetime, timedelta
from typing import Any

from tests.factories import IS_EXAMPLE
from tests.filters.people import (
    ADDRESS_PARTS,
    CERTIFICATES,
    DEPARTMENTS,
    ENTERPRISE_PARTS,
    MULTIPLE,
    NAME_PARTS,
    ROLES,
    SINGLE,
    TEXTS,
    TYPES,
)
from tests.scim import ENTERPRISE, FLOWCASE, GROUP, USER

EQUALITY = ["eq", "ne"]
ORDER = ["gt", "ge", "lt", "le"]
TEXTUAL = [*EQUALITY, "eq", "co", "sw", "ew", *ORDER]
BOOLEAN, BINARY, MOMENT = "primary", "x509Certificates.value", "meta."
USER_PATHS = [
    "userName", "userName", "externalId", "id", "active", "active", "meta.created", "meta.lastModified",
    "meta.resourceType", "meta.version", *SINGLE, *(f"name.{part}" for part in NAME_PARTS), "name",
    *(f"{ENTERPRISE}:{part}" for part in ENTERPRISE_PARTS), f"{ENTERPRISE}:manager.value",
    *MULTIPLE, *(f"addresses.{part}" for part in ADDRESS_PARTS), "addresses.type", "addresses.primary",
    *(f"{name}.{part}" for name in MULTIPLE if name != "addresses" for part in ("value", "type", "display", "primary")),
    *([f"{FLOWCASE}:countryCode", f"{FLOWCASE}:countryName"] if IS_EXAMPLE else []),
]  # fmt: skip
GROUP_PATHS = [
    "displayName", "displayName", "externalId", "id", "meta.created", "meta.resourceType", "meta.version",
    "members", "members.value", "members.type", "members.display",
]  # fmt: skip


class Expressions:
    """Makes filters at random, always the same for a seed.

    :param shown: the resources as answers show them; values are taken from there.
    """

    def __init__(self, shown: list[dict[str, Any]], seed: int, *, groups: bool = False) -> None:
        self.shown = shown
        self.random = random.Random(seed)
        self.paths = GROUP_PATHS if groups else USER_PATHS
        self.multiple = ["members"] if groups else MULTIPLE
        self.core = GROUP if groups else USER
        self.choices = 1 if groups else None

    def filter(self, depth: int = 3) -> str:
        """Return a filter."""
        choice = self.random.random()
        if depth and choice < 0.2:
            joint = self.random.choice([" and ", " or ", " AND "])
            terms = [self.grouped(depth - 1) for _ in range(self.random.choice([2, 2, 3]))]
            return joint.join(terms)
        if depth and choice < 0.3:
            return f"{self.random.choice(['not', 'NOT '])} ({self.filter(depth - 1)})"
        if choice < 0.5:
            return self.value_path()
        return self.comparison(self.random.choice(self.paths))

    def grouped(self, depth: int) -> str:
        """Return a term that stands among others; with parentheses it is one whatever it holds."""
        text = self.filter(depth)
        return f"({text})" if " and " in text.lower() or " or " in text.lower() else text

    def value_path(self) -> str:
        """Return a selection of entries, as the RFC writes it or as Entra does (R2)."""
        # The host has columns of e-mails and phone numbers; every form of them is of interest.
        attribute = self.random.choice([*self.multiple, *(["emails", "phoneNumbers"] * 3)][: self.choices])
        if attribute == "members":
            return f"{self.cased('members')}[{self.inside(attribute, 2)}]"
        if self.random.random() < 0.4:
            entry = self.comparison(f"{attribute}.type", inner=True)
            sub = self.random.choice(
                ["display", "primary"] if attribute == "addresses" else ["value", "display"]
            )
            sub = "locality" if (attribute, sub) == ("addresses", "display") else sub
            tail = self.comparison(f"{attribute}.{sub}", inner=True)
            if sub == "value" and self.random.random() < 0.4:
                tail = f"value eq {json.dumps(self.entry_value(attribute))}"
            kind = self.random.choice(["work", "Work", "home"])
            entry = entry if self.random.random() < 0.3 else f'type eq "{kind}"'
            return f"{self.cased(attribute)}[{entry}].{tail}"
        return f"{self.cased(attribute)}[{self.inside(attribute, 2)}]"

    def entry_value(self, attribute: str) -> str:
        """Return the value of any work entry, in its own case or another."""
        entries = [entry for found in self.shown for entry in found.get(attribute, ())]
        values = [
            entry["value"]
            for entry in entries
            if entry.get("type", "").lower() == "work" and "value" in entry
        ]
        text = self.random.choice(values or ["x"])
        return str(self.random.choice([text, text.upper(), text.lower()]))

    def inside(self, attribute: str, depth: int) -> str:
        """Return a filter on one entry."""
        choice = self.random.random()
        if depth and choice < 0.45:
            joint = self.random.choice([" and ", " or "])
            return joint.join(f"({self.inside(attribute, depth - 1)})" for _ in range(2))
        if depth and choice < 0.6:
            return f"not ({self.inside(attribute, depth - 1)})"
        subs = [path for path in self.paths if path.startswith(f"{attribute}.")]
        return self.comparison(self.random.choice(subs), inner=True)

    def comparison(self, path: str, *, inner: bool = False) -> str:
        """Return one comparison; *inner* leaves the attribute out, as in brackets."""
        name = path.partition(".")[2] if inner else path
        written = self.cased(name) if inner else self.qualified(name)
        if self.random.random() < 0.15:
            return f"{written} {self.random.choice(['pr', 'PR'])}"
        if self.random.random() < 0.08:
            return f"{written} {self.random.choice(EQUALITY)} null"
        operator, value = self.operator_and_value(path)
        return f"{written} {self.random.choice([operator, operator, operator.upper()])} {value}"

    def operator_and_value(self, path: str) -> tuple[str, str]:
        """Return an operator that the attribute has, and a value of its type."""
        if path == "active" or path.endswith(BOOLEAN):
            return self.random.choice(EQUALITY), self.random.choice(
                ["true", "false", "True", '"true"', '"False"']
            )
        if path in (BINARY, "x509Certificates"):
            return self.random.choice(EQUALITY), json.dumps(self.random.choice(CERTIFICATES))
        if path in ("meta.created", "meta.lastModified"):
            return self.random.choice([*EQUALITY, *ORDER]), json.dumps(self.moment(path))
        return self.random.choice(TEXTUAL), json.dumps(
            self.text(path), ensure_ascii=self.random.random() < 0.3
        )

    def moment(self, path: str) -> str:
        """Return a moment at or near one that a resource has, in one of the spellings of RFC 3339."""
        shown = self.random.choice(self.shown)["meta"][path.partition(".")[2]]
        if self.random.random() < 0.5:
            return str(shown)
        at = datetime.fromisoformat(shown) + timedelta(
            microseconds=self.random.choice([-1000, -1, 0, 1, 999, 1000])
        )
        return at.isoformat() if self.random.random() < 0.5 else at.isoformat().replace("+00:00", "Z")

    def text(self, path: str) -> str:
        """Return a value of some resource, or a piece of it, or another text."""
        found = [value for value in values_at(self.random.choice(self.shown), path) if isinstance(value, str)]
        if not found or self.random.random() < 0.2:
            found = [*self.random.sample(TEXTS, 3), *TYPES[:2], *ROLES[:1], *DEPARTMENTS[:1], ""]
        text = self.random.choice(found)
        if text and self.random.random() < 0.3:
            start = self.random.randrange(len(text))
            text = text[start : start + self.random.choice([1, 2, 5])]
        return self.random.choice([text, text, text.swapcase(), text.upper(), text.lower()])

    def qualified(self, path: str) -> str:
        """Return a path in some letter case, with the URN of its schema or without."""
        urn, colon, name = path.rpartition(":")
        if colon:
            return f"{self.cased(urn)}:{self.cased(name)}"
        if path.startswith(("id", "externalId", "meta")) or self.random.random() < 0.8:
            return self.cased(path)
        return f"{self.core}:{self.cased(path)}"

    def cased(self, name: str) -> str:
        """Return a name in some letter case."""
        return self.random.choice([name, name, name, name.lower(), name.upper()])


def values_at(resource: dict[str, Any], path: str) -> list[Any]:
    """Return the values that a resource shows under a path."""
    urn, _colon, name = path.rpartition(":")
    attribute, _dot, sub_attribute = name.partition(".")
    holder = resource.get(urn, {}) if urn else resource
    found = holder.get(attribute)
    entries = found if isinstance(found, list) else [found]
    if sub_attribute:
        entries = [entry.get(sub_attribute) for entry in entries if isinstance(entry, dict)]
    return [entry.get("value") if isinstance(entry, dict) else entry for entry in entries]
