"""Passwords, permissions and their limits: names are unique per organization, rights end at its border."""

import pytest
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser
from django.core.checks import run_checks
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import RequestFactory

from example_project.hub.access import organizations_for
from example_project.hub.backends import HubBackend
from example_project.hub.models import Group, Organization, User

METADATA = "hub.edit_organization_metadata"


def test_the_project_passes_djangos_checks() -> None:
    assert [message for message in run_checks() if not message.is_silenced()] == []


def test_a_password_signs_in(contoso: Organization) -> None:
    user = authenticate(None, username="OLIVIA@contoso.example", password="demo")
    assert isinstance(user, User)
    assert user.username == "olivia@contoso.example"


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("olivia@contoso.example", "wrong"),
        ("olivia@contoso.example", ""),
        ("nobody@contoso.example", "demo"),
        ("ivan@contoso.example", "demo"),
        ("", "demo"),
    ],
)
def test_a_wrong_login_does_not(contoso: Organization, name: str, password: str) -> None:
    assert authenticate(None, username=name, password=password) is None


def test_namesakes_with_one_password_need_the_organization(
    contoso: Organization, fabrikam: Organization
) -> None:
    User.objects.create_user("ada@example.com", contoso, password="one", status="active")
    there = User.objects.create_user("ada@example.com", fabrikam, password="one", status="active")
    assert authenticate(None, username="ada@example.com", password="one") is None
    assert authenticate(None, username="ada@example.com", password="one", organization=fabrikam) == there
    there.set_password("two")
    there.save()
    assert authenticate(None, username="ada@example.com", password="two") == there


def test_an_account_without_a_password_cannot_sign_in_with_one(contoso: Organization) -> None:
    User.objects.create(organization=contoso, username="scim@contoso.example", status="active")
    assert authenticate(None, username="scim@contoso.example", password="anything") is None


@pytest.mark.parametrize("name", ["olivia@contoso.example", "Olivia@Contoso.example"])
def test_a_user_name_is_unique_in_its_organization_in_any_letter_case(
    contoso: Organization, fabrikam: Organization, name: str
) -> None:
    User.objects.create(organization=fabrikam, username=name)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(organization=contoso, username=name)
    with pytest.raises(ValidationError, match="has a user of that name"):
        User(organization=contoso, username=name, password="!").full_clean()


def test_superusers_have_names_of_their_own(contoso: Organization) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create_superuser("ADMIN")
    admin = User.objects.get_by_natural_key("admin")
    assert admin.is_superuser
    assert admin.organization is None


def test_a_permission_ends_at_the_organization(
    owner: User, contoso: Organization, fabrikam: Organization
) -> None:
    """A3."""
    assert owner.has_perm(METADATA)
    assert owner.has_perm(METADATA, contoso)
    assert not owner.has_perm(METADATA, fabrikam)
    assert owner.has_perm("hub.change_user", User.objects.get(username="astrid@contoso.example"))
    assert not owner.has_perm("hub.change_user", User.objects.get(username="aksel@fabrikam.example"))
    assert owner.has_module_perms("hub")
    assert not owner.has_module_perms("auth")


def test_without_permissions_the_hub_is_read_only(contoso: Organization) -> None:
    """A35."""
    auditor = User.objects.create(organization=contoso, username="audit", status="active", is_staff=True)
    auditor.groups.add(Group.objects.get(organization=contoso, name="Auditors"))
    assert auditor.has_perms(["hub.view_user", "hub.view_group", "hub.view_department"])
    for permission in ("hub.change_user", "hub.add_group", "hub.delete_department", METADATA):
        assert not auditor.has_perm(permission)


@pytest.mark.parametrize("username", ["ivan@contoso.example", "astrid@contoso.example"])
def test_no_permission_without_status_or_group(contoso: Organization, username: str) -> None:
    user = User.objects.get(username=username)
    assert not user.has_perm(METADATA, contoso)
    assert not user.has_perm("hub.view_user")


def test_an_inactive_owner_loses_every_permission(owner: User, contoso: Organization) -> None:
    owner.status = User.Status.INACTIVE
    owner.save()
    again = User.objects.get(pk=owner.pk)
    assert not again.has_perm(METADATA, contoso)
    assert HubBackend().get_user(owner.pk) is None


def test_who_sees_which_organizations(owner: User, contoso: Organization, fabrikam: Organization) -> None:
    request = RequestFactory().get("/")
    expected: list[tuple[User | AnonymousUser, list[Organization]]] = [
        (owner, [contoso]),
        (User.objects.get(username="admin"), [contoso, fabrikam]),
        (User.objects.get(username="ivan@contoso.example"), []),
        (AnonymousUser(), []),
    ]
    for user, organizations in expected:
        request.user = user
        assert list(organizations_for(request)) == organizations


def test_permissions_cost_one_query(
    owner: User, contoso: Organization, django_assert_num_queries: object
) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert owner.has_perm(METADATA, contoso)
        assert owner.has_perm("hub.view_user")
        assert owner.has_module_perms("hub")
