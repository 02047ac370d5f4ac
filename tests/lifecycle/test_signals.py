"""Signals that say who entered or left a group, and what becomes of a token; after the commit, never a secret."""

from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from scim_provisioning import signals
from scim_provisioning.lifecycle.expiry import STEPS, TOLD_WITHIN, notify_expiring
from scim_provisioning.models import ExpiryNotice, Token
from tests.lifecycle.rows import host_user, remove
from tests.scim import ScimClient, add_members

pytestmark = pytest.mark.django_db

OF_TOKENS = (
    signals.token_issued,
    signals.token_first_used,
    signals.token_revoked,
    signals.token_expiring,
    signals.token_expired,
)
NAMES = {signal: name for name, signal in vars(signals).items() if signal in OF_TOKENS}


class Heard(list[tuple[str, dict[str, Any]]]):
    """What receivers were told, in its order."""

    @property
    def names(self) -> list[str]:
        return [name for name, _told in self]


@pytest.fixture
def heard(contoso: ScimClient) -> Iterator[Heard]:
    """Listen to everything that is said of tokens, after a connection and its first token are there."""
    heard = Heard()

    def hear(signal: Any, sender: Any, **told: Any) -> None:
        assert sender is Token
        heard.append((NAMES[signal], told))

    for signal in OF_TOKENS:
        signal.connect(hear)
    yield heard
    for signal in OF_TOKENS:
        signal.disconnect(hear)


@pytest.fixture
def changes(contoso: ScimClient) -> Iterator[list[dict[str, Any]]]:
    """Listen to changes of members."""
    heard: list[dict[str, Any]] = []

    def hear(payload: dict[str, Any], **told: Any) -> None:
        heard.append(payload)

    signals.membership_changed.connect(hear)
    yield heard
    signals.membership_changed.disconnect(hear)


def keys_of(*users: str) -> list[str]:
    return [str(host_user(user).pk) for user in users]


def test_membership_changed_says_who_entered_and_who_left(
    contoso: ScimClient, changes: list[dict[str, Any]], django_capture_on_commit_callbacks: Any
) -> None:
    ada, eve = (contoso.create_user(name).id for name in ("ada", "eve"))
    group = contoso.create_group("Team A").id
    with django_capture_on_commit_callbacks(execute=True):
        contoso.patch(f"/Groups/{group}", add_members(ada, eve))
    with django_capture_on_commit_callbacks(execute=True):
        contoso.patch(f"/Groups/{group}", remove("members", eve))
    entered, left = changes
    assert (sorted(entered["added"]), entered["added_count"]) == (sorted(keys_of(ada, eve)), 2)
    assert (entered["removed"], entered["removed_count"]) == ([], 0)
    assert (left["removed"], left["removed_count"], left["added"]) == (keys_of(eve), 1, [])
    assert left["name"] == "Team A"


def test_of_many_members_the_first_are_named_and_all_are_counted(
    contoso: ScimClient,
    changes: list[dict[str, Any]],
    django_capture_on_commit_callbacks: Any,
    monkeypatch: Any,
) -> None:
    monkeypatch.setattr("scim_provisioning.lifecycle.groups.SHOWN_MEMBERS", 2)
    users = [contoso.create_user(f"ada{number}").id for number in range(4)]
    group = contoso.create_group("Team A").id
    with django_capture_on_commit_callbacks(execute=True):
        contoso.patch(f"/Groups/{group}", add_members(*users))
    (told,) = changes
    assert (len(told["added"]), told["added_count"]) == (2, 4)


def test_who_is_passed_over_is_not_said_to_have_entered(
    contoso: ScimClient,
    northwind: ScimClient,
    changes: list[dict[str, Any]],
    django_capture_on_commit_callbacks: Any,
) -> None:
    ada, stranger = contoso.create_user("ada").id, northwind.create_user("eve@northwind.example").id
    group = contoso.create_group("Team A").id
    with django_capture_on_commit_callbacks(execute=True):
        contoso.patch(f"/Groups/{group}", add_members(ada, stranger))
    assert changes[0]["added"] == keys_of(ada)
    assert changes[0]["added_count"] == 1


