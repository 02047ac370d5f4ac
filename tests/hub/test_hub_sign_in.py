"""The page that stands for "Sign in with Microsoft" (A8, A10)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.signals import user_logged_in
from django.test import Client

from example_project.hub.models import Organization, User


@pytest.fixture
def signed_in() -> Iterator[list[User]]:
    """Collect who the signal says has signed in."""
    seen: list[User] = []

    def note(user: User, **_arguments: object) -> None:
        seen.append(user)

    user_logged_in.connect(note)
    yield seen
    user_logged_in.disconnect(note)


def sign_in(client: Client, organization: str, name: str, **more: str) -> int:
    return client.post("/login/", {"organization": organization, "username": name, **more}).status_code


@pytest.mark.parametrize("name", ["peter@contoso.example", "PETER@contoso.example", "astrid@contoso.example"])
def test_pending_and_active_users_sign_in(
    client: Client, contoso: Organization, signed_in: list[User], name: str
) -> None:
    assert sign_in(client, "contoso", name) == 302
    assert [user.username for user in signed_in] == [name.lower()]
    page = client.get("/")
    assert page.status_code == 200
    assert name.lower() in page.text


def test_an_inactive_user_is_refused(client: Client, contoso: Organization, signed_in: list[User]) -> None:
    answer = client.post("/login/", {"organization": "contoso", "username": "ivan@contoso.example"})
    assert answer.status_code == 200
    assert "This account is inactive" in answer.text
    assert signed_in == []
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize("name", ["frida@fabrikam.example", "nobody@contoso.example", "admin"])
def test_nobody_of_another_organization_signs_in(client: Client, contoso: Organization, name: str) -> None:
    assert sign_in(client, "contoso", name) == 200
    assert "_auth_user_id" not in client.session


def test_the_same_user_name_in_two_organizations(
    client: Client, contoso: Organization, fabrikam: Organization
) -> None:
    for organization in (contoso, fabrikam):
        User.objects.create(organization=organization, username="ada@example.com", status="active")
    assert sign_in(client, "fabrikam", "ada@example.com") == 302
    user = User.objects.get(pk=client.session["_auth_user_id"])
    assert user.organization == fabrikam


def test_an_email_will_do_if_it_is_one_persons(client: Client, contoso: Organization) -> None:
    User.objects.filter(username="astrid@contoso.example").update(email="a.active@contoso.example")
    assert sign_in(client, "contoso", "A.Active@contoso.example") == 302
    client.logout()
    User.objects.filter(username="peter@contoso.example").update(email="A.ACTIVE@contoso.example")
    assert sign_in(client, "contoso", "a.active@contoso.example") == 200


def test_a_session_dies_with_the_status(client: Client, contoso: Organization) -> None:
    sign_in(client, "contoso", "astrid@contoso.example")
    assert client.get("/").status_code == 200
    User.objects.filter(username="astrid@contoso.example").update(status=User.Status.INACTIVE)
    assert client.get("/").status_code == 302


def test_the_page_is_for_demonstrations(client: Client, contoso: Organization, settings: Any) -> None:
    settings.HUB_DEMO_LOGIN = False
    assert client.get("/login/").status_code == 404
    assert sign_in(client, "contoso", "astrid@contoso.example") == 404
    settings.DEBUG = True
    assert client.get("/login/").status_code == 200


@pytest.mark.parametrize(
    ("wanted", "reached"), [("/admin/", "/admin/"), ("https://evil.example/", "/"), ("//evil.example", "/")]
)
def test_signing_in_leads_to_a_page_of_the_hub(
    client: Client, contoso: Organization, wanted: str, reached: str
) -> None:
    data = {"organization": "contoso", "username": "olivia@contoso.example", "next": wanted}
    answer = client.post("/login/", data)
    assert answer.headers["Location"] == reached


def test_signing_out(owner_client: Client) -> None:
    assert owner_client.post("/logout/").status_code == 302
    assert owner_client.get("/").status_code == 302


def test_the_home_page_shows_groups_and_roles(client: Client, fabrikam: Organization) -> None:
    aksel = User.objects.get(username="aksel@fabrikam.example")
    department = fabrikam.departments.get(name="Finance")
    aksel.role_assignments.create(
        value="departmentmanager:office:DK:Finance", source="scim", department=department
    )
    client.force_login(aksel)
    text = client.get("/").text
    for shown in (
        "Aksel Active",
        "Everyone",
        "consultant",
        "departmentmanager:office:DK:Finance",
        "Finance (DK)",
    ):
        assert shown in text
