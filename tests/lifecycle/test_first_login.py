"""Pending becomes Active at the first login, once (A8, A10, A18, A19)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.signals import user_logged_in
from django.test import Client

from scim_provisioning import signals
from scim_provisioning.lifecycle.users import activate_on_login
from scim_provisioning.models import UserResource
from tests.conftest import MakeClient
from tests.factories import make_user, status_of
from tests.lifecycle.rows import DISABLE, host_user, link_of, operations_of, owed, replace
from tests.scim import ScimClient

pytestmark = [pytest.mark.django_db, pytest.mark.examplehub]


@pytest.fixture
def pending(contoso: ScimClient) -> Any:
    """Return a Hub user that SCIM created and that has not signed in yet."""
    user = host_user(contoso.create_user("ada"))
    assert status_of(user) == "pending"
    return user


@pytest.fixture
def activations() -> Iterator[list[Any]]:
    """Listen to user_activated, so that it is owed."""
    heard: list[Any] = []

    def hear(**message: Any) -> None:
        heard.append(message)

    signals.user_activated.connect(hear)
    yield heard
    signals.user_activated.disconnect(hear)


def test_A10_first_login_makes_pending_active(pending: Any) -> None:
    Client().force_login(pending)
    assert status_of(pending) == "active"


def test_A10_signing_in_at_the_hubs_own_page_makes_pending_active(contoso: ScimClient, pending: Any) -> None:
    browser = Client()
    answer = browser.post("/login/", {"organization": "contoso", "username": "ada@contoso.example"})
    assert answer.status_code == 302
    assert status_of(pending) == "active"
    assert browser.get("/").status_code == 200


def test_A10_the_plain_function_makes_pending_active_and_says_so(pending: Any) -> None:
    assert activate_on_login(pending) is True
    assert pending.status == "active"
    assert status_of(pending) == "active"


def test_A10_it_happens_exactly_once_however_often_it_is_called(contoso: ScimClient, pending: Any) -> None:
    assert [activate_on_login(pending) for _login in range(3)] == [True, False, False]
    for _login in range(3):
        Client().force_login(pending)
    assert operations_of(contoso.connection) == ["create", "activate"]


def test_A10_it_is_owed_as_an_effect_exactly_once(
    contoso: ScimClient, pending: Any, activations: list[Any]
) -> None:
    Client().force_login(pending)
    Client().force_login(pending)
    assert owed(contoso.connection) == ["user_activated"]


def test_A10_a_login_by_an_older_copy_of_the_row_does_no_harm(contoso: ScimClient, pending: Any) -> None:
    stale = type(pending)._base_manager.get(pk=pending.pk)
    activate_on_login(pending)
    contoso.patch(f"/Users/{link_of_user(pending)}", DISABLE)
    assert stale.status == "pending"
    assert activate_on_login(stale) is False
    assert status_of(pending) == "inactive"


def test_A10_the_users_version_counts_up(contoso: ScimClient, pending: Any) -> None:
    before = link_of(link_of_user(pending)).version
    activate_on_login(pending)
    assert link_of(link_of_user(pending)).version == before + 1


def test_A10_nothing_but_the_status_changes(contoso: ScimClient, pending: Any) -> None:
    shown = contoso.user(link_of_user(pending))
    activate_on_login(pending)
    assert contoso.user(link_of_user(pending)) == shown


def test_A10_a_login_does_not_bring_an_inactive_user_back(contoso: ScimClient, pending: Any) -> None:
    contoso.patch(f"/Users/{link_of_user(pending)}", DISABLE)
    pending.refresh_from_db()
    user_logged_in.send(type(pending), request=None, user=pending)
    assert status_of(pending) == "inactive"


def test_A10_a_pending_user_that_scim_does_not_manage_waits_for_its_invitation(contoso: ScimClient) -> None:
    invited = make_user(contoso.organization, "invited", state="pending")
    assert activate_on_login(invited) is False
    Client().force_login(invited)
    assert status_of(invited) == "pending"


def test_A10_an_adopted_pending_user_becomes_active_too(contoso: ScimClient) -> None:
    invited = make_user(contoso.organization, "invited", state="pending")
    link = UserResource.objects.get(user=invited)
    adopted = contoso.patch(
        f"/Users/{link.pk}", replace("externalId", "5f0c1a52-7c1c-4b1e-9c8b-2f2f3c1d4e5f")
    )
    assert adopted.status == 200
    assert status_of(invited) == "pending"
    assert activate_on_login(invited) is True


def test_A10_a_user_that_scim_created_active_is_left_alone(make_client: MakeClient) -> None:
    client = make_client("rfc")
    user = host_user(client.create_user("ada"))
    assert activate_on_login(user) is False
    assert operations_of(client.connection) == ["create"]


def test_T14_an_inactive_user_may_not_sign_in_and_is_not_made_active_by_trying(
    contoso: ScimClient, pending: Any
) -> None:
    browser = Client()
    browser.force_login(pending)
    assert browser.get("/").status_code == 200
    contoso.patch(f"/Users/{link_of_user(pending)}", DISABLE)
    assert browser.get("/").status_code == 302
    browser.post("/login/", {"organization": "contoso", "username": "ada@contoso.example"})
    assert browser.get("/").status_code == 302
    assert status_of(pending) == "inactive"


def link_of_user(user: Any) -> str:
    """Return the SCIM id of a Hub user."""
    return str(UserResource.objects.get(user=user).pk)
