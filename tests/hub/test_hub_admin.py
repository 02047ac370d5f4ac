"""The admin pages show an organization admin one organization."""

from typing import Any

import pytest
from django.contrib.admin import site
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from example_project.hub.admin.scoping import PATHS
from example_project.hub.models import (
    CustomTag,
    CustomTagCategory,
    Department,
    Group,
    Office,
    Organization,
    User,
)
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import GroupResource, name_key

MODELS = [
    "organization",
    "department",
    "office",
    "customtagcategory",
    "customtag",
    "user",
    "group",
    "country",
]


def form_data(client: Client, url: str) -> dict[str, Any]:
    """Return what a browser would send back from the form at a URL."""
    form = client.get(url).context["adminform"].form
    data: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        if value is not None and not bound.field.disabled:
            data[bound.html_name] = [getattr(each, "pk", each) for each in value] if is_many(value) else value
    return {**data, **management(client, url)}


def is_many(value: Any) -> bool:
    return not isinstance(value, str) and hasattr(value, "__iter__")


def management(client: Client, url: str) -> dict[str, Any]:
    formsets = client.get(url).context["inline_admin_formsets"]
    return {
        f"{each.formset.prefix}-{name}": value
        for each in formsets
        for name, value in (("TOTAL_FORMS", 0), ("INITIAL_FORMS", 0))
    }


@pytest.mark.parametrize("model", MODELS)
def test_every_page_opens(owner_client: Client, admin_of_all: Client, model: str) -> None:
    for client in (owner_client, admin_of_all):
        assert client.get(reverse(f"admin:hub_{model}_changelist"), {"q": "a"}).status_code == 200
        first = client.get(reverse(f"admin:hub_{model}_changelist")).context["cl"].result_list[0]
        assert client.get(reverse(f"admin:hub_{model}_change", args=[first.pk])).status_code == 200
    assert admin_of_all.get(reverse(f"admin:hub_{model}_add")).status_code == 200


@pytest.fixture
def admin_of_all(contoso: Organization) -> Client:
    """Return a browser in which the superuser is signed in."""
    client = Client()
    client.force_login(User.objects.get(username="admin"))
    return client


def foreign_rows(organization: Organization) -> list[Any]:
    return [
        organization,
        organization.users.first(),
        organization.groups.first(),
        organization.departments.first(),
        Office.objects.filter(department__organization=organization).first(),
        organization.tag_categories.first(),
        CustomTag.objects.filter(category__organization=organization).first(),
    ]


def test_rows_of_another_organization_are_not_there(owner_client: Client, fabrikam: Organization) -> None:
    for row in foreign_rows(fabrikam):
        name = f"admin:hub_{type(row).__name__.lower()}"
        listed = owner_client.get(reverse(f"{name}_changelist")).context["cl"].queryset
        assert row not in listed
        assert listed.exists()
        for page in ("change", "delete", "history"):
            answer = owner_client.get(reverse(f"{name}_{page}", args=[row.pk]))
            assert answer.status_code in {302, 403}, f"{name}_{page} opened a foreign row"


def test_a_foreign_users_password_cannot_be_changed(owner_client: Client, fabrikam: Organization) -> None:
    frida = User.objects.get(username="frida@fabrikam.example")
    url = reverse("admin:auth_user_password_change", args=[frida.pk])
    answer = owner_client.post(url, {"password1": "Stolen-123456", "password2": "Stolen-123456"})
    assert answer.status_code in {302, 403, 404}
    frida.refresh_from_db()
    assert frida.check_password("demo")


def test_autocomplete_offers_one_organization(owner_client: Client, fabrikam: Organization) -> None:
    query = {"app_label": "hub", "model_name": "user", "field_name": "department", "term": "Finance"}
    results = owner_client.get(reverse("admin:autocomplete"), query).json()["results"]
    ids = {int(each["id"]) for each in results}
    assert ids == set(
        Department.objects.filter(name="Finance", organization__slug="contoso").values_list("pk", flat=True)
    )


def test_a_new_row_belongs_to_the_organization(
    owner_client: Client, contoso: Organization, fabrikam: Organization
) -> None:
    data = {"euid": "level", "name": "Level", "organization": fabrikam.pk}
    answer = owner_client.post(reverse("admin:hub_customtagcategory_add"), data)
    assert answer.status_code == 302
    assert CustomTagCategory.objects.get(euid="level").organization == contoso


def test_a_name_taken_inside_the_organization_is_told(owner_client: Client, fabrikam: Organization) -> None:
    url = reverse("admin:hub_user_add")
    data = {"username": "ASTRID@contoso.example", "usable_password": "false", **management(owner_client, url)}
    answer = owner_client.post(url, data)
    assert "has a user of that name already" in answer.text
    data["username"] = "aksel@fabrikam.example"
    assert owner_client.post(url, data).status_code == 302
    assert User.objects.filter(username="aksel@fabrikam.example").count() == 2


def test_renaming_to_a_taken_name_is_told(owner_client: Client, contoso: Organization) -> None:
    peter = User.objects.get(username="peter@contoso.example")
    url = reverse("admin:hub_user_change", args=[peter.pk])
    data = {**form_data(owner_client, url), "username": "astrid@contoso.example"}
    assert "has a user of that name already" in owner_client.post(url, data).text


