"""The self-test plays every step through the Hub's URLs, and nothing of it remains."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import connection as database
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import Signal
from django.http import HttpResponse
from django.test import override_settings
from django.urls import path

from scim_provisioning import signals
from scim_provisioning.lifecycle.provenance import is_rehearsal
from scim_provisioning.mapping import Reference
from scim_provisioning.models import PRESETS, Brake, Connection, Effect, Event, Token
from scim_provisioning.selftest import Step, run_self_test
from scim_provisioning.selftest.run import allowed_host
from scim_provisioning.selftest.specimens import Specimens
from tests.conftest import MakeConnection
from tests.factories import USERS, make_user
from tests.scim import ScimClient, database_digest

GROUP_STEPS = ["create_group", "add_member", "delete_group"]
urlpatterns = [path("nothing/", lambda request: HttpResponse())]


def names(steps: list[Step]) -> list[str]:
    return [step.name for step in steps]


def failed(steps: list[Step]) -> list[Step]:
    return [step for step in steps if not step.passed]


def counts() -> dict[str, int]:
    return {model.__name__: model.objects.count() for model in (Connection, Effect, Event, Token)}


@pytest.mark.parametrize("preset", list(PRESETS))
def test_every_step_passes_with_every_preset(preset: str, make_connection: MakeConnection) -> None:
    connection = make_connection(preset)
    steps = run_self_test(connection)
    assert failed(steps) == []
    assert names(steps) == [
        "configuration",
        "wrong_token",
        "no_match",
        "create_user",
        "find_user",
        "change_user",
        *(GROUP_STEPS if connection.groups else ["no_groups"]),
        "deactivate_user",
        "delete_user",
    ]


@pytest.mark.parametrize(
    "columns",
    [
        {"unmapped_attributes": "reject"},
        {"user_patch_response": 204, "group_patch_response": 200},
        {"user_deletion": "deactivate"},
        {"letter_case": "reject"},
        {"members_replace": "add", "group_name_clash": "reject"},
        {"visible_users": "organization", "existing_users": "update"},
    ],
)
def test_every_step_passes_with_other_policies(columns: Any, make_connection: MakeConnection) -> None:
    assert failed(run_self_test(make_connection("rfc", **columns))) == []


class Heard:
    """Everything that is sent while a self-test runs."""

    def __init__(self) -> None:
        self.sent: list[Signal] = []

    def __call__(self, signal: Signal, **arguments: Any) -> None:
        self.sent.append(signal)


@pytest.fixture
def heard() -> Iterator[Heard]:
    """Return what listens to all of our signals."""
    listener = Heard()
    for signal in signals.BY_KIND.values():
        signal.connect(listener)
    yield listener
    for signal in signals.BY_KIND.values():
        signal.disconnect(listener)


@pytest.mark.django_db(transaction=True)
def test_nothing_remains(make_connection: MakeConnection, heard: Heard) -> None:
    """No row, no token, no event, no effect, no signal, no mail: after real commits and rollbacks."""
    connection = make_connection("flow_connect")
    Token.issue(connection)
    make_user(connection.organization, "ada")
    before, counted = database_digest(), counts()
    assert failed(run_self_test(connection)) == []
    assert database_digest() == before
    assert counts() == counted
    assert heard.sent == []
    assert mail.outbox == []
    assert not database.in_atomic_block


def test_it_works_beside_two_live_tokens(make_connection: MakeConnection) -> None:
    connection = make_connection("rfc")
    for _token in range(2):
        Token.issue(connection)
    assert failed(run_self_test(connection)) == []
    assert connection.tokens.live().count() == 2


def test_it_works_under_atomic_requests(
    make_connection: MakeConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wanted refusal marks the transaction around it; the work of the caller must stay."""
    monkeypatch.setitem(database.settings_dict, "ATOMIC_REQUESTS", True)
    connection = make_connection("rfc")
    with transaction.atomic():
        made = make_user(connection.organization, "ada")
        assert failed(run_self_test(connection)) == []
        assert not transaction.get_rollback()
        made.refresh_from_db()


def test_a_paused_connection_is_tested_and_stays_paused(make_connection: MakeConnection) -> None:
    connection = make_connection("rfc", enabled=False)
    assert failed(run_self_test(connection)) == []
    connection.refresh_from_db()
    assert not connection.enabled


def test_a_brake_that_holds_lets_a_self_test_pass(make_connection: MakeConnection) -> None:
    connection = make_connection("rfc", brake=True, brake_count=1, brake_share=1)
    client = ScimClient(connection)
    for name in ("ada", "grace"):
        client.delete(f"/Users/{client.create_user(name).id}")
    held = list(Brake.objects.values())
    assert client.delete(f"/Users/{client.create_user('alan').id}").status == 503
    assert failed(run_self_test(connection)) == []
    assert [row["total"] for row in Brake.objects.values()] == [row["total"] for row in held]


def test_what_the_hub_refuses_is_told(
    make_connection: MakeConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Any, user: Any, document: Any) -> None:
        raise ValueError("the Hub's own fault")

    monkeypatch.setattr(USERS, "clean", refuse)
    steps = run_self_test(make_connection("rfc"))
    (step,) = failed(steps)
    assert (step.name, step.expected, step.seen) == ("create_user", "201, active true", "500, active none")
    assert "the Hub's own fault" not in step.detail
    assert step.detail
    assert names(steps)[-1] == "create_user"


def test_a_defect_of_one_step_is_seen_in_that_step(
    make_connection: MakeConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(USERS, "deactivate", lambda mapping, user: ())
    assert names(failed(run_self_test(make_connection("rfc")))) == ["deactivate_user"]


def test_a_hub_that_does_not_mount_the_endpoints(make_connection: MakeConnection) -> None:
    with override_settings(ROOT_URLCONF=__name__):
        (step,) = run_self_test(make_connection("rfc"))
    assert step.name == "endpoints"
    assert not step.passed


def test_a_receiver_of_the_hub_can_tell_a_rehearsal(make_connection: MakeConnection) -> None:
    seen: list[bool] = []

    def receive(**arguments: Any) -> None:
        seen.append(is_rehearsal())

    connection = make_connection("rfc")
    post_save.connect(receive, sender=USERS.model)
    try:
        run_self_test(connection)
        make_user(connection.organization, "ada")
    finally:
        post_save.disconnect(receive, sender=USERS.model)
    assert seen[0]
    assert not seen[-1]


@pytest.mark.parametrize(
    ("hosts", "expected"), [(["*"], "localhost"), ([], "localhost"), ([".hub.example"], "hub.example")]
)
def test_the_host_is_one_that_the_hub_answers_to(hosts: list[str], expected: str) -> None:
    with override_settings(ALLOWED_HOSTS=hosts):
        assert allowed_host() == expected


@pytest.mark.examplehub
def test_B44_what_the_hub_requires_is_filled_in(fabrikam: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for attribute in USERS.attributes.values():
        if isinstance(attribute, Reference):
            monkeypatch.setattr(attribute, "required", True)
    connection = fabrikam.connection
    department = Specimens(USERS(connection)).user()[
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
    ]["department"]
    assert department != "Engineering", "it is in two countries"
    assert failed(run_self_test(connection)) == []
