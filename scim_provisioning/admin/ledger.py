"""The ledger: what follows from changes, done and owed; retry, retry all, and skip with a reason (P10)."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning.admin.pages import Page
from scim_provisioning.lifecycle import effects
from scim_provisioning.lifecycle.ledger import of_connection, of_person, time_to_revoke
from scim_provisioning.models import Effect

PER_PAGE = 50
# A decision on all of them is taken in portions, so that a request answers in time.
MOST_AT_ONCE = 5_000


class LedgerForm(forms.Form):
    """What to show of the ledger."""

    q = forms.CharField(label=gettext_lazy("User or group name, SCIM id"), required=False, max_length=255)
    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        required=False,
        choices=[("", gettext_lazy("All")), *Effect.State.choices],
    )


class ReasonForm(forms.Form):
    """Why something that is owed will not be done."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200)


def ledger(page: Page) -> HttpResponse:
    """Show one page of the ledger, or act on it."""
    if page.request.method == "POST":
        return _act(page)
    form = LedgerForm(page.request.GET)
    form.is_valid()
    wanted = {name: str(form.cleaned_data.get(name, "")).strip() for name in form.fields}
    found = of_connection(page.connection)
    if wanted["q"]:
        found = found.filter(of_person(page.connection, wanted["q"]))
    if wanted["state"]:
        found = found.filter(state=wanted["state"])
    before = page.request.GET.get("before", "")
    if before.isdecimal() and len(before) < 19:
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PER_PAGE + 1])
    older = {**wanted, "before": rows[PER_PAGE - 1].pk} if len(rows) > PER_PAGE else None
    return page.render(
        "ledger",
        title=_("Effects"),
        form=LedgerForm(initial=wanted),
        reason=ReasonForm(auto_id="scim-%s"),
        rows=[(effect, _may_retry(effect), _may_skip(effect)) for effect in rows[:PER_PAGE]],
        older="?" + urlencode(older) if older else "",
        took=time_to_revoke(page.connection),
        given_up=_failed(page).exists(),
    )


def _act(page: Page) -> HttpResponse:
    sent = page.request.POST
    chosen: QuerySet[Effect] = of_connection(page.connection).order_by()
    if sent.get("action") == "retry_all":
        keys = list(_failed(page).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
        return _retried(page, effects.retry(chosen.filter(pk__in=keys)))
    effect = sent.get("effect", "")
    one = chosen.filter(pk=int(effect)) if effect.isdecimal() and len(effect) < 19 else chosen.none()
    if sent.get("action") == "retry":
        return _retried(page, effects.retry(one))
    form = ReasonForm(sent)
    if sent.get("action") != "skip" or not form.is_valid():
        page.say(_("Nothing was changed: say why it is skipped."), messages.WARNING)
    elif effects.skip(one, form.cleaned_data["reason"]):
        page.note(f"Skip effect {effect}: {form.cleaned_data['reason']}")
        page.say(_("The effect is skipped, and its reason kept."))
    else:
        page.say(_("It is not owed any more."), messages.WARNING)
    return page.redirect("ledger")


def _retried(page: Page, count: int) -> HttpResponse:
    if count:
        page.note(f"Retry {count} effects")
        effects.nudge()
    page.say(_("%(count)d effects are due now.") % {"count": count})
    return page.redirect("ledger")


def _failed(page: Page) -> QuerySet[Effect]:
    return of_connection(page.connection).filter(state=Effect.State.DEAD)


def _may_retry(effect: Effect) -> bool:
    waits = effect.state == Effect.State.DUE and bool(effect.last_error)
    return waits or effect.state in (Effect.State.DEAD, Effect.State.SKIPPED)


def _may_skip(effect: Any) -> bool:
    return effect.state in (Effect.State.DUE, Effect.State.DEAD)
