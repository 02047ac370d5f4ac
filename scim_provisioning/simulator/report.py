"""What a run shows in a terminal: a progress bar while it works, the provisioning log when it is done."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO
from urllib.parse import urlsplit

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as ProgressBar
from rich.table import Table

from scim_provisioning.simulator.app import EntraApp
from scim_provisioning.simulator.client import Exchange
from scim_provisioning.simulator.life import ChapterResult
from scim_provisioning.simulator.paths import Document
from scim_provisioning.simulator.results import (
    ConnectionTest,
    CycleResult,
    OnDemandResult,
    Progress,
    ProvisioningAction,
)

LOG_ROWS = 40


@contextmanager
def progress_bar(console: Console) -> Iterator[Progress]:
    """Show a bar for each phase while the block runs; yields the callback that moves it."""
    columns = (TextColumn("{task.description:<18}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with ProgressBar(*columns, console=console, transient=True) as bar:
        task = bar.add_task("Starting", total=None)

        def move(phase: str, done: int, total: int) -> None:
            bar.update(task, description=phase, completed=done, total=total)

        yield move


def _table(title: str, *headings: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    return table


def console_for(stream: IO[str]) -> Console:
    """Return a console; a file or a pipe, which has no width of its own, gets room for whole lines."""
    return Console(file=stream, width=None if stream.isatty() else 140)


def show_connection_test(console: Console, test: ConnectionTest) -> None:
    """Say how *Test connection* ended."""
    mark = "[green]✓[/]" if test.ok else "[red]✗[/]"
    console.print(f"{mark} Test connection: {escape(test.message)}")


def show_cycles(console: Console, cycles: Sequence[CycleResult]) -> None:
    """Print one line per cycle."""
    names = ("requests", "created", "updated", "enabled", "disabled", "deleted", "references")
    headings = (name.capitalize() for name in names)
    table = _table("Cycles", "Cycle", "Simulated time", *headings, "Failures", "Status")
    for cycle in cycles:
        numbers = [str(getattr(cycle, name)) for name in names]
        table.add_row(
            str(cycle.number),
            f"{cycle.started:%Y-%m-%d %H:%M}",
            *numbers,
            str(len(cycle.failures)),
            _status(cycle),
        )
    console.print(table)
    last = cycles[-1] if cycles else None
    if last is not None and last.quarantine:
        console.print(f"[red]Quarantine, {escape(last.quarantine)}:[/] {escape(last.quarantine_detail)}")


def _status(cycle: CycleResult) -> str:
    if cycle.job_disabled:
        return "[red]disabled[/]"
    if cycle.quarantine:
        return "[red]quarantine[/]"
    return "[green]ok[/]" if cycle.ok else "[yellow]failures[/]"


def show_chapters(console: Console, results: Sequence[ChapterResult]) -> None:
    """Print the chapters of a life: expected and seen."""
    table = _table("Life", "", "Chapter", "Expected", "Seen", "Requests")
    for result in results:
        mark = "[green]✓[/]" if result.ok else "[red]✗[/]"
        texts = [", ".join(f"{k} {v}" for k, v in part.items()) for part in (result.expected, result.seen)]
        table.add_row(mark, result.title, *texts, str(result.cycle.requests))
        for note in result.notes:
            table.add_row("", f"[red]{escape(note)}[/]")
    console.print(table)


def show_on_demand(console: Console, result: OnDemandResult) -> None:
    """Print the steps of *Provision on demand*."""
    for title, text in result.steps:
        console.print(f"[bold]{escape(title)}[/]: {escape(text)}")


def show_log(console: Console, actions: Sequence[ProvisioningAction], rows: int = LOG_ROWS) -> None:
    """Print the provisioning log, then the server's words for each failure; failures first if it is long."""
    ordered = sorted(actions, key=lambda row: not row.failed) if len(actions) > rows else list(actions)
    table = _table("Provisioning log", "Cycle", "Action", "Object", "Requests", "ms", "Status")
    for row in ordered[:rows]:
        table.add_row(
            str(row.cycle),
            f"{row.action} {row.kind.lower()}" + (" reference" if row.reference else ""),
            escape(row.name),
            " ".join(f"{exchange.rule}:{exchange.status}" for exchange in row.exchanges),
            f"{sum(exchange.ms for exchange in row.exchanges):.0f}",
            "[green]Success[/]" if row.outcome == "Success" else f"[red]{row.outcome}[/]",
        )
    console.print(table)
    if len(ordered) > rows:
        console.print(f"… and {len(ordered) - rows} more")
    for row in ordered[:rows]:
        if row.failed:
            console.print(
                f"[red]{escape(row.code)}[/] {escape(row.name)}: {escape(row.detail)}", soft_wrap=True
            )


def show_exchanges(console: Console, exchanges: Sequence[Exchange]) -> None:
    """Print every request with its bodies."""
    for exchange in exchanges:
        parts = urlsplit(exchange.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        console.print(
            f"[bold]{exchange.rule}[/] {exchange.method} {escape(target)} → {exchange.status}"
            f" ({exchange.ms:.0f} ms)",
            soft_wrap=True,
        )
        for arrow, text in (("→", exchange.request_text), ("←", exchange.response_text)):
            if text:
                console.print(f"  {arrow} {escape(text)}", soft_wrap=True)


def as_document(
    app: EntraApp,
    test: ConnectionTest,
    cycles: Sequence[CycleResult],
    life: Sequence[ChapterResult] = (),
    on_demand: OnDemandResult | None = None,
) -> Document:
    """Return the whole run ready for JSON."""
    actions = [row for cycle in cycles for row in cycle.actions] + (on_demand.actions if on_demand else [])
    return {
        "dialect": app.job.dialect.name,
        "mapping": app.job.mapping.name,
        "testConnection": {"ok": test.ok, "message": test.message},
        "cycles": [cycle.as_dict() for cycle in cycles],
        "life": [chapter.as_dict() for chapter in life],
        "onDemand": None if on_demand is None else {"ok": on_demand.ok, "steps": on_demand.steps},
        "provisioningLog": [row.as_dict() for row in actions],
    }


def exit_code(
    test: ConnectionTest,
    cycles: Sequence[CycleResult],
    life: Sequence[ChapterResult] = (),
    on_demand: OnDemandResult | None = None,
) -> int:
    """Return 0 when all went well, 1 when an object failed, 2 when the connection or the job did."""
    if not test.ok or any(cycle.quarantine or cycle.job_disabled for cycle in cycles):
        return 2
    fine = [cycle.ok for cycle in cycles] + [chapter.ok for chapter in life]
    return 0 if all(fine) and (on_demand is None or on_demand.ok) else 1
