"""A ceiling for each connection, and one for each address that has no valid token (F12, T31)."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache.backends.locmem import LocMemCache

from scim_provisioning.api import throttles
from scim_provisioning.models import Event, Token
from tests.conftest import MakeClient
from tests.scim import Answer, ScimClient, user_body

pytestmark = pytest.mark.django_db
Configure = Callable[..., None]


class BrokenCache(LocMemCache):
    """A cache whose server is gone."""

    def add(self, *arguments: Any, **names: Any) -> bool:
        raise ConnectionError("no cache")

    incr = add


@pytest.fixture
def configure(settings: Any) -> Configure:
    """Return a function that changes settings of the app."""

    def change(**changed: Any) -> None:
        settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, **changed}

    return change


@pytest.fixture(autouse=True)
def one_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let all requests of a test fall into one second."""
    monkeypatch.setattr(throttles, "time", lambda: 1_800_000_000.0)


def statuses(client: ScimClient, count: int) -> list[int]:
    return [client.get("/Users", count="0").status for _request in range(count)]


def assert_is_429(answer: Answer) -> None:
    assert (answer.status, answer["status"]) == (429, "429")
    assert answer["detail"].endswith("[too_many_requests]")
    assert 1 <= int(answer.headers["Retry-After"]) <= throttles.LONGEST_WAIT


def test_F12_nothing_is_refused_unless_a_ceiling_is_set(contoso: ScimClient) -> None:
    assert set(statuses(contoso, 60)) == {200}


def test_F12_T31_above_the_ceiling_it_is_429_with_a_whole_retry_after(
    contoso: ScimClient, configure: Configure
) -> None:
    configure(REQUESTS_PER_SECOND=30)
    assert statuses(contoso, 30) == [200] * 30
    refused = contoso.post("/Users", user_body("ada"))
    assert_is_429(refused)
    assert not Event.objects.exists()


def test_F12_a_connection_is_never_held_below_25_requests_a_second(
    contoso: ScimClient, configure: Configure
) -> None:
    configure(REQUESTS_PER_SECOND=1)
    assert statuses(contoso, 26) == [200] * 25 + [429]


def test_F12_the_next_second_begins_afresh(
    contoso: ScimClient, configure: Configure, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(REQUESTS_PER_SECOND=25)
    assert statuses(contoso, 26)[-1] == 429
    monkeypatch.setattr(throttles, "time", lambda: 1_800_000_001.0)
    assert statuses(contoso, 1) == [200]


def test_F12_F13_the_other_connections_are_served_meanwhile(
    contoso: ScimClient, northwind: ScimClient, configure: Configure
) -> None:
    configure(REQUESTS_PER_SECOND=25)
    assert statuses(contoso, 26)[-1] == 429
    assert statuses(northwind, 1) == [200]


def test_F12_without_a_valid_token_nobody_uses_up_the_ceiling(
    contoso: ScimClient, configure: Configure
) -> None:
    configure(REQUESTS_PER_SECOND=25)
    for _call in range(40):
        assert contoso.request("GET", "/Users", authorization="Bearer x").status == 401
    assert statuses(contoso, 25) == [200] * 25


@pytest.fixture
def broken_cache(settings: Any) -> None:
    """Take the cache away."""
    settings.CACHES = {"default": {"BACKEND": f"{BrokenCache.__module__}.{BrokenCache.__name__}"}}


def test_F12_without_the_cache_everybody_is_served(
    contoso: ScimClient, configure: Configure, broken_cache: None
) -> None:
    configure(REQUESTS_PER_SECOND=25, FAILED_AUTHENTICATIONS_PER_MINUTE=1)
    assert set(statuses(contoso, 40)) == {200}
    answers = [contoso.request("GET", "/Users", authorization="Bearer x").status for _call in range(3)]
    assert answers == [401] * 3


def test_retry_after_is_spread() -> None:
    assert {throttles.jittered() for _draw in range(200)} == {1, 2, 3, 4}


def test_too_many_failed_authentications_of_an_address_are_429(
    contoso: ScimClient, configure: Configure
) -> None:
    configure(FAILED_AUTHENTICATIONS_PER_MINUTE=5)
    answers = [contoso.request("GET", "/Users", authorization="Bearer x") for _call in range(7)]
    assert [answer.status for answer in answers] == [401] * 5 + [429] * 2
    assert_is_429(answers[-1])


def test_a_valid_token_is_never_refused_for_the_failures_of_its_address(
    contoso: ScimClient, northwind: ScimClient, configure: Configure
) -> None:
    """Many organizations call from the same addresses of their identity provider."""
    configure(FAILED_AUTHENTICATIONS_PER_MINUTE=1)
    _expired, _secret = Token.issue(contoso.connection)
    for _call in range(4):
        contoso.request("GET", "/Users", authorization="Bearer x")
    assert statuses(northwind, 2) == [200, 200]


def test_the_failures_of_one_address_are_not_another_ones(
    make_client: MakeClient, configure: Configure
) -> None:
    configure(FAILED_AUTHENTICATIONS_PER_MINUTE=1, TRUSTED_PROXIES=1)
    client = make_client("rfc")

    def call(address: str) -> int:
        return client.request(
            "GET", "/Users", authorization="Bearer x", X_Forwarded_For=f"198.51.100.1, {address}"
        ).status

    assert [call("192.0.2.1"), call("192.0.2.1"), call("192.0.2.2")] == [401, 429, 401]
