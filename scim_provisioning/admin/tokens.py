"""Generate token, and revoke (A4, A5): the text of a token is in the answer that made it and nowhere else."""

from typing import Any

from django import forms
from django.db import transaction
from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_variables

from scim_provisioning.admin.pages import Page
from scim_provisioning.lifecycle.principals import may_be_principal, role_of_principals
from scim_provisioning.management.tenant_urls import shown_tenant_url
from scim_provisioning.models import Connection, Token, TooManyTokens
from scim_provisioning.models.tokens import SLOTS

LIFETIME: Any = Connection._meta.get_field("token_lifetime")
MOST_DAYS = min(each.limit_value for each in LIFETIME.validators if each.limit_value > 1)

_NOT_YOURS = gettext_lazy(
    "A token is issued to who generates it, and works only while that person holds the role “%(role)s”, "
    "which you do not. Ask somebody who does to generate it."
)


class AlreadySent(Exception):
    """A token was generated after the form was shown: by a second click, a reload, or somebody else."""


class ShownSecret:
    """A secret on its way into a page; Django logs whole template contexts at DEBUG, by their repr."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "<secret>"


class TokenForm(forms.Form):
    """How long a new token is valid, and after which token the form was shown."""

    days = forms.IntegerField(label=gettext_lazy("Lifetime in days"), min_value=1, max_value=MOST_DAYS)
    latest = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)


def form_for(connection: Connection) -> TokenForm:
    """Return the form of a new token."""
    initial = {"days": connection.token_lifetime, "latest": newest_of(connection)}
    return TokenForm(initial=initial, auto_id="scim-%s")


def newest_of(connection: Connection) -> str:
    """Return the key id of the newest token: what a form was shown after."""
    newest = connection.tokens.order_by("-pk").values_list("key_id", flat=True)
    return newest.first() or ""


@sensitive_variables("secret")
def generate_token(page: Page) -> HttpResponse:
    """Make a token and show it, this once (A4); a reload of the page that showed it asks anew."""
    if page.request.method != "POST":
        return _prompt(page)
    form = TokenForm(page.request.POST, auto_id="scim-%s")
    if not may_be_principal(page.connection, page.request.user):
        return _prompt(page, _NOT_YOURS % {"role": role_of_principals()})
    if not form.is_valid():
        return _prompt(page, _("Choose a lifetime of 1 to %(most)d days.") % {"most": MOST_DAYS})
    try:
        token, secret = _issue(page, form.cleaned_data["days"], form.cleaned_data["latest"])
    except AlreadySent:
        return _prompt(page, _("This form was used already. The token it made is not shown again."))
    except TooManyTokens:
        return _prompt(page, _("Two tokens are valid. Revoke the one that is not in use first."))
    page.note(f"Generate token {token.key_id}")
    response = page.render(
        "token",
        title=_("Generate token"),
        secret=ShownSecret(secret),
        quoted=ShownSecret(f'token="{secret}"'),
        token=token,
        overview_url=page.url("overview"),
        tenant_url=shown_tenant_url(page.request, page.connection),
    )
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _issue(page: Page, days: int, latest: str) -> tuple[Token, str]:
    """Make a token, unless one was made since the form was shown."""
    with transaction.atomic():
        connection = Connection.objects.select_for_update().get(pk=page.connection.pk)
        if newest_of(connection) != latest:
            raise AlreadySent
        return Token.issue(connection, days, page.request.user)


def _prompt(page: Page, refusal: str = "") -> HttpResponse:
    return page.render(
        "token",
        title=_("Generate token"),
        status=409 if refusal else 200,
        refusal=refusal,
        form=form_for(page.connection),
        may_generate=page.connection.tokens.live().count() < len(SLOTS),
        generate_url=page.url("generate_token"),
        overview_url=page.url("overview"),
    )


def revoke_token(page: Page, key_id: str) -> HttpResponse:
    """Ask whether to end a token, then end it."""
    token = page.connection.tokens.filter(key_id=key_id).first()
    if token is None:
        raise Http404
    if page.request.method != "POST":
        return page.render(
            "confirm_revoke",
            title=_("Revoke token"),
            token=token,
            is_only=not page.connection.tokens.live().exclude(pk=token.pk).exists(),
            overview_url=page.url("overview"),
        )
    if token.revoked_at is None:
        token.revoke()
        page.note(f"Revoke token {token.key_id}")
    page.say(_("Token %(key_id)s is revoked.") % {"key_id": token.key_id})
    return page.redirect("overview")
