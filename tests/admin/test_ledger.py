"""The ledger: per person what was ended when, what is owed; retry, retry all, skip with a reason (P10)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from example_project.hub.models import User
from scim_provisioning.lifecycle import effects
from scim_provisioning.models import Connection, Effect
from tests.admin.conftest import url_of
from tests.lifecycle.rows import DISABLE
from tests.scim import ScimClient
from tests.tasks.outbox import again, owe

DEAD, DUE, DONE, SKIPPED = Effect.State.DEAD, Effect.State.DUE, Effect.State.DONE, Effect.State.SKIPPED


def act(client: Client, connection: Connection, **sent: Any) -> str:
    answer = client.post(url_of("ledger", connection.pk), sent, follow=True)
    assert answer.status_code == 200
    return str(answer.text)


def test_P10_it_shows_per_person_what_was_ended_when_and_how_long_it_took(
    client: Client, connection: Connection
) -> None:
    idp = ScimClient(connection)
    idp.patch(f"/Users/{idp.create_user('ada').id}", DISABLE)
    effects.run_due()
    owe(connection, resource_name="eva@contoso.example")
    page = client.get(url_of("ledger", connection.pk), {"q": "ADA@contoso.example"}).text
    assert "ada@contoso.example" in page
    assert "sessions" in page
    assert "eva@contoso.example" not in page
    assert "99 % within" in page


def test_someone_who_is_gone_is_found_by_name(client: Client, connection: Connection) -> None:
    gone = owe(connection, "user_deleted", resource_name="gone@contoso.example", state=DONE)
    for q in ("gone@contoso.example", str(gone.resource_id)):
        assert "user_deleted" in client.get(url_of("ledger", connection.pk), {"q": q}).text


def test_the_time_to_revoke_is_told(client: Client, connection: Connection) -> None:
    now = timezone.now()
    for seconds in range(1, 101):
        owe(
            connection,
            "user_deactivated",
            state=DONE,
            created_at=now - timedelta(seconds=seconds),
            done_at=now,
        )
    page = client.get(url_of("ledger", connection.pk)).text
    assert "half of it within 51.00 s, 99 % within 100.00 s" in page


def test_retry_and_retry_all(client: Client, connection: Connection) -> None:
    first, second = (owe(connection, state=DEAD, attempts=8, handler="nobody") for _number in range(2))
    assert "1 effects are due now" in act(client, connection, action="retry", effect=first.pk)
    assert (again(first).state, again(second).state) == (DUE, DEAD)
    assert "1 effects are due now" in act(client, connection, action="retry_all")
    assert again(second).state == DUE


def test_skip_asks_for_a_reason_and_keeps_it(client: Client, connection: Connection) -> None:
    mine = owe(connection)
    assert "say why" in act(client, connection, action="skip", effect=mine.pk, reason=" ")
    assert again(mine).state == DUE
    act(client, connection, action="skip", effect=mine.pk, reason="the service is gone")
    assert (again(mine).state, again(mine).last_error) == (SKIPPED, "skipped: the service is gone")
    assert "the service is gone" in client.get(url_of("history", connection.pk)).text
    assert "not owed any more" in act(client, connection, action="skip", effect=mine.pk, reason="again")


@pytest.mark.parametrize(
    "sent", [{}, {"action": "skip"}, {"action": "retry", "effect": "x"}, {"action": "no"}]
)
def test_nonsense_changes_nothing(client: Client, connection: Connection, sent: dict[str, str]) -> None:
    mine = owe(connection, state=DEAD)
    act(client, connection, **sent)
    assert again(mine).state == DEAD


def test_T26_nobody_sees_anothers_effects(
    people: dict[str, User | None], sign_in: Any, connection: Connection
) -> None:
    mine = owe(connection, state=DEAD)
    foreign = sign_in(people["foreign"])
    url = url_of("ledger", connection.pk)
    assert foreign.get(url).status_code == 404
    assert foreign.post(url, {"action": "retry", "effect": mine.pk}).status_code == 404
    assert again(mine).state == DEAD


def test_T26_nobody_acts_on_anothers_effects(
    client: Client, connection: Connection, make_connection: Any, other_organization: Any
) -> None:
    other = make_connection("flowcase", other_organization)
    theirs = owe(other, state=DEAD)
    act(client, connection, action="retry", effect=theirs.pk)
    act(client, connection, action="retry_all")
    assert again(theirs).state == DEAD


def test_it_is_paged_by_key_with_a_fixed_number_of_queries(client: Client, connection: Connection) -> None:
    counts, url = [], url_of("ledger", connection.pk)
    first: Any = None
    for more in (60, 200):
        for _number in range(more):
            owe(connection)
        client.get(url)
        with CaptureQueriesContext(database) as queries:
            first = client.get(url)
        counts.append(len(queries))
        assert not [each["sql"] for each in queries if "COUNT(" in each["sql"] and "_effect" in each["sql"]]
    assert counts[0] == counts[1]
    second = client.get(url + first.context["older"])
    shown = [[row[0].pk for row in page.context["rows"]] for page in (first, second)]
    assert len(shown[0]) == len(shown[1]) == 50
    assert min(shown[0]) > max(shown[1])
