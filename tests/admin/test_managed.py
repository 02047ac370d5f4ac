"""SCIM in the Hub's own admin of users and groups: badge, filter, locked fields, refusals, release."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connections
from django.db.models import Model
from django.template import Context, Template
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from example_project.hub.models import Group, Organization, User
from scim_provisioning import managed
from scim_provisioning.admin.managed import written_fields
from scim_provisioning.models import Connection, Event, GroupResource, UserResource
from tests.admin.conftest import SignIn
from tests.admin.own_site import THROUGH
from tests.factories import USERS, make_user, members_of
from tests.hub.test_hub_admin import form_data
from tests.lifecycle.rows import host_group, host_user
from tests.scim import ScimClient, add_members

LIST = {"user": reverse("admin:hub_user_changelist"), "group": reverse("admin:hub_group_changelist")}


@pytest.fixture
def scim(connection: Connection) -> ScimClient:
    """Return the identity provider's client."""
    return ScimClient(connection)


@pytest.fixture
def ada(scim: ScimClient) -> User:
    """Return a user of SCIM."""
    user: User = host_user(scim.create_user("ada", displayName="Ada"))
    return user


@pytest.fixture
def team(scim: ScimClient, ada: User) -> Group:
    """Return a group of SCIM with that user."""
    group: Group = host_group(scim.create_group("Team A", str(ada.scim_resources.get().pk)))
    return group


def page_of(row: Model, name: str = "change") -> str:
    return reverse(f"admin:hub_{row._meta.model_name}_{name}", args=[row.pk])


def release(client: Client, *rows: Any, **further: str) -> Any:
    data = {"action": "release_from_scim", "_selected_action": [row.pk for row in rows], **further}
    return client.post(LIST[rows[0]._meta.model_name], data, follow=True)


def test_the_list_shows_and_filters_what_scim_manages(client: Client, ada: User, team: Group) -> None:
    for kind, row in (("user", ada), ("group", team)):
        page = client.get(LIST[kind])
        assert page.text.count("SCIM-managed</span>") == 1
        assert "scim_provisioning/scim.css" in page.text
        assert list(client.get(LIST[kind], {"scim_managed": "yes"}).context["cl"].queryset) == [row]
        others = client.get(LIST[kind], {"scim_managed": "no"}).context["cl"].queryset
        assert others.exists()
        assert row not in others
        assert client.get(LIST[kind], {"o": "7"}).status_code == 200


@pytest.mark.parametrize("kind", ["user", "group"])
def test_the_list_costs_the_same_for_any_number_of_badges(
    client: Client, scim: ScimClient, kind: str
) -> None:
    make: dict[str, Callable[[str], Any]] = {"user": scim.create_user, "group": scim.create_group}
    make[kind]("first")
    client.get(LIST[kind])
    with CaptureQueriesContext(connections["default"]) as few:
        client.get(LIST[kind])
    for number in range(12):
        make[kind](f"more{number}")
    with CaptureQueriesContext(connections["default"]) as many:
        page = client.get(LIST[kind])
    assert page.text.count("SCIM-managed</span>") == 13
    assert len(many) == len(few)


def test_what_the_mapping_writes_is_locked_with_the_reason(client: Client, ada: User) -> None:
    page = client.get(page_of(ada))
    form = page.context["adminform"].form
    assert set(written_fields(USERS)) >= {"username", "email", "status", "first_name", "department"}
    assert not set(written_fields(USERS)) & set(form.fields)
    assert {"groups", "is_staff"} <= set(form.fields)
    assert "through “Contoso directory”" in page.text
    assert page.text.count("it changes in the identity provider") >= 5
    assert "Managed by SCIM" not in client.get(page_of(User.objects.get(username__startswith="astrid"))).text


def test_a_post_by_hand_changes_nothing_that_is_locked(client: Client, ada: User) -> None:
    data = {**form_data(client, page_of(ada)), "username": "eve@contoso.example", "status": "inactive"}
    assert client.post(page_of(ada), {**data, "is_staff": "on"}).status_code == 302
    ada.refresh_from_db()
    assert (ada.username, ada.status, ada.is_staff) == ("ada@contoso.example", "pending", True)


