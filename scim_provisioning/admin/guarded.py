"""Pages of the Hub's admin that show a refused change of members as an error of the form (A25)."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.contenttypes.models import ContentType
from django.db import router, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from scim_provisioning.lifecycle.memberships import ManagedMembership

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin

# Where a request keeps the refusal that its form shows.
REFUSAL = "_scim_refusal"


class GuardedAdminMixin(ModelAdmin):
    """For each admin of the Hub by which the members of a group can change, that of the relation itself too."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Save, and show the form again with the error when the change is refused; nothing of it is kept."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except ManagedMembership as refusal:
            setattr(request, REFUSAL, refusal)
            _forget_undone()
            return super().changeform_view(request, *args, **kwargs)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which knows of the refusal."""
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        refusal = getattr(request, REFUSAL, None)
        return form if refusal is None else _refusing(form, refusal)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Run an action, or save what the list lets change, and tell when that is refused; nothing of it is kept."""
        try:
            # An action writes its history before it acts.
            with transaction.atomic(using=router.db_for_write(self.model)):
                return super().changelist_view(request, *args, **kwargs)
        except ManagedMembership as refusal:
            return _told(request, refusal)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """Delete, and tell when that is refused."""
        try:
            return super().delete_view(request, *args, **kwargs)
        except ManagedMembership as refusal:
            return _told(request, refusal)


def _told(request: HttpRequest, refusal: ManagedMembership) -> HttpResponse:
    _forget_undone()
    messages.error(request, refusal.messages[0])
    return HttpResponseRedirect(request.get_full_path())


def _forget_undone() -> None:
    """Drop content types from the memory, for the transaction that made one may be the one that was undone."""
    ContentType.objects.clear_cache()


def _refusing(form: Any, refusal: ManagedMembership) -> Any:
    def full_clean(bound: Any) -> None:
        form.full_clean(bound)
        if bound.is_bound:
            bound.add_error(None, refusal)

    # A class of its own, for the one that was given may be the host's; with the fields as the host changed them.
    refusing: Any = type(form.__name__, (form,), {"full_clean": full_clean})
    refusing.base_fields, refusing.declared_fields = form.base_fields, form.declared_fields
    return refusing
