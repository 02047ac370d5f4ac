"""Time from an accepted deactivation to revoked sessions and keys, with real Celery workers on a real broker.

    CELERY_BROKER_URL=redis://127.0.0.1/9 DATABASE_URL=postgres://… python -m benchmarks.revocation --users 300

It makes a database of its own on the server of DATABASE_URL and drops it again; the queue is the broker's queue
``scim``, which nobody else may use meanwhile. Each user has a Django session and a token of Django REST framework;
both have to be gone.
"""

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

SETTINGS = "tests.hubs.tokenhub.settings"
DATABASE = "scim_benchmark_revocation"
TARGET_SECONDS = 5.0
HANDLERS = ("sessions", "authtoken")


def main() -> int:
    """Measure, print, and return 1 when the target is missed."""
    arguments = read_arguments()
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    os.environ["DATABASE_URL"] = f"{server}/{DATABASE}"
    os.environ["DJANGO_SETTINGS_MODULE"] = SETTINGS
    with own_database(f"{server}/postgres"):
        report = measure(arguments)
    for row in report["rows"]:
        print(  # noqa: T201 - that is what it is for
            f"{row['how']:<12} n={row['n']:<5} p50 {row['p50']:7.3f} s   p99 {row['p99']:7.3f} s   "
            f"most {row['most']:7.3f} s   target {TARGET_SECONDS} s"
        )
    print(json.dumps(report))  # noqa: T201
    return 0 if all(row["p99"] <= TARGET_SECONDS for row in report["rows"]) else 1


def read_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--users", type=int, default=300, help="how many are deactivated each way")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between them, one by one")
    return parser.parse_args()


@contextmanager
def own_database(administrative: str) -> Iterator[None]:
    """Make a database, and drop it in the end."""
    import psycopg  # noqa: PLC0415 - the environment has to be set before Django's settings are read

    with psycopg.connect(administrative, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        connection.execute(f"CREATE DATABASE {DATABASE}")
        try:
            yield
        finally:
            connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")


@contextmanager
def worker() -> Iterator[None]:
    """Run one real worker with one process, as the guide says."""
    command = [sys.executable, "-m", "celery", "-A", "example_project.config.celery", "worker"]
    options = ["--queues", "scim", "--concurrency", "1", "--loglevel", "WARNING"]
    process = subprocess.Popen([*command, *options])
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Deactivate users one by one, then as fast as one client can, and return the figures."""
    import django  # noqa: PLC0415

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.test.utils import setup_test_environment  # noqa: PLC0415

    from scim_provisioning.lifecycle.connections import create_connection  # noqa: PLC0415
    from tests.factories import OrganizationFactory  # noqa: PLC0415
    from tests.scim import ScimClient  # noqa: PLC0415

    setup_test_environment()
    call_command("migrate", verbosity=0)
    client = ScimClient(create_connection(OrganizationFactory.create(slug="contoso"), "rfc"))
    rows = []
    with worker():
        warm_up(client)
        for how, pause in (("one by one", arguments.pause), ("in a burst", 0.0)):
            users = people(client, how.replace(" ", ""), arguments.users)
            rows.append({"how": how, **figures(deactivated(client, users, pause))})
    return {"broker": os.environ["CELERY_BROKER_URL"].partition(":")[0], "rows": rows}


def people(client: Any, name: str, count: int) -> list[str]:
    """Make users with a session and a key each."""
    from django.test import Client  # noqa: PLC0415
    from rest_framework.authtoken.models import Token  # noqa: PLC0415

    from tests.lifecycle.rows import host_user  # noqa: PLC0415

    ids = [client.create_user(f"{name}{number}").id for number in range(count)]
    for user in ids:
        host = host_user(user)
        Client().force_login(host)
        Token.objects.create(user=host)
    return ids


def deactivated(client: Any, users: list[str], pause: float) -> list[float]:
    """Deactivate users and return for each how long sessions and keys lived on after the answer."""
    from django.contrib.sessions.models import Session  # noqa: PLC0415
    from rest_framework.authtoken.models import Token  # noqa: PLC0415

    from scim_provisioning.models import Effect  # noqa: PLC0415
    from tests.lifecycle.rows import DISABLE, host_user  # noqa: PLC0415

    accepted: dict[str, float] = {}
    for user in users:
        if client.patch(f"/Users/{user}", DISABLE).status != 200:
            raise SystemExit("a deactivation was refused")
        accepted[user] = time.time()
        time.sleep(pause)
    mine = Effect.objects.filter(resource_id__in=users, kind="user_deactivated", handler__in=HANDLERS)
    end = time.monotonic() + 120
    while mine.exclude(state="done").exists() and time.monotonic() < end:
        time.sleep(0.05)
    left = Token.objects.filter(user__in=[host_user(user).pk for user in users]).count()
    if mine.filter(state="done").count() != len(HANDLERS) * len(users) or left or Session.objects.exists():
        raise SystemExit("sessions or keys are left")
    done: dict[str, float] = {}
    for key, at in mine.values_list("resource_id", "done_at"):
        done[str(key)] = max(done.get(str(key), 0.0), at.timestamp() if at else 0.0)
    return [max(0.0, done[user] - accepted[user]) for user in users]


def warm_up(client: Any) -> None:
    """Wait until the worker works."""
    deactivated(client, people(client, "warm", 1), 0.0)


def figures(seconds: list[float]) -> dict[str, Any]:
    """Return the percentiles."""
    ordered = [round(each, 4) for each in sorted(seconds)]
    last = len(ordered) - 1
    p50, p99 = (ordered[min(last, int(share * len(ordered)))] for share in (0.5, 0.99))
    return {"n": len(ordered), "p50": p50, "p99": p99, "most": ordered[last]}


if __name__ == "__main__":
    raise SystemExit(main())
