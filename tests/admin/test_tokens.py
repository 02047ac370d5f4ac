"""Generate token: shown once, two at a time, and nowhere else (A4, A5, T24)."""

import logging
import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session
from django.db import connections
from django.test import Client
from django.utils import timezone

from scim_provisioning.models import Connection, Token
from tests.admin.conftest import url_of
from tests.scim import ScimClient

SECRET = re.compile(r"scim_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}_[A-Za-z0-9]{6}")


def latest(connection: Connection) -> str:
    newest = connection.tokens.order_by("-pk").first()
    return newest.key_id if newest else ""


def generate(client: Client, connection: Connection, days: Any = 365, **sent: Any) -> Any:
    sent = {"days": days, "latest": latest(connection), **sent}
    return client.post(url_of("generate_token", connection.pk), sent)


def test_A4_the_token_is_shown_once_in_both_forms(client: Client, connection: Connection) -> None:
    answer = generate(client, connection)
    (secret,) = set(SECRET.findall(answer.text))
    assert answer.status_code == 200
    assert f'value="{secret}"' in answer.text
    assert f'value="token=&quot;{secret}&quot;"' in answer.text
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert ScimClient(connection, secret).get("/Users").status == 200
    assert not SECRET.search(client.get(url_of("overview", connection.pk)).text)


def test_A5_it_is_valid_for_a_year_by_default(client: Client, connection: Connection) -> None:
    form = client.get(url_of("overview", connection.pk)).context["form"]
    generate(client, connection, form["days"].value())
    days = (connection.tokens.get().expires_at - timezone.now()).days
    assert days in (364, 365)
    assert connection.tokens.get().created_by is not None


@pytest.mark.parametrize("days", ["0", "-1", "731", "x", "", "1e9"])
def test_a_bad_lifetime_makes_no_token(client: Client, connection: Connection, days: str) -> None:
    answer = generate(client, connection, days)
    assert answer.status_code == 409
    assert "lifetime of 1 to 730 days" in answer.text
    assert not connection.tokens.exists()


def test_looking_at_the_page_makes_no_token(client: Client, connection: Connection) -> None:
    page = client.get(url_of("generate_token", connection.pk))
    assert page.status_code == 200
    assert "Generate token" in page.text
    assert not connection.tokens.exists()


def test_a_form_sent_twice_makes_one_token(client: Client, connection: Connection) -> None:
    form = {"days": "30", "latest": ""}
    url = url_of("generate_token", connection.pk)
    assert SECRET.search(client.post(url, form).text)
    again = client.post(url, form)
    assert again.status_code == 409
    assert not SECRET.search(again.text)
    assert "not shown again" in again.text
    assert connection.tokens.count() == 1


def test_two_tokens_overlap_and_a_third_is_refused(client: Client, connection: Connection) -> None:
    secrets = [SECRET.findall(generate(client, connection).text)[0] for _token in range(2)]
    assert all(ScimClient(connection, secret).get("/Users").status == 200 for secret in secrets)
    third = generate(client, connection)
    assert third.status_code == 409
    assert "Two tokens are valid" in third.text
    assert "generate/" not in client.get(url_of("overview", connection.pk)).text


def test_the_old_one_can_go_once_the_new_one_is_used(client: Client, connection: Connection) -> None:
    old, _secret = Token.issue(connection)
    new, secret = Token.issue(connection)
    overview = url_of("overview", connection.pk)
    assert "can go" not in client.get(overview).text
    ScimClient(connection, secret).get("/Users")
    page = client.get(overview).text
    assert f"The new token {new.key_id} was first used at" in page
    assert f"the old one, {old.key_id}, can go" in page
    assert "used after that as well" not in page
    Token.objects.filter(pk=old.pk).update(last_used_at=timezone.now() + timedelta(minutes=1))
    assert "used after that as well" in client.get(overview).text


def test_revoking_asks_first_and_ends_the_token_at_once(client: Client, connection: Connection) -> None:
    token, secret = Token.issue(connection)
    url = url_of("revoke_token", connection.pk, token.key_id)
    assert "only valid token" in client.get(url).text
    assert ScimClient(connection, secret).get("/Users").status == 200
    assert client.post(url)["Location"] == url_of("overview", connection.pk)
    assert ScimClient(connection, secret).get("/Users").status == 401
    token.refresh_from_db()
    revoked_at = token.revoked_at
    client.post(url)
    token.refresh_from_db()
    assert token.revoked_at == revoked_at


def test_T26_a_token_of_another_connection_is_not_found_under_this_one(
    client: Client, connection: Connection, other_organization: Any, make_connection: Any
) -> None:
    foreign, _secret = Token.issue(make_connection("rfc", other_organization))
    url = url_of("revoke_token", connection.pk, foreign.key_id)
    assert [client.get(url).status_code, client.post(url).status_code] == [404, 404]
    foreign.refresh_from_db()
    assert foreign.is_live


def test_T24_the_secret_is_nowhere_but_in_its_page(
    client: Client, connection: Connection, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    """The canary: every table, every cookie and every log line at DEBUG, SQL with its parameters included."""
    settings.DEBUG = True
    connections["default"].force_debug_cursor = True
    with caplog.at_level(logging.DEBUG), caplog.at_level(logging.DEBUG, logger="django"):
        answer = generate(client, connection)
        client.get(url_of("overview", connection.pk))
        client.get(url_of("history", connection.pk))
    connections["default"].force_debug_cursor = False
    secret = SECRET.findall(answer.text)[0].split("_")[2]
    assert "INSERT" in caplog.text, "SQL is not logged, so this test would prove nothing"
    sessions = [str(each.get_decoded()) for each in Session.objects.all()]
    entries = [f"{each.change_message} {each.object_repr}" for each in LogEntry.objects.all()]
    assert sessions
    assert connection.tokens.get().key_id in entries[0]
    stored = [str(row) for row in Token.objects.values()]
    cookies = [morsel.value for morsel in client.cookies.values()]
    headers = [str(answer.headers)]
    for text in [caplog.text, *sessions, *entries, *stored, *cookies, *headers]:
        assert secret not in text


def with_principals(connection: Connection) -> Connection:
    """Make the tokens of a connection need their principal."""
    connection.token_principal = True
    connection.save(update_fields=["token_principal"])
    return connection


def test_B3_a_token_is_not_generated_by_who_lacks_the_role(
    client: Client, connection: Connection, people: dict[str, Any]
) -> None:
    refused = generate(client, with_principals(connection))
    assert refused.status_code == 409
    assert "International Manager" in refused.text
    assert not connection.tokens.exists()
    people["admin"].role_assignments.create(value="internationalmanager")
    (secret,) = set(SECRET.findall(generate(client, connection).text))
    assert ScimClient(connection, secret).get("/Users").status == 200


def test_B3_the_overview_tells_a_token_that_its_principals_role_is_gone(
    client: Client, connection: Connection, people: dict[str, Any]
) -> None:
    role = people["admin"].role_assignments.create(value="internationalmanager")
    generate(client, with_principals(connection))
    page = url_of("overview", connection.pk)
    assert "does not hold the role" not in client.get(page).text
    role.delete()
    assert "does not hold the role “International Manager”" in client.get(page).text
