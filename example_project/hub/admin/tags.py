"""Custom tag pages."""

from django.contrib import admin

from example_project.hub.admin.scoping import BY_ORGANIZATION, ScopedAdmin


class CustomTagCategoryAdmin(ScopedAdmin):
    """Categories of custom tags."""

    list_display = ["name", "euid", "organization"]
    list_filter = [BY_ORGANIZATION]
    list_select_related = ["organization"]
    search_fields = ["name", "euid"]


class CustomTagAdmin(ScopedAdmin):
    """Custom tags; a department manager's role can name one (B22)."""

    list_display = ["name", "euid", "category"]
    list_filter = [("category", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["category"]
    search_fields = ["name", "euid"]
    autocomplete_fields = ["category"]
