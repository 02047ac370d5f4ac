"""`manage.py scim_simulate_entra --certify`: Microsoft's table, JSON and exit codes."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError

from tests.simulator.served import served
from tests.simulator.target import SECRET, Target, reply
from tests.simulator.test_command import run, run_json


@pytest.fixture
def url(target: Target) -> Iterator[str]:
    with served(target) as address:
        yield address


def test_it_prints_a_table_for_each_dialect(url: str) -> None:
    code, text = run(url, "--certify", "--mapping", "flow_connect")
    assert code == 0
    for part in (
        "Certification, dialect legacy, mapping flow_connect",
        "Certification, dialect optscim, mapping flow_connect",
        "Create_User_Test",
        "Expected",
        "46 passed, 0 failed, 4 not applicable",
    ):
        assert part in text
    assert SECRET not in text


def test_it_prints_json_with_every_request(url: str) -> None:
    code, document = run_json(url, "--certify", "--dialect", "optscim")
    assert (code, document["passed"], document["failed"], document["not_applicable"]) == (0, 23, 0, 2)
    assert [row["test"] for row in document["tests"]] == [f"T{number}" for number in range(1, 26)]
    first = document["tests"][0]
    assert [exchange["rule"] for exchange in first["sent"]] == ["R2", "R4", "R2"]
    assert {"name", "dialect", "expected", "seen", "outcome"} <= first.keys()
    assert SECRET not in json.dumps(document)


def test_a_failing_test_exits_with_1_and_shows_the_servers_words(url: str, target: Target) -> None:
    target.intercept = lambda request: (
        reply(400, {"detail": "no [deletions] here"}) if request.method == "DELETE" else None
    )
    code, text = run(url, "--certify", "--dialect", "legacy")
    assert code == 1
    assert "no [deletions] here" in " ".join(text.split())
    assert "Not deleted: /" in text


def test_a_wrong_token_exits_with_2(url: str) -> None:
    code, text = run(url, "--certify", token="wrong")
    assert code == 2
    assert "Test connection: HTTP 401" in text


def test_verbose_output_has_every_body(url: str) -> None:
    _, text = run(url, "--certify", "--dialect", "legacy", "--verbosity", "2")
    assert '"op":"replace","path":"title","value":null' in text.replace("\n", "")


def test_departments_are_those_named_or_those_of_the_directory(
    url: str, target: Target, tmp_path: Path
) -> None:
    path = tmp_path / "directory.json"
    people = [{"userPrincipalName": "ada@fabrikam.example", "department": "Finance", "country": "DK"}]
    path.write_text(json.dumps({"users": people}), encoding="utf-8")
    options = ("--certify", "--dialect", "legacy", "--mapping", "flowcase")
    seen: list[dict[str, object]] = []
    for more in (("--directory", str(path)), ("--department", "Sales", "--domain", "x.example")):
        target.seen.clear()
        assert run(url, *options, *more)[0] == 0
        seen.append(next(json.loads(r.content) for r in target.seen if r.method == "POST"))
    texts = [json.dumps(body) for body in seen]
    assert ["Finance" in texts[0], "fabrikam.example" in texts[0], '"DK"' in texts[0]] == [True] * 3
    assert ["Sales" in texts[1], "x.example" in texts[1], "countryCode" in texts[1]] == [True, True, False]


def test_a_token_endpoint_can_be_given(url: str) -> None:
    token = ("--token-url", f"{url}/token", "--client-id", "entra", "--client-secret", "hidden")
    code, document = run_json(url, "--certify", "--dialect", "legacy", *token)
    row = next(row for row in document["tests"] if row["test"] == "T21")
    assert (code, row["outcome"]) == (1, "failed")
    assert "hidden" not in json.dumps(document)


def test_what_is_no_address_is_a_command_error(url: str) -> None:
    with pytest.raises(CommandError, match="http"):
        run(url, "--certify", "--url", "hub.example")
