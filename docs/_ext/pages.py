"""The Sphinx extension: puts the tables into the pages before they are read as Markdown."""

import re
from typing import Any

from docs._ext.proofs import with_proofs
from docs._ext.tables import TABLES

MARKER = re.compile(r"^<!-- table: (\w+) -->$", re.MULTILINE)


def completed(text: str) -> str:
    """Return the source of a page with its tables."""
    return with_proofs(MARKER.sub(lambda match: TABLES[match[1]](), text))


def complete(app: Any, name: str, source: list[str]) -> None:
    """Put the tables into one page."""
    source[0] = completed(source[0])


def setup(app: Any) -> dict[str, bool]:
    """Connect the extension."""
    app.connect("source-read", complete)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
