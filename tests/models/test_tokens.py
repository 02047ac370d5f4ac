"""Tokens: shown once, stored as a digest, at most two live (A4 to A6, B2, T23 to T25)."""

import hashlib
import hmac
import re
import zlib
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.forms.models import model_to_dict
from django.test import override_settings
from django.utils import timezone

from scim_provisioning import conf
from scim_provisioning.models import Connection, Token, TooManyTokens
from scim_provisioning.models.tokens import ALPHABET, read_token
from tests.conftest import MakeConnection
from tests.scim import ScimClient

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(make_connection: MakeConnection) -> Connection:
    """Return a connection without tokens."""
    return make_connection("flow_connect")


def base62(number: int, length: int) -> str:
    text = ""
    for _digit in range(length):
        number, digit = divmod(number, 62)
        text = ALPHABET[digit] + text
    return text


def test_a_token_has_the_form_that_secret_scanners_look_for(connection: Connection) -> None:
    token, text = Token.issue(connection)
    match = re.fullmatch(r"scim_([A-Za-z0-9]{12})_([A-Za-z0-9]{43})_([A-Za-z0-9]{6})", text)
    assert match is not None
    assert match[1] == token.key_id
    body = text.rpartition("_")[0]
    assert match[3] == base62(zlib.crc32(body.encode()), 6)
    assert read_token(text) == (match[1], match[2])


def test_the_prefix_is_the_products_own(connection: Connection) -> None:
    with override_settings(SCIM_PROVISIONING={**conf.given(), "TOKEN_PREFIX": "hub"}):
        _token, text = Token.issue(connection)
    assert text.startswith("hub_")
    assert read_token(text) is not None


def test_A4_only_a_digest_of_the_secret_is_stored(connection: Connection) -> None:
    token, text = Token.issue(connection)
    secret = text.split("_")[2]
    token.refresh_from_db()
    stored = str(model_to_dict(token)) + str(Token.objects.filter(pk=token.pk).values().get())
    assert secret not in stored
    assert text not in stored
    assert token.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert secret not in repr(token) + str(token)


@pytest.mark.parametrize("index", range(75))
def test_a_mistyped_character_is_told_without_a_query(
    connection: Connection, index: int, django_assert_num_queries: object
) -> None:
    _token, text = Token.issue(connection)
    position = index % len(text)
    wrong = "0" if text[position] != "0" else "1"
    mistyped = text[:position] + wrong + text[position + 1 :]
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert read_token(mistyped) is None


@pytest.mark.parametrize("text", ["", "scim", "scim__", "_" * 64, "scim_a_b_c", "Bearer scim", "\uff53cim_"])
def test_T23_nothing_that_is_no_token_is_read_as_one(text: str) -> None:
    assert read_token(text) is None


def test_T25_tokens_are_random(connection: Connection) -> None:
    issued = []
    for _token in range(60):
        token, text = Token.issue(connection)
        issued.append(text)
        token.revoke()
    secrets = [text.split("_")[2] for text in issued]
    assert len(set(secrets)) == len({text.split("_")[1] for text in issued}) == 60
    assert len(set("".join(secrets))) == 62


def test_a_pepper_keys_the_digest_and_older_peppers_still_open(connection: Connection) -> None:
    plain, plain_text = Token.issue(connection)
    with override_settings(SCIM_PROVISIONING={**conf.given(), "TOKEN_PEPPERS": ["new", "old"]}):
        token, text = Token.issue(connection)
        secret = text.split("_")[2]
        assert token.digest == hmac.new(b"new", secret.encode(), hashlib.sha256).hexdigest()
        assert token.matches(secret)
        assert not plain.matches(plain_text.split("_")[2])
    with override_settings(SCIM_PROVISIONING={**conf.given(), "TOKEN_PEPPERS": ["newest", "new"]}):
        assert token.matches(secret)
    with override_settings(SCIM_PROVISIONING={**conf.given(), "TOKEN_PEPPERS": ["newest"]}):
        assert not token.matches(secret)
    assert plain.matches(plain_text.split("_")[2])


