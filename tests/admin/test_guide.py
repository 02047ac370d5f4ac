"""The setup guide, its links and its exports on the admin pages."""

import json
import re
import uuid
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.models import Confirmation, Connection, SetupLink
from tests.admin.conftest import url_of
from tests.scim import ENTERPRISE, ScimClient, database_digest, user_body


def page(client: Client, connection: Connection, name: str = "guide") -> str:
    return client.get(url_of(name, connection.pk)).text


def step_of(html: str, name: str) -> str:
    """Return the part of the page that a step is."""
    return html.split(f'id="step-{name}"')[1].split("</section>", maxsplit=1)[0]


def history(connection: Connection) -> list[str]:
    entries = LogEntry.objects.filter(object_id=str(connection.pk)).order_by("pk")
    return [entry.change_message for entry in entries]


def test_the_guide_is_made_for_this_connection(client: Client, connection: Connection) -> None:
    html = page(client, connection)
    assert f"/scim/{connection.pk}/v2" in step_of(html, "connect")
    assert "aadOptscim062020" not in html
    assert "objectId" in step_of(html, "mapping")
    assert "0 of 6 steps are done." in html


def test_a_step_is_ticked_by_what_was_seen(client: Client, connection: Connection) -> None:
    idp = ScimClient(connection)
    idp.find("/Users", f'userName eq "{uuid.uuid4()}"')
    assert "Done: seen" in step_of(page(client, connection), "connect")
    idp.create_user("ada")
    html = page(client, connection)
    for step in ("prerequisites", "application", "connect", "mapping", "assign"):
        assert "Done: seen" in step_of(html, step)
    assert "5 of 6 steps are done." in html
    idp.create_group("Team")
    assert "6 of 6 steps are done." in page(client, connection)
    assert not Confirmation.objects.exists()


def test_what_is_wrong_says_what_when_how_often_and_which_screen_mends_it(
    client: Client, connection: Connection
) -> None:
    idp = ScimClient(connection)
    for name in ("eva", "eve"):
        assert idp.post("/Users", user_body(name, externalId=name)).status == 400
    recorder.flush()
    step = step_of(page(client, connection), "mapping")
    assert "A user without an object ID as externalId was refused." in step
    assert "Seen in 2 requests" in step
    assert "externalId: e••" in step
    assert "set its source attribute to objectId" in step
    assert "eva" not in step
    overview = page(client, connection, "overview")
    sentence = "A user without an object ID as externalId was refused."
    assert sentence in overview
    # The list of all findings names the requests that each is based on, and how many of them were wrong.
    assert re.search(rf"<td>{re.escape(sentence)}</td><td>2</td><td>2</td>", overview)


@pytest.mark.examplehub
def test_what_was_ignored_is_a_note_on_the_overview_and_no_error(
    client: Client, connection: Connection
) -> None:
    ScimClient(connection).create_user("ada", **{ENTERPRISE: {"department": "Enginering"}})
    recorder.flush()
    overview = page(client, connection, "overview")
    note = overview.split('<p class="scim-warning"><span class="scim-badge scim-finding-ignored">')[1]
    note = note.split("</p>")[0]
    assert "was not known, and ignored" in note
    assert "Seen in 1 request, at" in note
    assert "Enginering" in note
    assert '<p class="scim-error"><span class="scim-badge scim-finding' not in overview


def test_confirm_before_continuing_is_kept_with_who_and_when(client: Client, connection: Connection) -> None:
    url = url_of("guide", connection.pk)
    answer = client.post(url, {"step": "prerequisites"})
    assert answer["Location"] == f"{url}#step-prerequisites"
    step = step_of(page(client, connection), "prerequisites")
    assert "Done: confirmed" in step
    assert "Confirmed by olivia@contoso.example" in step
    client.post(url, {"step": "prerequisites", "reopen": "1"})
    assert "Not seen yet" in step_of(page(client, connection), "prerequisites")
    assert history(connection) == ["Confirm step prerequisites", "Reopen step prerequisites"]


def test_a_step_that_is_none_changes_nothing(client: Client, connection: Connection) -> None:
    before = database_digest()
    url = url_of("guide", connection.pk)
    assert client.post(url, {"step": "<script>"})["Location"] == url
    assert client.post(url)["Location"] == url
    assert (database_digest(), history(connection)) == (before, [])


