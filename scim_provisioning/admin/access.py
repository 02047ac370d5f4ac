"""Who may configure provisioning: the one place where the admin pages find organizations and connections.

Every page starts from a queryset of this module, so that a foreign row and an absent one are the same 404.
"""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from scim_provisioning import conf
from scim_provisioning.models import Connection, FormerConnection

# Where a request keeps the keys of the organizations that were granted one by one.
GRANTED = "_scim_granted_organizations"
# Where it keeps whether there is any organization: every page of the admin site asks that several times.
ANY = "_scim_any_organization"


def organization_model() -> type[Model]:
    """Return the host's model of organizations."""
    return apps.get_model(settings.SCIM_ORGANIZATION_MODEL)


def permission() -> str:
    """Return the permission that configuring takes, as "app_label.codename" (A3)."""
    name = str(conf.value("PERMISSION"))
    return name if "." in name else f"{organization_model()._meta.app_label}.{name}"


def organizations_for(request: HttpRequest) -> QuerySet[Any]:
    """Return the organizations that a person administers, as the host's hook says.

    Without a hook only a superuser has any: nothing tells one customer's admin from another's (T26).
    """
    hook: Callable[[HttpRequest], QuerySet[Any]] | None = conf.imported("ORGANIZATIONS_FOR")
    if hook is not None:
        return hook(request)
    everything = organization_model()._default_manager.all()
    user = request.user
    return everything if user.is_active and getattr(user, "is_superuser", False) else everything.none()


def permitted_organizations(request: HttpRequest) -> QuerySet[Any]:
    """Return the organizations whose provisioning a person may configure (A3)."""
    user: Any = request.user
    organizations = organizations_for(request)
    if not user.is_active:
        return organizations.none()
    if user.has_perm(permission()):
        return organizations
    granted = getattr(request, GRANTED, None)
    if granted is None:
        # Permissions for single objects are the backends' own, so each organization has to be asked for.
        granted = [each.pk for each in organizations if user.has_perm(permission(), obj=each)]
        setattr(request, GRANTED, granted)
    return organizations.filter(pk__in=granted)


def may_configure_any(request: HttpRequest) -> bool:
    """Return whether there is any organization whose provisioning a person may configure."""
    found: bool | None = getattr(request, ANY, None)
    if found is None:
        found = permitted_organizations(request).exists()
        setattr(request, ANY, found)
    return found


def may_configure(request: HttpRequest, organization_id: Any) -> bool:
    """Return whether a person may configure the provisioning of one organization."""
    return permitted_organizations(request).filter(pk=organization_id).exists()


def permitted_connections(request: HttpRequest) -> QuerySet[Connection]:
    """Return the connections that a person may see and change."""
    return Connection.objects.filter(organization__in=permitted_organizations(request)).select_related(
        "organization"
    )


def get_connection(request: HttpRequest, connection_id: UUID) -> Connection:
    """Return one connection that a person may see.

    :raises Http404: for a foreign one as for one that does not exist.
    """
    return get_object_or_404(permitted_connections(request), pk=connection_id)


def permitted_former(request: HttpRequest) -> QuerySet[FormerConnection]:
    """Return the removed connections whose log a person may read."""
    return FormerConnection.objects.filter(organization__in=permitted_organizations(request)).select_related(
        "organization"
    )


def get_logged(request: HttpRequest, connection_id: UUID) -> Connection:
    """Return a connection whose log a person may read, a removed one as it was.

    :raises Http404: for a foreign one as for one that never was.
    """
    found = permitted_connections(request).filter(pk=connection_id).first()
    if found is not None:
        return found
    return get_object_or_404(permitted_former(request), pk=connection_id).as_connection()
