"""What the rehearsal is asked for on the command line."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

DESCRIPTION = """\
Rehearse whole provisioning lives of Microsoft Entra ID against the example Hub, over HTTP and in both of
its dialects, and print one row per rule: expected, seen over HTTP, seen in the Hub's tables.
The database is a new SQLite file that goes with the rehearsal, or the one that DATABASE_URL names; there,
the example organizations are emptied of what SCIM made."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the rehearsal is asked for."""

    serve: bool = False
    port: int | None = None
    json: bool = False
    svg: Path | None = None
    excerpt: frozenset[str] = frozenset()
    only: frozenset[str] = frozenset()


def read_options(arguments: Sequence[str] | None = None) -> Options:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m example_project.demo",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--serve", action="store_true", help="leave the Hub's pages up until Ctrl-C")
    parser.add_argument("--port", type=int, metavar="N", help="serve on this port (default: a free one)")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON, for programs")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="also draw the table into an SVG file")
    parser.add_argument(
        "--excerpt", nargs="+", default=(), metavar="RULE", help="draw only these rules of the table"
    )
    parser.add_argument(
        "--only", nargs="+", default=(), metavar="RULE", help='rehearse only these rules, such as A9 "B25 a"'
    )
    read = parser.parse_args(arguments)
    return Options(read.serve, read.port, read.json, read.svg, frozenset(read.excerpt), frozenset(read.only))
