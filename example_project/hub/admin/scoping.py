"""Admin pages that show an organization admin the rows of one organization."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import ForeignKey, QuerySet
from django.forms import ModelChoiceField
from django.http import HttpRequest

from example_project.hub.access import organizations_for

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

# How a row of each model leads to its organization.
PATHS = {
    "Organization": "pk",
    "Department": "organization",
    "Office": "department__organization",
    "CustomTagCategory": "organization",
    "CustomTag": "category__organization",
    "User": "organization",
    "Group": "organization",
}


def is_operator(request: HttpRequest) -> bool:
    """Return whether this person runs the Hub, and so sees every organization."""
    return bool(getattr(request.user, "is_superuser", False))


def within_organizations(queryset: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """Narrow a queryset of the Hub's rows to the organizations this person may see."""
    path = PATHS.get(queryset.model.__name__)
    if path is None or is_operator(request):
        return queryset
    return queryset.filter(**{f"{path}__in": organizations_for(request)})


def choices(db_field: "ForeignKey[Any, Any]") -> QuerySet[Any]:
    """Return every row that a foreign key could point at."""
    related: Any = db_field.related_model
    rows: QuerySet[Any] = related.objects.all()
    return rows


BY_ORGANIZATION = ("organization", admin.RelatedOnlyFieldListFilter)


class ScopedAdmin(ModelAdmin):
    """Rows, choices and new rows stay inside the organizations of who looks."""

    show_full_result_count = False
    list_per_page = 50

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return the rows of the person's organizations; a foreign one is "not found"."""
        return within_organizations(super().get_queryset(request), request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Fix the organization of a row that exists: nothing moves to another customer."""
        form = super().get_form(request, obj, change=change, **kwargs)
        field = form.base_fields.get("organization")
        if field is not None:
            field.disabled = field.disabled or change
            field.widget.can_change_related = field.widget.can_view_related = not field.disabled
        return form

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        """Leave the organization out where there is only one."""
        filters = super().get_list_filter(request)
        if is_operator(request):
            return list(filters)
        return [each for each in filters if each != BY_ORGANIZATION]

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        """Offer, and accept, rows of the person's organizations only."""
        kwargs["queryset"] = within_organizations(choices(db_field), request)
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and db_field.name == "organization" and not is_operator(request):
            # Shown and not choosable; unlike a read-only field it takes part in validation, so that a
            # name is found to be taken inside the organization before the database refuses it.
            field.initial = organizations_for(request).first()
            field.disabled = True
        return field
