"""The organization's administrators are told by mail, once, and no request of the identity provider waits (T9, T13)."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection as database
from django.test import override_settings
from django.urls import reverse

from scim_provisioning.dispatching import Inline
from scim_provisioning.lifecycle import braking, effects
from scim_provisioning.models import Brake, Effect, HeldChange
from scim_provisioning.notices import NAME
from tests.brake.crowd import approve, crowd, disable_all, reject
from tests.conftest import MakeClient
from tests.guards.admins import make_admin
from tests.guards.test_last_admin import activate
from tests.lifecycle.rows import DISABLE, host_user, remove
from tests.scim import ScimClient
from tests.tasks.outbox import make_due

pytestmark = pytest.mark.django_db

LIMIT = 5
RECIPIENTS = ["olivia@contoso.example", "omar@contoso.example"]
BASE_URL = "https://hub.example/scim"


def admins(organization: Any) -> list[str]:
    """Return the admins of an organization."""
    return RECIPIENTS


def raises(organization: Any) -> list[str]:
    """Fail, as a hook of the Hub may."""
    raise LookupError


class Down(EmailBackend):
    """A mail server that is down."""

    def send_messages(self, messages: Any) -> int:
        raise ConnectionRefusedError


@pytest.fixture(autouse=True)
def hook(settings: Any) -> None:
    """Let the host say who administers an organization, and where it is."""
    own = {"NOTIFY": f"{__name__}.admins", "BASE_URL": BASE_URL}
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, **own}


@pytest.fixture
def client(make_client: MakeClient) -> ScimClient:
    """Return a client whose connection lets five go in the window."""
    return make_client("rfc", brake=True, brake_count=LIMIT, brake_share=100)


def engage(client: ScimClient, beyond: int = 3) -> list[str]:
    """Ask for more than the brake lets go."""
    users = crowd(client, LIMIT + beyond)
    assert disable_all(client, users).count(503) == beyond
    return users


def owed() -> Effect:
    return Effect.objects.get(handler=NAME)


def test_T13_the_administrators_are_written_to_once_for_an_engaged_brake(client: ScimClient) -> None:
    users = engage(client)
    for _cycle in range(3):
        assert disable_all(client, users).count(503) == 3
        effects.run_due()
    assert len(mail.outbox) == 1
    assert mail.outbox[0].recipients() == RECIPIENTS
    assert mail.outbox[0].to == []


def test_T13_the_mail_says_what_is_held_and_what_to_do(client: ScimClient) -> None:
    users = engage(client)
    client.delete(f"/Users/{users[-1]}")
    effects.run_due()
    (message,) = mail.outbox
    organization = client.connection.organization
    assert (
        message.subject
        == f"SCIM provisioning of {organization}: mass deprovisioning is held and waits for you"
    )
    body = str(message.body)
    assert "- Deactivate: 3\n- Delete: 1\n" in body
    assert f"more than {LIMIT} within 120 minutes" in body
    page = reverse("admin:scim_provisioning_connection_held", args=[client.connection.pk])
    assert f"See who would go: https://hub.example{page}\n" in body
    for word in ("“Approve”", "“Reject”", "correct the scope", "within 72 hours"):
        assert word in body
    assert not re.search(r"\n{3,}", body)


def test_T13_the_mail_names_nobody_who_would_go(client: ScimClient) -> None:
    engage(client)
    effects.run_due()
    names = set(HeldChange.objects.values_list("resource_name", flat=True))
    assert len(names) == 3
    assert not [name for name in names if name in str(mail.outbox[0].message())]


def test_T13_a_brake_that_engages_again_is_told_again(client: ScimClient) -> None:
    engage(client)
    effects.run_due()
    approve(client.connection)
    assert disable_all(client, crowd(client, 1)) == [503]
    effects.run_due()
    assert len(mail.outbox) == 2


def test_T13_a_first_request_that_is_too_much_engages_it(client: ScimClient) -> None:
    """Its transaction takes the brake's own row with it; nothing else may be taken away all the same."""
    users = crowd(client, 9)
    group = client.create_group("Team A", *users).id
    assert client.patch(f"/Groups/{group}", remove("members", *users[:6])).status == 503
    assert disable_all(client, users[:1]) == [503]
    effects.run_due()
    assert len(mail.outbox) == 1
    assert "- Take out of the group: 6\n" in str(mail.outbox[0].body)


