"""Test: a button of the overview, and the table of what each step came to."""

import pytest
from django.test import Client

from example_project.hub.models import User
from scim_provisioning.models import Connection, Event, Token
from tests.admin.conftest import url_of
from tests.factories import USERS


def test_the_overview_has_the_button(client: Client, connection: Connection) -> None:
    text = client.get(url_of("overview", connection.pk)).text
    assert f'<form method="post" action="{url_of("test", connection.pk)}">' in text


def test_looking_at_the_page_tests_nothing(client: Client, connection: Connection) -> None:
    page = client.get(url_of("test", connection.pk))
    assert page.status_code == 200
    assert "scim-table" not in page.text


def test_every_step_is_shown(client: Client, connection: Connection) -> None:
    users = User.objects.count()
    page = client.post(url_of("test", connection.pk))
    assert page.status_code == 200
    assert page.text.count("scim-outcome-success") == 11
    assert "scim-outcome-failed" not in page.text
    assert "Every step came out as it must" in page.text
    assert (User.objects.count(), Event.objects.count(), Token.objects.count()) == (users, 0, 0)


def test_a_step_that_fails_says_what_was_seen(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(USERS, "deactivate", lambda mapping, user: ())
    page = client.post(url_of("test", connection.pk))
    assert "1 step did not come out as it must." in page.text
    assert page.text.count("scim-outcome-failed") == 1
    assert "200, then active true" in page.text


def test_a_paused_connection_says_so(client: Client, connection: Connection) -> None:
    Connection.objects.update(enabled=False)
    page = client.post(url_of("test", connection.pk))
    assert "tested as if it were resumed" in page.text
    assert "Every step came out as it must" in page.text
