"""``python -m tests.crashes``: provoke the faults, print a table, and exit with 1 where anything is wrong."""

import argparse
import json
import sys
import time
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.crashes.programs import NotReady, ProgramMissing
from tests.crashes.runs import BY_NAME, RUNS, Run
from tests.crashes.verdict import Verdict

MISSING, WRONG = 2, 1


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.crashes", description=__doc__)
    parser.add_argument("--only", action="append", choices=sorted(BY_NAME), help="may be given several times")
    parser.add_argument(
        "--short", action="store_true", help="the small form that every run of the tests plays"
    )
    parser.add_argument(
        "--people", type=int, help="users of the directory, in place of the form's own number"
    )
    parser.add_argument("--kills", type=int, help="kills of each process, in place of the form's own number")
    parser.add_argument("--seed", type=int, default=int(time.time()) % 100_000)
    parser.add_argument("--json", action="store_true", help="print one JSON document in place of the table")
    options = parser.parse_args()
    console = Console(stderr=options.json, width=None if sys.stdout.isatty() else 140)
    console.print(f"seed {options.seed}")
    chosen = [BY_NAME[name] for name in options.only] if options.only else RUNS
    results = []
    for run in chosen:
        started = time.monotonic()
        with console.status(run.name):
            verdict = _play(run, options, console)
        if verdict is None:
            return MISSING
        results.append((run, verdict, round(time.monotonic() - started)))
    _show(results, console, options)
    return WRONG if any(verdict.wrong for _run, verdict, _seconds in results) else 0


def _play(run: Run, options: argparse.Namespace, console: Console) -> Verdict | None:
    size = dict(run.short if options.short else run.long)
    if options.people:
        size["people"] = options.people
    if options.kills and "kills" in size:
        size["kills"] = options.kills
    try:
        return run(
            size, options.seed, lambda line: console.print(f"[dim]{run.name}: {line}", highlight=False)
        )
    except ProgramMissing as error:
        console.print(f"[bold red]{run.name} cannot be run: {error}")
        return None
    except NotReady as error:
        console.print(f"[bold red]{run.name}: a program did not come up: {error}")
        return Verdict([str(error)])


def _show(results: list[tuple[Run, Verdict, int]], console: Console, options: argparse.Namespace) -> None:
    if options.json:
        told: list[dict[str, Any]] = [
            {
                "run": run.name,
                "faults": run.faults,
                "seconds": seconds,
                **verdict.figures,
                "wrong": verdict.wrong,
            }
            for run, verdict, seconds in results
        ]
        sys.stdout.write(json.dumps({"seed": options.seed, "runs": told}, indent=2) + "\n")
        return
    table = Table("run", "fault", "target", "measured", "verdict", "s", title="Faults")
    for run, verdict, seconds in results:
        figures = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in verdict.figures.items())
        table.add_row(
            run.name, run.faults, run.target, figures, "\n".join(verdict.wrong) or "holds", str(seconds)
        )
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
