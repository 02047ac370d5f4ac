"""Release from SCIM: asked about on a page of its own, done for what the person may configure, and logged."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from scim_provisioning import managed
from scim_provisioning.admin import access
from scim_provisioning.lifecycle.releasing import release
from scim_provisioning.models import Connection, GroupResource, UserResource

# What one confirmation is asked for; more would be released unread.
MOST = 200
CONFIRMED = "scim_confirmed"


def release_selected(model_admin: Any, request: HttpRequest, selected: QuerySet[Any]) -> HttpResponse | None:
    """Show what would be released, or release it."""
    resources = list(releasable(request, selected)[: MOST + 1])
    if not resources:
        messages.warning(
            request, _("None of the selected is managed by SCIM through a connection that you configure.")
        )
        return None
    if len(resources) > MOST:
        messages.warning(request, _("Select %(most)d at most.") % {"most": MOST})
        return None
    if request.POST.get(CONFIRMED) != "yes":
        return _ask(model_admin, request, resources)
    released = sum(_release(model_admin, request, resource) for resource in resources)
    messages.success(
        request,
        ngettext("%(count)d is released from SCIM.", "%(count)d are released from SCIM.", released)
        % {"count": released},
    )
    return None


def releasable(request: HttpRequest, selected: QuerySet[Any]) -> QuerySet[Any]:
    """Return the resources behind the selected rows, of the organizations that the person configures (A3)."""
    is_group = managed.is_group(selected.model)
    model: Any = GroupResource if is_group else UserResource
    link = "group" if is_group else "user"
    rows = selected.order_by().values("pk")
    found: QuerySet[Any] = model.objects.filter(
        **{f"{link}__in": rows},
        scim_managed=True,
        connection__organization__in=access.permitted_organizations(request),
    )
    return found.select_related(link, "connection__organization").order_by("pk")


def row_of(resource: UserResource | GroupResource) -> Any:
    """Return the host's row that a resource stands for."""
    return resource.user if isinstance(resource, UserResource) else resource.group


def _release(model_admin: Any, request: HttpRequest, resource: UserResource | GroupResource) -> bool:
    row = row_of(resource)
    if not model_admin.has_change_permission(request, row) or not release(resource):
        return False
    text = _("Released from SCIM (%(connection)s).") % {"connection": resource.connection}
    model_admin.log_change(request, row, text)
    return True


def _ask(model_admin: Any, request: HttpRequest, resources: list[Any]) -> HttpResponse:
    return render(
        request,
        "scim_provisioning/admin/release.html",
        {
            **model_admin.admin_site.each_context(request),
            "title": _("Release from SCIM"),
            "opts": Connection._meta,
            "connection_is_new": True,
            "host_opts": model_admin.model._meta,
            "rows": [(row_of(resource), resource.connection) for resource in resources],
            "are_groups": managed.is_group(model_admin.model),
            "checkbox": ACTION_CHECKBOX_NAME,
            "confirmed": CONFIRMED,
            "back_url": request.get_full_path(),
        },
    )
