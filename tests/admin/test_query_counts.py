"""Every page costs the same number of queries, however many rows there are; a new page is held to it at once."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scim_provisioning.admin.health import NEWEST
from scim_provisioning.guide.links import create_link
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.models import (
    Connection,
    Event,
    FailedAuthentication,
    FormerConnection,
    HeldChange,
    Token,
)
from tests.admin.conftest import SignIn, url_of
from tests.admin.pages import address, page_names
from tests.scim import ScimClient, user_body
from tests.tasks.outbox import owe

# More than a page of anything shows.
MORE = 120
# What a page is asked for beside itself.
SEARCHES: dict[str, list[dict[str, str]]] = {
    "log": [
        {"outcome": "errors"},
        {"outcome": "ignored"},
        {"operation": "deactivate"},
        {"resource_type": "User"},
        {"q": "nobody at all"},
        {"q": str(uuid.uuid4())},
        {"q": "person-0"},
    ],
    "ledger": [{"state": "done"}, {"q": "person-0"}],
    "changelist": [{"preset__exact": "rfc"}],
}


@pytest.fixture(autouse=True)
def without_observations(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no observation be written: that happens after an answer, a few times a minute."""
    monkeypatch.setattr(recorder, "flush_if_due", lambda: None)


@pytest.fixture
def filled(connection: Connection, people: dict[str, Any]) -> Connection:
    """Return a connection with a few of everything, in the longest cycle that a page tells at a glance."""
    add(connection, 2, people["admin"])
    events(connection, NEWEST, timedelta())
    return connection


def events(connection: Connection, count: int, ago: timedelta) -> None:
    outcomes = Event.Outcome.values
    Event.objects.bulk_create(
        Event(
            connection=connection,
            connection_key=connection.pk,
            request_id=str(uuid.uuid4()),
            token_key_id="abc",
            operation="update",
            resource_type="User",
            resource_id=uuid.uuid4(),
            resource_name=f"person-{number}",
            outcome=outcomes[number % len(outcomes)],
            status=200,
            created_at=timezone.now() - ago,
        )
        for number in range(count)
    )


def add(connection: Connection, count: int, person: Any) -> None:
    """Add so many rows to each table that a page of the connection reads."""
    now = timezone.now()
    idp = ScimClient(connection)
    for number in range(min(count, 4)):
        user = idp.create_user(f"user-{uuid.uuid4().hex}").id
        idp.create_group(f"Group {uuid.uuid4().hex}", user)
        idp.post("/Users", user_body(f"wrong-{number}", externalId="no"))
        other = create_connection(connection.organization, "rfc", name=f"No. {number}")
        Token.issue(other)
        events(other, NEWEST + number, timedelta())
    Token.objects.filter(connection=connection).exclude(key_id=idp.token.split("_")[1]).update(revoked_at=now)
    if not connection.setup_links.exists() or count > 2:
        for _link in range(min(count, 5)):
            create_link(connection, person)
    for number in range(count):
        owe(connection, resource_name=f"person-{number}", state=("done", "due", "dead")[number % 3])
    HeldChange.objects.bulk_create(
        HeldChange(
            connection=connection,
            action="deactivate",
            resource_id=uuid.uuid4(),
            state=HeldChange.State.values[number % 3],
            first_at=now,
            last_at=now,
            decided_at=now,
        )
        for number in range(count + 1)
    )
    FailedAuthentication.objects.bulk_create(
        FailedAuthentication(
            connection=connection, address=uuid.uuid4().hex, reason="unknown", first_at=now, last_at=now
        )
        for _number in range(count)
    )
    FormerConnection.objects.bulk_create(
        FormerConnection(
            id=uuid.uuid4(), organization=connection.organization, preset="rfc", created_at=now, ended_at=now
        )
        for _number in range(count)
    )
    LogEntry.objects.bulk_create(
        LogEntry(
            user=person,
            content_type=ContentType.objects.get_for_model(Connection),
            object_id=str(connection.pk),
            action_flag=CHANGE,
        )
        for _number in range(count)
    )
    for cycle in range(min(count, 4)):
        events(connection, count, timedelta(minutes=40 * (cycle + 1)))


def queries(browser: Client, url: str, query: dict[str, str]) -> list[str]:
    """Return the queries of a page; of one that is streamed, those until its first lines are sent."""
    with CaptureQueriesContext(database) as captured:
        answer: Any = browser.get(url, query)
        if answer.streaming:
            lines = iter(answer.streaming_content)
            next(lines), next(lines)
    assert answer.status_code in (200, 302, 405), url
    return [each["sql"] for each in captured.captured_queries]


@pytest.mark.parametrize("who", ["superuser", "admin"])
@pytest.mark.parametrize("name", page_names())
def test_every_page_costs_the_same_however_many_rows_there_are(
    name: str, who: str, filled: Connection, people: dict[str, Any], sign_in: SignIn
) -> None:
    browser, url = sign_in(people[who]), address(name, filled)
    searches = [{}, *SEARCHES.get(name.removeprefix("scim_provisioning_connection_"), [])]
    few = [queries(browser, url, query) for query in searches]
    add(filled, MORE, people["admin"])
    events(filled, 3 * NEWEST, timedelta())
    for query, before in zip(searches, few, strict=True):
        after = queries(browser, url, query)
        assert len(after) == len(before), (query, sorted(set(after) - set(before)))


def test_a_page_deep_in_the_log_costs_what_the_first_one_does(client: Client, filled: Connection) -> None:
    events(filled, 4 * NEWEST, timedelta())
    url, newest = url_of("log", filled.pk), Event.objects.latest("pk").pk
    client.get(url)
    first, deep = (
        len(queries(client, url, query)) for query in ({"before": str(newest)}, {"before": str(newest - 150)})
    )
    assert first == deep
