"""Create Tenant URL: the form, what it refuses, and what it makes (A1, A2)."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Connection, UserResource, policy_fields
from tests.admin.conftest import TENANT, SignIn, url_of


def values(client: Client, organization: Any, **changed: Any) -> dict[str, Any]:
    """Return what a browser would send."""
    key = client.get(url_of("add")).context["key"]
    sent = {"key": key, "organization": organization.pk, "tenant_id": TENANT, "preset": "flow_connect"}
    return {**sent, **changed}


def errors_of(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.context["form"].errors.as_text())


def test_A1_a_connection_is_made_with_its_preset(client: Client, organization: Any) -> None:
    answer = client.post(url_of("add"), values(client, organization))
    connection = Connection.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == url_of("overview", connection.pk)
    assert (connection.organization, str(connection.tenant_id)) == (organization, TENANT)
    assert (connection.initial_status, connection.external_id_format) == ("pending", "guid")
    assert UserResource.objects.filter(connection=connection, scim_managed=False).exists()
    assert LogEntry.objects.get().object_id == str(connection.pk)


def test_the_tenant_url_is_on_the_next_page(client: Client, organization: Any) -> None:
    page = client.post(url_of("add"), values(client, organization), follow=True).text
    assert f"http://testserver/scim/{Connection.objects.get().pk}/v2" in page


def test_policy_columns_differ_from_the_preset_where_they_are_filled_in(
    client: Client, organization: Any
) -> None:
    changed = {
        "initial_status": "active",
        "groups": "off",
        "group_patch_response": "200",
        "token_lifetime": "90",
    }
    client.post(url_of("add"), values(client, organization, **changed))
    connection = Connection.objects.get()
    assert (connection.initial_status, connection.groups) == ("active", False)
    assert (connection.group_patch_response, connection.token_lifetime) == (200, 90)
    assert connection.unknown_members == "ignore"


def test_every_policy_column_is_explained(client: Client) -> None:
    form = client.get(url_of("add")).context["form"]
    for name in policy_fields():
        assert len(str(form.fields[name].help_text)) > 15, name


@pytest.mark.parametrize("text", ["contoso.onmicrosoft.com", "8f1b2a9c", "<img src=x onerror=alert(1)>"])
def test_A2_what_is_no_guid_is_refused(client: Client, organization: Any, text: str) -> None:
    answer = client.post(url_of("add"), values(client, organization, tenant_id=text))
    assert "not a directory (tenant) ID" in errors_of(answer)
    assert "<img" not in answer.text
    assert not Connection.objects.exists()


def test_a_preset_of_entra_needs_a_tenant(client: Client, organization: Any) -> None:
    answer = client.post(url_of("add"), values(client, organization, tenant_id=""))
    assert "enter the tenant ID" in errors_of(answer)
    client.post(url_of("add"), values(client, organization, tenant_id="", preset="rfc"))
    assert Connection.objects.get().tenant_id is None


def test_a_second_connection_of_a_directory_is_refused_with_the_reason(
    client: Client, connection: Connection
) -> None:
    answer = client.post(url_of("add"), values(client, connection.organization, tenant_id=TENANT.upper()))
    assert "has a tenant URL for this directory already: Contoso directory" in errors_of(answer)
    assert Connection.objects.count() == 1


def test_the_same_directory_elsewhere_is_no_reason_and_no_leak(
    client: Client, organization: Any, other_organization: Any
) -> None:
    create_connection(other_organization, "flow_connect", TENANT)
    assert client.post(url_of("add"), values(client, organization)).status_code == 302


def test_T26_a_foreign_organization_is_no_choice(
    client: Client, organization: Any, other_organization: Any
) -> None:
    assert "Fabrikam" not in client.get(url_of("add")).text
    answer = client.post(url_of("add"), values(client, other_organization))
    assert "Select a valid choice" in errors_of(answer)
    assert not Connection.objects.exists()


def test_a_form_sent_twice_makes_one_connection(client: Client, organization: Any) -> None:
    sent = values(client, organization, preset="rfc", tenant_id="")
    places = [client.post(url_of("add"), sent)["Location"] for _time in range(2)]
    assert places == [url_of("overview", Connection.objects.get().pk)] * 2


@pytest.mark.parametrize("key", ["", "nonsense", "8f1b2a9c-6f0e-4c8c-9d5e-0a1b2c3d4e5f"])
def test_the_key_of_a_form_cannot_be_chosen(client: Client, organization: Any, key: str) -> None:
    answer = client.post(url_of("add"), values(client, organization, key=key))
    assert answer.status_code == 200
    assert not Connection.objects.exists()


def test_the_key_of_somebody_elses_form_is_refused(
    client: Client, organization: Any, people: dict[str, Any], sign_in: SignIn
) -> None:
    key = sign_in(people["superuser"]).get(url_of("add")).context["key"]
    assert client.post(url_of("add"), values(client, organization, key=key)).status_code == 200
    assert not Connection.objects.exists()


def test_a_bad_policy_value_is_refused(client: Client, organization: Any) -> None:
    answer = client.post(url_of("add"), values(client, organization, token_lifetime="9999", groups="maybe"))
    assert set(answer.context["form"].errors) == {"token_lifetime", "groups"}
    assert "<details" in answer.text
    assert "open>" in answer.text


def test_the_policy_can_be_changed_later(client: Client, connection: Connection) -> None:
    url = url_of("change", connection.pk)
    form = client.get(url).context["adminform"].form
    sent = {
        bound.html_name: bound.value()
        for bound in form
        if bound.value() is not None and bound.value() is not False
    }
    answer = client.post(url, {**sent, "initial_status": "active"})
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    assert answer["Location"] == url_of("overview", connection.pk)
    connection.refresh_from_db()
    assert connection.initial_status == "active"
    assert connection.pk == UUID(str(connection.pk))
