"""The page of the brake: who would go, and the two buttons."""

from typing import Any

import pytest
from django.test import Client

from example_project.hub.models import User
from scim_provisioning.models import Connection, HeldChange
from tests.admin.conftest import url_of
from tests.brake.crowd import active, crowd, disable_all
from tests.scim import ScimClient

FEW = 3


@pytest.fixture
def idp(connection: Connection) -> ScimClient:
    """Return an identity provider of a connection that lets three go."""
    connection.brake = True
    connection.brake_count = FEW
    connection.brake_share = 100
    connection.save()
    return ScimClient(connection)


def decide(client: Client, connection: Connection, **sent: Any) -> Any:
    return client.post(url_of("held", connection.pk), sent, follow=True)


def test_T13_the_page_shows_who_would_go(client: Client, idp: ScimClient) -> None:
    users = crowd(idp, 5)
    overview = url_of("overview", idp.connection.pk)
    assert "Mass deprovisioning is held" not in client.get(overview).text
    disable_all(idp, users)
    assert "Mass deprovisioning is held" in client.get(overview).text
    page = client.get(url_of("held", idp.connection.pk)).text
    assert "would have lost access" in page
    for held in HeldChange.objects.all():
        assert held.resource_name in page
    assert "Waits for a decision: 2" in page


def test_the_page_says_of_nothing_that_it_was_held(client: Client, idp: ScimClient) -> None:
    url = url_of("held", idp.connection.pk)
    page = client.get(url).text
    assert "would have lost access" not in page
    assert f"When more than {FEW} users" in page
    Connection.objects.update(brake=False)
    assert "The brake is off, so nothing is held." in client.get(url).text


@pytest.mark.parametrize(("decision", "left"), [("approved", 0), ("rejected", 2)])
def test_T13_a_button_decides(client: Client, idp: ScimClient, decision: str, left: int) -> None:
    users = crowd(idp, 5)
    disable_all(idp, users)
    newest = HeldChange.objects.latest("pk").pk
    answer = decide(client, idp.connection, decision=decision, newest=newest)
    assert f"2 changes are {decision}" in answer.text
    assert set(HeldChange.objects.values_list("state", "decided_by")) == {
        (decision, "olivia@contoso.example")
    }
    disable_all(idp, users)
    assert active(users) == left
    history = client.get(url_of("history", idp.connection.pk)).text
    assert f"{'Approve' if decision == 'approved' else 'Reject'} 2 held changes" in history


def test_what_was_held_after_the_page_was_shown_waits_on(client: Client, idp: ScimClient) -> None:
    users = crowd(idp, 6)
    disable_all(idp, users[:5])
    newest = HeldChange.objects.latest("pk").pk
    disable_all(idp, users[5:])
    decide(client, idp.connection, decision="approved", newest=newest)
    assert HeldChange.objects.filter(state="pending").count() == 1
    disable_all(idp, users)
    assert active(users) == 1


def test_a_rejection_can_be_taken_back_on_the_page(client: Client, idp: ScimClient) -> None:
    users = crowd(idp, 5)
    disable_all(idp, users)
    decide(client, idp.connection, decision="rejected", newest=HeldChange.objects.latest("pk").pk)
    assert "Approve what was rejected" in client.get(url_of("held", idp.connection.pk)).text
    decide(client, idp.connection, decision="approved", of="rejected", newest="9" * 18)
    disable_all(idp, users)
    assert active(users) == 0


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"decision": "approved"},
        {"decision": "pending", "newest": "1"},
        {"decision": "approved", "newest": "x"},
    ],
)
def test_nothing_is_decided_by_accident(client: Client, idp: ScimClient, sent: dict[str, str]) -> None:
    disable_all(idp, crowd(idp, 5))
    assert "Nothing was decided" in decide(client, idp.connection, **sent).text
    assert set(HeldChange.objects.values_list("state", flat=True)) == {"pending"}


def test_the_list_is_paged_by_key(client: Client, idp: ScimClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scim_provisioning.admin.braking.PER_PAGE", 2)
    disable_all(idp, crowd(idp, 8))
    names = list(HeldChange.objects.order_by("pk").values_list("resource_name", flat=True))
    first = client.get(url_of("held", idp.connection.pk))
    assert [name for name in names if name in first.text] == names[:2]
    second = client.get(url_of("held", idp.connection.pk) + first.context["more"])
    assert [name for name in names if name in second.text] == names[2:4]


def test_a_foreign_admin_decides_nothing(
    people: dict[str, User | None], sign_in: Any, idp: ScimClient
) -> None:
    disable_all(idp, crowd(idp, 5))
    foreign = sign_in(people["foreign"])
    newest = HeldChange.objects.latest("pk").pk
    assert decide(foreign, idp.connection, decision="approved", newest=newest).status_code == 404
    assert set(HeldChange.objects.values_list("state", flat=True)) == {"pending"}
