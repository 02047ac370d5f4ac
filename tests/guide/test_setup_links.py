"""Setup links: one organization's guide without a login, until they expire or are revoked, and nothing else (P11)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.signing import TimestampSigner
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from scim_provisioning.guide.links import SALT, create_link, revoke_link
from scim_provisioning.models import Confirmation, Connection, SetupLink, Token
from tests.conftest import MakeConnection
from tests.scim import ScimClient, database_digest

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(make_connection: MakeConnection) -> Connection:
    """Return the connection that the link is for."""
    return make_connection("flowcase", name="Contoso directory")


@pytest.fixture
def text(connection: Connection) -> str:
    """Return what the link says."""
    return create_link(connection, None)[1]


def path(text: str, name: str = "setup") -> str:
    return reverse(f"scim_provisioning:{name}", args=[text])


def get(text: str, name: str = "setup") -> Any:
    return Client().get(path(text, name))


def test_P11_the_guide_opens_without_a_login(text: str, connection: Connection) -> None:
    answer = get(text)
    assert answer.status_code == 200
    assert str(connection.organization) in answer.text
    assert f"/{connection.pk}/v2?aadOptscim062020" in answer.text
    assert SetupLink.objects.get().opened_at is not None


@pytest.mark.parametrize("name", ["setup", "setup_status"])
def test_P11_nothing_of_it_travels_on_or_is_kept(text: str, name: str) -> None:
    answer = get(text, name)
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]
    assert answer["X-Frame-Options"] == "DENY"
    assert not answer.cookies


def forged(text: str, connection: Connection) -> dict[str, str]:
    nonce, stamp, signature = text.split(".")
    return {
        "signature": f"{nonce}.{stamp}.{signature[:-2]}xx",
        "stamp": f"{nonce}.{stamp[:-1]}0.{signature}",
        "nonce": f"{uuid.uuid4().hex}.{stamp}.{signature}",
        "unsigned": nonce,
        "other salt": TimestampSigner(sep=".", salt="other").sign(nonce),
        "other key": TimestampSigner(key="other", sep=".", salt=SALT).sign(nonce),
        "signed, but no link": TimestampSigner(sep=".", salt=SALT).sign(uuid.uuid4().hex),
        "the connection": str(connection.pk),
        "nothing": ".",
        "long": "x" * 4000,
        "NUL": "a\x00b",
    }


@pytest.mark.parametrize("name", ["setup", "setup_status"])
def test_P11_expired_revoked_forged_and_foreign_links_are_all_alike(
    text: str, connection: Connection, name: str, make_connection: MakeConnection
) -> None:
    assert get(text, name).status_code == 200
    answers = [get(each, name) for each in forged(text, connection).values()]
    expired, expired_text = create_link(connection, None)
    SetupLink.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    revoked, revoked_text = create_link(connection, None)
    revoke_link(revoked)
    gone = make_connection("rfc")
    gone_text = create_link(gone, None)[1]
    gone.delete()
    answers += [get(each, name) for each in (expired_text, revoked_text, gone_text)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "no-store" in answers[0]["Cache-Control"]
    assert "Contoso" not in answers[0].text


def test_P11_a_link_expires_after_three_days_or_as_the_host_says(
    connection: Connection, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert create_link(connection, None)[0].lifetime == timedelta(days=3)
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "SETUP_LINK_DAYS": 1}
    link, text = create_link(connection, None)
    assert link.lifetime == timedelta(days=1)
    later = timezone.now() + timedelta(days=1, seconds=1)
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    assert get(text).status_code == 404


def test_P11_the_signature_expires_even_if_the_row_did_not(connection: Connection) -> None:
    link, text = create_link(connection, None)
    SetupLink.objects.filter(pk=link.pk).update(created_at=timezone.now() - timedelta(days=9))
    assert get(text).status_code == 200
    SetupLink.objects.filter(pk=link.pk).update(
        created_at=timezone.now() + timedelta(days=2, hours=23), expires_at=timezone.now() + timedelta(days=2)
    )
    assert get(text).status_code == 404


def test_P11_steps_are_confirmed_through_it(text: str, connection: Connection) -> None:
    browser = Client(enforce_csrf_checks=True)
    # What a browser says of itself on a page with the policy no-referrer.
    answer = browser.post(path(text), {"step": "prerequisites"}, headers={"Origin": "null"})
    assert answer["Location"] == f"{path(text)}#step-prerequisites"
    assert Confirmation.objects.get().confirmed_by == f"setup link {SetupLink.objects.get().pk}"
    assert "Done: confirmed" in get(text).text
    browser.post(path(text), {"step": "prerequisites", "reopen": "1"})
    assert not Confirmation.objects.exists()


def test_P11_a_dead_link_confirms_nothing(connection: Connection) -> None:
    link, text = create_link(connection, None)
    revoke_link(link)
    before = database_digest()
    assert Client().post(path(text), {"step": "prerequisites"}).status_code == 404
    assert database_digest() == before


def test_P11_nothing_else_can_be_reached_from_it(text: str, connection: Connection) -> None:
    Token.issue(connection)
    html = get(text).text
    addresses = {part.split('"')[0] for part in html.split('href="')[1:] + html.split('action="')[1:]}
    addresses |= {part.split('"')[0] for part in html.split('data-scim-poll="')[1:]}
    outside = {each for each in addresses if not each.startswith(("#step-", "/static/"))}
    assert outside == {path(text), path(text, "setup_status")}
    assert connection.tokens.get().key_id not in html


def test_P11_it_shows_one_organization_only(text: str, connection: Connection, northwind: ScimClient) -> None:
    html = get(text).text
    assert str(northwind.connection.pk) not in html
    assert str(northwind.organization) not in html


def test_P11_it_is_no_token_for_the_endpoints(text: str, connection: Connection) -> None:
    client = ScimClient(connection)
    assert client.request("GET", "/Users", authorization=f"Bearer {text}").status == 401


@pytest.mark.parametrize("method", ["put", "patch", "delete", "options"])
def test_P11_other_verbs_are_refused(text: str, method: str) -> None:
    assert getattr(Client(), method)(path(text)).status_code == 405


def test_P11_a_bad_link_costs_no_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert get("nonce.stamp.signature").status_code == 404
