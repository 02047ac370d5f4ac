"""Notices before a token expires: 60, 30, 14, 7 and 1 days, once each, and never with the secret (A5, Z2)."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection as database
from django.utils import timezone

from scim_provisioning import tasks
from scim_provisioning.lifecycle.expiry import STEPS, notify_expiring
from scim_provisioning.models import Connection, ExpiryNotice, Token
from tests.commands.conftest import Shell
from tests.conftest import MakeConnection

Expiring = Callable[..., Token]
RECIPIENTS = ["olivia@contoso.example", "omar@contoso.example"]


def admins(organization: Any) -> list[str]:
    """Return the admins of contoso, one of them twice, and nobody of another organization."""
    return [*RECIPIENTS, RECIPIENTS[0]] if str(organization) == "Contoso" else []


@pytest.fixture(autouse=True)
def hook(settings: Any) -> None:
    """Let the host say who administers an organization."""
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "NOTIFY": f"{__name__}.admins"}


@pytest.fixture
def connection(make_connection: MakeConnection) -> Connection:
    """Return the connection whose tokens expire."""
    return make_connection("rfc", name="Contoso directory")


@pytest.fixture
def expiring(connection: Connection) -> Expiring:
    """Return a function that makes a token of a year's life that has so many days left."""

    def make(days: float, of: Connection = connection, lifetime: int = 365) -> Token:
        token, _secret = Token.issue(of, lifetime)
        pass_time(token, lifetime - days)
        return token

    return make


def pass_time(token: Token, days: float) -> None:
    """Move a token so many days nearer to its end."""
    token.expires_at -= timedelta(days=days)
    token.created_at -= timedelta(days=days)
    token.save(update_fields=["expires_at", "created_at"])


def sent() -> list[int]:
    return sorted(ExpiryNotice.objects.values_list("days", flat=True))


def test_A5_one_notice_at_each_step_and_no_more(expiring: Expiring) -> None:
    token = expiring(61)
    for day in range(63):
        for _run in range(2):
            notify_expiring()
        assert len(mail.outbox) == sum(61 - day <= step for step in STEPS), day
        pass_time(token, 1)
        if day == 59:
            assert sent() == [7, 14, 30, 60]
    assert sent() == sorted(STEPS)
    assert len(mail.outbox) == 5


def test_a_first_run_that_comes_late_sends_the_latest_notice_alone(expiring: Expiring) -> None:
    expiring(5)
    notify_expiring()
    assert sent() == [7]


def test_no_notice_for_what_a_token_was_issued_after(expiring: Expiring) -> None:
    """A token for ten days is not told of at once; its maker knows."""
    token = expiring(10, lifetime=10)
    notify_expiring()
    assert mail.outbox == []
    pass_time(token, 3)
    notify_expiring()
    assert sent() == [7]


@pytest.mark.parametrize(
    ("newer_days", "expected"), [(365, []), (21, [30]), (None, [30])], ids=["outlasts", "ends first", "none"]
)
def test_no_notice_once_a_newer_token_outlasts_it(
    expiring: Expiring, connection: Connection, newer_days: int | None, expected: list[int]
) -> None:
    expiring(30)
    if newer_days:
        Token.issue(connection, newer_days)
    notify_expiring()
    assert sent() == expected


def test_a_newer_token_that_is_revoked_outlasts_nothing(expiring: Expiring, connection: Connection) -> None:
    expiring(30)
    Token.issue(connection)[0].revoke()
    notify_expiring()
    assert sent() == [30]


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_no_notice_of_a_token_that_ended(expiring: Expiring, end: str) -> None:
    token = expiring(-1 if end == "expired" else 5)
    if end == "revoked":
        token.revoke()
    notify_expiring()
    assert mail.outbox == []


def test_the_mail_says_which_token_and_never_its_secret(connection: Connection) -> None:
    token, secret = Token.issue(connection)
    pass_time(token, 335)
    notify_expiring()
    (message,) = mail.outbox
    assert message.recipients() == RECIPIENTS
    assert message.to == []
    assert message.subject == "SCIM provisioning of Contoso: the token expires in 30 days"
    assert token.key_id in message.body
    assert f"{token.expires_at:%Y}" in message.body
    text = message.message().as_string()
    assert secret not in text
    assert token.digest not in text


def test_the_last_mail_says_one_day(expiring: Expiring) -> None:
    expiring(0.9)
    notify_expiring()
    assert mail.outbox[0].subject.endswith("the token expires in 1 day")


def anybody(organization: Any) -> list[str]:
    return ["olivia@contoso.example"]


def test_T34_a_name_with_line_breaks_makes_no_header_and_no_entities(
    expiring: Expiring, connection: Connection, settings: Any
) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "NOTIFY": f"{__name__}.anybody"}
    type(connection.organization).objects.update(name="Con\r\nBcc: eve@evil.example <b>&")
    expiring(30)
    notify_expiring()
    (message,) = mail.outbox
    assert message.recipients() == ["olivia@contoso.example"]
    assert "Con Bcc: eve@evil.example <b>&" in message.subject


def test_without_the_hook_nobody_is_written_to(expiring: Expiring, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "NOTIFY": None}
    expiring(5)
    notify_expiring()
    assert mail.outbox == []
    assert sent() == []


def test_an_organization_without_admins_keeps_no_other_waiting(
    expiring: Expiring, make_connection: MakeConnection, other_organization: Any
) -> None:
    expiring(5, make_connection("rfc", other_organization))
    expiring(6)
    assert [told["days"] for told in notify_expiring().sent] == [7]
    assert mail.outbox[0].recipients() == RECIPIENTS


class Failing(EmailBackend):
    """A mail server that is down for one organization."""

    def send_messages(self, messages: Any) -> int:
        if "Contoso" in messages[0].subject:
            raise ConnectionRefusedError
        return super().send_messages(messages)


def test_a_mail_that_fails_is_sent_by_the_next_run_and_holds_nobody_up(
    expiring: Expiring, make_connection: MakeConnection, other_organization: Any, settings: Any
) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "NOTIFY": f"{__name__}.anybody"}
    first = expiring(4)
    expiring(5, make_connection("rfc", other_organization))
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    notified = notify_expiring()
    assert [told["key_id"] for told in notified.failed] == [first.key_id]
    assert len(notified.sent) == len(mail.outbox) == 1
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert [told["key_id"] for told in notify_expiring().sent] == [first.key_id]
    assert notify_expiring().sent == []


def test_the_command_sends_what_is_due(expiring: Expiring, connection: Connection) -> None:
    token = expiring(5)
    told = {"key_id": token.key_id, "connection": str(connection.pk), "days": 7, "recipients": 2}
    assert Shell().json("scim_token", "notify") == {"sent": [told], "failed": []}
    assert Shell()("scim_token", "notify") == "0 notices sent, 0 failed.\n"


def test_the_command_exits_with_1_when_a_notice_failed(expiring: Expiring, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Failing"
    expiring(5)
    with pytest.raises(SystemExit) as ended:
        Shell()("scim_token", "notify")
    assert ended.value.code == 1


def test_the_task_of_the_schedule_sends_what_is_due(expiring: Expiring) -> None:
    expiring(5)
    assert tasks.notify_expiring() == 1
    assert tasks.notify_expiring() == 0


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_runs_at_the_same_time_send_one_mail(expiring: Expiring) -> None:
    expiring(5)

    def run(_number: int) -> int:
        try:
            return len(notify_expiring().sent)
        finally:
            database.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(run, range(4))) == 1
    assert len(mail.outbox) == 1
    assert timezone.now() - ExpiryNotice.objects.get().sent_at < timedelta(minutes=1)
