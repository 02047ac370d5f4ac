"""How long the admin's pages take with many users and a long log: ``python -m benchmarks.admin_pages``.

Beside the time on the clock, which grows when others use the machine, stand the processor time of Python and the time
that its statements took.

Needs ``DATABASE_URL`` of an empty PostgreSQL database, or of one that an earlier run has filled.
"""

import argparse
import json
import os
import statistics
import sys
import uuid
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import django
from django.core.management import call_command
from django.db import connection as database
from django.test import Client
from django.urls import reverse

USERS, EVENTS, ROUNDS, LIMIT_MS = 100_000, 1_000_000, 7, 300.0
# The pages that are about the connection alone, by the names of their addresses.
PLAIN = {
    "changelist": "connections",
    "former": "former connections",
    "add": "create tenant URL",
    "overview": "overview",
    "numbers": "exact numbers",
    "change": "policy",
    "generate_token": "generate token",
    "guide": "setup guide",
    "guide_status": "status of the guide",
    "export": "guide as a file",
    "held": "held changes",
    "ledger": "ledger of effects",
    "history": "history",
    "disconnect": "disconnect",
}
# What is printed of each page, its heading, and how wide the column is.
COLUMNS = {
    "fastest_ms": ("fastest ms", 10),
    "median_ms": ("median ms", 9),
    "cpu_ms": ("CPU ms", 6),
    "sql_ms": ("SQL ms", 6),
    "queries": ("queries", 7),
}


def main(arguments: list[str] | None = None) -> int:
    """Measure every page, print a table, and return 1 when one is too slow."""
    options = read(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.config.settings")
    django.setup()
    if database.vendor != "postgresql":
        sys.exit("Set DATABASE_URL to a PostgreSQL database of its own.")
    call_command("migrate", verbosity=0)
    call_command("hub_seed", stdout=StringIO())
    results = [measure(name, fetch, options.rounds) for name, fetch in pages(options.users, options.events)]
    say(results, options)
    return int(any(each["median_ms"] > options.limit for each in results))


def read(arguments: list[str] | None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=USERS)
    parser.add_argument("--events", type=int, default=EVENTS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--limit", type=float, default=LIMIT_MS, help="milliseconds that a page may take")
    parser.add_argument("--json", type=Path, help="write the numbers into this file")
    return parser.parse_args(arguments)


def measure(name: str, fetch: Callable[[], None], rounds: int) -> dict[str, Any]:
    """Fetch a page several times; the first one warms up."""
    statements: list[float] = []

    def timed(execute: Any, *statement: Any) -> Any:
        start = perf_counter()
        try:
            return execute(*statement)
        finally:
            statements.append((perf_counter() - start) * 1000)

    rows = []
    with database.execute_wrapper(timed):
        fetch()
        for _round in range(rounds):
            statements.clear()
            start, cpu = perf_counter(), process_time()
            fetch()
            times = (perf_counter() - start) * 1000, (process_time() - cpu) * 1000
            rows.append((*times, sum(statements), len(statements)))
    walls, cpus, sqls, queries = zip(*rows, strict=True)
    medians = {"median_ms": walls, "cpu_ms": cpus, "sql_ms": sqls}
    return {
        "page": name,
        "fastest_ms": round(min(walls), 1),
        **{column: round(statistics.median(values), 1) for column, values in medians.items()},
        "queries": max(queries),
    }


def pages(users: int, events: int) -> Iterator[tuple[str, Callable[[], None]]]:
    """Yield what is measured."""
    # The models can be imported when Django is set up, and not before.
    from benchmarks.crowd import crowd  # noqa: PLC0415
    from example_project.hub.models import User  # noqa: PLC0415
    from scim_provisioning.models import Event, UserResource  # noqa: PLC0415

    connection = crowd(users, events)
    browser = Client(headers={"host": "localhost"})
    browser.force_login(User.objects.get(username="admin"))
    log = Event.objects.filter(connection_key=connection.pk)
    newest = log.order_by("-pk").values_list("pk", flat=True)[0]
    middle = log.order_by("pk").get(pk=newest - events // 2)
    someone = UserResource.objects.filter(connection=connection).order_by("pk")[users // 2]

    def page(name: str, *more: Any, first_chunk: bool = False, **query: Any) -> Callable[[], None]:
        arguments = [] if name in ("changelist", "add", "former") else [connection.pk, *more]
        url = reverse(f"admin:scim_provisioning_connection_{name}", args=arguments)

        def fetch() -> None:
            answer: Any = browser.get(url, query)
            if answer.status_code != 200:
                raise LookupError(f"{url} is answered {answer.status_code}")
            if first_chunk:
                chunks = iter(answer.streaming_content)
                for _line in range(250):
                    next(chunks)
                answer.close()

        return fetch

    for name, title in PLAIN.items():
        yield title, page(name)
    deep = newest - events * 9 // 10
    searches: dict[str, dict[str, Any]] = {
        "first page": {},
        "900,000 deep": {"before": deep},
        "errors": {"outcome": "errors"},
        "errors, deep": {"outcome": "errors", "before": deep},
        "refused": {"outcome": "refused"},
        "ignored": {"outcome": "ignored"},
        "one operation": {"operation": "deactivate"},
        "an operation that never was": {"operation": "adopt"},
        "by user name": {"q": someone.user_name},
        "by externalId": {"q": someone.external_id},
        "by request id": {"q": middle.request_id},
        "by SCIM id": {"q": str(someone.pk)},
        "by part of a name": {"q": someone.user_name[:8]},
        "by what is not there": {"q": "nobody at all"},
        "by an id that is not there": {"q": str(uuid.uuid4())},
    }
    for title, query in searches.items():
        yield f"log, {title}", page("log", **query)
    yield "event", page("event", middle.pk)
    yield "CSV, first chunk", page("log_csv", first_chunk=True)


def say(results: list[dict[str, Any]], options: argparse.Namespace) -> None:
    """Print a table, and write the numbers."""
    width = max(len(each["page"]) for each in results)
    head = "".join(f"  {name:>{size}}" for name, size in COLUMNS.values())
    lines = [f"{'page':{width}}{head}"]
    for each in results:
        numbers = "".join(f"  {each[column]:>{size}}" for column, (_name, size) in COLUMNS.items())
        lines.append(f"{each['page']:{width}}{numbers}")
    sys.stdout.write("\n".join([f"{options.users:,} users, {options.events:,} events", *lines]) + "\n")
    if options.json is not None:
        measured = {"users": options.users, "events": options.events, "pages": results}
        options.json.write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