def test_A5_a_token_is_valid_for_one_year(connection: Connection) -> None:
    token, text = Token.issue(connection)
    assert abs(token.expires_at - timezone.now() - timedelta(days=365)) < timedelta(minutes=1)
    assert ScimClient(connection, text).get("/Users").status == 200
    Token.objects.filter(pk=token.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert ScimClient(connection, text).get("/Users").status == 401


def test_A5_two_tokens_are_live_at_once_and_no_third(connection: Connection) -> None:
    texts = [Token.issue(connection)[1] for _token in range(2)]
    with pytest.raises(TooManyTokens):
        Token.issue(connection)
    assert [ScimClient(connection, text).get("/Users").status for text in texts] == [200, 200]
    assert Token.objects.live().count() == 2


def test_A5_a_revoked_token_makes_room_and_opens_nothing(connection: Connection) -> None:
    first, text = Token.issue(connection)
    Token.issue(connection)
    first.revoke()
    Token.issue(connection)
    assert ScimClient(connection, text).get("/Users").status == 401
    assert not first.is_live


def test_A5_an_expired_token_makes_room(connection: Connection) -> None:
    first, _text = Token.issue(connection)
    Token.issue(connection)
    Token.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    token, _text = Token.issue(connection)
    assert token.slot == first.slot
    assert Token.objects.live().count() == 2


def test_the_tokens_of_another_connection_do_not_count(
    connection: Connection, make_connection: MakeConnection
) -> None:
    for one in (connection, make_connection("rfc")):
        for _token in range(2):
            Token.issue(one)
    assert Token.objects.live().count() == 4


def test_the_database_itself_refuses_a_third_live_token(connection: Connection) -> None:
    token, _text = Token.issue(connection)
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.create(
            connection=connection, key_id="x" * 12, slot=token.slot, expires_at=token.expires_at
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Token.objects.create(connection=connection, key_id="y" * 12, slot=3, expires_at=token.expires_at)


@pytest.mark.parametrize(
    "form", ["Bearer {}", 'Bearer token="{}"', 'Token token="{}"', "Token {}", "bearer {}"]
)
def test_A6_B2_each_form_of_the_header_opens(connection: Connection, form: str) -> None:
    client = ScimClient(connection)
    assert client.request("GET", "/Users", authorization=form.format(client.token)).status == 200


@pytest.mark.parametrize("form", ["", "Bearer", "Bearer ", 'Bearer ""', 'Bearer token=""', "Basic {}", "{}"])
def test_T23_an_empty_or_other_header_opens_nothing(connection: Connection, form: str) -> None:
    client = ScimClient(connection)
    client.token = client.token if "{}" in form else ""
    answer = client.request("GET", "/Users", authorization=form.format(client.token) or " ")
    assert answer.status == 401


def test_A7_the_connection_test_succeeds_right_after_the_paste(connection: Connection) -> None:
    client = ScimClient(connection)
    answer = client.find("/Users", 'userName eq "5f0c1a52-7c1c-4b1e-9c8b-2f2f3c1d4e5f"')
    assert (answer.status, answer["totalResults"], answer["Resources"]) == (200, 0, [])


def test_the_use_of_a_token_is_noted_at_most_once_in_five_minutes(connection: Connection) -> None:
    client = ScimClient(connection)
    client.get("/Users")
    first = Token.objects.get()
    assert first.first_used_at == first.last_used_at
    client.get("/Users")
    assert Token.objects.get().last_used_at == first.last_used_at
    assert first.last_used_at is not None
    earlier = first.last_used_at - timedelta(minutes=6)
    Token.objects.update(last_used_at=earlier)
    client.get("/Users")
    again = Token.objects.get()
    assert again.last_used_at is not None
    assert again.last_used_at > earlier
    assert again.first_used_at == first.first_used_at
