"""How long the admin's pages take with many users and a long log: ``python -m benchmarks.admin_pages``.

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
from time import perf_counter
from typing import Any

import django
from django.core.management import call_command
from django.db import connection as database
from django.test import Client
from django.urls import reverse

USERS, EVENTS, ROUNDS, LIMIT_MS = 100_000, 1_000_000, 7, 300.0


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
    """Fetch a page several times; the first one warms up, and counts queries."""
    queries: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        queries.append(sql)
        return execute(sql, *rest)

    with database.execute_wrapper(count):
        fetch()
    times = []
    for _round in range(rounds):
        start = perf_counter()
        fetch()
        times.append((perf_counter() - start) * 1000)
    return {
        "page": name,
        "fastest_ms": round(min(times), 1),
        "median_ms": round(statistics.median(times), 1),
        "queries": len(queries),
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

    deep = newest - events * 9 // 10
    yield "connections", page("changelist")
    yield "create tenant URL", page("add")
    yield "overview", page("overview")
    yield "policy", page("change")
    yield "generate token", page("generate_token")
    yield "disconnect", page("disconnect")
    yield "log, first page", page("log")
    yield "log, 900,000 deep", page("log", before=deep)
    yield "log, errors", page("log", outcome="errors")
    yield "log, errors, deep", page("log", outcome="errors", before=deep)
    yield "log, refused", page("log", outcome="refused")
    yield "log, ignored", page("log", outcome="ignored")
    yield "log, one operation", page("log", operation="deactivate")
    yield "log, an operation that never was", page("log", operation="adopt")
    yield "log, by user name", page("log", q=someone.user_name)
    yield "log, by externalId", page("log", q=someone.external_id)
    yield "log, by request id", page("log", q=middle.request_id)
    yield "log, by SCIM id", page("log", q=str(someone.pk))
    yield "log, by part of a name", page("log", q=someone.user_name[:8])
    yield "log, by what is not there", page("log", q="nobody at all")
    yield "log, by an id that is not there", page("log", q=str(uuid.uuid4()))
    yield "event", page("event", middle.pk)
    yield "CSV, first chunk", page("log_csv", first_chunk=True)


def say(results: list[dict[str, Any]], options: argparse.Namespace) -> None:
    """Print a table, and write the numbers."""
    width = max(len(each["page"]) for each in results)
    lines = [f"{'page':{width}}  {'fastest ms':>10}  {'median ms':>9}  {'queries':>7}"]
    lines += [
        f"{each['page']:{width}}  {each['fastest_ms']:>10}  {each['median_ms']:>9}  {each['queries']:>7}"
        for each in results
    ]
    sys.stdout.write("\n".join([f"{options.users:,} users, {options.events:,} events", *lines]) + "\n")
    if options.json is not None:
        numbers = {"users": options.users, "events": options.events, "pages": results}
        options.json.write_text(json.dumps(numbers, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
