"""`scim_connection lint`, `export` and `openapi`."""

import json
import re
import uuid
from typing import Any

import pytest
from django.core.management.base import CommandError

from scim_provisioning.api.description import describe_connection
from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.models import Connection
from tests.commands.conftest import Shell
from tests.conftest import MakeClient, MakeConnection
from tests.scim import ENTERPRISE, ScimClient, user_body


def lint(shell: Shell, connection: Connection) -> tuple[int, dict[str, Any]]:
    """Return the exit code, and what was printed by subject."""
    recorder.flush()
    try:
        shell("scim_connection", "lint", connection.pk, "--json")
        code = 0
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, {row["subject"]: row for row in json.loads(shell.out)}


def test_lint_ends_well_while_nothing_is_wrong(shell: Shell, contoso: ScimClient) -> None:
    assert lint(shell, contoso.connection)[0] == 0
    contoso.create_user("ada")
    code, rows = lint(shell, contoso.connection)
    assert (code, rows["external_id"]["state"], rows["external_id"]["requests"]) == (0, "right", 1)


def test_lint_says_what_is_wrong_and_on_how_many_requests_that_is_based(
    shell: Shell, contoso: ScimClient
) -> None:
    contoso.create_user("ada")
    for name in ("eva", "eve"):
        contoso.post("/Users", user_body(name, externalId=name))
    code, rows = lint(shell, contoso.connection)
    row = rows["external_id"]
    assert code == 1
    assert (row["state"], row["requests"], row["wrong"]) == ("wrong", 3, 2)
    assert row["sample"] == "externalId: e••"
    assert "objectId" in row["fix"]
    assert row["first_wrong_at"] <= row["last_wrong_at"]


def test_lint_still_says_so_when_it_was_mended_within_the_cycle(shell: Shell, contoso: ScimClient) -> None:
    contoso.post("/Users", user_body("eva", externalId="eva"))
    contoso.create_user("ada")
    code, rows = lint(shell, contoso.connection)
    assert (code, rows["external_id"]["state"]) == (1, "mended")


@pytest.mark.examplehub
def test_lint_says_what_was_ignored_and_calls_nothing_of_it_wrong(
    shell: Shell, make_client: MakeClient
) -> None:
    client = make_client("flow_connect")
    for name in ("ada", "eva"):
        client.create_user(name, **{ENTERPRISE: {"department": "Enginering"}})
    code, rows = lint(shell, client.connection)
    row = rows["reference_known"]
    assert (code, row["state"], row["wrong"], row["requests"]) == (0, "ignored", 2, 2)
    assert row["sample"] == f"{ENTERPRISE}:department: Enginering"
    assert "was not known, and ignored" in row["sentence"]
    assert "Create it here first" in row["fix"]
    assert row["first_wrong_at"] <= row["last_wrong_at"]


def test_lint_as_a_table(shell: Shell, contoso: ScimClient) -> None:
    contoso.create_user("ada")
    printed = shell("scim_connection", "lint", contoso.connection.pk)
    assert "externalId is the object ID, a GUID." in printed


@pytest.mark.parametrize("action", [["lint"], ["export", "roles"], ["export", "attributes"]])
def test_an_unknown_connection_is_refused(shell: Shell, action: list[str]) -> None:
    with pytest.raises(CommandError, match="There is no connection"):
        shell("scim_connection", *action, uuid.uuid4())


@pytest.mark.examplehub
def test_B19_the_ids_of_app_roles_never_change_and_are_a_connections_own(
    shell: Shell, fabrikam: ScimClient, make_connection: MakeConnection
) -> None:
    first, again = (
        json.loads(shell("scim_connection", "export", "roles", fabrikam.connection.pk)) for _time in range(2)
    )
    other = json.loads(shell("scim_connection", "export", "roles", make_connection("flowcase").pk))
    assert first == again
    assert not {role["id"] for role in first} & {role["id"] for role in other}
    consultant = next(role for role in first if role["value"] == "consultant")
    assert set(consultant) == {
        "allowedMemberTypes",
        "description",
        "displayName",
        "id",
        "isEnabled",
        "value",
    }
    assert uuid.UUID(consultant["id"]) == uuid.uuid5(fabrikam.connection.pk, "consultant")
    assert consultant["isEnabled"] is True
    # What Entra's screen calls Both (Users/Groups + Applications), as the step on app roles says.
    assert {tuple(role["allowedMemberTypes"]) for role in first} == {("User", "Application")}
    assert all(not re.search(r"\s", role["value"]) and len(role["value"]) <= 120 for role in first)


def test_attributes_are_those_of_mapping_and_policy(shell: Shell, make_connection: MakeConnection) -> None:
    connection = make_connection("flow_connect")
    rows = {
        row["target"]: row for row in shell.json("scim_connection", "export", "attributes", connection.pk)
    }
    assert rows["externalId"]["source"] == "objectId"
    assert rows["externalId"]["required"] is True
    assert rows["userName"]["precedence"] == 1
    assert rows["active"]["type"] == "Boolean"
    assert "userPrincipalName" in shell("scim_connection", "export", "attributes", connection.pk)


def test_openapi_prints_the_description_of_one_connection(
    shell: Shell, contoso: ScimClient, settings: Any
) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASE_URL": None}
    printed = json.loads(shell("scim_connection", "openapi", contoso.connection.pk))
    assert printed == shell.json("scim_connection", "openapi", contoso.connection.pk)
    url = f"http://127.0.0.1:8000{contoso.base}"
    assert printed == describe_connection(contoso.connection, url)
    assert printed["servers"] == [{"url": url}]
    given = shell.json(
        "scim_connection", "openapi", contoso.connection.pk, "--base-url", "https://hub.example"
    )
    assert given["servers"] == [{"url": f"https://hub.example{contoso.base}"}]
    assert contoso.token not in shell.out


def test_openapi_of_no_connection_is_refused(shell: Shell) -> None:
    with pytest.raises(CommandError, match="There is no connection"):
        shell("scim_connection", "openapi", uuid.UUID(int=1))
