"""``python -m benchmarks``: a cycle against this package, the floor and django-scim2, in turn on one PostgreSQL."""

import argparse
import json
import statistics
import sys
import tempfile
import uuid
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from benchmarks.contenders import Contender, contenders, database_server, usage
from benchmarks.load import Cycle, play, verify

OPERATIONS = (
    "find Users",
    "create user",
    "read user",
    "change user",
    "disable user",
    "add 1 member",
    "add 100 members",
    "remove 1 member",
)
FLOOR = "floor"
QUICK = {"users": 150, "groups": 4, "memberships": 600}
FULL = {"users": 1000, "groups": 10, "memberships": 2500}
CONNECTIONS = (1, 8)


def main() -> int:
    """Do what the command line says."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="a small cycle, once; for a look and not for a figure"
    )
    parser.add_argument("--rounds", type=int, help="how often each is measured, in turn with the others")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every figure there")
    options = parser.parse_args()
    rounds = options.rounds or (1 if options.quick else 3)
    console = Console(width=None if sys.stdout.isatty() else 130)
    measured: list[dict[str, Any]] = []
    with (
        tempfile.TemporaryDirectory(prefix="scim-bench-", dir="/tmp") as folder,
        database_server() as server,
        Progress(console=console, disable=not console.is_terminal) as progress,
    ):
        running = contenders(Path(folder), server)
        task = progress.add_task("benchmark", total=rounds * len(CONNECTIONS) * len(running))
        try:
            for contender in running:
                contender.start()
            for round_number in range(rounds):
                for connections in CONNECTIONS:
                    for contender in running:
                        progress.update(task, description=f"{contender.name}, {connections} at once")
                        figures = _measure(contender, connections, QUICK if options.quick else FULL)
                        measured.append({"round": round_number, **figures})
                        progress.advance(task)
        finally:
            for contender in running:
                contender.stop()
    if options.json:
        options.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")
    for connections in CONNECTIONS:
        console.print(_table(measured, connections))
    wrong = [f"{each['contender']}: {line}" for each in measured for line in each["wrong"]]
    for line in wrong[:10]:
        console.print(f"[red]{line}", highlight=False)
    return 1 if any(line.startswith("scim_provisioning") for line in wrong) else 0


def _measure(contender: Contender, connections: int, size: dict[str, int]) -> dict[str, Any]:
    cycle = Cycle(size["users"], size["groups"], size["memberships"], uuid.uuid4().hex[:8])
    before = usage(contender)
    seconds, timings = play(cycle, contender.url, contender.token, connections)
    after = usage(contender)
    wrong = timings.errors[:3] + verify(cycle, contender.url, contender.token)[:3]
    return {
        "contender": contender.name,
        "connections": connections,
        "requests_per_s": timings.requests / seconds,
        "server_cpu_ms": (after.server_seconds - before.server_seconds) * 1000 / timings.requests,
        "database_cpu_ms": (after.database_seconds - before.database_seconds) * 1000 / timings.requests,
        "memory_mib": after.memory_mib,
        "p50_ms": {name: timings.percentile(name, 0.5) for name in OPERATIONS},
        "wrong": wrong,
    }


def _table(measured: list[dict[str, Any]], connections: int) -> Table:
    """Return the medians over the rounds, and their ratio to the floor of the same round."""
    title = f"{connections} at once (median of the rounds; × is the ratio to the floor of the same round)"
    names = list(dict.fromkeys(each["contender"] for each in measured))
    table = Table("", *names, title=title)
    mine = [each for each in measured if each["connections"] == connections]
    rows = {name: [each for each in mine if each["contender"] == name] for name in names}
    lines: list[tuple[str, Any]] = [
        ("requests/s", lambda each: each["requests_per_s"]),
        ("CPU ms/request, server + database", lambda each: each["server_cpu_ms"] + each["database_cpu_ms"]),
        ("memory of the server, MiB", lambda each: each["memory_mib"]),
        *((f"p50 ms, {name}", lambda each, name=name: each["p50_ms"][name]) for name in OPERATIONS),
    ]
    for label, value in lines:
        cells = [
            _cell([value(each) for each in rows[name]], [value(each) for each in rows[FLOOR]])
            for name in names
        ]
        table.add_row(label, *cells)
    return table


def _cell(values: list[float], floor: list[float]) -> str:
    ratio = statistics.median(value / base for value, base in zip(values, floor, strict=True) if base)
    return f"{statistics.median(values):.1f} (×{ratio:.2f})"


if __name__ == "__main__":
    sys.exit(main())
