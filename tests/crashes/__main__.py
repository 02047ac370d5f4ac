"""``python -m tests.crashes``: provoke the faults, print a table, and exit with 1 where anything is wrong."""

import argparse
import json
import os
import signal
import sys
import time
from pathlib import Path
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
    parser.add_argument(
        "--results",
        type=Path,
        metavar="FILE",
        help="write the figures of each run there when it ends, and leave out the runs that are there already",
    )
    options = parser.parse_args()
    # Whoever ends it ends what it has started.
    signal.signal(signal.SIGTERM, lambda *_told: sys.exit(WRONG))
    console = Console(stderr=options.json, width=None if sys.stdout.isatty() else 140)
    console.print(f"seed {options.seed}")
    chosen = [BY_NAME[name] for name in options.only] if options.only else RUNS
    results = _read(options.results)
    for run in chosen:
        if run.name in {told["run"] for told in results}:
            continue
        started, load = time.monotonic(), os.getloadavg()[0]
        with console.status(run.name):
            verdict = _play(run, options, console)
        if verdict is None:
            return MISSING
        told = {
            "run": run.name,
            "faults": run.faults,
            "target": run.target,
            "seed": options.seed,
            "seconds": round(time.monotonic() - started),
            # Of the minute before it began, and of its own last one.
            "load": [round(load, 1), round(os.getloadavg()[0], 1)],
            "figures": verdict.figures,
            "wrong": verdict.wrong,
        }
        results.append(told)
        if options.results:
            with options.results.open("a", encoding="utf-8") as file:
                file.write(json.dumps(told) + "\n")
        console.print(f"{run.name}: {verdict.wrong or 'holds'} {verdict.figures}", highlight=False)
    _show(results, console, options)
    return WRONG if any(told["wrong"] for told in results) else 0


def _read(path: Path | None) -> list[dict[str, Any]]:
    """Return what an earlier call has written, of which this one is the rest."""
    if path is None or not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


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


def _show(results: list[dict[str, Any]], console: Console, options: argparse.Namespace) -> None:
    if options.json:
        sys.stdout.write(json.dumps({"runs": results}, indent=2) + "\n")
        return
    table = Table("run", "fault", "target", "measured", "verdict", "s", "load", "seed", title="Faults")
    for told in results:
        figures = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in told["figures"].items())
        load = " to ".join(str(each) for each in told["load"])
        verdict = "\n".join(told["wrong"]) or "holds"
        columns = (told["run"], told["faults"], told["target"], figures, verdict)
        table.add_row(*columns, str(told["seconds"]), load, str(told["seed"]))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
