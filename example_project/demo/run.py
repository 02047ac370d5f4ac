"""The rehearsal from beginning to end: prepare, serve, play every rule in both dialects, report."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import httpx
from django.core.exceptions import ObjectDoesNotExist
from django.core.management.base import CommandError
from django.db import DatabaseError
from rich.console import Console

from example_project.demo import report
from example_project.demo.options import Options
from example_project.demo.program import ACTS, Act, opening
from example_project.demo.rules import Outcome, Row, Rule, Seen
from example_project.demo.scene import Scene
from example_project.demo.stage import (
    PRODUCTS,
    Product,
    ServerFailed,
    clear,
    create_endpoint,
    free_port,
    prepare,
    served,
)
from example_project.demo.wire import Tally
from scim_provisioning.simulator import DIALECTS, Dialect, ProvisioningFault

Advance = Callable[[str, int], None]
"""Called with what comes next, and how many looks are done."""

# What a look may stumble over when the Hub does not do what is expected; its row says so and the rest goes on.
STUMBLES = (
    AttributeError,
    CommandError,
    DatabaseError,
    LookupError,
    ObjectDoesNotExist,
    ProvisioningFault,
    StopIteration,
    TypeError,
    ValueError,
    httpx.HTTPError,
)


def run(options: Options, folder: Path, acts: Sequence[Act] = ACTS) -> int:
    """Rehearse and report; 0 when everything was seen as expected, 1 when not, 2 when the Hub did not start."""
    # Set, not assumed: a shell that starts a program in the background leaves it deaf to Ctrl-C's signal.
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, interrupt)
    # Programs read standard output, so that what is for people goes beside it.
    console = Console(stderr=options.json)
    acts = chosen(acts, options.only)
    with ExitStack() as stack:
        try:
            url, server, outcome = rehearse(options, folder, acts, console, stack)
        except ServerFailed as failure:
            console.print(str(failure), style="red", markup=False)
            return 2
        report.present(outcome, options, console)
        if options.serve:
            report.invite(url, console)
            with suppress(KeyboardInterrupt):
                server.wait()
    return 0 if outcome.ok else 1


def rehearse(
    options: Options, folder: Path, acts: Sequence[Act], console: Console, stack: ExitStack
) -> tuple[str, subprocess.Popen[bytes], Outcome]:
    """Serve the Hub until *stack* ends, and play every act in both dialects."""
    started, tally = time.monotonic(), Tally()
    port = free_port(options.port)
    url = f"http://127.0.0.1:{port}"
    rows = [Row(act.section, rule) for act in acts for rule in act.rules]
    with report.progress(console, len(rows) * len(DIALECTS)) as advance:
        advance("Making the Hub's tables", 0)
        prepare()
        advance("Starting the Hub under gunicorn", 0)
        server = stack.enter_context(served(port, folder / "hub.log"))
        for number, dialect in enumerate(DIALECTS.values()):
            if number:
                clear()
            with stage(url, dialect, tally) as scenes:
                play(acts, rows, scenes, advance)
    return url, server, Outcome(rows, tally.requests, time.monotonic() - started)


@contextmanager
def stage(url: str, dialect: Dialect, tally: Tally) -> Iterator[dict[Product, Scene]]:
    """Set up one scene for each product, on connections made for it."""
    with ExitStack() as stack:
        scenes: dict[Product, Scene] = {}
        for product in PRODUCTS:
            endpoint = create_endpoint(product, dialect, url)
            scene = Scene(endpoint, dialect, opening(product, dialect), tally)
            scenes[product] = stack.enter_context(closing(scene))
        one, other = scenes.values()
        one.neighbour, other.neighbour = other, one
        yield scenes


def play(acts: Sequence[Act], rows: Sequence[Row], scenes: Mapping[Product, Scene], advance: Advance) -> None:
    """Look at every rule of every act, in one dialect."""
    looked = iter(rows)
    for act in acts:
        scene = scenes[act.product]
        for rule in act.rules:
            advance(f"{act.section.partition(' ·')[0]}, {scene.dialect.name}: {rule.number}", 0)
            next(looked).seen[scene.dialect.name] = look(rule, scene)
            advance("", 1)


def look(rule: Rule, scene: Scene) -> Seen:
    """Look at one rule; what goes wrong on the way is what was seen."""
    try:
        return rule.look(scene)
    except STUMBLES as error:
        return Seen(f"{type(error).__name__}: {error}")


def chosen(acts: Sequence[Act], only: frozenset[str]) -> list[Act]:
    """Return the acts with the chosen rules, all of them where none is named."""
    return [
        replace(act, rules=tuple(rule for rule in act.rules if not only or rule.number in only))
        for act in acts
    ]


def interrupt(*_signal: object) -> None:
    """End in order when asked to: the Hub's processes end with this one."""
    raise KeyboardInterrupt
