"""The tools on the Hub's own page of an organization."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from scim_provisioning.admin import access
from scim_provisioning.admin.banners import expiring_tokens, warn_of_expiry
from scim_provisioning.admin.pages import page_url

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin


class ScimOrganizationAdminMixin(ModelAdmin):
    """Adds *Create Tenant URL*, *Generate token* and *Overview* to the admin of the Hub's organizations (A1).

    A Hub with a template of its own includes ``scim_provisioning/admin/organization_tools.html`` in its block
    ``object-tools-items``.
    """

    change_form_template = "scim_provisioning/admin/organization_change_form.html"

    class Media:
        css = {"all": ["scim_provisioning/scim.css"]}

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show the tools to those who may configure provisioning of this organization (A3)."""
        organization: Any = self.get_object(request, unquote(object_id))
        may_configure = organization is not None and access.may_configure(request, organization.pk)
        if may_configure and request.method == "GET":
            warn_of_expiry(request, expiring_tokens(request, organization.pk))
        tools = self._tools(request, organization) if may_configure else []
        return super().change_view(
            request, object_id, form_url, {**(extra_context or {}), "scim_tools": tools}
        )

    def _tools(self, request: HttpRequest, organization: Any) -> list[tuple[str, str]]:
        where = urlencode({"organization": str(organization.pk)})
        tools = [(_("Create Tenant URL"), f"{page_url(self.admin_site, 'add')}?{where}")]
        connections = list(
            access.permitted_connections(request)
            .filter(organization=organization)
            .values_list("pk", flat=True)[:2]
        )
        if len(connections) == 1:
            tools.append((_("Generate token"), page_url(self.admin_site, "generate_token", connections[0])))
            tools.append((_("Overview"), page_url(self.admin_site, "overview", connections[0])))
        elif connections:
            # Which of them is chosen there; a token belongs to one connection.
            url = page_url(self.admin_site, "changelist")
            lookup = f"organization__{organization._meta.pk.name}__exact"
            of_organization = f"{url}?{urlencode({lookup: str(organization.pk)})}"
            tools += [(_("Generate token"), of_organization), (_("Overview"), of_organization)]
        return tools
