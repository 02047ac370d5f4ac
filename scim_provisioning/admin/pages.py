"""What every page of a connection shares: where it stands, how it is rendered, what it notes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from scim_provisioning.models import Connection

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Connection]
else:
    ModelAdmin = admin.ModelAdmin

PREFIX = "scim_provisioning_connection_"
TEMPLATES = "scim_provisioning/admin/"


def page_url(site: AdminSite, name: str, *args: Any) -> str:
    """Return the address of a page of connections on an admin site."""
    return reverse(f"admin:{PREFIX}{name}", args=args, current_app=site.name)


@dataclass(frozen=True, slots=True)
class Page:
    """One request for a page of one connection, by a person who may configure it."""

    model_admin: ModelAdmin
    request: HttpRequest
    connection: Connection

    def url(self, name: str, *args: Any) -> str:
        """Return the address of another page of the connection."""
        return page_url(self.model_admin.admin_site, name, self.connection.pk, *args)

    def render(self, template: str, *, title: Any, status: int = 200, **context: Any) -> HttpResponse:
        """Return the page; rendered at once, so that its context ends with the view."""
        return render(
            self.request,
            f"{TEMPLATES}{template}.html",
            {
                **self.model_admin.admin_site.each_context(self.request),
                "opts": Connection._meta,
                "connection": self.connection,
                "connection_is_new": self.connection._state.adding,
                "title": title,
                **context,
            },
            status=status,
        )

    def redirect(self, name: str) -> HttpResponse:
        """Send the browser to another page of the connection."""
        return HttpResponseRedirect(self.url(name))

    def say(self, message: Any, level: int = messages.SUCCESS) -> None:
        """Show a message on the next page."""
        messages.add_message(self.request, level, str(message))

    def note(self, message: Any) -> None:
        """Write what was done into the admin's history of the connection."""
        self.model_admin.log_change(self.request, self.connection, str(message))
