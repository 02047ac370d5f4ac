"""Overview of a connection: what to paste, how it is doing, and what went wrong."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse, HttpResponseNotAllowed
from django.utils.translation import gettext as _

from scim_provisioning.admin.braking import is_held
from scim_provisioning.admin.chart import chart_of
from scim_provisioning.admin.cycles import newest_cycles
from scim_provisioning.admin.explanations import explain
from scim_provisioning.admin.guide import setup_card
from scim_provisioning.admin.health import observe
from scim_provisioning.admin.numbers import at_a_glance
from scim_provisioning.admin.pages import Page
from scim_provisioning.admin.strangers import refused_calls
from scim_provisioning.admin.tokens import form_for
from scim_provisioning.lifecycle.principals import role_of_principals, without_principal
from scim_provisioning.management.tenant_urls import shown_tenant_url
from scim_provisioning.models import Event, Token
from scim_provisioning.models.events import ERRORS
from scim_provisioning.models.tokens import SLOTS

ENTRA_FLAG = "?aadOptscim062020"
SHOWN_ERRORS = 10
SHOWN_ENDED_TOKENS = 3
PAGES = ("held", "ledger", "log", "test", "pause", "resume", "disconnect", "change", "history")


@dataclass(frozen=True, slots=True)
class ListedToken:
    """A token on the overview, without anything secret."""

    token: Token
    state: str
    revoke_url: str


def overview(page: Page) -> HttpResponse:
    """Show the overview."""
    connection = page.connection
    seen = observe([connection])[connection.pk]
    errors = Event.objects.filter(connection_key=connection.pk, outcome__in=ERRORS).order_by("-pk")
    cycles = newest_cycles(connection.pk)
    url = shown_tenant_url(page.request, connection)
    tokens = _listed(page, seen.tokens)
    return page.render(
        "overview",
        title=str(connection),
        seen=seen,
        tenant_url=url,
        tenant_url_with_flag=f"{url}{ENTRA_FLAG}" if url else "",
        tokens=tokens,
        replaced=_replaced(tokens),
        may_generate=len(seen.live) < len(SLOTS),
        form=form_for(connection),
        generate_url=page.url("generate_token"),
        **at_a_glance(page),
        chart=chart_of(cycles.found),
        chart_is_cut=cycles.is_cut,
        errors=[
            (event, explain(event), page.url("event", event.pk))
            for event in errors.defer("request_body", "answer_body")[:SHOWN_ERRORS]
        ],
        guide=setup_card(page),
        urls={name: page.url(name) for name in PAGES},
        refused_calls=refused_calls(connection),
        is_held=is_held(connection),
    )


def _listed(page: Page, tokens: list[Token]) -> list[ListedToken]:
    """Return the valid tokens, the newest first, and a few that ended."""
    refused = without_principal(page.connection, [each for each in tokens if each.is_live])
    lost = _("refused: who it was issued to does not hold the role “%(role)s”") % {
        "role": role_of_principals()
    }
    live = [
        ListedToken(each, lost if each.pk in refused else _("valid"), page.url("revoke_token", each.key_id))
        for each in tokens
        if each.is_live
    ]
    ended = [
        ListedToken(each, _("revoked") if each.revoked_at else _("expired"), "")
        for each in tokens
        if not each.is_live
    ]
    return live + ended[:SHOWN_ENDED_TOKENS]


def _replaced(tokens: list[ListedToken]) -> dict[str, Any] | None:
    """Say that the older of two valid tokens can go, once the newer one is in use (A5)."""
    live = [each for each in tokens if each.revoke_url]
    if len(live) < len(SLOTS):
        return None
    newer, older = live[0], live[-1]
    if newer.token.first_used_at is None:
        return None
    used = older.token.last_used_at
    return {
        "newer": newer.token,
        "older": older,
        "is_still_used": used is not None and used > newer.token.first_used_at,
    }


def pause(page: Page) -> HttpResponse:
    """Answer the identity provider 503 from now on; it tries again later (RFC 7644 section 3.12)."""
    return _switch(page, enabled=False)


def resume(page: Page) -> HttpResponse:
    """Answer the identity provider again."""
    return _switch(page, enabled=True)


def _switch(page: Page, *, enabled: bool) -> HttpResponse:
    if page.request.method != "POST":
        return HttpResponseNotAllowed(["POST"])
    page.connection.enabled = enabled
    page.connection.save(update_fields=["enabled"])
    page.note("Resume" if enabled else "Pause")
    page.say(_("The connection is on.") if enabled else _("The connection is paused."))
    return page.redirect("overview")