def test_A17_a_user_of_scim_joins_a_group_of_the_hub_on_the_page(
    client: Client, ada: User, team: Group, organization: Organization
) -> None:
    own = organization.groups.get(name="Administrators")
    data = {**form_data(client, page_of(ada)), "groups": [own.pk]}
    assert client.post(page_of(ada), data).status_code == 302
    assert set(ada.groups.all()) == {own, team}


def test_a_group_of_scim_is_locked_and_its_permissions_are_not(client: Client, team: Group) -> None:
    form = client.get(page_of(team)).context["adminform"].form
    assert "name" not in form.fields
    assert "permissions" in form.fields


own_site = pytest.mark.urls("tests.admin.own_site")


@pytest.fixture
def operator(sign_in: SignIn, people: dict[str, Any]) -> Client:
    """Return the browser of the superuser."""
    return sign_in(people["superuser"])


@own_site
def test_members_are_shown_and_not_offered_where_scim_manages_them(
    operator: Client, team: Group, organization: Organization
) -> None:
    page = operator.get(page_of(team))
    assert 'name="members"' not in page.text
    assert "1: Ada" in page.text
    own = organization.groups.get(name="Newsletter")
    assert 'name="members"' in operator.get(page_of(own)).text


@own_site
@pytest.mark.parametrize("adding", [True, False], ids=["a new row", "a moved row"])
def test_A25_a_refused_change_is_an_error_of_the_form(
    operator: Client, ada: User, team: Group, organization: Organization, adding: bool
) -> None:
    astrid = User.objects.get(username="astrid@contoso.example")
    own = Group.objects.create(organization=organization, name="Own")
    own.members.add(astrid)
    url = reverse("admin:hub_group_members_add") if adding else page_of(THROUGH.objects.get(group=own))
    before = LogEntry.objects.count()
    page = operator.post(url, {"group": team.pk, "user": astrid.pk})
    assert page.status_code == 200
    [error] = page.context["adminform"].form.non_field_errors()
    assert error == "The members of “Team A” are managed by SCIM and change only in the identity provider."
    assert page.context["adminform"].form.cleaned_data["group"] == team
    assert members_of(team) == {ada.pk}
    assert members_of(own) == {astrid.pk}
    assert LogEntry.objects.count() == before


@own_site
def test_A25_a_refused_deletion_is_told(operator: Client, team: Group) -> None:
    row = THROUGH.objects.get(group=team)
    url = reverse("admin:hub_group_members_changelist")
    data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    for page in (
        operator.post(page_of(row, "delete"), {"post": "yes"}, follow=True),
        operator.post(url, data, follow=True),
    ):
        assert "are managed by SCIM and change only" in page.text
    assert THROUGH.objects.filter(pk=row.pk).exists()
    assert not LogEntry.objects.exists()


@own_site
def test_a_field_can_stay_editable(operator: Client, ada: User) -> None:
    assert list(operator.get(page_of(ada)).context["adminform"].form.fields) == ["title"]


def test_a_managed_row_is_not_deleted_on_the_pages(
    sign_in: SignIn, people: dict[str, Any], ada: User, team: Group
) -> None:
    browser = sign_in(people["superuser"])
    for row in (ada, team):
        page = browser.post(page_of(row, "delete"), {"post": "yes"})
        assert "managed by SCIM: delete it in the identity provider" in page.text
        data = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
        assert "managed by SCIM" in browser.post(LIST[str(row._meta.model_name)], data).text
        assert type(row).objects.filter(pk=row.pk).exists()
    own = Group.objects.create(organization=team.organization, name="Own")
    assert browser.post(page_of(own, "delete"), {"post": "yes"}).status_code == 302
    assert not Group.objects.filter(pk=own.pk).exists()


def test_release_asks_first(client: Client, ada: User) -> None:
    page = release(client, ada)
    assert "Ada" in page.text
    assert "leave the groups that SCIM manages" in page.text
    assert UserResource.objects.get(user=ada).scim_managed


