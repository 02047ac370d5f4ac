"""The demo shows every rule that can be shown, and a rule that does not hold ends it with 1."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.conf import settings
from rich.console import Console

from example_project.demo.program import ACTS
from example_project.demo.report import as_document, as_tables
from example_project.demo.rules import Outcome, Row, Rule, Seen

whole = pytest.mark.skipif(
    "sqlite" not in settings.DATABASES["default"]["ENGINE"],
    reason="the demo brings a SQLite database of its own, and has been seen on it in another run",
)

REPOSITORY = Path(__file__).resolve().parents[2]
SECONDS = 240
RULES = [rule for act in ACTS for rule in act.rules]
# What neither the wire nor the Hub's tables can show: Entra's own screens, and pages of the Hub.
NOT_SHOWN = {"A3", "A31", "A35", "B3"}
EVERY_RULE = {f"A{number}" for number in range(1, 39)} | {f"B{number}" for number in range(1, 46)}


def environment(folder: Path) -> dict[str, str]:
    """Return an environment in which nothing of the tests' own settings is left."""
    dropped = {"DATABASE_URL", "DJANGO_SETTINGS_MODULE", "CELERY_BROKER_URL"}
    kept = {name: text for name, text in os.environ.items() if name not in dropped}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "DEMO_FOLDER": str(folder)}


def rehearse(folder: Path, *arguments: str, module: str = "example_project.demo") -> tuple[int, Any]:
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments, "--json"],
        check=False,
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def shown(number: str) -> str:
    return number.partition(" ")[0]


def test_every_rule_is_shown_that_can_be() -> None:
    assert EVERY_RULE - {shown(rule.number) for rule in RULES} == NOT_SHOWN


@whole
def test_everything_is_seen_as_expected_in_both_dialects(tmp_path: Path) -> None:
    code, document = rehearse(tmp_path)
    wrong = [row for row in document["rows"] if not row["ok"]]
    assert wrong == []
    assert (code, document["ok"], document["rules"]) == (0, True, len(RULES))
    assert {tuple(row["dialects"]) for row in document["rows"]} == {("legacy", "optscim")}
    assert document["requests"] > 1000


@whole
def test_a_flipped_expectation_ends_with_1(tmp_path: Path) -> None:
    code, document = rehearse(tmp_path, "flip:A9", "--only", "A9", "B44", module="tests.demo.sabotaged")
    assert (code, document["ok"]) == (1, False)
    assert {row["rule"]: row["ok"] for row in document["rows"]} == {"A9": False, "B44": True}


@whole
def test_a_hub_with_another_policy_is_found_out(tmp_path: Path) -> None:
    """The looks see what the Hub does: under preset rfc, what the two products want is not so."""
    code, document = rehearse(tmp_path, "preset:rfc", module="tests.demo.sabotaged")
    wrong = {row["rule"] for row in document["rows"] if not row["ok"]}
    assert code == 1
    assert wrong >= {
        *("A9", "A10", "A11 a", "A11 b", "A12", "A13", "A18", "A19", "A27", "A29", "A32", "A36"),
        *("B5", "B6", "B7", "B8", "B10", "B13", "B14", "B17", "B19", "B21", "B24", "Z1"),
    }
    # A look that stumbles is a row of its own, not the end of the rehearsal.
    assert len(document["rows"]) == len(RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.number)
def test_each_rule_can_fail(rule: Rule) -> None:
    good = {dialect: rule.expected(dialect) for dialect in ("legacy", "optscim")}
    assert Outcome([Row("", rule, good)], 0, 0).ok
    for dialect, expected in good.items():
        for changed in (Seen(expected.http + "!", expected.tables), Seen(expected.http, "")):
            outcome = Outcome([Row("", rule, {**good, dialect: changed})], 0, 0)
            assert not outcome.ok
            assert not as_document(outcome)["rows"][0]["dialects"][dialect]["ok"]


def test_the_table_shows_a_difference_between_the_dialects() -> None:
    rule = next(rule for rule in RULES if rule.number == "A9")
    seen = {"legacy": rule.expected("legacy"), "optscim": Seen("POST 500")}
    console = Console(record=True, width=120, file=StringIO())
    console.print(as_tables([Row("Flow Connect", rule, seen)]))
    text = console.export_text()
    assert re.search(r"A9 .*legacy\s+✓", text)
    assert re.search(r"POST 500 .*flag\s+✗", text)


@whole
def test_serve_leaves_the_hub_up_until_it_is_interrupted(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "example_project.demo", "--serve", "--only", "A1"]
    with subprocess.Popen(
        command, cwd=tmp_path, env=environment(tmp_path), stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            text = read_until(server, "Ctrl-C")
            url = re.search(r"http://127\.0\.0\.1:\d+/", text)
            assert url
            assert "admin / admin" in text
            assert httpx.get(f"{url[0]}login/").status_code == 200
        finally:
            server.send_signal(signal.SIGINT)
            try:
                code = server.wait(60)
            finally:
                server.kill()
    assert code == 0
    assert is_closed(url[0])


def read_until(server: "subprocess.Popen[str]", end: str) -> str:
    text = ""
    while end not in text:
        line = server.stdout.readline() if server.stdout else ""
        assert line, text
        text += line
    return text


def is_closed(url: str) -> bool:
    for _attempt in range(50):
        try:
            httpx.get(url)
        except httpx.TransportError:
            return True
        time.sleep(0.1)
    return False


@whole
def test_a_port_in_use_is_told(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "example_project.demo", "--port", str(port)],
            check=False,
            cwd=tmp_path,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
    assert done.returncode == 2
    assert f"port {port} cannot be used" in done.stdout
