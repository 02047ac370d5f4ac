"""Entra's expression language for attribute mappings: the text on the screen is what runs.

An expression is a function call, an attribute in brackets, or a literal::

    Switch([IsSoftDeleted], , "False", "True", "True", "False")
    Join(" ", [givenName], [surname])

Functions are those that products' setup guides use; each is a small callable in `FUNCTIONS`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from scim_provisioning.simulator.objects import AppRole

Roles = tuple[AppRole, ...]


@dataclass(frozen=True, slots=True)
class RoleSet:
    """What the two complex role functions yield; *assertive* ones replace the full set (R13)."""

    roles: Roles
    assertive: bool = False


Value = str | Roles | RoleSet | None


class SourceObject(Protocol):
    """A directory object as expressions see it."""

    def attribute(self, name: str) -> Value:
        """Return the value of a source attribute, None when it is empty."""


class ExpressionError(ValueError):
    """The expression does not parse or calls an unknown function; the message quotes it."""


@dataclass(frozen=True, slots=True)
class _Attribute:
    name: str

    def evaluate(self, source: SourceObject) -> Value:
        return source.attribute(self.name)


@dataclass(frozen=True, slots=True)
class _Literal:
    value: str | None

    def evaluate(self, source: SourceObject) -> Value:
        return self.value


@dataclass(frozen=True, slots=True)
class _Call:
    function: Callable[[Sequence[Value]], Value]
    arguments: tuple[_Node, ...]

    def evaluate(self, source: SourceObject) -> Value:
        return self.function([argument.evaluate(source) for argument in self.arguments])


_Node = _Attribute | _Literal | _Call

_TOKEN = re.compile(r'\s*(?:(?P<name>[A-Za-z]\w*)|\[(?P<attribute>[^\]]+)\]|"(?P<text>(?:[^"\\]|\\.)*)"'
                    r"|(?P<number>-?\d+)|(?P<mark>[(),]))")  # fmt: skip


class Expression:
    """A parsed expression that keeps the text of Entra's screen."""

    def __init__(self, text: str) -> None:
        """Parse *text*; an unknown function or stray character raises `ExpressionError`."""
        self.text = text
        self._tokens = self._tokenize(text)
        self._next = 0
        self._root = self._parse()
        if self._next != len(self._tokens):
            raise self._error("text after the end")

    def evaluate(self, source: SourceObject) -> Value:
        """Return the value for one directory object; an empty text counts as no value (C5)."""
        return self._root.evaluate(source) or None

    @staticmethod
    def _tokenize(text: str) -> list[tuple[str, str]]:
        tokens, position, text = [], 0, text.strip()
        while position < len(text):
            match = _TOKEN.match(text, position)
            if match is None or match.lastgroup is None:
                raise ExpressionError(f"cannot read {text!r} at {text[position : position + 12]!r}")
            tokens.append((match.lastgroup, match[match.lastgroup]))
            position = match.end()
        return tokens

    def _error(self, what: str) -> ExpressionError:
        return ExpressionError(f"cannot read {self.text!r}: {what}")

    def _take(self) -> tuple[str, str]:
        if self._next >= len(self._tokens):
            raise self._error("it ends too early")
        self._next += 1
        return self._tokens[self._next - 1]

    def _peek(self) -> str:
        return self._tokens[self._next][1] if self._next < len(self._tokens) else ""

    def _parse(self) -> _Node:
        kind, text = self._take()
        if kind == "attribute":
            return _Attribute(text.strip())
        if kind in {"text", "number"}:
            return _Literal(re.sub(r"\\(.)", r"\1", text))
        function = FUNCTIONS.get(text.lower())
        if kind != "name" or function is None:
            raise self._error(f"unknown function {text!r}")
        if self._take() != ("mark", "("):
            raise self._error(f"{text} needs parentheses")
        return _Call(function, tuple(self._arguments()))

    def _arguments(self) -> list[_Node]:
        arguments: list[_Node] = []
        while True:
            # An argument may be left out, as in `Switch([x], , …)`.
            arguments.append(_Literal(None) if self._peek() in {",", ")"} else self._parse())
            mark = self._take()
            if mark == ("mark", ")"):
                return arguments
            if mark != ("mark", ","):
                raise self._error(f"{mark[1]!r} where ',' or ')' belongs")


@lru_cache(maxsize=512)
def parse_expression(text: str) -> Expression:
    """Return the parsed expression; the same text is parsed once."""
    return Expression(text)


def _text(arguments: Sequence[Value], position: int) -> str | None:
    value = arguments[position] if position < len(arguments) else None
    return value if isinstance(value, str) else None


def _roles(arguments: Sequence[Value]) -> Roles:
    value = arguments[0] if arguments else None
    return value if isinstance(value, tuple) else ()


def on_text(change: Callable[[str], str]) -> Callable[[Sequence[Value]], Value]:
    """Make a function of the language from one that changes a text; no text stays no text."""

    def function(arguments: Sequence[Value]) -> Value:
        source = _text(arguments, 0)
        return None if source is None else change(source)

    return function


def switch(arguments: Sequence[Value]) -> Value:
    """Return the value paired with the key that equals the source, else the default."""
    source = _text(arguments, 0)
    pairs = arguments[2:]
    for key, value in zip(pairs[::2], pairs[1::2], strict=False):
        if key == source:
            return value
    return _text(arguments, 1)


def join(arguments: Sequence[Value]) -> Value:
    """Join the values that are not empty with the first argument between them."""
    return (_text(arguments, 0) or "").join(part for part in arguments[1:] if isinstance(part, str) and part)


def coalesce(arguments: Sequence[Value]) -> Value:
    """Return the first value that is not empty."""
    return next((value for value in arguments if value), None)


def mid(arguments: Sequence[Value]) -> Value:
    """Return *length* letters from *start*, counted from 1."""
    source, start, length = _text(arguments, 0), int(_text(arguments, 1) or 1), int(_text(arguments, 2) or 0)
    return None if source is None else source[start - 1 : start - 1 + length]


def append(arguments: Sequence[Value]) -> Value:
    """Add the second argument to the end of the source."""
    source = _text(arguments, 0)
    return None if source is None else source + (_text(arguments, 1) or "")


def replace(arguments: Sequence[Value]) -> Value:
    """Replace a text, or a regular expression's matches, by the fifth argument."""
    source, old, pattern = _text(arguments, 0), _text(arguments, 1), _text(arguments, 2)
    new = _text(arguments, 4) or ""
    if source is None:
        return None
    if pattern is not None:
        return re.sub(pattern, lambda _: new, source)
    return source.replace(old, new) if old else source


def without_diacritics(text: str) -> str:
    """Return the text with accents taken off its letters."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def single_role(arguments: Sequence[Value]) -> Value:
    """Return the value of one role; with several assigned, Entra picks one (R13)."""
    return next((role.value for role in _roles(arguments)), None)


FUNCTIONS: dict[str, Callable[[Sequence[Value]], Value]] = {
    "append": append,
    "approleassignmentscomplex": lambda arguments: RoleSet(_roles(arguments)),
    "assertiveapproleassignmentscomplex": lambda arguments: RoleSet(_roles(arguments), assertive=True),
    "coalesce": coalesce,
    "join": join,
    "mid": mid,
    "normalizediacritics": on_text(without_diacritics),
    "not": on_text(lambda text: "False" if text == "True" else "True"),
    "replace": replace,
    "singleapproleassignment": single_role,
    "stripspaces": on_text(lambda text: text.replace(" ", "")),
    "switch": switch,
    "tolower": on_text(str.lower),
    "toupper": on_text(str.upper),
    "trim": on_text(str.strip),
}
