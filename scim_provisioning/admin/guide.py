"""The setup guide of a connection for the organization's admin, and the links that open it for others (P6, P11)."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from scim_provisioning import conf
from scim_provisioning.admin.pages import Page
from scim_provisioning.guide.findings import findings_of
from scim_provisioning.guide.guides import setup_of
from scim_provisioning.guide.links import TooManyLinks, create_link, link_path, revoke_link
from scim_provisioning.guide.progress import answer, fingerprint, progress_of, status_of
from scim_provisioning.guide.setups import Setup
from scim_provisioning.management.tenant_urls import shown_tenant_url


def setup_for(page: Page) -> Setup:
    """Return the connection of a page as its guide sees it."""
    return setup_of(page.connection, shown_tenant_url(page.request, page.connection))


def guide(page: Page) -> HttpResponse:
    """Show the guide, and take a step's confirmation."""
    setup = setup_for(page)
    url = page.url("guide")
    if page.request.method == "POST":
        step = answer(page.connection, page.request.POST, page.request.user.get_username())
        if step:
            page.note(f"Reopen step {step}" if "reopen" in page.request.POST else f"Confirm step {step}")
        return HttpResponseRedirect(f"{url}#step-{step}" if step else url)
    steps = progress_of(setup)
    return page.render(
        "guide",
        title=_("Setup guide"),
        setup=setup,
        steps=steps,
        done=sum(each.is_done for each in steps),
        version=fingerprint(steps),
        confirm_url=url,
        status_url=page.url("guide_status"),
        export_url=page.url("export"),
    )


def guide_status(page: Page) -> HttpResponse:
    """Say how the guide stands, for the page that looks every few seconds."""
    return JsonResponse(status_of(setup_for(page)), headers={"Cache-Control": "no-store"})


def setup_card(page: Page) -> dict[str, Any]:
    """Return what the overview says of the guide: how far it is, and every finding with what it is based on."""
    setup = setup_for(page)
    findings = findings_of(setup)
    steps = progress_of(setup, findings)
    return {
        "steps": len(steps),
        "done": sum(each.is_done for each in steps),
        "wrong": [each for each in findings if each.is_wrong],
        "ignored": [each for each in findings if each.is_ignored],
        "findings": findings,
        "links": page.connection.setup_links.live().select_related("created_by").order_by("-pk"),
        "days": conf.value("SETUP_LINK_DAYS"),
        "guide_url": page.url("guide"),
        "export_url": page.url("export"),
        "links_url": page.url("setup_links"),
    }


def setup_links(page: Page) -> HttpResponse:
    """Make a setup link and show it, this once; or end one (P11)."""
    if page.request.method != "POST":
        return page.redirect("overview")
    if "revoke" in page.request.POST:
        return _revoke(page)
    try:
        with transaction.atomic():
            link, text = create_link(page.connection, page.request.user)
            url = page.request.build_absolute_uri(link_path(text))
    except TooManyLinks:
        page.say(_("Ten setup links are valid. Revoke one first."), level=messages.ERROR)
        return page.redirect("overview")
    except NoReverseMatch:
        page.say(_("The Hub's urls.py does not include scim_provisioning.urls."), level=messages.ERROR)
        return page.redirect("overview")
    page.note(f"Create setup link {link.pk}")
    response = page.render("setup_link", title=_("Setup link"), link=link, link_url=url)
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _revoke(page: Page) -> HttpResponse:
    number = page.request.POST["revoke"]
    link = page.connection.setup_links.filter(pk=number).first() if number.isdecimal() else None
    if link is None:
        raise Http404
    if link.revoked_at is None:
        revoke_link(link)
        page.note(f"Revoke setup link {link.pk}")
    page.say(_("Setup link %(id)s is revoked.") % {"id": link.pk})
    return page.redirect("overview")
