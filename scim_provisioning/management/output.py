"""What a command prints: JSON for programs, aligned columns for people."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.utils.translation import gettext as _

EMPTY = "-"


def as_json(document: Any) -> str:
    """Return a document as JSON; moments and ids are written as texts."""
    return json.dumps(document, cls=DjangoJSONEncoder, indent=2, ensure_ascii=False)


def as_table(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, Any]) -> str:
    """Return rows as aligned columns.

    :param columns: the heading of each key to show, in this order.
    """
    cells = [[_cell(row[key]) for key in columns] for row in rows]
    if not cells:
        return _("Nothing to show.")
    table = [[str(heading) for heading in columns.values()], *cells]
    widths = [max(len(line[index]) for line in table) for index in range(len(columns))]
    return "\n".join(_line(line, widths) for line in table)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _cell(value: Any) -> str:
    if value is None or value == "":
        return EMPTY
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d %H:%M}"
    # A name that came from outside must not steer the terminal.
    return "".join(
        character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in str(value)
    )
