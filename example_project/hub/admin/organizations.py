"""Organization, Country, Department and Office pages."""

from django.contrib import admin

from example_project.hub.admin.scoping import BY_ORGANIZATION, ModelAdmin, ScopedAdmin
from scim_provisioning.admin import ScimOrganizationAdminMixin


class OrganizationAdmin(ScimOrganizationAdminMixin, ScopedAdmin):
    """An organization; the pages that set up provisioning start here."""

    list_display = ["name", "slug", "created_at"]
    search_fields = ["name", "slug"]
    readonly_fields = ["created_at"]


class CountryAdmin(ModelAdmin):
    """The countries that departments can be in; shared by all organizations."""

    list_display = ["code", "name"]
    list_display_links = ["code", "name"]
    search_fields = ["code", "name"]


class DepartmentAdmin(ScopedAdmin):
    """Departments: provisioning finds them by name and never makes one (B13)."""

    list_display = ["name", "country", "organization"]
    list_filter = [
        BY_ORGANIZATION,
        ("country", admin.RelatedOnlyFieldListFilter),
    ]
    list_select_related = ["country", "organization"]
    search_fields = ["name", "country__name", "country__code"]


class OfficeAdmin(ScopedAdmin):
    """Offices of departments."""

    list_display = ["name", "department"]
    list_filter = [("department__country", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["department__country"]
    search_fields = ["name", "department__name"]
    autocomplete_fields = ["department"]