def test_T13_a_brake_that_nobody_decided_on_in_days_is_told_anew(client: ScimClient) -> None:
    engage(client)
    effects.run_due()
    days = braking.REMEMBERED + timedelta(hours=1)
    for held in HeldChange.objects.all():
        HeldChange.objects.filter(pk=held.pk).update(last_at=held.last_at - days)
    brake = Brake.objects.get()
    assert brake.held_since is not None
    Brake.objects.update(held_since=brake.held_since - days)
    assert disable_all(client, crowd(client, 1)) == [503]
    effects.run_due()
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("decide", [approve, reject], ids=["approved", "rejected"])
def test_T13_nobody_is_written_to_of_what_is_decided_by_then(client: ScimClient, decide: Any) -> None:
    engage(client)
    decide(client.connection)
    effects.run_due()
    assert mail.outbox == []
    assert owed().state == Effect.State.DONE


def test_T13_a_mail_that_came_too_late_does_not_double_the_next_one(client: ScimClient) -> None:
    users = engage(client)
    with override_settings(EMAIL_BACKEND=f"{__name__}.Down"):
        effects.run_due()
    approve(client.connection)
    disable_all(client, [*users, *crowd(client, 1)])
    for effect in Effect.objects.filter(handler=NAME):
        make_due(effect)
    effects.run_due()
    assert Effect.objects.filter(handler=NAME, state=Effect.State.DONE).count() == 2
    assert len(mail.outbox) == 1


def test_T13_a_mail_server_that_is_down_costs_the_request_nothing(client: ScimClient, settings: Any) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.Down"
    engage(client)
    effects.run_due()
    effect = owed()
    assert (effect.state, effect.attempts, effect.last_error) == (
        Effect.State.DUE,
        1,
        "ConnectionRefusedError",
    )
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    make_due(effect)
    effects.run_due()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("path", [f"{__name__}.raises", "no.such.hook"])
def test_T13_a_hook_that_fails_costs_the_request_nothing(
    client: ScimClient, settings: Any, path: str
) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "NOTIFY": path}
    engage(client)
    effects.run_due()
    assert owed().state == Effect.State.DUE
    assert mail.outbox == []


def test_T13_without_a_hook_nothing_is_owed(client: ScimClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "NOTIFY": None}
    engage(client)
    assert not Effect.objects.filter(handler=NAME).exists()


def test_T13_no_request_sends_a_mail_where_the_hub_has_no_worker(client: ScimClient) -> None:
    """Effects run in the process of the request then; a mail waits for the next run of the command."""
    engage(client)
    Inline().wake()
    assert mail.outbox == []
    assert (owed().state, owed().attempts) == (Effect.State.DUE, 0)
    assert effects.run_due() >= 1
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("base_url", [None, BASE_URL])
def test_T13_without_a_known_host_the_mail_says_the_path(
    client: ScimClient, settings: Any, base_url: str | None
) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASE_URL": base_url}
    engage(client)
    effects.run_due()
    page = reverse("admin:scim_provisioning_connection_held", args=[client.connection.pk])
    host = "https://hub.example" if base_url else ""
    assert f"See who would go: {host}{page}\n" in str(mail.outbox[0].body)


def test_T9_that_the_last_administrator_was_kept_is_one_mail(make_client: MakeClient) -> None:
    client = make_client("flow_connect")
    ada = client.create_user("ada").id
    make_admin(activate(host_user(ada)))
    for _cycle in range(3):
        assert client.patch(f"/Users/{ada}", DISABLE).status == 403
        effects.run_due()
    (message,) = mail.outbox
    organization = client.connection.organization
    assert message.subject == f"SCIM provisioning of {organization}: the last administrator or owner was kept"
    assert message.recipients() == RECIPIENTS
    body = str(message.body)
    assert "has asked to end the access of ada@contoso.example." in body
    assert "give somebody else the same rights" in body
    log = reverse("admin:scim_provisioning_connection_log", args=[client.connection.pk])
    assert f"The provisioning log: https://hub.example{log}\n" in body


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_T13_runs_at_the_same_time_send_one_mail(client: ScimClient) -> None:
    engage(client)

    def run(_number: int) -> int:
        try:
            return effects.run_due()
        finally:
            database.close()

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(run, range(4))) >= 1
    assert len(mail.outbox) == 1