def test_A5_a_token_is_told_of_from_its_issue_to_its_end(
    contoso: ScimClient, heard: Heard, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        token, text = Token.issue(contoso.connection)
    client = ScimClient(contoso.connection, text)
    for _call in range(3):
        Token.objects.exclude(last_used_at=None).update(last_used_at=timezone.now() - timedelta(hours=1))
        with django_capture_on_commit_callbacks(execute=True):
            assert client.get("/Users").status == 200
    with django_capture_on_commit_callbacks(execute=True):
        token.revoke()
    assert heard.names == ["token_issued", "token_first_used", "token_revoked"]
    for _name, told in heard:
        assert set(told) == {"connection_id", "key_id", "expires_at"}
        assert told["key_id"] == token.key_id
        assert told["connection_id"] == contoso.connection.pk
        assert told["expires_at"] == token.expires_at


def test_T24_no_part_of_the_secret_is_told(
    contoso: ScimClient, heard: Heard, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        token, text = Token.issue(contoso.connection)
        token.revoke()
    _prefix, _key_id, secret, checksum = text.split("_")
    assert heard
    assert all(part not in str(heard) for part in (secret, checksum, token.digest))


def test_nothing_is_told_of_what_is_rolled_back(
    contoso: ScimClient, heard: Heard, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True), transaction.atomic():
        Token.issue(contoso.connection)
        transaction.set_rollback(True)
    assert heard == []


def test_a_receiver_that_fails_fails_nobody_else(
    contoso: ScimClient, heard: Heard, django_capture_on_commit_callbacks: Any, caplog: Any
) -> None:
    def fail(**told: Any) -> None:
        raise ValueError

    nameless = partial(fail)
    for receiver in (fail, nameless):
        signals.token_first_used.connect(receiver)
        try:
            Token.objects.update(first_used_at=None, last_used_at=None)
            with django_capture_on_commit_callbacks(execute=True):
                assert contoso.get("/Users").status == 200
        finally:
            signals.token_first_used.disconnect(receiver)
    assert heard.names.count("token_first_used") == 2


def expire_in(left: timedelta) -> Token:
    token = Token.objects.get()
    token.created_at = timezone.now() - timedelta(days=400)
    token.expires_at = timezone.now() + left
    token.save()
    return token


@pytest.mark.parametrize("days", STEPS)
def test_A5_each_notice_is_told_once_whether_or_not_a_mail_goes_out(
    contoso: ScimClient, heard: Heard, django_capture_on_commit_callbacks: Any, days: int
) -> None:
    token = expire_in(timedelta(days=days, hours=-1))
    for _run in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            notify_expiring()
    assert [(name, told["key_id"], told["days"]) for name, told in heard] == [
        ("token_expiring", token.key_id, days)
    ]


def test_A5_a_token_that_has_expired_is_told_of_once(
    contoso: ScimClient, heard: Heard, django_capture_on_commit_callbacks: Any
) -> None:
    token = expire_in(timedelta(seconds=-1))
    for _run in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            notify_expiring()
    assert [(name, told["key_id"]) for name, told in heard] == [("token_expired", token.key_id)]


@pytest.mark.parametrize("reason", ["revoked", "long ago"])
def test_a_token_that_nobody_waits_for_is_not_told_of(
    contoso: ScimClient, heard: Heard, django_capture_on_commit_callbacks: Any, reason: str
) -> None:
    token = expire_in(timedelta(seconds=-1) if reason == "revoked" else -TOLD_WITHIN - timedelta(days=1))
    if reason == "revoked":
        Token.objects.filter(pk=token.pk).update(revoked_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        notify_expiring()
    assert heard == []


@pytest.mark.parametrize("left", [timedelta(days=6), timedelta(seconds=-1)])
def test_where_nobody_listens_nothing_is_written(contoso: ScimClient, left: timedelta) -> None:
    expire_in(left)
    notify_expiring()
    assert not ExpiryNotice.objects.exists()
