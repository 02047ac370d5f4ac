"""`scim_token`: create, list, revoke."""

from datetime import timedelta

import pytest
from django.core.management.base import CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from scim_provisioning.models import Connection, Token
from scim_provisioning.models.tokens import read_token
from tests.commands.conftest import Shell
from tests.conftest import MakeConnection
from tests.factories import IS_EXAMPLE, make_user
from tests.scim import ScimClient


@pytest.fixture
def connection(make_connection: MakeConnection) -> Connection:
    """Return a connection without a token."""
    return make_connection("rfc")


def days_from_now(text: str) -> float:
    moment = parse_datetime(text)
    assert moment is not None
    return (moment - timezone.now()) / timedelta(days=1)


def test_a4_json_holds_the_token_this_once(shell: Shell, connection: Connection) -> None:
    made = shell.json("scim_token", "create", "--connection", connection.pk)
    assert set(made) == {"token", "key_id", "expires_at"}
    assert ScimClient(connection, made["token"]).get("/Users").status == 200
    read = read_token(made["token"])
    assert read is not None
    key_id, secret = read
    assert key_id == made["key_id"]
    assert secret not in shell("scim_token", "list")
    assert secret not in shell("scim_token", "list", "--json")


def test_a5_a_token_is_valid_for_the_connections_lifetime(shell: Shell, connection: Connection) -> None:
    made = shell.json("scim_token", "create", "--connection", connection.pk)
    assert days_from_now(made["expires_at"]) == pytest.approx(365, abs=0.01)
    Connection.objects.update(token_lifetime=90)
    made = shell.json("scim_token", "create", "--connection", connection.pk)
    assert days_from_now(made["expires_at"]) == pytest.approx(90, abs=0.01)


def test_days_are_its_lifetime(shell: Shell, connection: Connection) -> None:
    made = shell.json("scim_token", "create", "--connection", connection.pk, "--days", "7")
    assert days_from_now(made["expires_at"]) == pytest.approx(7, abs=0.01)


@pytest.mark.parametrize("days", ["0", "-1", "731"])
def test_a5_no_token_lives_for_ever_or_not_at_all(shell: Shell, connection: Connection, days: str) -> None:
    with pytest.raises(CommandError, match="--days"):
        shell("scim_token", "create", "--connection", connection.pk, f"--days={days}")
    assert not Token.objects.exists()


def test_standard_output_holds_the_token_alone(shell: Shell, connection: Connection) -> None:
    printed = shell("scim_token", "create", "--connection", connection.pk)
    assert read_token(printed.strip()) is not None
    assert Token.objects.get().key_id in shell.errors
    assert printed.strip() not in shell.errors


def test_a_third_token_is_refused_with_those_that_can_be_revoked(
    shell: Shell, connection: Connection
) -> None:
    first = shell.json("scim_token", "create", "--connection", connection.pk)
    ScimClient(connection, first["token"]).get("/Users")
    second = shell.json("scim_token", "create", "--connection", connection.pk)
    with pytest.raises(CommandError) as caught:
        shell("scim_token", "create", "--connection", connection.pk)
    text = str(caught.value)
    assert first["key_id"] in text
    assert f"{second['key_id']} (created {timezone.now():%Y-%m-%d}, last used never)" in text
    assert "revoke" in text
    shell("scim_token", "revoke", second["key_id"])
    shell("scim_token", "create", "--connection", connection.pk)


def test_a_revoked_token_ends_at_once(shell: Shell, rfc: ScimClient) -> None:
    token = Token.objects.get(connection=rfc.connection)
    assert rfc.get("/Users").status == 200
    assert shell("scim_token", "revoke", token.key_id) == f"Token {token.key_id} is revoked.\n"
    assert rfc.get("/Users").status == 401


def test_revoking_twice_changes_nothing(shell: Shell, rfc: ScimClient) -> None:
    key_id = Token.objects.get(connection=rfc.connection).key_id
    first = shell.json("scim_token", "revoke", key_id)
    assert shell.json("scim_token", "revoke", key_id)["revoked_at"][:19] == first["revoked_at"][:19]


def test_an_unknown_token_or_connection_is_refused(shell: Shell) -> None:
    with pytest.raises(CommandError, match="There is no token of key id “abc”"):
        shell("scim_token", "revoke", "abc")
    with pytest.raises(CommandError, match="There is no connection “abc”"):
        shell("scim_token", "create", "--connection", "abc")


def test_the_list_tells_live_expired_and_revoked_ones(
    shell: Shell, connection: Connection, make_connection: MakeConnection
) -> None:
    states = {}
    for state, columns in (
        ("revoked", {"revoked_at": timezone.now(), "slot": None}),
        ("expired", {"expires_at": timezone.now() - timedelta(days=1), "slot": None}),
        ("live", {}),
    ):
        token, _text = Token.issue(connection)
        Token.objects.filter(pk=token.pk).update(**columns)
        states[token.key_id] = state
    other, _text = Token.issue(make_connection("rfc"))
    listed = shell.json("scim_token", "list", "--connection", connection.pk)
    assert {row["key_id"]: row["state"] for row in listed} == states
    everything = shell("scim_token", "list")
    assert other.key_id in everything
    assert len(everything.splitlines()) == 5


def test_b3_a_token_can_be_issued_to_somebody_who_holds_the_role(
    shell: Shell, connection: Connection, other_organization: object
) -> None:
    frida = make_user(connection.organization, "frida")
    if IS_EXAMPLE:
        frida.role_assignments.create(value="internationalmanager")
    made = shell.json(
        "scim_token", "create", "--connection", connection.pk, "--principal", "FRIDA@contoso.example"
    )
    token = Token.objects.get(key_id=made["key_id"])
    assert (token.created_by, token.has_principal) == (frida, True)
    stranger = make_user(other_organization, "stranger")
    for name in ("nobody@contoso.example", stranger.get_username()):
        with pytest.raises(CommandError, match="There is not one person"):
            shell("scim_token", "create", "--connection", connection.pk, "--principal", name)
    assert Token.objects.count() == 1
