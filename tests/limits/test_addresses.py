"""Where a call comes from, and which networks a token is good in."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import RequestFactory

from scim_provisioning.api.addresses import address_of
from scim_provisioning.models import FailedAuthentication
from tests.conftest import MakeClient, MakeConnection
from tests.scim import ScimClient


@pytest.mark.parametrize(
    ("proxies", "remote", "forwarded", "expected"),
    [
        (None, "192.0.2.1", "", "192.0.2.1"),
        (None, "192.0.2.1", "198.51.100.1", "192.0.2.1"),
        (None, "", "198.51.100.1", ""),
        (None, "::ffff:192.0.2.1", "", "192.0.2.1"),
        (None, "2001:DB8::1", "", "2001:db8::1"),
        (None, "fe80::1%eth0", "", "fe80::1"),
        (1, "10.0.0.1", "192.0.2.1", "192.0.2.1"),
        (1, "10.0.0.1", "203.0.113.9, 192.0.2.1", "192.0.2.1"),
        (2, "10.0.0.1", "203.0.113.9, 192.0.2.1, 10.0.0.2", "192.0.2.1"),
        (2, "10.0.0.1", "192.0.2.1", ""),
        (1, "10.0.0.1", "", ""),
        (1, "10.0.0.1", "unknown", ""),
    ],
)
def test_the_address_is_what_a_trusted_party_says(
    settings: Any, proxies: int | None, remote: str, forwarded: str, expected: str
) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "TRUSTED_PROXIES": proxies}
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    assert address_of(RequestFactory().get("/", headers=headers, REMOTE_ADDR=remote)) == expected


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("networks", "status"),
    [
        ("", 200),
        ("127.0.0.1", 200),
        ("10.0.0.0/8 127.0.0.0/8", 200),
        ("10.0.0.0/8, 127.0.0.1/32", 200),
        ("::/0", 401),
        ("10.0.0.0/8", 401),
    ],
)
def test_a_token_is_good_in_the_networks_of_its_connection(
    make_client: MakeClient, networks: str, status: int
) -> None:
    client = make_client("rfc", allowed_networks=networks)
    assert client.get("/Users").status == status


@pytest.mark.django_db
def test_a_valid_token_from_elsewhere_gets_the_same_401_as_none(make_client: MakeClient) -> None:
    client = make_client("rfc", allowed_networks="192.0.2.0/24")
    elsewhere = client.get("/Users")
    unknown = client.request("GET", "/Users", authorization="Bearer x")
    assert (elsewhere.status, elsewhere.content) == (401, unknown.content)
    reason = FailedAuthentication.Reason.ADDRESS
    assert FailedAuthentication.objects.get(reason=reason).key_id == client.token.split("_")[1]


@pytest.mark.django_db
def test_a_call_whose_address_nobody_knows_is_in_no_network(make_client: MakeClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "TRUSTED_PROXIES": 1}
    client: ScimClient = make_client("rfc", allowed_networks="0.0.0.0/0")
    assert client.get("/Users").status == 401
    assert client.request("GET", "/Users", X_Forwarded_For="192.0.2.1").status == 200


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["192.0.2", "192.0.2.0/33", "example.com", "10.0.0.0/8;"])
def test_what_is_no_network_is_refused(make_connection: MakeConnection, text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        make_connection("rfc", allowed_networks=text)
    assert "Write networks such as" in str(caught.value)
