"""A button pressed twice at the same moment: one connection, one token."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from example_project.hub.models import Organization, User
from example_project.hub.seeding import seed
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Connection, Token
from tests.admin.conftest import TENANT, SignIn, url_of
from tests.admin.test_tokens import SECRET

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
AT_ONCE = 4


@pytest.fixture
def organization(transactional_db: None) -> Organization:
    """Return the organization of a Hub whose rows every thread can see."""
    seed()
    return Organization.objects.get(slug="contoso")


def at_once(post: Callable[[], Any]) -> list[Any]:
    """Post the same form from several threads."""
    barrier = Barrier(AT_ONCE)

    def press(_thread: int) -> Any:
        try:
            barrier.wait()
            return post()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(press, range(AT_ONCE)))


def test_one_token_is_shown_once(organization: Organization, sign_in: SignIn) -> None:
    connection = create_connection(organization, "flow_connect", TENANT)
    client = sign_in(User.objects.get(username="olivia@contoso.example"))
    sent = {"days": "30", "latest": ""}
    answers = at_once(lambda: client.post(url_of("generate_token", connection.pk), sent))
    assert sorted(answer.status_code for answer in answers) == [200, *[409] * (AT_ONCE - 1)]
    assert sum(bool(SECRET.search(answer.text)) for answer in answers) == 1
    assert Token.objects.count() == 1


@pytest.mark.parametrize("preset", ["flow_connect", "rfc"])
def test_one_connection_is_made(organization: Organization, sign_in: SignIn, preset: str) -> None:
    client = sign_in(User.objects.get(username="olivia@contoso.example"))
    tenant_id = TENANT if preset == "flow_connect" else ""
    key = client.get(url_of("add")).context["key"]
    sent = {"key": key, "organization": organization.pk, "tenant_id": tenant_id, "preset": preset}
    answers = at_once(lambda: client.post(url_of("add"), sent))
    assert {answer.status_code for answer in answers} <= {200, 302}
    assert Connection.objects.count() == 1