def test_an_organization_admin_makes_no_superuser(owner_client: Client, contoso: Organization) -> None:
    astrid = User.objects.get(username="astrid@contoso.example")
    url = reverse("admin:hub_user_change", args=[astrid.pk])
    data = {**form_data(owner_client, url), "is_superuser": "on", "title": "Changed"}
    assert owner_client.post(url, data).status_code == 302
    astrid.refresh_from_db()
    assert astrid.title == "Changed"
    assert not astrid.is_superuser


def test_groups_are_changed_on_the_users_page(
    owner_client: Client, contoso: Organization, fabrikam: Organization
) -> None:
    astrid = User.objects.get(username="astrid@contoso.example")
    newsletter = contoso.groups.get(name="Newsletter")
    url = reverse("admin:hub_user_change", args=[astrid.pk])
    data = {**form_data(owner_client, url), "groups": [newsletter.pk]}
    assert owner_client.post(url, data).status_code == 302
    assert list(astrid.groups.all()) == [newsletter]
    data["groups"] = [fabrikam.groups.get(name="Newsletter").pk]
    assert "Select a valid choice" in owner_client.post(url, data).text
    assert list(astrid.groups.all()) == [newsletter]


def test_a_group_of_scim_is_shown_and_not_offered(owner_client: Client, contoso: Organization) -> None:
    """A17, A25."""
    astrid = User.objects.get(username="astrid@contoso.example")
    newsletter = contoso.groups.get(name="Newsletter")
    provisioned = Group.objects.create(organization=contoso, name="From Entra")
    provisioned.members.add(astrid)
    now = timezone.now()
    GroupResource.objects.create(
        connection=create_connection(contoso, "flow_connect"),
        group=provisioned,
        display_name=provisioned.name,
        name_key=name_key(provisioned.name),
        created_at=now,
        modified_at=now,
    )
    url = reverse("admin:hub_user_change", args=[astrid.pk])
    page = owner_client.get(url)
    assert "Through SCIM also in: From Entra." in page.text
    assert provisioned not in page.context["adminform"].form.fields["groups"].queryset
    data = {**form_data(owner_client, url), "groups": [newsletter.pk]}
    assert owner_client.post(url, data).status_code == 302
    assert set(astrid.groups.all()) == {newsletter, provisioned}
    data["groups"] = [provisioned.pk]
    assert "are managed by SCIM" in owner_client.post(url, data).text


def test_a_department_of_another_organization_is_refused(
    owner_client: Client, admin_of_all: Client, fabrikam: Organization
) -> None:
    astrid = User.objects.get(username="astrid@contoso.example")
    url = reverse("admin:hub_user_change", args=[astrid.pk])
    for client in (owner_client, admin_of_all):
        data = {**form_data(client, url), "department": fabrikam.departments.get(name="Finance").pk}
        assert client.post(url, data).status_code == 200
    astrid.refresh_from_db()
    assert astrid.department is None


def test_a_group_page_costs_the_same_for_any_number_of_members(
    owner_client: Client, contoso: Organization, django_assert_max_num_queries: Any
) -> None:
    group = contoso.groups.get(name="Newsletter")
    members = User.objects.bulk_create(
        User(organization=contoso, username=f"user{number}@contoso.example") for number in range(500)
    )
    group.members.set(members)
    url = reverse("admin:hub_group_change", args=[group.pk])
    with django_assert_max_num_queries(12):
        page = owner_client.get(url).text
    assert "user499@contoso.example" not in page
    assert f"/admin/hub/user/?groups__id__exact={group.pk}" in page


def test_a_groups_permissions_are_the_hubs_own(owner_client: Client, contoso: Organization) -> None:
    group = contoso.groups.get(name="Auditors")
    url = reverse("admin:hub_group_change", args=[group.pk])
    form = owner_client.get(url).context["adminform"].form
    assert [label for _value, label in form.fields["permissions"].choices] == [
        "Create Application Packages",
        "Edit Organization Metadata",
        "Edit all Application Packages",
        "Manage Organization Components",
        "Manage Users and Groups",
    ]


def test_a_built_in_group_stays(owner_client: Client, admin_of_all: Client, contoso: Organization) -> None:
    group = contoso.groups.get(kind=Group.Kind.BUILT_IN)
    for client in (owner_client, admin_of_all):
        assert (
            client.post(reverse("admin:hub_group_delete", args=[group.pk]), {"post": "yes"}).status_code
            == 403
        )


def test_an_auditor_changes_nothing(contoso: Organization, client: Client) -> None:
    auditor = User.objects.create(organization=contoso, username="audit", status="active", is_staff=True)
    client.force_login(auditor)
    assert client.get(reverse("admin:hub_user_changelist")).status_code == 200
    assert client.get(reverse("admin:hub_user_add")).status_code == 403
    astrid = User.objects.get(username="astrid@contoso.example")
    assert client.post(reverse("admin:hub_user_change", args=[astrid.pk]), {}).status_code == 403


@pytest.mark.parametrize("username", ["astrid@contoso.example", "peter@contoso.example"])
def test_the_pages_are_for_staff(contoso: Organization, client: Client, username: str) -> None:
    client.force_login(User.objects.get(username=username))
    assert client.get(reverse("admin:index")).status_code == 302


def test_every_page_of_the_hub_is_scoped() -> None:
    """A model added later must say how its rows lead to an organization, or be shared on purpose."""
    registered = {model.__name__ for model in site._registry if model._meta.app_label == "hub"}
    assert registered - set(PATHS) == {"Country"}
