"""The feed of failed authentications: who was refused and why, in few rows, rarely written, without a secret."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scim_provisioning.lifecycle import strangers
from scim_provisioning.lifecycle.strangers import STRANGERS
from scim_provisioning.models import FailedAuthentication, Token
from scim_provisioning.selftest import run_self_test
from tests.conftest import MakeClient
from tests.scim import ScimClient

pytestmark = pytest.mark.django_db
Rows = dict[str, tuple[str, int]]


def rows(client: ScimClient) -> Rows:
    """Return key id and count by reason."""
    found = FailedAuthentication.objects.filter(connection=client.connection)
    return {each.reason: (each.key_id, each.count) for each in found}


def call(client: ScimClient, authorization: str) -> None:
    assert client.request("GET", "/Users", authorization=authorization).status == 401


def test_each_reason_is_told_to_the_administrator(contoso: ScimClient, northwind: ScimClient) -> None:
    revoked, revoked_text = Token.issue(contoso.connection)
    revoked.revoke()
    expired, expired_text = Token.issue(contoso.connection)
    Token.objects.filter(pk=expired.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    mistyped = contoso.token[:-1] + ("x" if contoso.token[-1] != "x" else "y")
    own = contoso.token.split("_")[1]
    Token.objects.filter(key_id=own).update(digest="0" * 64)
    for header in ("", "Bearer x", f"Bearer {mistyped}", f"Bearer {revoked_text}", f"Bearer {expired_text}"):
        call(contoso, header)
    # Somebody knows the key id, and not the secret.
    call(contoso, f"Bearer {contoso.token}")
    call(contoso, f"Bearer {northwind.token}")
    assert {reason: key for reason, (key, _count) in rows(contoso).items()} == {
        "missing": "",
        "malformed": "",
        "revoked": revoked.key_id,
        "expired": expired.key_id,
        "unknown": own,
        "elsewhere": "",
    }
    assert rows(northwind) == {"strayed": (northwind.token.split("_")[1], 1)}
    assert {each.address for each in FailedAuthentication.objects.all()} == {"127.0.0.1"}


def test_nothing_of_a_secret_is_written(contoso: ScimClient) -> None:
    row, text = Token.issue(contoso.connection)
    row.revoke()
    call(contoso, f"Bearer {text}")
    [written] = FailedAuthentication.objects.values()
    assert row.key_id in written.values()
    assert not any(part in str(written) for part in (text, text.split("_")[2], text.split("_")[3]))


def test_equal_calls_are_one_row_that_is_written_now_and_then(
    contoso: ScimClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(strangers, "monotonic", lambda: now[0])
    STRANGERS.forget()
    call(contoso, "Bearer x")
    with CaptureQueriesContext(database) as queries:
        for _call in range(50):
            call(contoso, "Bearer x")
    assert len(queries) == 0
    assert rows(contoso)["malformed"][1] == 1
    now[0] += strangers.WRITTEN_EVERY
    call(contoso, "")
    assert rows(contoso) == {"malformed": ("", 51), "missing": ("", 1)}
    found = FailedAuthentication.objects.get(reason="malformed")
    assert found.first_at < found.last_at


def test_a_connection_has_a_hundred_rows_at_most_and_the_oldest_make_room(
    contoso: ScimClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(strangers, "WRITES_IN_A_ROW", 1000)
    monkeypatch.setattr(strangers, "KEPT_ROWS", 10)
    STRANGERS.forget()
    for number in range(25):
        STRANGERS.note(contoso.connection.pk, f"192.0.2.{number}", "unknown")
    addresses = FailedAuthentication.objects.order_by("last_at").values_list("address", flat=True)
    assert list(addresses) == [f"192.0.2.{number}" for number in range(15, 25)]


def test_a_flood_of_addresses_is_written_at_a_walk(
    contoso: ScimClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [1000.0]
    monkeypatch.setattr(strangers, "monotonic", lambda: now[0])
    STRANGERS.forget()
    for number in range(3000):
        STRANGERS.note(contoso.connection.pk, f"2001:db8::{number:x}", "unknown")
    assert FailedAuthentication.objects.count() == strangers.WRITES_IN_A_ROW
    assert len(STRANGERS._sightings) <= strangers.REMEMBERED


def test_a_tenant_url_that_is_nobodys_is_not_written_down(contoso: ScimClient) -> None:
    for _call in range(3):
        path = contoso.base.replace(str(contoso.connection.pk), str(uuid.uuid4()))
        answer = contoso._client.get(f"{path}/Users", headers={"Authorization": "Bearer x"})
        assert answer.status_code == 401
    assert not FailedAuthentication.objects.exists()


def test_a_request_with_a_valid_token_costs_nothing_for_it(contoso: ScimClient) -> None:
    contoso.get("/Users", count="0")
    with CaptureQueriesContext(database) as queries:
        assert contoso.get("/Users", count="0").status == 200
    assert not [each for each in queries if "failedauthentication" in each["sql"]]


def test_a_self_test_is_no_refused_call_and_comes_from_no_network(make_client: MakeClient) -> None:
    client = make_client("rfc", allowed_networks="192.0.2.0/24")
    steps = run_self_test(client.connection)
    assert [each for each in steps if not each.passed] == []
    assert not FailedAuthentication.objects.exists()


@pytest.mark.examplehub
def test_the_overview_shows_who_was_refused(make_client: MakeClient, admin_client: Any) -> None:
    client = make_client("rfc")
    row, text = Token.issue(client.connection)
    row.revoke()
    call(client, f"Bearer {text}")
    call(client, "Bearer <img src=x onerror=alert(1)>")
    page = admin_client.get(
        f"/admin/scim_provisioning/connection/{client.connection.pk}/overview/"
    ).content.decode()
    assert "Refused calls" in page
    assert "<strong>revoked token</strong>" in page
    assert f'<td class="scim-code">{row.key_id}</td>' in page
    assert "no token of ours, or a mistyped one" in page
    assert "<img" not in page
    assert text not in page
