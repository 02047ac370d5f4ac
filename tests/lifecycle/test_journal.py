"""Each operation writes what it did into the log, and what it owes into the outbox, in its own transaction."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings

from scim_provisioning import conf, signals
from scim_provisioning.lifecycle import effects
from scim_provisioning.models import Connection, Effect, Event
from tests.conftest import MakeClient
from tests.factories import make_user
from tests.lifecycle.rows import (
    DISABLE,
    ENABLE,
    add,
    host_group,
    host_user,
    link_of,
    operations_of,
    owed,
    remove,
    replace,
)
from tests.scim import ScimClient, add_members, user_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Iterator[list[tuple[str, dict[str, Any]]]]:
    """Listen to every signal, so that every effect is owed, and return what was heard."""
    messages: list[tuple[str, dict[str, Any]]] = []
    receivers = {}
    for kind, signal in signals.BY_KIND.items():

        def hear(kind: str = kind, **message: Any) -> None:
            messages.append((kind, message))

        receivers[kind] = hear
        signal.connect(hear)
    yield messages
    for kind, signal in signals.BY_KIND.items():
        signal.disconnect(receivers[kind])


def last(connection: Connection) -> Event:
    """Return the newest event of a connection."""
    event = Event.objects.filter(connection_key=connection.pk).order_by("-pk").first()
    assert event is not None
    return event


def test_a_users_life_is_in_the_log_in_order(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", replace("displayName", "Ada"))
    contoso.patch(f"/Users/{user}", DISABLE)
    contoso.patch(f"/Users/{user}", ENABLE)
    contoso.delete(f"/Users/{user}")
    assert operations_of(contoso.connection, resource_id=user) == [
        "create",
        "update",
        "deactivate",
        "reactivate",
        "delete",
    ]
    statuses = Event.objects.filter(resource_id=user).order_by("pk").values_list("status", flat=True)
    assert list(statuses) == [201, 200, 200, 200, 204]
    assert set(Event.objects.filter(resource_id=user).values_list("outcome", flat=True)) == {"success"}


def test_an_adopted_users_life_is_in_the_log(make_client: MakeClient) -> None:
    client = make_client("flow_connect", adopted_removal="release")
    make_user(client.organization, "eva")
    user = client.post("/Users", user_body("eva")).id
    client.patch(f"/Users/{user}", DISABLE)
    assert operations_of(client.connection) == ["adopt", "release"]


def test_a_groups_life_is_in_the_log(contoso: ScimClient) -> None:
    ada = contoso.create_user("ada").id
    group = contoso.create_group("Team A").id
    contoso.patch(f"/Groups/{group}", add_members(ada))
    contoso.patch(f"/Groups/{group}", remove("members", ada))
    contoso.patch(f"/Groups/{group}", replace("displayName", "Team B"))
    contoso.delete(f"/Groups/{group}")
    assert operations_of(contoso.connection, resource_id=group) == [
        "create",
        "members",
        "members",
        "update",
        "delete",
    ]


def test_an_event_says_who_what_and_how_long(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    event = last(contoso.connection)
    assert (event.connection, event.connection_key) == (contoso.connection, contoso.connection.pk)
    assert (event.resource_type, str(event.resource_id)) == ("User", user)
    assert event.resource_name == "ada@contoso.example"
    assert event.token_key_id == contoso.token.split("_")[1]
    assert str(uuid.UUID(event.request_id)) == event.request_id
    assert event.duration_ms >= 0
    assert event.created_at is not None


def test_one_request_has_one_id(make_client: MakeClient) -> None:
    client = make_client("flow_connect")
    ada = client.create_user("ada").id
    group = client.create_group("Team A").id
    client.patch(f"/Groups/{group}", replace("displayName", "B"), add_members(ada, str(uuid.uuid4())))
    ids = list(Event.objects.order_by("pk").values_list("request_id", flat=True))
    assert len(set(ids[:2])) == 2
    assert len(ids[2:]) == 3
    assert len(set(ids[2:])) == 1


def test_a_change_is_logged_with_its_values_before_and_after(contoso: ScimClient) -> None:
    user = contoso.create_user("ada", displayName="Ada").id
    contoso.patch(f"/Users/{user}", replace("displayName", "Ada L"), add("title", "Boss"))
    assert last(contoso.connection).changes == {
        "displayName": {"before": "Ada", "after": "Ada L"},
        "title": {"before": None, "after": "Boss"},
    }
    contoso.patch(f"/Users/{user}", DISABLE)
    assert last(contoso.connection).changes == {"active": {"before": True, "after": False}}


def test_phones_addresses_and_photos_are_logged_without_their_values(contoso: ScimClient) -> None:
    canary = "canary 5551"
    body = {
        **user_body("ada"),
        "phoneNumbers": [{"type": "work", "value": canary}],
        "addresses": [{"type": "work", "locality": canary}],
        "photos": [{"type": "photo", "value": f"https://{canary}"}],
    }
    user = contoso.post("/Users", body).id
    contoso.patch(f"/Users/{user}", replace('phoneNumbers[type eq "work"].value', f"{canary}2"))
    events = list(Event.objects.values_list("changes", flat=True))
    assert "canary" not in json.dumps(events)
    assert events[0]["phoneNumbers"] == events[0]["addresses"] == events[0]["photos"] == {}
    assert events[1] == {"phoneNumbers": {}}


def test_a_host_may_have_no_values_logged_at_all(contoso: ScimClient) -> None:
    with override_settings(SCIM_PROVISIONING={**conf.given(), "EVENT_VALUES": False}):
        user = contoso.create_user("canary", displayName="canary").id
        contoso.patch(f"/Users/{user}", replace("displayName", "canary 2"))
    created, changed = Event.objects.order_by("pk").values_list("changes", flat=True)
    assert changed == {"displayName": {}}
    assert created
    assert all(value == {} for value in created.values())


def test_no_secret_is_in_the_log(contoso: ScimClient) -> None:
    user = contoso.create_user("ada", password="canary").id
    contoso.patch(f"/Users/{user}", replace("password", "canary"))
    rows = json.dumps(list(Event.objects.values()), default=str)
    assert "canary" not in rows
    assert contoso.token.split("_")[2] not in rows


def test_a_refusal_is_logged_with_its_reason_and_changes_nothing_else(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", replace("active", "perhaps"))
    event = last(contoso.connection)
    assert (event.outcome, event.status, event.scim_type) == ("refused", 400, "invalidValue")
    assert event.code
    assert "perhaps" in event.detail
    assert str(event.resource_id) == user
    contoso.post("/Users", user_body("ada"))
    assert last(contoso.connection).status == 409
    assert operations_of(contoso.connection, outcome="success") == ["create"]


def test_reading_and_writing_nothing_leave_no_trace(contoso: ScimClient) -> None:
    user = contoso.create_user("ada", displayName="Ada").id
    version = link_of(user).version
    contoso.get("/Users")
    contoso.get(f"/Users/{uuid.uuid4()}")
    contoso.find("/Users", "nonsense")
    contoso.patch(f"/Users/{user}", replace("displayName", "Ada"))
    contoso.patch(f"/Users/{user}")
    assert operations_of(contoso.connection) == ["create"]
    assert link_of(user).version == version


def test_a_connections_log_survives_it(contoso: ScimClient) -> None:
    contoso.create_user("ada")
    key = contoso.connection.pk
    contoso.connection.delete()
    event = Event.objects.get(connection_key=key)
    with pytest.raises(Connection.DoesNotExist):
        assert event.connection
    assert event.resource_name == "ada@contoso.example"


def test_a_change_of_many_members_is_logged_with_its_size(contoso: ScimClient) -> None:
    users = [contoso.create_user(f"user{number}").id for number in range(3)]
    group = contoso.create_group("Team A", *users).id
    contoso.patch(f"/Groups/{group}", remove("members", *users[:2]))
    changes = last(contoso.connection).changes["members"]
    assert changes["removed"] == users[:2]
    assert (changes["added_count"], changes["removed_count"]) == (0, 2)


def test_t12_the_end_of_sessions_is_owed_whoever_listens(make_client: MakeClient) -> None:
    client = make_client("flow_connect", adopted_removal="release")
    make_user(client.organization, "eva")
    user, eva = client.create_user("ada").id, client.post("/Users", user_body("eva")).id
    client.patch(f"/Users/{user}", DISABLE)
    client.patch(f"/Users/{eva}", DISABLE)
    client.delete(f"/Users/{user}")
    assert owed(client.connection, handler="sessions") == ["user_deactivated", "user_deleted"]
    assert owed(client.connection) == owed(client.connection, handler="sessions")


def test_nothing_is_owed_that_nobody_listens_to(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", replace("displayName", "Ada"))
    contoso.create_group("Team A", user)
    assert owed(contoso.connection) == []


def test_every_operation_owes_its_effect_to_whoever_listens(
    make_client: MakeClient, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    client = make_client("flow_connect")
    make_user(client.organization, "eva")
    user = client.create_user("ada").id
    client.post("/Users", user_body("eva"))
    group = client.create_group("Team A").id
    for path, operation in (
        (f"/Users/{user}", replace("displayName", "Ada")),
        (f"/Users/{user}", DISABLE),
        (f"/Users/{user}", ENABLE),
        (f"/Groups/{group}", add_members(user)),
        (f"/Groups/{group}", replace("displayName", "B")),
    ):
        effects.run_due()
        client.patch(path, operation)
    effects.run_due()
    client.delete(f"/Groups/{group}")
    client.delete(f"/Users/{user}")
    kinds = [
        "user_provisioned",
        "user_adopted",
        "group_provisioned",
        "user_updated",
        "user_deactivated",
        "user_reactivated",
        "membership_changed",
        "group_updated",
        "group_deleted",
        "user_deleted",
    ]
    assert owed(client.connection, handler="signals") == kinds
    effects.run_due()
    assert sorted(kind for kind, _message in heard) == sorted(kinds)


def test_an_effect_names_the_host_row_and_the_version_that_owes_it(
    contoso: ScimClient, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    user = contoso.create_user("ada").id
    host = host_user(user)
    contoso.patch(f"/Users/{user}", DISABLE)
    effect = Effect.objects.get(kind="user_deactivated", handler="signals")
    assert (effect.connection, str(effect.resource_id)) == (contoso.connection, user)
    assert effect.resource_version == link_of(user).version == 2
    assert effect.payload["host_id"] == str(host.pk)
    assert effect.state == Effect.State.DUE


def test_an_effect_of_a_group_names_the_groups_row(
    contoso: ScimClient, heard: list[tuple[str, dict[str, Any]]]
) -> None:
    group = contoso.create_group("Team A").id
    host = host_group(group)
    contoso.delete(f"/Groups/{group}")
    effect = Effect.objects.get(kind="group_deleted")
    assert (effect.resource_type, effect.payload["host_id"]) == ("Group", str(host.pk))


def test_a_refused_request_owes_nothing(contoso: ScimClient, heard: list[tuple[str, dict[str, Any]]]) -> None:
    user = contoso.create_user("ada").id
    Effect.objects.all().delete()
    contoso.patch(f"/Users/{user}", DISABLE, replace("nonsense", 1))
    contoso.post("/Users", user_body("ada"))
    assert owed(contoso.connection) == []


def test_an_effect_waits_for_the_commit(
    contoso: ScimClient,
    heard: list[tuple[str, dict[str, Any]]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        contoso.create_user("ada")
    assert heard == []
    assert callbacks
    effects.run_due()
    assert [kind for kind, _message in heard] == ["user_provisioned"]
    assert effects.run_due() == 0


def test_a_receiver_that_fails_does_not_undo_the_change_and_is_tried_again(
    contoso: ScimClient,
) -> None:
    attempts: list[int] = []

    def fail_once(**message: Any) -> None:
        attempts.append(message["effect_id"])
        if len(attempts) == 1:
            raise ConnectionError("a secret host name")

    signals.user_deactivated.connect(fail_once)
    try:
        user = contoso.create_user("ada").id
        contoso.patch(f"/Users/{user}", DISABLE)
        effects.run_due()
        effect = Effect.objects.get(kind="user_deactivated", handler="signals")
        assert (effect.state, effect.attempts) == (Effect.State.DUE, 1)
        assert "secret" not in effect.last_error
        assert effects.run_due() == 0, "not before its time"
        with transaction.atomic():
            Effect.objects.update(next_attempt_at=effect.created_at)
        effects.run_due()
    finally:
        signals.user_deactivated.disconnect(fail_once)
    effect.refresh_from_db()
    assert (effect.state, effect.attempts, len(attempts)) == (Effect.State.DONE, 2, 2)
    assert effect.done_at is not None


def test_an_effect_that_always_fails_is_given_up_in_the_end(contoso: ScimClient) -> None:
    def fail(**message: Any) -> None:
        raise ValueError

    signals.user_deactivated.connect(fail)
    try:
        user = contoso.create_user("ada").id
        contoso.patch(f"/Users/{user}", DISABLE)
        effect = Effect.objects.get(kind="user_deactivated", handler="signals")
        for _attempt in range(effects.MOST_ATTEMPTS + 2):
            Effect.objects.update(next_attempt_at=effect.created_at)
            effects.run_due()
    finally:
        signals.user_deactivated.disconnect(fail)
    effect.refresh_from_db()
    assert (effect.state, effect.attempts) == (Effect.State.DEAD, effects.MOST_ATTEMPTS)
