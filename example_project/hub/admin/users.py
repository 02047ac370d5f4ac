"""User pages."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import FilteredSelectMultiple, RelatedFieldWidgetWrapper
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm, UsernameField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from example_project.hub.admin.scoping import (
    BY_ORGANIZATION,
    ScopedAdmin,
    choices,
    is_operator,
    within_organizations,
)
from example_project.hub.models import Group, RoleAssignment, User
from scim_provisioning.admin import ScimManagedAdminMixin
from scim_provisioning.managed import ManagedMembership, group_is_protected

if TYPE_CHECKING:
    ChangeForm = UserChangeForm[User]
    CreationForm = AdminUserCreationForm[User]
    Inline = admin.TabularInline[Any, Any]
    StockUserAdmin = UserAdmin[User]
    MultipleChoiceField = forms.ModelMultipleChoiceField[Group]
else:
    ChangeForm = UserChangeForm
    CreationForm = AdminUserCreationForm
    Inline = admin.TabularInline
    StockUserAdmin = UserAdmin
    MultipleChoiceField = forms.ModelMultipleChoiceField


class GroupChoices(MultipleChoiceField):
    """The groups that people are put into by hand; one of SCIM's is refused with the reason (A25)."""

    def __init__(self, organization_id: int | None, **options: Any) -> None:
        self.groups = Group.objects.filter(organization=organization_id)
        super().__init__(self.groups.filter(~group_is_protected()), **options)

    def clean(self, value: Any) -> Any:
        """Return the chosen groups."""
        try:
            return super().clean(value)
        except forms.ValidationError as error:
            if error.code == "invalid_choice" and error.params:
                chosen = self.groups.filter(group_is_protected(), pk=error.params["value"]).first()
                if chosen is not None:
                    raise ManagedMembership(chosen) from None
            raise


class UserForm(ChangeForm):
    """A user with the groups the user is in."""

    groups = forms.ModelMultipleChoiceField(Group.objects.none(), required=False, label=_("Groups"))

    class Meta:
        model = User
        fields = "__all__"
        field_classes = {"username": UsernameField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "groups" in self.fields and self.instance.pk:
            provisioned = self.instance.groups.filter(group_is_protected())
            self.initial["groups"] = self.instance.groups.exclude(group_is_protected())
            if provisioned:
                names = ", ".join(group.name for group in provisioned)
                self.fields["groups"].help_text = _("Through SCIM also in: %(names)s.") % {"names": names}

    def clean_department(self) -> Any:
        """Refuse a department of another organization."""
        department = self.cleaned_data["department"]
        if department is not None and department.organization_id != self.instance.organization_id:
            raise forms.ValidationError(_("Choose a department of the user's own organization."))
        return department

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]  # a hook that the stubs leave out
        if "groups" in self.cleaned_data:
            # Through the relation, not the join table, so that whoever guards membership hears of it.
            before = set(self.instance.groups.exclude(group_is_protected()))
            after = set(self.cleaned_data["groups"])
            self.instance.groups.remove(*before - after)
            self.instance.groups.add(*after - before)


class NewUserForm(CreationForm):
    """A new user, who may have no password and sign in with Microsoft."""

    class Meta:
        model = User
        fields = ("organization", "username", "email")
        field_classes = {"username": UsernameField}

    def clean_username(self) -> str:
        """Leave uniqueness to the constraint: a name taken in another organization is free in this one."""
        return str(self.cleaned_data["username"])


class RoleInline(Inline):
    """The roles of a user."""

    model = RoleAssignment
    extra = 0
    fields = ["value", "source", "department", "tag"]
    autocomplete_fields = ["department", "tag"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer, and accept, rows of the person's organizations only."""
        kwargs["queryset"] = within_organizations(choices(db_field), request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class HubUserAdmin(ScimManagedAdminMixin, ScopedAdmin, StockUserAdmin):
    """Users of the organization, with their status, groups and roles."""

    form = UserForm
    add_form = NewUserForm
    inlines = [RoleInline]
    list_display = ["username", "display_name", "email", "status", "department", "organization"]
    list_filter = [
        "status",
        BY_ORGANIZATION,
        ("groups", admin.RelatedOnlyFieldListFilter),
        "is_staff",
    ]
    list_select_related = ["department__country", "organization"]
    search_fields = ["username", "email", "display_name"]
    ordering = ["pk"]
    filter_horizontal = ()
    autocomplete_fields = ["department"]
    readonly_fields = ["last_login", "date_joined", "group_names"]
    fieldsets = (
        (None, {"fields": ("organization", "username", "status", "password")}),
        (
            _("Person"),
            {"fields": ("display_name", "first_name", "last_name", "email", "title", "phone", "department")},
        ),
        (_("Access"), {"fields": ("groups", "is_staff", "is_superuser")}),
        (_("History"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"fields": ("organization", "username", "email", "usable_password", "password1", "password2")},
        ),
    )

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        """Name the groups for who may only look: Django has no text for a relation from its far side."""
        fieldsets = super().get_fieldsets(request, obj)
        if obj is None or self.has_change_permission(request, obj):
            return fieldsets
        return [
            (
                title,
                {
                    **options,
                    "fields": ["group_names" if name == "groups" else name for name in options["fields"]],
                },
            )
            for title, options in fieldsets
        ]

    @admin.display(description=_("groups"))
    def group_names(self, user: User) -> str:
        """Return the names of the user's groups."""
        return ", ".join(user.groups.order_by("name").values_list("name", flat=True))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> list[str]:
        """Let nobody but a superuser make superusers."""
        fields = list(super().get_readonly_fields(request, obj))
        return fields if is_operator(request) else [*fields, "is_superuser"]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Offer, and accept, the groups of the user's organization."""
        form = super().get_form(request, obj, change=change, **kwargs)
        if "groups" in form.base_fields and obj is not None:
            chooser = FilteredSelectMultiple(_("groups"), is_stacked=False)
            relation: Any = User.groups.rel
            form.base_fields["groups"] = GroupChoices(
                obj.organization_id,
                required=False,
                label=_("Groups"),
                # The wrapper gives the two boxes a place of their own beside the label.
                widget=RelatedFieldWidgetWrapper(chooser, relation, self.admin_site, can_add_related=False),
            )
        return form
