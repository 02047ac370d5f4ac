"""SCIM's own admin: the list of connections, the policy of one, and the way to its other pages."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from scim_provisioning.admin import (
    access,
    braking,
    creation,
    disconnection,
    export,
    guide,
    ledger,
    log,
    numbers,
    overview,
    selftest,
    setup_exports,
    tokens,
)
from scim_provisioning.admin.banners import warn_of_expiry
from scim_provisioning.admin.listing import ConnectionList
from scim_provisioning.admin.pages import PREFIX, TEMPLATES, ModelAdmin, Page, page_url
from scim_provisioning.lifecycle.visibility import sweep
from scim_provisioning.management.arguments import FURTHER_COLUMNS
from scim_provisioning.models import Connection, policy_fields

View = Callable[..., HttpResponseBase]
EMPTY = "–"
# Pages that a connection leaves behind.
LOGS = frozenset({"log", "event", "log_csv"})


class ConnectionAdmin(ModelAdmin):
    """Connections of the organizations whose provisioning a person may configure."""

    list_display = [
        "__str__",
        "organization",
        "preset",
        "health",
        "last_call",
        "users",
        "managed_groups",
        "days_left",
    ]
    list_filter = [("organization", admin.RelatedOnlyFieldListFilter), "preset"]
    change_list_template = "scim_provisioning/admin/change_list.html"
    list_per_page = 50
    show_full_result_count = False
    ordering = ["created_at", "pk"]
    actions = None
    readonly_fields = ["organization", "preset"]
    fieldsets = [
        (
            None,
            {"fields": (*("organization", "preset", "name", "tenant_id"), *FURTHER_COLUMNS)},
        ),
        (_("Policy"), {"fields": tuple(policy_fields())}),
    ]

    class Media:
        css = {"all": ["scim_provisioning/scim.css"]}

    # Permissions: the organization decides, whatever Django's own permissions on the table say.

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Whether the person has any organization here (A3)."""
        return access.may_configure_any(request)

    def has_view_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        """Whether the person may configure the organization of a connection."""
        if obj is None:
            return access.may_configure_any(request)
        return access.may_configure(request, obj.organization_id)

    def has_change_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        """Whether the person may configure the organization of a connection."""
        return self.has_view_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Connection | None = None) -> bool:
        """Whether the person may configure the organization; removing goes by *Disconnect*."""
        return self.has_view_permission(request, obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether the person has any organization here."""
        return access.may_configure_any(request)

    def get_queryset(self, request: HttpRequest) -> models.QuerySet[Connection]:
        """Return the connections that the person may see."""
        ordering = self.get_ordering(request)
        return access.permitted_connections(request).order_by(*ordering)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Connection | None:
        """Return one of them; a foreign one is not found, like one that does not exist.

        :raises Http404: where Django would send the browser to the start page.
        """
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Leave the filters out for the admin of one organization, who has a connection or two."""
        several = access.permitted_organizations(request)[1:2].exists()
        return super().get_list_filter(request) if several else []

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Show the list under its own name."""
        title = capfirst(self.opts.verbose_name_plural)
        shown = super().changelist_view(request, {"title": title, **(extra_context or {})})
        if isinstance(shown, TemplateResponse) and shown.context_data:
            listed = [each.listed.seen.expiring for each in shown.context_data["cl"].result_list]
            warn_of_expiry(request, filter(None, listed))
        return shown

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ConnectionList]:
        """Return the list that knows what its columns show."""
        return ConnectionList

    # Pages

    def get_urls(self) -> list[URLPattern]:
        """Return the pages of a connection before Django's own, which would take any path for a key."""
        pages: list[tuple[str, str, View]] = [
            ("overview/", "overview", overview.overview),
            ("numbers/", "numbers", numbers.numbers),
            ("tokens/generate/", "generate_token", tokens.generate_token),
            ("tokens/<str:key_id>/revoke/", "revoke_token", tokens.revoke_token),
            ("pause/", "pause", overview.pause),
            ("resume/", "resume", overview.resume),
            ("test/", "test", selftest.test),
            ("disconnect/", "disconnect", disconnection.disconnect_connection),
            ("held/", "held", braking.held),
            ("effects/", "ledger", ledger.ledger),
            ("log/", "log", log.log),
            ("log/<int:event_id>/", "event", log.event),
            ("log.csv", "log_csv", export.log_csv),
            ("guide/", "guide", guide.guide),
            ("guide/status.json", "guide_status", guide.guide_status),
            ("guide/links/", "setup_links", guide.setup_links),
            ("export/", "export", setup_exports.export),
            ("export/app-roles.json", "export_roles", setup_exports.export_roles),
        ]
        former = path("former/", self.admin_site.admin_view(self.former), name=f"{PREFIX}former")
        return [former, *(self._path(*page) for page in pages), *super().get_urls()]

    def former(self, request: HttpRequest) -> HttpResponse:
        """Show the connections that were removed, and lead to their logs."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        newest = access.permitted_former(request).order_by("-ended_at")[: self.list_per_page]
        return Page(self, request, Connection()).render(
            "former",
            title=_("Former connections"),
            former=[(each, page_url(self.admin_site, "log", each.pk)) for each in newest],
        )

    def _path(self, route: str, name: str, view: View) -> URLPattern:
        def opened(request: HttpRequest, connection_id: UUID, **arguments: Any) -> HttpResponseBase:
            find = access.get_logged if name in LOGS else access.get_connection
            connection = find(request, connection_id)
            return view(Page(self, request, connection), **arguments)

        return path(f"<uuid:connection_id>/{route}", self.admin_site.admin_view(opened), name=PREFIX + name)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Create Tenant URL (A1, A2)."""
        return creation.create_tenant_url(request, model_admin=self)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to *Disconnect*, which asks what becomes of the users."""
        connection = self.get_object(request, object_id)
        return HttpResponseRedirect(page_url(self.admin_site, "disconnect", connection and connection.pk))

    def save_model(self, request: HttpRequest, obj: Connection, form: Any, change: bool) -> None:
        """Save the policy, and show the users that it makes visible, or no more."""
        super().save_model(request, obj, form, change)
        if "visible_users" in form.changed_data:
            sweep(obj)

    def response_change(self, request: HttpRequest, obj: Connection) -> HttpResponse:
        """Return to the overview."""
        self.message_user(request, _("The policy is saved."), messages.SUCCESS)
        return HttpResponseRedirect(page_url(self.admin_site, "overview", obj.pk))

    # Columns

    @admin.display(description=_("health"))
    def health(self, connection: Any) -> str:
        """Show how the connection is doing."""
        return render_to_string(f"{TEMPLATES}badge.html", {"seen": connection.listed.seen})

    @admin.display(description=_("last call"), empty_value=EMPTY)
    def last_call(self, connection: Any) -> Any:
        """Show when the identity provider called last."""
        return connection.listed.seen.last_call

    @admin.display(description=_("users"))
    def users(self, connection: Any) -> int:
        """Show how many users SCIM manages."""
        return int(connection.listed.users)

    @admin.display(description=_("groups"))
    def managed_groups(self, connection: Any) -> int:
        """Show how many groups SCIM manages."""
        return int(connection.listed.groups)

    @admin.display(description=_("token days left"), empty_value=EMPTY)
    def days_left(self, connection: Any) -> int | None:
        """Show how long a token is still valid."""
        days: int | None = connection.listed.seen.days_left
        return days
