"""The Authorization header: what is read from it (B2), and one and the same 401 for all that is not good."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from scim_provisioning.api.authentication import read_header
from scim_provisioning.models import Token
from tests.api.conftest import assert_is_error
from tests.factories import make_user
from tests.scim import ScimClient, database_digest, user_body

GRAMMAR = [
    ("Bearer abc", "abc"),
    ("bearer abc", "abc"),
    ("BEARER abc", "abc"),
    ("Token abc", "abc"),
    ('Bearer token="abc"', "abc"),
    ('bearer TOKEN="abc"', "abc"),
    ('Token token="abc"', "abc"),
    ("Bearer token=abc", "abc"),
    ("Token token=abc", "abc"),
    ("Bearer   abc", "abc"),
    ("  Bearer abc  ", "abc"),
    ('Bearer token="abc", nonce="1"', "abc"),
    ('Bearer token="abc"; nonce="1"', "abc"),
    ('Token token="abc"\tnonce="1"', "abc"),
    ("Token token=abc,nonce=1", "abc"),
    ("", None),
    ("Bearer", None),
    ("Bearer ", None),
    ('Bearer ""', None),
    ('Bearer token=""', None),
    ("Bearer token=", None),
    ("Token", None),
    ("abc", None),
    ("Basic YWJjOmFiYw==", None),
    ("Digest abc", None),
    ("Bearerabc", None),
    ("Bearer Bearer abc", "Bearer"),
    ("Bearer ябв", None),
    ("Bearer " + "a" * 600, None),
    ('Bearer token="abc', None),
]


@pytest.mark.parametrize(("header", "token"), GRAMMAR)
def test_B2_the_header_is_read_by_this_grammar(header: str, token: str | None) -> None:
    assert read_header(header) == token


@pytest.mark.parametrize(
    "header", ["Bearer {}", 'Bearer token="{}"', 'Token token="{}"', "Token {}", "bearer token={}"]
)
def test_B2_each_form_of_the_header_opens_the_connection(contoso: ScimClient, header: str) -> None:
    assert contoso.request("GET", "/Users", authorization=header.format(contoso.token)).status == 200


def bad_tokens(contoso: ScimClient, northwind: ScimClient) -> dict[str, str]:
    """Return every kind of Authorization header that must not open contoso."""
    good = contoso.token
    revoked_row, revoked = Token.issue(contoso.connection)
    revoked_row.revoke()
    expired_row, expired = Token.issue(contoso.connection)
    Token.objects.filter(pk=expired_row.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    body, _separator, checksum = good.rpartition("_")
    swapped = ("a" if body[-1] != "a" else "b") + "_"
    return {
        "unknown": "Bearer " + northwind.token.replace(northwind.token.split("_")[1], "a" * 12),
        "revoked": f"Bearer {revoked}",
        "expired": f"Bearer {expired}",
        "of another connection": f"Bearer {northwind.token}",
        "with a wrong checksum": f"Bearer {body}_{'a' * len(checksum)}",
        "with a wrong secret": f"Bearer {body[:-1]}{swapped}{checksum}",
        "in capitals": f"Bearer {good.upper()}",
        "cut off": f"Bearer {good[:-1]}",
        "too long": f"Bearer {good}x",
        "twice": f"Bearer {good} {good}"[: 7 + len(good)] + good,
        "empty": "Bearer ",
        "quoted empty": 'Bearer token=""',
        "another scheme": f"Basic {good}",
        "no scheme": good,
        "bearer twice": f"Bearer Bearer {good}",
        "nonsense": "\x00",
        "very long": "Bearer " + "x" * 100_000,
    }


def test_every_bad_token_gets_the_same_401(contoso: ScimClient, northwind: ScimClient) -> None:
    headers = bad_tokens(contoso, northwind)
    before = database_digest()
    answers = {
        name: contoso.request("GET", "/Users", authorization=header) for name, header in headers.items()
    }
    assert {name for name, answer in answers.items() if answer.status != 401} == set()
    assert len({answer.content for answer in answers.values()}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers.values()} == {
        'Bearer realm="scim", error="invalid_token"'
    }
    assert_is_error(answers["unknown"])
    assert database_digest() == before
    assert Token.objects.filter(connection=northwind.connection, last_used_at__isnull=False).count() == 0


def test_a_request_without_a_token_gets_the_401_without_an_error_code(contoso: ScimClient) -> None:
    answer = contoso.request("GET", "/Users", authorization="")
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="scim"')
    assert answer.content == contoso.request("GET", "/Users", authorization="Bearer x").content


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/Users"), ("POST", "/Users"), ("PUT", "/Users/x"), ("PATCH", "/Users/x"), ("DELETE", "/Users/x"),
     ("GET", "/Groups"), ("POST", "/Groups"), ("GET", "/Schemas"), ("GET", "/ServiceProviderConfig"),
     ("GET", "/ResourceTypes"), ("GET", "/Me"), ("POST", "/Bulk"), ("POST", "/.search"), ("GET", "/nowhere"),
     ("OPTIONS", "/Users"), ("PUT", "/Schemas")],
)  # fmt: skip
def test_T28_every_endpoint_asks_for_a_token_first(contoso: ScimClient, method: str, path: str) -> None:
    before = database_digest()
    assert contoso.request(method, path, user_body("ada"), authorization="Bearer x").status == 401
    assert database_digest() == before


def test_T32_the_body_is_not_touched_before_the_token_is_good(
    contoso: ScimClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(*_arguments: Any, **_names: Any) -> None:
        raise AssertionError("the body was read")

    monkeypatch.setattr("django.http.request.HttpRequest.read", read)
    monkeypatch.setattr("django.http.request.HttpRequest.body", property(read))
    for body, content_type in ((b"x" * 3_000_000, "application/scim+json"), (b"{", "text/plain")):
        answer = contoso.post("/Users", body, content_type=content_type, authorization="Bearer x")
        assert answer.status == 401


def test_a_token_in_the_query_the_body_or_a_cookie_opens_nothing(contoso: ScimClient) -> None:
    for name in ("token", "access_token", "Authorization"):
        answer = contoso.request("GET", "/Users", query={name: contoso.token}, authorization="")
        assert answer.status == 401
    answer = contoso.post("/Users", {**user_body("ada"), "access_token": contoso.token}, authorization="")
    assert answer.status == 401
    assert contoso.request("GET", "/Users", authorization="", Cookie=f"token={contoso.token}").status == 401


def test_T27_a_signed_in_user_is_no_client(contoso: ScimClient, organization: Any) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(make_user(organization, "admin", is_superuser=True, is_staff=True))
    assert browser.get(contoso.base + "/Users").status_code == 401


def test_F20_two_tokens_live_side_by_side_and_a_revoked_one_ends_at_once(contoso: ScimClient) -> None:
    row, second = Token.issue(contoso.connection)
    other = ScimClient(contoso.connection, second)
    assert contoso.get("/Users").status == other.get("/Users").status == 200
    row.revoke()
    assert (contoso.get("/Users").status, other.get("/Users").status) == (200, 401)


def test_no_answer_shows_the_token(contoso: ScimClient) -> None:
    secret = contoso.token.split("_")[2]
    for answer in (
        contoso.get("/Users"),
        contoso.get("/nowhere"),
        contoso.find("/Users", f'nowhere eq "{contoso.token}x"'[:20]),
        contoso.request("GET", "/Users", authorization=f"Bearer {contoso.token}x"),
    ):
        assert secret.encode() not in answer.content
