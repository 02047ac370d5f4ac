"""The setup guide behind a setup link: one organization, no login, and nothing else to reach from it (P11)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_deny
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from scim_provisioning.guide.guides import setup_of
from scim_provisioning.guide.links import open_link
from scim_provisioning.guide.progress import answer, fingerprint, progress_of, status_of
from scim_provisioning.guide.setups import Setup
from scim_provisioning.management.tenant_urls import shown_tenant_url
from scim_provisioning.models import SetupLink

TEMPLATES = "scim_provisioning/guide/"
# The address is the credential: it must not travel on in a Referer, stay in a cache, or be found by a search.
HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow",
}
View = Callable[..., HttpResponse]


def behind_link(view: View) -> View:
    """Let a live setup link through to *view*; whatever else came gets the one page that says it is gone.

    No cookie is read, so there is none that another site could make a browser send: the link in the address
    is what permits, and who has it needs no second proof (and ``no-referrer`` would break Django's own).
    """

    @csrf_exempt
    @xframe_options_deny
    @require_http_methods(["GET", "HEAD", "POST"])
    def opened(request: HttpRequest, link: str) -> HttpResponse:
        found = open_link(link)
        if found is None:
            response = render(request, f"{TEMPLATES}gone.html", status=404)
        else:
            setup = setup_of(found.connection, shown_tenant_url(request, found.connection))
            response = view(request, found, setup)
        for name, value in HEADERS.items():
            response[name] = value
        return response

    return opened


@behind_link
def setup_guide(request: HttpRequest, link: SetupLink, setup: Setup) -> HttpResponse:
    """Show the guide, and take a step's confirmation."""
    url = request.path
    if request.method == "POST":
        who = _("setup link %(id)s") % {"id": link.pk}
        step = answer(setup.connection, request.POST, who)
        return HttpResponseRedirect(f"{url}#step-{step}" if step else url)
    steps = progress_of(setup)
    context: dict[str, Any] = {
        "setup": setup,
        "organization": setup.connection.organization,
        "link": link,
        "steps": steps,
        "done": sum(each.is_done for each in steps),
        "version": fingerprint(steps),
        "confirm_url": url,
        "status_url": f"{url}status.json",
        "exempt": True,
    }
    return render(request, f"{TEMPLATES}setup.html", context)


@behind_link
def setup_status(request: HttpRequest, link: SetupLink, setup: Setup) -> HttpResponse:
    """Say how the guide stands, for the page that looks every few seconds."""
    return JsonResponse(status_of(setup))
