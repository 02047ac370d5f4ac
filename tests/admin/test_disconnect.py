"""Disconnect: nothing is chosen beforehand, and each choice does what it says."""

from typing import Any

import pytest
from django.test import Client

from example_project.hub.models import Group, Organization, User
from scim_provisioning import signals
from scim_provisioning.lifecycle import disconnecting
from scim_provisioning.models import Connection, Effect, Event
from tests.admin.conftest import url_of
from tests.scim import ScimClient


@pytest.fixture
def idp(connection: Connection) -> ScimClient:
    """Return the client of a connection with users and a group."""
    client = ScimClient(connection)
    users = [client.create_user(name).id for name in ("u1", "u2")]
    client.create_group("Team A", *users)
    return client


def end(client: Client, connection: Connection, **sent: str) -> Any:
    return client.post(url_of("disconnect", connection.pk), sent)


def statuses() -> set[str]:
    return set(User.objects.filter(username__startswith="u").values_list("status", flat=True))


@pytest.mark.parametrize("sent", [{}, {"users": "keep"}, {"sure": "on"}, {"users": "delete", "sure": "on"}])
def test_nothing_happens_without_a_choice(client: Client, idp: ScimClient, sent: dict[str, str]) -> None:
    assert end(client, idp.connection, **sent).status_code == 200
    assert idp.get("/Users").status == 200


def test_the_form_chooses_nothing_beforehand(client: Client, idp: ScimClient) -> None:
    page = client.get(url_of("disconnect", idp.connection.pk))
    assert "users: 2, groups: 1" in page.text
    assert "checked" not in page.text


def test_keep_leaves_users_and_groups_as_they_are(client: Client, idp: ScimClient) -> None:
    answer = end(client, idp.connection, users="keep", sure="on")
    assert answer["Location"] == url_of("changelist")
    assert not Connection.objects.exists()
    assert statuses() == {"pending"}
    assert Group.objects.get(name="Team A").members.count() == 2
    assert idp.get("/Users").status == 401
    assert Event.objects.filter(connection_key=idp.connection.pk).exists()


def test_inactive_ends_their_access_and_tells_the_hub(client: Client, idp: ScimClient) -> None:
    told = []

    def hear(**message: Any) -> None:
        told.append(message["host_id"])

    signals.user_deactivated.connect(hear)
    try:
        end(client, idp.connection, users="inactive", sure="on")
    finally:
        signals.user_deactivated.disconnect(hear)
    assert statuses() == {"inactive"}
    assert len(told) == 2
    assert not Connection.objects.exists()
    assert Event.objects.filter(operation="deactivate").count() == 2


def test_users_that_scim_does_not_manage_stay_active(
    client: Client, idp: ScimClient, organization: Organization
) -> None:
    before = organization.users.exclude(username__startswith="u").order_by("pk").values_list("status")
    known = list(before)
    end(client, idp.connection, users="inactive", sure="on")
    assert list(before.all()) == known


def test_what_takes_too_long_goes_on_with_the_next_press(
    client: Client, idp: ScimClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scim_provisioning.admin.disconnection.SECONDS", 0.0)
    answer = end(client, idp.connection, users="inactive", sure="on")
    assert "2 users are left" in answer.text
    assert idp.get("/Users").status == 503
    monkeypatch.undo()
    end(client, idp.connection, users="inactive", sure="on")
    assert not Connection.objects.exists()


def test_what_is_owed_is_not_thrown_away(
    client: Client, idp: ScimClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disconnecting, "run_due", lambda _seconds: 0)
    end_session = {"kind": "user_deactivated", "resource_type": "User", "resource_version": 1}
    event = Event.objects.exclude(resource_id=None)[0]
    assert event.resource_id is not None
    Effect.objects.create(
        connection=idp.connection,
        resource_id=event.resource_id,
        next_attempt_at=event.created_at,
        created_at=event.created_at,
        **end_session,
    )
    answer = end(client, idp.connection, users="keep", sure="on")
    assert "1 effects, such as the end of sessions, are still owed" in answer.text
    assert Connection.objects.exists()


def test_deleting_leads_to_disconnect(client: Client, idp: ScimClient) -> None:
    answer = client.post(url_of("delete", idp.connection.pk), {"post": "yes"})
    assert answer["Location"] == url_of("disconnect", idp.connection.pk)
    assert Connection.objects.exists()
