"""Disconnect: the end of a connection, by an explicit choice of what becomes of its users."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning.admin.listing import managed
from scim_provisioning.admin.pages import Page, page_url
from scim_provisioning.lifecycle.disconnecting import StillOwed, deactivate_users, disconnect
from scim_provisioning.models import GroupResource, UserResource

KEEP, INACTIVE = "keep", "inactive"
# A request answers within this time; what is left of many users is done by pressing the button again.
SECONDS = 20.0


class DisconnectForm(forms.Form):
    """What becomes of the users; nothing is chosen beforehand."""

    users = forms.ChoiceField(
        label=gettext_lazy("What becomes of the users that SCIM manages?"),
        widget=forms.RadioSelect,
        choices=[
            (KEEP, gettext_lazy("They stay as they are, and are no longer SCIM-managed.")),
            (INACTIVE, gettext_lazy("They are set Inactive and cannot sign in any more.")),
        ],
    )
    sure = forms.BooleanField(
        label=gettext_lazy("The tenant URL and its tokens end for good, and cannot be brought back.")
    )


def disconnect_connection(page: Page) -> HttpResponse:
    """Ask, then end the connection."""
    form = DisconnectForm(page.request.POST) if page.request.method == "POST" else DisconnectForm()
    if not form.is_bound or not form.is_valid():
        return _show(page, form)
    connection = page.connection
    if form.cleaned_data["users"] == INACTIVE:
        # Paused first, or the identity provider would bring users back meanwhile.
        connection.enabled = False
        connection.save(update_fields=["enabled"])
        left = deactivate_users(connection, SECONDS)
        if left:
            form.add_error(
                None, _("%(left)d users are left. Press Disconnect again to go on.") % {"left": left}
            )
            return _show(page, form)
    name = str(connection)
    page.note(f"Disconnect, users: {form.cleaned_data['users']}")
    try:
        disconnect(connection)
    except StillOwed as error:
        form.add_error(
            None,
            _("%(owed)d effects, such as the end of sessions, are still owed; they have to be run first.")
            % {"owed": error.owed},
        )
        return _show(page, form)
    page.say(_("%(connection)s is disconnected.") % {"connection": name}, messages.SUCCESS)
    return HttpResponseRedirect(page_url(page.model_admin.admin_site, "changelist"))


def _show(page: Page, form: Any) -> HttpResponse:
    keys = [page.connection.pk]
    return page.render(
        "disconnect",
        title=_("Disconnect"),
        form=form,
        users=managed(UserResource, keys).get(keys[0], 0),
        groups=managed(GroupResource, keys).get(keys[0], 0),
        overview_url=page.url("overview"),
    )