def test_release_makes_a_user_the_hubs_own(client: Client, scim: ScimClient, ada: User, team: Group) -> None:
    page = release(client, ada, scim_confirmed="yes")
    assert "1 is released from SCIM." in page.text
    resource = UserResource.objects.get(user=ada)
    assert (resource.scim_managed, resource.external_id, resource.external_id_key) == (False, "", None)
    assert members_of(team) == set()
    ada.refresh_from_db()
    assert ada.status == "pending"
    event = Event.objects.get(operation="release")
    assert (event.resource_id, event.connection_key) == (resource.pk, scim.connection.pk)
    entry = LogEntry.objects.get(object_id=str(ada.pk))
    assert "Released from SCIM" in entry.change_message
    assert entry.user.username == "olivia@contoso.example"
    assert scim.patch(f"/Users/{resource.pk}", {"op": "replace", "path": "title", "value": "x"}).status == 404
    assert "username" in client.get(page_of(ada)).context["adminform"].form.fields


def test_release_makes_a_group_the_hubs_own(client: Client, scim: ScimClient, ada: User, team: Group) -> None:
    resource = str(team.scim_resources.get().pk)
    release(client, team, scim_confirmed="yes")
    assert not GroupResource.objects.filter(pk=resource).exists()
    assert members_of(team) == {ada.pk}
    assert scim.get(f"/Groups/{resource}").status == 404
    assert scim.patch(f"/Groups/{resource}", add_members(resource)).status == 404
    team.members.clear()
    assert members_of(team) == set()
    assert Event.objects.filter(operation="release", resource_type="Group").count() == 1


def test_release_is_for_those_who_configure_provisioning(
    sign_in: SignIn, people: dict[str, Any], ada: User, team: Group
) -> None:
    """T26: staff of the organization may not, and for another organization's admin the rows do not exist."""
    for name in ("staff", "foreign", "anonymous"):
        for row in (ada, team):
            release(sign_in(people[name]), row, scim_confirmed="yes")
    assert UserResource.objects.get(user=ada).scim_managed
    assert GroupResource.objects.get(group=team).scim_managed
    assert not Event.objects.filter(operation="release").exists()
    page = sign_in(people["staff"]).get(LIST["user"])
    assert "release_from_scim" not in page.text
    assert "release_from_scim" in sign_in(people["admin"]).get(LIST["user"]).text


def test_release_leaves_out_what_scim_does_not_manage(client: Client, organization: Organization) -> None:
    astrid = User.objects.get(username="astrid@contoso.example")
    page = release(client, astrid, scim_confirmed="yes")
    assert "None of the selected is managed by SCIM" in page.text


def test_names_are_shown_inert(client: Client, scim: ScimClient) -> None:
    evil = host_user(scim.create_user("eve", displayName="<img src=x onerror=alert(1)>"))
    for page in (client.get(LIST["user"]), client.get(page_of(evil)), release(client, evil)):
        assert "<img src=x" not in page.text
        assert "&lt;img src=x" in page.text


def test_the_helpers_say_what_scim_manages(ada: User, team: Group, organization: Organization) -> None:
    astrid = User.objects.get(username="astrid@contoso.example")
    own = organization.groups.get(name="Newsletter")
    assert managed.is_scim_managed(ada)
    assert managed.is_scim_managed(team)
    assert not managed.is_scim_managed(astrid)
    assert not managed.is_scim_managed(own)
    assert not managed.is_scim_managed(User())
    assert list(managed.managed_users(organization.users.all())) == [ada]
    assert list(managed.managed_groups(organization.groups.all())) == [team]
    assert list(User.objects.filter(managed.user_is_managed())) == [ada]
    assert list(Group.objects.filter(managed.group_is_protected())) == [team]
    Connection.objects.update(protect_groups=False)
    assert list(Group.objects.filter(managed.group_is_managed())) == [team]
    assert not Group.objects.filter(managed.group_is_protected()).exists()


def test_the_tags_show_what_scim_manages(ada: User) -> None:
    template = Template(
        "{% load scim_managed %}{% scim_badge row %}|{% if row|is_scim_managed %}yes{% else %}no{% endif %}"
    )
    assert template.render(Context({"row": ada})) == '<span class="scim-badge">SCIM-managed</span>|yes'
    assert template.render(Context({"row": make_user(ada.organization, "astra")})) == "|no"