def test_the_status_tells_when_the_page_has_changed(client: Client, connection: Connection) -> None:
    url = url_of("guide_status", connection.pk)
    before = client.get(url).json()
    assert f'data-scim-version="{before["version"]}"' in page(client, connection)
    ScimClient(connection).create_user("ada")
    after = client.get(url).json()
    assert (before["done"], after["done"] > 0, before["version"] == after["version"]) == (0, True, False)
    assert {each["step"]: each["progress"] for each in after["steps"]}["mapping"] == "seen"


@pytest.mark.parametrize("name", ["guide", "guide_status", "overview", "export"])
def test_the_number_of_queries_does_not_grow(
    client: Client, connection: Connection, django_assert_max_num_queries: Any, name: str
) -> None:
    url, idp = url_of(name, connection.pk), ScimClient(connection)
    client.get(url)
    counts = []
    for round_ in (1, 3):
        for number in range(round_ * 3):
            idp.create_user(f"user{round_}{number}")
            idp.post("/Users", user_body(f"Eva{number}", externalId="no"))
        recorder.flush()
        with django_assert_max_num_queries(25) as queries:
            client.get(url)
        counts.append(len(queries))
    assert counts[0] == counts[1]


# Setup links


def link_on(html: str) -> str:
    found = re.search(r'id="scim-link"[^>]* value="http://testserver([^"]+)"', html)
    assert found
    return found[1]


def test_P11_a_link_is_shown_once_and_noted(client: Client, connection: Connection) -> None:
    answer = client.post(url_of("setup_links", connection.pk))
    assert "no-store" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    path = link_on(answer.text)
    assert Client().get(path).status_code == 200
    link = SetupLink.objects.get()
    assert str(link.created_by) == "Olivia Owner"
    overview = page(client, connection, "overview")
    assert f"Setup link {link.pk}" in overview
    assert path not in overview
    assert link.nonce not in overview
    assert history(connection) == [f"Create setup link {link.pk}"]
    assert link.nonce not in str(history(connection))


def test_P11_a_link_can_be_revoked(client: Client, connection: Connection) -> None:
    path = link_on(client.post(url_of("setup_links", connection.pk)).text)
    link = SetupLink.objects.get()
    client.post(url_of("setup_links", connection.pk), {"revoke": link.pk})
    assert Client().get(path).status_code == 404
    assert f"Setup link {link.pk}," not in page(client, connection, "overview")
    assert history(connection)[-1] == f"Revoke setup link {link.pk}"


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "9" * 30, "1.5", "²"])
def test_P11_only_links_of_the_connection_can_be_revoked(
    client: Client, connection: Connection, number: str
) -> None:
    assert client.post(url_of("setup_links", connection.pk), {"revoke": number}).status_code == 404


def test_P11_a_link_of_another_connection_is_absent(
    client: Client, connection: Connection, other_organization: Any
) -> None:
    other = create_connection(other_organization, "flowcase")
    link = SetupLink.objects.create(connection=other, nonce="n", expires_at="2999-01-01T00:00Z")
    assert client.post(url_of("setup_links", connection.pk), {"revoke": link.pk}).status_code == 404
    assert SetupLink.objects.get(pk=link.pk).revoked_at is None


def test_P11_no_more_than_ten_links_are_valid(client: Client, connection: Connection) -> None:
    for _number in range(12):
        client.post(url_of("setup_links", connection.pk))
    assert SetupLink.objects.count() == 10
    assert "Ten setup links are valid." in page(client, connection, "overview")


# Exports


def test_app_roles_and_attributes_can_be_exported(client: Client, other_organization: Any) -> None:
    fabrikam = create_connection(other_organization, "flowcase")
    client.force_login(other_organization.users.get(first_name="Frida"))
    html = page(client, fabrikam, "export")
    assert "internationalmanager" in html
    assert "ToLower([userPrincipalName], )" in html
    answer = client.get(url_of("export_roles", fabrikam.pk))
    assert "app-roles.json" in answer["Content-Disposition"]
    assert "consultant" in {role["value"] for role in json.loads(answer.content)}


def test_T34_names_are_shown_as_text(client: Client, connection: Connection) -> None:
    name = '"><img src=x onerror=alert(1)>'
    Connection.objects.update(name=name)
    type(connection.organization).objects.filter(pk=connection.organization_id).update(name=name)
    Confirmation.objects.create(connection=connection, step="mapping", confirmed_by=name)
    ScimClient(connection).post("/Users", user_body("x", externalId="<img src=x>"))
    recorder.flush()
    link = link_on(client.post(url_of("setup_links", connection.pk)).text)
    for html in (page(client, connection), page(client, connection, "overview"), Client().get(link).text):
        assert "<img" not in html
