"""Rules that show on the Hub's own pages and in whole conversations (A1 to A38, Z2)."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from example_project.hub.models import Group, Organization, User
from scim_provisioning.admin.health import Health, observe
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Event, Token
from tests.factories import members_of
from tests.hub.test_hub_admin import form_data
from tests.lifecycle.rows import host_group, host_user
from tests.lifecycle.rows import together as without_path
from tests.scim import ScimClient, add_members, user_body

TENANT = "8f1b2a9c-6f0e-4c8c-9d5e-0a1b2c3d4e5f"
CREATE = "admin:scim_provisioning_connection_add"


@pytest.fixture
def entra(contoso: Organization) -> ScimClient:
    """Return the identity provider of the seeded organization."""
    return ScimClient(create_connection(contoso, "flow_connect", TENANT))


@pytest.fixture
def auditor(contoso: Organization) -> Client:
    """Return a browser of somebody who may look at everything, and change nothing."""
    user = User.objects.create(organization=contoso, username="audit", status="active", is_staff=True)
    user.groups.add(Group.objects.get(organization=contoso, name="Auditors"))
    client = Client()
    client.force_login(user)
    return client


def change_page(row: Any) -> str:
    return reverse(f"admin:hub_{type(row)._meta.model_name}_change", args=[row.pk])


def overview(connection: Any) -> str:
    return reverse("admin:scim_provisioning_connection_overview", args=[connection.pk])


def save_groups(client: Client, user: User, *groups: Group) -> Any:
    """Save a user's page with these groups chosen, whether the page offers them or not."""
    url = change_page(user)
    return client.post(url, {**form_data(client, url), "groups": [group.pk for group in groups]})


def errors_of(answer: Any) -> Any:
    return answer.context["adminform"].form.errors


def test_A1_A2_the_button_is_on_the_organizations_page_and_asks_for_the_directory(
    owner_client: Client, contoso: Organization
) -> None:
    page = owner_client.get(change_page(contoso))
    assert "Create Tenant URL" in page.text
    assert 'name="tenant_id"' in owner_client.get(reverse(CREATE)).text


def test_A3_who_may_edit_organization_metadata_configures_scim_and_nobody_else(
    owner_client: Client, owner: User, auditor: Client, entra: ScimClient
) -> None:
    pages = [reverse(CREATE), overview(entra.connection)]
    assert [owner_client.get(page).status_code for page in pages] == [200, 200]
    for page in pages:
        assert auditor.get(page).status_code in (403, 404)
    administrators = Group.objects.get(organization=owner.organization, name="Administrators")
    administrators.permissions.remove(administrators.permissions.get(codename="edit_organization_metadata"))
    for page in pages:
        assert owner_client.get(page).status_code in (403, 404)


def test_A5_after_a_year_the_token_opens_nothing_and_its_successor_goes_on(entra: ScimClient) -> None:
    successor = ScimClient(entra.connection)
    old = Token.objects.order_by("pk").first()
    assert old is not None
    assert 364 <= (old.expires_at - timezone.now()).days <= 365
    assert [each.get("/Users").status for each in (entra, successor)] == [200, 200]
    Token.objects.filter(pk=old.pk).update(expires_at=timezone.now())
    assert [each.get("/Users").status for each in (entra, successor)] == [401, 200]


@pytest.mark.parametrize("name", ["Newsletter", "Packagers", "Administrators", "Auditors"])
def test_A17_a_provisioned_user_joins_a_group_of_the_hub_on_its_page(
    owner_client: Client, entra: ScimClient, name: str
) -> None:
    ada = host_user(entra.create_user("ada"))
    group = Group.objects.get(organization=entra.organization, name=name)
    assert save_groups(owner_client, ada, group).status_code == 302
    assert ada.pk in members_of(group)
    assert save_groups(owner_client, ada).status_code == 302
    assert ada.pk not in members_of(group)


def test_A25_the_page_of_a_user_refuses_a_group_of_scim_and_shows_why(
    owner_client: Client, entra: ScimClient
) -> None:
    ada = host_user(entra.create_user("ada"))
    team = host_group(entra.create_group("Team A"))
    answer = save_groups(owner_client, ada, team)
    assert answer.status_code == 200
    assert "The members of “Team A” are managed by SCIM" in str(errors_of(answer)["groups"])
    assert members_of(team) == set()


def test_A25_a_group_of_another_organization_is_not_told_of(
    owner_client: Client, entra: ScimClient, fabrikam: Organization
) -> None:
    ada = host_user(entra.create_user("ada"))
    foreign = ScimClient(create_connection(fabrikam, "flow_connect", TENANT))
    for group in (host_group(foreign.create_group("Secret")), fabrikam.groups.get(name="Newsletter")):
        answer = save_groups(owner_client, ada, group)
        assert "Select a valid choice" in str(errors_of(answer)["groups"])
        assert "Secret" not in answer.text


def test_A25_saving_the_page_of_a_member_leaves_the_groups_of_scim_alone(
    owner_client: Client, entra: ScimClient
) -> None:
    created = entra.create_user("ada")
    ada, team = host_user(created), host_group(entra.create_group("Team A", created.id))
    assert save_groups(owner_client, ada).status_code == 302
    assert members_of(team) == {ada.pk}


