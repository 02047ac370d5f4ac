"""Microsoft's table in a terminal."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from scim_provisioning.simulator.certification.outcomes import CertificationResult, CertificationRow, Outcome

_COLOURS = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.NOT_APPLICABLE: "yellow"}


def show_certification(console: Console, result: CertificationResult) -> None:
    """Print one table per dialect, then the count."""
    for dialect in dict.fromkeys(row.dialect for row in result.rows):
        console.print(_table(dialect, result.mapping, [row for row in result.rows if row.dialect == dialect]))
    if result.rows:
        counts = (f"[{_COLOURS[outcome]}]{result.count(outcome)} {outcome}[/]" for outcome in Outcome)
        console.print(", ".join(counts))
    for name in result.left_behind:
        console.print(f"[red]Not deleted:[/] {escape(name)}")


def _table(dialect: str, mapping: str, rows: list[CertificationRow]) -> Table:
    title = f"Certification, dialect {dialect}, mapping {mapping}"
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Test", no_wrap=True)
    for heading in ("Name", "Sent", "Expected", "Seen"):
        table.add_column(heading, overflow="fold")
    table.add_column("Result", no_wrap=True)
    for row in rows:
        colour = _COLOURS[row.outcome]
        table.add_row(
            row.label,
            row.name + (" (optional)" if row.optional else ""),
            escape(row.sent) or "-",
            escape(row.expected),
            escape(row.seen),
            f"[{colour}]{row.outcome}[/]",
        )
    return table
