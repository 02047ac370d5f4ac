"""Rules of the catalogue as a table: what each says, what is expected, and how it is looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from example_project.demo.scene import Scene

NOTHING = "–"
Text = str | Mapping[str, str]
"""A text, or one for each dialect where the two have to differ."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule looks like from outside and from inside; both are compared word for word."""

    http: str = NOTHING
    tables: str = NOTHING


Look = Callable[["Scene"], Seen]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what is expected is written here, and what is seen comes from *look*."""

    number: str
    says: str
    http: Text
    tables: Text
    look: Look

    def expected(self, dialect: str) -> Seen:
        """Return what has to be seen in one dialect."""
        return Seen(_in(dialect, self.http), _in(dialect, self.tables))

    @property
    def order(self) -> tuple[str, int, str]:
        """Sort A9 before A10."""
        letter, number, rest = re.fullmatch(r"(\D*)(\d*)(.*)", self.number, re.DOTALL).groups()  # type: ignore[union-attr]
        return letter, int(number or 0), rest


def _in(dialect: str, text: Text) -> str:
    return text if isinstance(text, str) else text[dialect]


@dataclass(slots=True)
class Rules:
    """The rules that one kind of scene is played for, in the order of the story."""

    rules: list[Rule] = field(default_factory=list)

    def rule(
        self, number: str, says: str, *, http: Text = NOTHING, tables: Text = NOTHING
    ) -> Callable[[Look], Look]:
        """Add the rule that the decorated function looks at."""

        def add(look: Look) -> Look:
            self.rules.append(Rule(number, says, http, tables, look))
            return look

        return add

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules)


@dataclass(slots=True)
class Row:
    """A rule with what was seen of it, dialect by dialect."""

    section: str
    rule: Rule
    seen: dict[str, Seen] = field(default_factory=dict)

    def matches(self, dialect: str) -> bool:
        """Whether one dialect showed what is expected."""
        return self.seen[dialect] == self.rule.expected(dialect)

    @property
    def ok(self) -> bool:
        """Whether every dialect did."""
        return bool(self.seen) and all(self.matches(dialect) for dialect in self.seen)

    @property
    def uniform(self) -> bool:
        """Whether the dialects look and are expected to look the same."""
        return len(set(self.seen.values())) == len({self.rule.expected(d) for d in self.seen}) == 1


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a rehearsal came to."""

    rows: list[Row]
    requests: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether every rule was seen as expected."""
        return bool(self.rows) and all(row.ok for row in self.rows)
