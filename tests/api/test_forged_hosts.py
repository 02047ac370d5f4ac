"""A Host header that the Hub does not answer to: a SCIM Error on the wire, and nothing else is done (T33)."""

import http.client
import json
import logging
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client

from scim_provisioning.models import Event, FailedAuthentication, Token
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.selftest import run_self_test
from tests.conftest import MakeConnection
from tests.scim import CONTENT_TYPE, ScimClient, database_digest, user_body

pytestmark = pytest.mark.django_db(transaction=True)

FORGED = [
    "evil.example",
    "evil.example:443",
    "hub.example.evil.example",
    "a b",
    "hub.example:x",
    "[::1",
    "ü",
    "@",
]


@pytest.fixture(autouse=True)
def known_hosts(settings: Any) -> None:
    """Let the Hub answer to one host, beside those of the tests."""
    settings.ALLOWED_HOSTS = ["hub.example", "testserver", "localhost"]


def on_the_wire(
    live_server: Any, method: str, path: str, host: str, *, token: str = "", body: Any = None
) -> tuple[int, dict[str, str], bytes]:
    """Send one request as bytes, whose Host header is what it is."""
    connection = http.client.HTTPConnection(urlsplit(live_server.url).netloc, timeout=20)
    content = json.dumps(body).encode() if body is not None else b""
    connection.putrequest(method, path, skip_host=True)
    connection.putheader("Host", host.encode("utf-8"))
    connection.putheader("Content-Type", CONTENT_TYPE)
    connection.putheader("Content-Length", str(len(content)))
    if token:
        connection.putheader("Authorization", f"Bearer {token}")
    connection.endheaders(content)
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer.status, {name.lower(): value for name, value in answer.getheaders()}, read


@pytest.mark.parametrize("host", FORGED, ids=range(len(FORGED)))
def test_T33_a_forged_host_is_400_as_a_scim_error(
    live_server: Any, rfc: ScimClient, host: str, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(0):
        status, headers, content = on_the_wire(live_server, "GET", f"{rfc.base}/Users", host, token=rfc.token)
    assert status == 400
    assert headers["content-type"] == CONTENT_TYPE
    assert headers["scim-request-id"]
    assert json.loads(content) == ScimError("bad_host").body()
    assert json.loads(content)["detail"].endswith("[bad_host]")


@pytest.mark.parametrize(
    "path", ["/Users", "/Bulk", "/.search", "/Schemas", "/Me", "/Nothing", "/Users/x/y", "/"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_T33_every_endpoint_says_so_before_it_reads_a_token(
    live_server: Any, rfc: ScimClient, path: str, method: str
) -> None:
    for token in (rfc.token, "nobodys", ""):
        status, _headers, content = on_the_wire(
            live_server, method, rfc.base + path, "evil.example", token=token
        )
        assert (status, json.loads(content)) == (400, ScimError("bad_host").body())


@pytest.mark.parametrize("base_url", [None, "https://hub.example/scim"])
def test_T33_a_forged_host_writes_nothing(
    live_server: Any, rfc: ScimClient, settings: Any, base_url: str | None
) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASE_URL": base_url}
    user = rfc.create_user("ada").id
    before, events = database_digest(), Event.objects.count()
    Token.objects.update(last_used_at=None)
    for method, path, body in (
        ("POST", "/Users", user_body("eva")),
        ("DELETE", f"/Users/{user}", None),
        ("PUT", f"/Users/{user}", user_body("eva")),
    ):
        assert (
            on_the_wire(live_server, method, rfc.base + path, "evil.example", token=rfc.token, body=body)[0]
            == 400
        )
    assert (
        on_the_wire(live_server, "GET", f"{rfc.base}/Users", "evil.example", token="scim_nobodys")[0] == 400
    )
    assert (database_digest(), Event.objects.count()) == (before, events)
    assert not Token.objects.exclude(last_used_at=None).exists()
    assert not FailedAuthentication.objects.exists()


def test_T33_a_known_host_is_answered(live_server: Any, rfc: ScimClient) -> None:
    for host in ("hub.example", "hub.example:8443", "HUB.example"):
        assert on_the_wire(live_server, "GET", f"{rfc.base}/Users", host, token=rfc.token)[0] == 200


@pytest.mark.parametrize("path", ["/admin/", "/nothing", "/scim/setup/x"])
def test_T33_other_pages_of_the_hub_are_left_to_django(live_server: Any, path: str) -> None:
    status, headers, _content = on_the_wire(live_server, "GET", path, "evil.example")
    assert (status, headers["content-type"].partition(";")[0]) == (400, "text/html")


def test_T33_whoever_listens_to_djangos_own_message_still_hears_it(
    rfc: ScimClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "django.security.DisallowedHost"):
        assert rfc.request("GET", "/Users", Host="evil.example").status == 400
    [record] = [one for one in caplog.records if one.name == "django.security.DisallowedHost"]
    assert "evil.example" in record.getMessage()


@pytest.mark.parametrize("base_url", [None, "https://hub.example/scim"])
def test_T33_without_djangos_middleware_a_forged_host_is_refused_as_well(
    rfc: ScimClient, settings: Any, base_url: str | None
) -> None:
    settings.MIDDLEWARE = []
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASE_URL": base_url}
    user = rfc.create_user("ada").id
    client = Client(raise_request_exception=False)
    headers = {"Host": "evil.example", "Authorization": f"Bearer {rfc.token}"}
    answer = client.delete(f"{rfc.base}/Users/{user}", headers=headers)
    assert (answer.status_code, answer.json()) == (400, ScimError("bad_host").body())
    assert rfc.get(f"/Users/{user}").status == 200


def test_a_self_test_has_no_host_of_its_own(make_connection: MakeConnection, settings: Any) -> None:
    """It goes by the name in BASE_URL, which a proxy may turn into the one that the Hub knows."""
    settings.ALLOWED_HOSTS = ["internal"]
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASE_URL": "https://hub.example/scim"}
    connection = make_connection("rfc")
    assert [step for step in run_self_test(connection, "hub.example") if not step.passed] == []
