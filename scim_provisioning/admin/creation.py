"""Create Tenant URL (A1, A2)."""

import uuid
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.signing import BadSignature, TimestampSigner
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from scim_provisioning.admin import access
from scim_provisioning.admin.forms import TenantUrlForm
from scim_provisioning.admin.pages import ModelAdmin, Page
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Connection

FORM_LIFETIME = timedelta(days=1)


def create_tenant_url(request: HttpRequest, *, model_admin: ModelAdmin) -> HttpResponse:
    """Show the form, or make the connection and lead to its overview."""
    if not access.may_configure_any(request):
        raise PermissionDenied
    if request.method != "POST":
        return _show(model_admin, request, TenantUrlForm(initial=_initial(request), request=request))
    form = TenantUrlForm(request.POST, request=request)
    key = _key_of(request)
    if key is None:
        form.add_error(None, _("This form is too old, or not from here. Please send it again."))
    elif (made := access.permitted_connections(request).filter(pk=key).first()) is not None:
        # Sent twice: the first one has made it.
        return Page(model_admin, request, made).redirect("overview")
    if not form.is_valid() or key is None:
        return _show(model_admin, request, form)
    connection = _create(form, key)
    if connection is None:
        return _show(model_admin, request, form)
    model_admin.log_addition(request, connection, "Create Tenant URL")
    page = Page(model_admin, request, connection)
    page.say(_("The tenant URL is ready. Generate a token next."), messages.SUCCESS)
    return page.redirect("overview")


def _create(form: TenantUrlForm, key: uuid.UUID) -> Connection | None:
    values = form.cleaned_data
    try:
        with transaction.atomic():
            return create_connection(
                values["organization"],
                values["preset"],
                values["tenant_id"],
                values["name"],
                id=key,
                **form.columns(),
            )
    except ValidationError as error:
        form.add_error(None, error.messages)
    except IntegrityError:
        form.add_error(None, _("Somebody else has just made this tenant URL; see the list of connections."))
    return None


def _initial(request: HttpRequest) -> dict[str, Any]:
    organizations = list(access.permitted_organizations(request)[:2])
    only = organizations[0].pk if len(organizations) == 1 else None
    return {"organization": request.GET.get("organization", only)}


def _show(model_admin: ModelAdmin, request: HttpRequest, form: TenantUrlForm) -> HttpResponse:
    page = Page(model_admin, request, Connection())
    # The key of the connection to be is made with the form, so that a form sent twice makes one connection.
    key = _signer(request).sign(str(uuid.uuid4()))
    return page.render("create", title=_("Create Tenant URL"), form=form, key=key)


def _key_of(request: HttpRequest) -> uuid.UUID | None:
    try:
        return uuid.UUID(_signer(request).unsign(request.POST.get("key", ""), max_age=FORM_LIFETIME))
    except (BadSignature, ValueError):
        return None


def _signer(request: HttpRequest) -> TimestampSigner:
    return TimestampSigner(salt=f"scim_provisioning.create_tenant_url.{request.user.pk}")
