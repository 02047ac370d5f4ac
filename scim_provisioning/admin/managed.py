"""What the Hub's own admin of users and groups shows of SCIM: badge, filter, locked fields, release."""

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning import conf, managed
from scim_provisioning.admin import access
from scim_provisioning.admin.guarded import GuardedAdminMixin
from scim_provisioning.admin.release import release_selected
from scim_provisioning.mapping.users import ResourceMapping, UserMapping

REASON = gettext_lazy("Managed by SCIM: it changes in the identity provider.")
SHOWN_MEMBERS = 20
SHOWN_ROWS = 50


class ScimManagedFilter(admin.SimpleListFilter):
    """Users or groups that SCIM manages, or those that it does not."""

    title = gettext_lazy("SCIM-managed")
    parameter_name = "scim_managed"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return both answers."""
        return [("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Narrow the list by the annotation that the badge shows."""
        wanted = {"yes": True, "no": False}.get(self.value() or "")
        return queryset if wanted is None else queryset.filter(scim_is_managed=wanted)


class ScimManagedAdminMixin(GuardedAdminMixin):
    """For the Hub's admin of users and the one of groups; it comes before the class that it is mixed into.

    It adds a column and a filter to the list and an action that releases, and locks on the page what the mapping
    writes. ``scim_editable`` names fields that stay editable all the same.
    """

    scim_editable: Sequence[str] = ()

    class Media:
        """The badge's style; classes of our own, so that it disturbs no theme."""

        css = {"all": ["scim_provisioning/scim.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Mark each row by a subquery, so that a list costs nothing more for its badges."""
        rows: QuerySet[Any] = super().get_queryset(request)
        if not managed.is_group(self.model):
            return _marked(rows, scim_is_managed=managed.user_is_managed())
        protected = managed.group_is_protected()
        return _marked(rows, scim_is_managed=managed.group_is_managed(), scim_is_protected=protected)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Add the badge's column."""
        columns = list(super().get_list_display(request))
        return columns if "scim_badge" in columns else [*columns, "scim_badge"]

    def get_list_filter(self, request: HttpRequest) -> Any:
        """Add the filter."""
        filters: Sequence[Any] = super().get_list_filter(request)
        return [*filters, ScimManagedFilter]

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Add the release for those who may; whatever actions the Hub's class names stay."""
        actions = super().get_actions(request)
        mine = self.get_action("release_from_scim")
        if mine is not None and self.has_release_from_scim_permission(request):
            actions["release_from_scim"] = mine
        return actions

    @admin.display(description=gettext_lazy("SCIM"), ordering="scim_is_managed")
    def scim_badge(self, row: Any) -> str:
        """Show whether SCIM manages the row, in words."""
        if not _is_managed(row):
            return "–"
        return format_html('<span class="scim-badge">{}</span>', _("SCIM-managed"))

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Lock what the mapping writes, on the page of a managed row."""
        fields = list(super().get_readonly_fields(request, obj))
        if _is_managed(obj):
            fields += [name for name in ["scim_note", *self._locked(obj)] if name not in fields]
        return fields

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Say at the top why fields are locked; where members are, show them without loading a choice of all."""
        fieldsets: Any = super().get_fieldsets(request, obj)
        if not _is_managed(obj):
            return fieldsets
        shown = [
            (name, {**options, "fields": self._shown(obj, options["fields"])}) for name, options in fieldsets
        ]
        first, options = shown[0]
        fields: list[Any] = ["scim_note", *options["fields"]]
        return [(first, {**options, "fields": fields}), *shown[1:]]

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Give each locked field the reason as its help."""
        if _is_managed(obj):
            own = getattr(getattr(self.form, "Meta", None), "help_texts", None)
            kwargs["help_texts"] = {**(own or {}), **dict.fromkeys(self._locked(obj), REASON)}
        return super().get_form(request, obj, change=change, **kwargs)

    @admin.display(description=gettext_lazy("SCIM"))
    def scim_note(self, row: Any) -> str:
        """Say who manages the row, and what to do instead of a change by hand."""
        resources = managed.resources_of(row).select_related("connection__organization")
        names = ", ".join(str(resource.connection) for resource in resources)
        reason = _("What is locked here changes in the identity provider, through “%(names)s”.") % {
            "names": names
        }
        return format_html("{} {}", self.scim_badge(row), reason)

    @admin.display(description=gettext_lazy("members"))
    def scim_members(self, group: Any) -> str:
        """Show how many members a group has, and the first of them."""
        members = getattr(group, conf.imported("GROUP_MAPPING").members)
        names = ", ".join(str(member) for member in members.order_by("pk")[:SHOWN_MEMBERS])
        return f"{members.count()}: {names}" if names else "0"

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Keep managed rows from being deleted by hand: the identity provider would not know of it."""
        *found, present = super().get_deleted_objects(objs, request)
        rows = self.model._default_manager.filter(pk__in=[row.pk for row in objs])
        condition = managed.group_is_managed if managed.is_group(self.model) else managed.user_is_managed
        protected = [
            _("%(row)s – managed by SCIM: delete it in the identity provider, or release it first")
            % {"row": row}
            for row in rows.filter(condition())[:SHOWN_ROWS]
        ]
        return (*found, [*present, *protected])

    def has_release_from_scim_permission(self, request: HttpRequest) -> bool:
        """Return whether a person may release anything: who configures provisioning and changes these rows."""
        return access.may_configure_any(request) and self.has_change_permission(request)

    @admin.action(description=gettext_lazy("Release from SCIM"), permissions=["release_from_scim"])
    def release_from_scim(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse | None:
        """Ask, then make the selected rows the Hub's own again."""
        return release_selected(self, request, queryset)

    def _locked(self, row: Any) -> list[str]:
        locked = [name for name in written_fields(_mapping(self.model)) if name not in self.scim_editable]
        return [*locked, "scim_members"] if _is_protected(row) else locked

    def _shown(self, row: Any, names: Sequence[Any]) -> list[Any]:
        replaced = {}
        if _is_protected(row):
            replaced[conf.imported("GROUP_MAPPING").members] = "scim_members"
        flat = [replaced.get(name, name) if isinstance(name, str) else name for name in names]
        return [name for name in flat if name != "scim_note"]


def _marked(rows: QuerySet[Any], **marks: Any) -> QuerySet[Any]:
    marked: QuerySet[Any] = rows.annotate(**marks)
    return marked


def written_fields(mapping: type[ResourceMapping]) -> list[str]:
    """Return the fields of the host's model that SCIM writes."""
    names = [name for _target, attribute in mapping.lines() for name in attribute.fields()]
    if issubclass(mapping, UserMapping):
        names.append(mapping.status.column)
    return [mapping.model._meta.get_field(name).name for name in dict.fromkeys(names)]


def _mapping(model: Any) -> type[ResourceMapping]:
    mapping: type[ResourceMapping] = conf.imported(
        "GROUP_MAPPING" if managed.is_group(model) else "USER_MAPPING"
    )
    return mapping


def _is_managed(row: Any) -> bool:
    if row is None or row.pk is None:
        return False
    known = getattr(row, "scim_is_managed", None)
    return managed.is_scim_managed(row) if known is None else bool(known)


def _is_protected(row: Any) -> bool:
    known = getattr(row, "scim_is_protected", None)
    if known is None and managed.is_group(type(row)):
        return managed.resources_of(row).filter(connection__protect_groups=True).exists()
    return bool(known)
