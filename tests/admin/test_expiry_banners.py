"""The banner before a token expires: on the overview, in the list, on the organization's page (Z2)."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from scim_provisioning.lifecycle.expiry import notify_expiring
from scim_provisioning.models import Connection, Token
from tests.admin.conftest import SignIn, url_of


@pytest.fixture
def token(connection: Connection) -> Token:
    """Return a token that has 20 days left."""
    token, _secret = Token.issue(connection)
    now = timezone.now()
    Token.objects.update(created_at=now - timedelta(days=345), expires_at=now + timedelta(days=20))
    return token


def pages(connection: Connection) -> list[str]:
    organization = f"/admin/hub/organization/{connection.organization_id}/change/"
    return [url_of("overview", connection.pk), url_of("changelist"), organization]


def test_each_page_says_which_token_expires(client: Client, connection: Connection, token: Token) -> None:
    for page in pages(connection):
        text = client.get(page).text
        assert "expire" in text, page
        assert text.count(f"{token.key_id}") >= 1, page
        # A message is shown by the page it is about, and by no other.
        assert "Tokens expire soon" not in client.get("/admin/").text


def test_nothing_is_said_when_a_newer_one_outlasts_it(
    client: Client, connection: Connection, token: Token
) -> None:
    Token.issue(connection)
    for page in pages(connection):
        text = client.get(page).text
        assert "Tokens expire soon" not in text
        assert "Generate a new one and paste it" not in text


def test_T26_nobody_else_is_told(
    connection: Connection, token: Token, people: dict[str, Any], sign_in: SignIn
) -> None:
    for who in ("staff", "foreign"):
        browser = sign_in(people[who])
        for page in (*pages(connection), "/admin/"):
            assert token.key_id not in browser.get(page).text, (who, page)


def test_T34_a_name_is_shown_inert(client: Client, connection: Connection, token: Token) -> None:
    Connection.objects.update(name="<img src=x onerror=alert(1)>")
    for page in pages(connection):
        text = client.get(page).text
        assert "<img src=x" not in text, page


def test_the_example_hub_writes_to_those_who_may_configure(connection: Connection, token: Token) -> None:
    notify_expiring()
    (message,) = mail.outbox
    assert message.recipients() == ["olivia@contoso.example"]
