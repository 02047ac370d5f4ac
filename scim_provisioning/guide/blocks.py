"""What a step of the guide is written in; each kind of block is one piece of the template."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence or two."""

    text: Any
    kind: str = "paragraph"


@dataclass(frozen=True, slots=True)
class Notice:
    """What must not be overlooked."""

    text: Any
    kind: str = "notice"


@dataclass(frozen=True, slots=True)
class Instructions:
    """What to do, one after the other."""

    items: Sequence[Any]
    kind: str = "instructions"


@dataclass(frozen=True, slots=True)
class Copyable:
    """A value to copy into the identity provider."""

    name: str
    label: Any
    value: str
    kind: str = "copyable"


@dataclass(frozen=True, slots=True)
class Table:
    """Values to copy, a row each."""

    caption: Any
    headings: Sequence[Any]
    rows: Sequence[Sequence[Any]]
    kind: str = "table"


@dataclass(frozen=True, slots=True)
class Document:
    """A text of several lines to copy into the identity provider."""

    name: str
    label: Any
    value: str
    kind: str = "document"


Block = Paragraph | Notice | Instructions | Copyable | Table | Document


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a guide.

    :param name: what confirmations are stored under, and the anchor of the step.
    :param needs: the subjects that tick it, all of them seen and right.
    :param watches: the subjects that only must not be wrong.
    :param rests_on: the subjects that tick it as well, but are told in another step, which mends them.
    """

    name: str
    title: Any
    blocks: Sequence[Block]
    needs: Sequence[str] = ()
    watches: Sequence[str] = ()
    rests_on: Sequence[str] = ()
