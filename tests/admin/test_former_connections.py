"""The log of a connection that was removed: read by the admins of its organization, and by nobody else."""

from typing import Any

import pytest
from django.test import Client

from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Connection, Event, FormerConnection
from tests.admin.conftest import IS_EXAMPLE, SignIn, url_of
from tests.scim import ScimClient

if IS_EXAMPLE:
    from example_project.hub.models import Organization


@pytest.fixture
def former(connection: Connection) -> FormerConnection:
    """Return what is left of a connection that made a user."""
    ScimClient(connection).create_user("ada")
    Connection.objects.get(pk=connection.pk).delete()
    return FormerConnection.objects.get()


def test_the_log_is_still_read(client: Client, former: FormerConnection) -> None:
    event = Event.objects.get(operation="create")
    listed = client.get(url_of("former")).text
    assert "Contoso directory" in listed
    assert url_of("log", former.pk) in listed
    assert "ada@contoso.example" in client.get(url_of("log", former.pk)).text
    assert event.request_id in client.get(url_of("event", former.pk, event.pk)).text
    csv: Any = client.get(url_of("log_csv", former.pk))
    assert b"ada@contoso.example" in b"".join(csv.streaming_content)


@pytest.mark.parametrize("name", ["overview", "disconnect", "generate_token"])
def test_no_other_page_is_left(client: Client, former: FormerConnection, name: str) -> None:
    assert client.get(url_of(name, former.pk)).status_code == 404


@pytest.mark.parametrize("who", ["foreign", "staff", "anonymous"])
def test_T26_nobody_else_sees_it(
    former: FormerConnection, people: dict[str, Any], sign_in: SignIn, who: str
) -> None:
    browser = sign_in(people[who])
    assert "Contoso directory" not in browser.get(url_of("former")).text
    answer = browser.get(url_of("log", former.pk))
    assert answer.status_code == (302 if who == "anonymous" else 404)


def test_however_a_connection_is_removed_its_log_stays_readable(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).delete()
    assert FormerConnection.objects.get().pk == connection.pk


def test_with_its_organization_nothing_of_a_connection_stays(db: None) -> None:
    made = create_connection(Organization.objects.create(slug="short", name="Short"), "rfc")
    made.organization.delete()
    assert not FormerConnection.objects.exists()