def test_A26_the_page_of_a_user_that_scim_does_not_manage_offers_no_group_of_scim(
    owner_client: Client, entra: ScimClient
) -> None:
    astrid = User.objects.get(username="astrid@contoso.example")
    team = host_group(entra.create_group("Team A"))
    answer = save_groups(owner_client, astrid, team)
    assert "groups" in errors_of(answer)
    assert members_of(team) == set()


@pytest.mark.parametrize(("minutes", "health"), [(79, Health.HEALTHY), (81, Health.QUIET)])
def test_A34_two_cycles_without_a_call_are_quiet_and_less_is_healthy(
    owner_client: Client, entra: ScimClient, minutes: int, health: Health
) -> None:
    entra.create_user("ada")
    then = timezone.now() - timedelta(minutes=minutes)
    Token.objects.update(last_used_at=then)
    Event.objects.update(created_at=then)
    assert observe([entra.connection])[entra.connection.pk].health == health
    assert str(health.label) in owner_client.get(overview(entra.connection)).text


@pytest.mark.parametrize(
    ("permission", "model"),
    [
        ("manage_users_and_groups", User),
        ("manage_users_and_groups", Group),
        ("manage_organization_components", "departments"),
        ("edit_organization_metadata", Organization),
    ],
)
def test_A35_each_permission_of_an_admin_group_opens_what_it_names(
    owner_client: Client, owner: User, contoso: Organization, permission: str, model: Any
) -> None:
    rows = contoso.departments if model == "departments" else None
    row: Any = rows.first() if rows else contoso if model is Organization else model.objects.first()
    if model is User:
        row = User.objects.get(username="astrid@contoso.example")
    if model is Group:
        row = Group.objects.get(organization=contoso, name="Newsletter")
    url = change_page(row)
    assert owner_client.get(url).context["has_change_permission"]
    administrators = Group.objects.get(organization=contoso, name="Administrators")
    administrators.permissions.remove(administrators.permissions.get(codename=permission))
    page = owner_client.get(url)
    assert page.status_code == 200
    assert not page.context["has_change_permission"]
    assert owner_client.post(url, form_data(owner_client, url)).status_code == 403


def test_A35_with_all_of_them_off_the_hub_is_read_only(auditor: Client, contoso: Organization) -> None:
    astrid = User.objects.get(username="astrid@contoso.example")
    for row in (astrid, contoso, Group.objects.get(organization=contoso, name="Newsletter")):
        assert auditor.get(change_page(row)).status_code == 200
        assert auditor.post(change_page(row), {"name": "changed"}).status_code == 403
        assert auditor.get(reverse(f"admin:hub_{type(row)._meta.model_name}_add")).status_code == 403


def test_A37_the_plain_tenant_url_takes_both_forms_of_patch(entra: ScimClient) -> None:
    user = entra.create_user("ada").id
    older = {"op": "Replace", "path": "title", "value": "Engineer"}
    assert entra.patch(f"/Users/{user}", older).status == 200
    assert entra.user(user)["title"] == "Engineer"
    assert entra.patch(f"/Users/{user}", {"op": "Replace", "path": "active", "value": "False"}).status == 200
    assert entra.user(user)["active"] is False
    assert entra.patch(f"/Users/{user}", without_path(active=True, title="Boss")).status == 200
    shown = entra.user(user)
    assert (shown["active"], shown["title"]) == (True, "Boss")


def test_Z2_an_organization_has_several_connections_side_by_side(
    entra: ScimClient, contoso: Organization
) -> None:
    other = ScimClient(create_connection(contoso, "flow_connect", str(uuid.uuid4())))
    one, two = entra.create_user("ada").id, other.create_user("eve").id
    assert [each.get(f"/Users/{one}").status for each in (entra, other)] == [200, 404]
    assert [each.get(f"/Users/{two}").status for each in (entra, other)] == [404, 200]
    team = other.create_group("Team B").id
    other.patch(f"/Groups/{team}", add_members(one, two))
    assert other.members(team) == {two}
    assert entra.get("/Groups").json["totalResults"] == 0


def test_Z2_a_paused_connection_says_when_to_come_back_and_loses_nothing(
    owner_client: Client, entra: ScimClient
) -> None:
    url = reverse("admin:scim_provisioning_connection_pause", args=[entra.connection.pk])
    assert owner_client.post(url).status_code == 302
    answer = entra.post("/Users", user_body("ada"))
    assert answer.status == 503
    assert int(answer.headers["Retry-After"]) > 0
    resume = reverse("admin:scim_provisioning_connection_resume", args=[entra.connection.pk])
    assert owner_client.post(resume).status_code == 302
    assert entra.post("/Users", user_body("ada")).status == 201


def test_Z2_the_overview_says_when_a_token_was_used(owner_client: Client, entra: ScimClient) -> None:
    used = Token.objects.exclude(last_used_at=None).exclude(first_used_at=None)
    assert not used.exists()
    entra.get("/Users")
    assert used.get().key_id in owner_client.get(overview(entra.connection)).text
