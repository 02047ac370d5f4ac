"""`manage.py scim_simulate_entra` over real HTTP."""

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.simulator.served import served
from tests.simulator.target import SECRET, Target, reply


@pytest.fixture
def url(target: Target) -> Iterator[str]:
    with served(target) as address:
        yield address


def run(url: str, *arguments: str, token: str = SECRET) -> tuple[int, str]:
    """Run the command; return its exit code and what it printed."""
    out = StringIO()
    try:
        call_command("scim_simulate_entra", "--url", url, "--token", token, *arguments, stdout=out)
    except SystemExit as stop:
        return int(str(stop.code)), out.getvalue()
    return 0, out.getvalue()


def run_json(url: str, *arguments: str) -> tuple[int, dict[str, Any]]:
    code, text = run(url, "--json", *arguments)
    return code, json.loads(text)


def test_it_provisions_a_generated_directory_and_prints_the_log(url: str, target: Target) -> None:
    code, text = run(url, "--mapping", "flow_connect", "--users", "12", "--groups", "2", "--cycles", "2")
    assert code == 0
    assert len(target.users) > 0
    assert len(target.groups) == 2
    for part in ("Test connection", "Provisioning log", "R2:200 R4:201", "Cycles", "Success"):
        assert part in text


@pytest.mark.parametrize("dialect", ["legacy", "optscim"])
def test_it_plays_a_life_and_says_so_in_json(dialect: str, url: str) -> None:
    code, document = run_json(url, "--mapping", "flowcase", "--dialect", dialect, "--life", "--users", "5")
    assert code == 0
    assert document["dialect"] == dialect
    assert [chapter["title"] for chapter in document["life"] if not chapter["ok"]] == []
    rules = {exchange["rule"] for row in document["provisioningLog"] for exchange in row["exchanges"]}
    assert {"R2", "R3", "R4", "R7", "R8", "R9", "R14"} <= rules


def test_it_reads_and_writes_directory_files(url: str, target: Target, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    people = [{"userPrincipalName": "ada@x.example", "mail": "ada@x.example"}]
    document = {"users": people, "assignments": [{"principal": "ada@x.example"}]}
    first.write_text(json.dumps(document), encoding="utf-8")
    assert run(url, "--directory", str(first), "--save-directory", str(second))[0] == 0
    assert list(target.users) == ["ada@x.example"]
    assert json.loads(second.read_text(encoding="utf-8"))["users"][0]["userPrincipalName"] == "ada@x.example"


def test_it_provisions_on_demand(url: str, target: Target, tmp_path: Path) -> None:
    path = tmp_path / "directory.json"
    path.write_text(
        '{"users": [{"userPrincipalName": "ada@x"}, {"userPrincipalName": "bo@x"}],'
        ' "assignments": [{"principal": "ada@x"}]}',
        encoding="utf-8",
    )
    code, text = run(url, "--directory", str(path), "--on-demand", "ada@x", "--cycles", "0")
    assert (code, list(target.users)) == (0, ["ada@x"])
    assert "Perform action: Create" in text
    assert run(url, "--directory", str(path), "--on-demand", "bo@x", "--cycles", "0")[0] == 1


def test_a_failing_object_exits_with_1_and_shows_the_servers_words(url: str, target: Target) -> None:
    target.intercept = lambda request: (
        reply(400, {"detail": "the [department] is unknown"}) if request.method == "POST" else None
    )
    code, text = run(url, "--users", "3", "--groups", "0")
    assert code == 1
    assert 'Web Response: {"detail": "the [department] is unknown"}' in text


def test_a_wrong_token_exits_with_2(url: str) -> None:
    code, text = run(url, token="wrong")
    assert code == 2
    assert "Test connection: HTTP 401" in text


def test_quarantine_exits_with_2(url: str, target: Target) -> None:
    target.intercept = lambda request: reply(404, {}) if request.method == "POST" else None
    code, text = run(url, "--users", "3")
    assert code == 2
    assert "Quarantine, ScimCompliance" in text


def test_mistakes_of_the_mapping_screen_can_be_rehearsed(url: str) -> None:
    code, document = run_json(url, "--mapping", "flowcase", "--mistake", "both_countries", "--users", "5")
    assert code == 0
    posts = [
        e["request"] for row in document["provisioningLog"] for e in row["exchanges"] if e["rule"] == "R4"
    ]
    extension = "urn:ietf:params:scim:schemas:extension:flowcase:2.0:User"
    assert any(set(post.get(extension, {})) == {"countryCode", "countryName"} for post in posts)


def test_verbose_output_has_every_body(url: str) -> None:
    _, text = run(url, "--users", "2", "--verbosity", "2")
    assert '"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"' in text.replace("\n", "")


def test_a_long_log_is_cut_and_says_so(url: str) -> None:
    assert "… and " in run(url, "--users", "60")[1]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--url", "hub.example"], "http"),
        (["--directory", "/nowhere/at-all.json"], "at-all"),
        (["--users", "-1"], "not a number"),
        (["--on-demand", "nobody"], "nobody"),
    ],
)
def test_what_cannot_work_is_a_command_error(arguments: list[str], problem: str, url: str) -> None:
    with pytest.raises(CommandError, match=problem):
        run(url, *arguments)


def test_the_secret_token_is_never_printed(url: str) -> None:
    for arguments in (["--json"], ["--verbosity", "2"]):
        assert SECRET not in run(url, *arguments)[1]
