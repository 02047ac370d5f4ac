"""What is shown of a rehearsal: a bar while it runs, one table at the end, JSON, a picture."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console, Group
from rich.markup import escape
from rich.panel import Panel
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from example_project.demo.options import Options
from example_project.demo.rules import NOTHING, Outcome, Row, Seen
from example_project.hub import example

PICTURE_WIDTH = 120
WIDTH_OF_A_FILE = 132
COLUMNS = {
    "What it says": 24,
    "Expected: HTTP, [dim]tables[/]": 28,
    "Seen over HTTP": 27,
    "Seen in the Hub's tables": 24,
}
SHORT = {"legacy": "legacy", "optscim": "flag"}


@contextmanager
def progress(console: Console, total: int) -> Iterator[Callable[[str, int], None]]:
    """Show a bar while the block runs; yields what moves it."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description:<38}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, expand=True) as bar:
        task = bar.add_task("", total=total)

        def advance(text: str, done: int) -> None:
            if text:
                bar.update(task, description=escape(text))
            bar.advance(task, done)

        yield advance


def present(outcome: Outcome, options: Options, console: Console) -> None:
    """Print the table or the JSON, and draw the picture."""
    if options.json:
        Console(width=WIDTH_OF_A_FILE, soft_wrap=True).print_json(json.dumps(as_document(outcome)))
    else:
        if not console.is_terminal:
            # A file or a pipe has no width of its own.
            console.width = WIDTH_OF_A_FILE
        console.print(as_tables(outcome.rows))
        console.print(totals(outcome))
    if options.svg:
        draw(outcome, options.svg, options.excerpt)


def draw(outcome: Outcome, file: Path, excerpt: frozenset[str]) -> None:
    """Draw the table, or an excerpt of it, into an SVG file."""
    console = Console(record=True, width=PICTURE_WIDTH, file=StringIO(), force_terminal=True)
    shown = [row for row in outcome.rows if not excerpt or row.rule.number in excerpt]
    left_out = len(outcome.rows) - len(shown)
    more = [Text(f" … and {left_out} more rules", style="dim")] if left_out else []
    console.print(Group(as_tables(shown), *more, totals(outcome)))
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(console.export_svg(title="tox run -e demo"), "utf-8")


def as_tables(rows: list[Row]) -> Group:
    """Return a table for each section, its rows sorted by number."""
    sections = groupby(rows, key=lambda row: row.section)
    return Group(
        *(as_table(name, sorted(members, key=lambda row: row.rule.order)) for name, members in sections)
    )


def as_table(section: str, rows: list[Row]) -> Table:
    """Return one row per rule."""
    table = Table(
        title=section,
        title_style="bold magenta",
        title_justify="left",
        box=box.HORIZONTALS,
        border_style="bright_black",
        header_style="bold",
        show_lines=True,
        expand=True,
    )
    table.add_column("Rule", no_wrap=True, style="bold cyan", width=6)
    for heading, ratio in COLUMNS.items():
        table.add_column(heading, ratio=ratio, overflow="fold")
    table.add_column("Dialects", no_wrap=True, width=8)
    table.add_column("", no_wrap=True, width=1)
    for row in rows:
        add_row(table, row)
    return table


def add_row(table: Table, row: Row) -> None:
    """Add a rule: one line where both dialects look the same, else one for each."""
    dialects = list(row.seen)
    if row.uniform:
        expected, seen = row.rule.expected(dialects[0]), row.seen[dialects[0]]
        name = "both" if len(dialects) > 1 else SHORT[dialects[0]]
        add_line(table, (row.rule.number, row.rule.says), expected, seen, name)
        return
    titles = [(row.rule.number, row.rule.says), *[("", "")] * (len(dialects) - 1)]
    for title, dialect in zip(titles, dialects, strict=True):
        add_line(table, title, row.rule.expected(dialect), row.seen[dialect], SHORT[dialect])


def add_line(table: Table, title: tuple[str, str], expected: Seen, seen: Seen, dialect: str) -> None:
    """Add one line of the table."""
    good = expected == seen
    table.add_row(
        title[0],
        Text(title[1]),
        both_sides(expected),
        compared(seen.http, expected.http),
        compared(seen.tables, expected.tables),
        Text(dialect, style="dim"),
        Text("✓", style="bold green") if good else Text("✗", style="bold red"),
    )


def both_sides(expected: Seen) -> Text:
    """Return what is expected outside, and below it what is expected inside."""
    sides = [side for side in (expected.http, expected.tables) if side != NOTHING]
    return Text("\n").join(Text(side, style=style) for side, style in zip(sides, ("", "dim"), strict=False))


def compared(seen: str, expected: str) -> Text:
    """Return what was seen, in red where it is not what was expected."""
    return Text(seen, style="green" if seen == expected else "bold red")


def totals(outcome: Outcome) -> Text:
    """Return the last line."""
    good = sum(row.ok for row in outcome.rows)
    looks = sum(len(row.seen) for row in outcome.rows)
    verdict = "✓ all as expected" if outcome.ok else f"✗ {len(outcome.rows) - good} not as expected"
    return Text.assemble(
        (f" {verdict}", "bold green" if outcome.ok else "bold red"),
        f"   {len(outcome.rows)} rules, {looks} looks, {outcome.requests} requests, {outcome.seconds:.0f} seconds",
    )


def as_document(outcome: Outcome) -> dict[str, Any]:
    """Return the outcome for programs."""
    return {
        "ok": outcome.ok,
        "rules": len(outcome.rows),
        "requests": outcome.requests,
        "seconds": round(outcome.seconds, 1),
        "rows": [_row_document(row) for row in outcome.rows],
    }


def _row_document(row: Row) -> dict[str, Any]:
    return {
        "rule": row.rule.number,
        "section": row.section,
        "says": row.rule.says,
        "ok": row.ok,
        "dialects": {
            dialect: {
                "ok": row.matches(dialect),
                "expected": _sides(row.rule.expected(dialect)),
                "seen": _sides(seen),
            }
            for dialect, seen in row.seen.items()
        },
    }


def _sides(seen: Seen) -> dict[str, str]:
    return {"http": seen.http, "tables": seen.tables}


def invite(url: str, console: Console) -> None:
    """Say where the Hub is, who may sign in, and how it ends."""
    name, password = example.SUPERUSER
    lines = Table.grid(padding=(0, 2))
    lines.add_row("Hub", f"[bold]{url}/[/]")
    lines.add_row("Admin pages", f"[bold]{url}/admin/[/]")
    lines.add_row("Operator", f"[bold]{name}[/] / [bold]{password}[/]")
    for organization in example.ORGANIZATIONS:
        for user in organization.users:
            if user.is_staff:
                login = f"{user.name}@{organization.slug}.example"
                lines.add_row(
                    f"Owner of {organization.name}", f"[bold]{login}[/] / [bold]{example.PASSWORD}[/]"
                )
    lines.add_row("Stop", "Ctrl-C")
    console.print(Panel(lines, title="The Hub is up", border_style="green", expand=False))
