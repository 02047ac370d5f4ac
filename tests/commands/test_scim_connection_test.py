"""`scim_connection test`."""

from typing import Any

import pytest

from scim_provisioning.models import Connection
from tests.commands.conftest import Shell
from tests.conftest import MakeConnection
from tests.factories import USERS


@pytest.fixture
def connection(make_connection: MakeConnection) -> Connection:
    """Return the connection that is tested."""
    return make_connection("flow_connect")


def test_people_read_each_step_in_a_line(shell: Shell, connection: Connection) -> None:
    printed = shell("scim_connection", "test", "--connection", connection.pk).splitlines()
    assert printed[0].split() == ["passed", "step", "expected", "seen", "detail"]
    assert printed[-1] == "11 of 11 steps passed."
    assert all(line.startswith("yes") for line in printed[1:-1])


def test_programs_read_json(shell: Shell, connection: Connection) -> None:
    document = shell.json("scim_connection", "test", "--connection", connection.pk)
    assert document["connection"] == str(connection.pk)
    assert document["passed"] is True
    assert document["steps"][1] == {
        "name": "wrong_token",
        "request": "GET /Users",
        "expected": "401",
        "seen": "401",
        "passed": True,
        "detail": "",
    }


def test_a_step_that_fails_is_exit_code_1(
    shell: Shell, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(USERS, "deactivate", lambda mapping, user: ())
    with pytest.raises(SystemExit) as ended:
        shell.json("scim_connection", "test", "--connection", connection.pk)
    assert ended.value.code == 1
    assert '"passed": false' in shell.out


@pytest.mark.parametrize("base_url", ["https://hub.example", "http://hub.example:8000/api/scim", None])
def test_the_hub_is_reached_by_the_name_that_is_given(
    shell: Shell, connection: Connection, settings: Any, base_url: str | None
) -> None:
    settings.ALLOWED_HOSTS = ["hub.example"]
    options = ["--base-url", base_url] if base_url else []
    assert shell.json("scim_connection", "test", "--connection", connection.pk, *options)["passed"]
