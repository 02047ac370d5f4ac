"""Group pages."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import ManyToManyField
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from example_project.hub.admin.scoping import BY_ORGANIZATION, ScopedAdmin
from example_project.hub.models import Group
from scim_provisioning.admin import ScimManagedAdminMixin

if TYPE_CHECKING:
    MultipleChoiceField = forms.ModelMultipleChoiceField[Permission]
else:
    MultipleChoiceField = forms.ModelMultipleChoiceField


class PermissionChoices(MultipleChoiceField):
    """The Hub's own permissions by their plain names."""

    def label_from_instance(self, obj: Any) -> str:
        """Return "Edit Organization Metadata", not Django's "Hub | organization | …"."""
        return str(obj.name)


class GroupAdmin(ScimManagedAdminMixin, ScopedAdmin):
    """Groups; who is in one is changed on the user's page, so that a group of any size opens at once."""

    list_display = ["name", "kind", "organization"]
    list_filter = ["kind", BY_ORGANIZATION]
    list_select_related = ["organization"]
    search_fields = ["name"]
    fields = ["organization", "name", "kind", "permissions"]
    readonly_fields = ["member_list"]

    def get_fields(self, request: HttpRequest, obj: Group | None = None) -> list[Any]:
        """Show the members of a group that exists."""
        return [*super().get_fields(request, obj), *(["member_list"] if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> list[str]:
        """Fix what a group is for once it exists."""
        return [*super().get_readonly_fields(request, obj), *(["kind"] if obj else [])]

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelMultipleChoiceField[Any] | None":
        """Show the permissions as check boxes: none of them means a read-only Hub (A35)."""
        if db_field.name == "permissions":
            kwargs["queryset"] = Permission.objects.order_by("name")
            kwargs["form_class"] = PermissionChoices
            kwargs["widget"] = forms.CheckboxSelectMultiple
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Keep the built-in groups."""
        if obj is not None and obj.kind == Group.Kind.BUILT_IN:
            return False
        return super().has_delete_permission(request, obj)

    @admin.display(description=_("members"))
    def member_list(self, group: Group) -> str:
        """Link to the users of the group, with their number."""
        url = f"{reverse('admin:hub_user_changelist')}?groups__id__exact={group.pk}"
        return format_html('<a href="{}">{}</a>', url, group.members.count())
