"""Who may do what in the Hub: the meaning of a group's permissions."""

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser, Permission
from django.db.models import QuerySet
from django.http import HttpRequest

from example_project.hub.models import Organization, User

# What each permission of A35 lets its holder change on the admin pages, beside seeing everything there.
PEOPLE = ("user", "group", "roleassignment")
COMPONENTS = ("department", "office", "customtagcategory", "customtag")
EVERYTHING = ("organization", "country", *PEOPLE, *COMPONENTS)
GRANTS = {
    "hub.manage_users_and_groups": {
        f"hub.{action}_{name}" for name in PEOPLE for action in ("add", "change", "delete")
    },
    "hub.manage_organization_components": {
        f"hub.{action}_{name}" for name in COMPONENTS for action in ("add", "change", "delete")
    },
    "hub.edit_organization_metadata": {"hub.change_organization"},
}
READ_ONLY = {f"hub.view_{name}" for name in EVERYTHING}


def held_permissions(user: User) -> set[str]:
    """Return what the user's groups allow in the user's own organization, as "app.codename"."""
    rows = Permission.objects.filter(
        hub_groups__members=user, hub_groups__organization=user.organization_id
    ).values_list("content_type__app_label", "codename")
    held = {f"{label}.{codename}" for label, codename in rows.distinct()}
    if user.is_staff:
        held |= READ_ONLY.union(*(GRANTS.get(permission, set()) for permission in held))
    return held


def host_for(organization: Organization) -> str:
    """Return the host of an organization, ``contoso.hub.example``, where the Hub has a domain for that (B1)."""
    return f"{organization.slug}.{settings.HUB_DOMAIN}" if settings.HUB_DOMAIN else ""


def organizations_for(request: HttpRequest) -> QuerySet[Organization]:
    """Return the organizations whose rows this person may see on the admin pages."""
    return organizations_of(request.user)


def organizations_of(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Organization]:
    """Return every organization for a superuser, a user's own for everybody else."""
    if not isinstance(user, User) or not user.is_active:
        return Organization.objects.none()
    if user.is_superuser:
        return Organization.objects.all()
    return Organization.objects.filter(users=user)


def addresses_of_admins(organization: Organization) -> list[str]:
    """Return the e-mail addresses of those who may configure an organization's provisioning."""
    admins = User.objects.filter(
        organization=organization,
        status=User.Status.ACTIVE,
        groups__organization=organization,
        groups__permissions__codename="edit_organization_metadata",
    ).exclude(email="")
    return list(admins.order_by("email").values_list("email", flat=True).distinct())
