"""What the brake holds: who would go, and the two buttons that decide it (T13)."""

from django.contrib import messages
from django.http import HttpResponse
from django.utils.translation import gettext as _

from scim_provisioning.admin.pages import Page
from scim_provisioning.lifecycle import braking
from scim_provisioning.models import Connection, HeldChange

PER_PAGE = 100
# Nobody reads further; the exact number beyond would cost more with each that is held.
COUNTED = 10_000
State = HeldChange.State


def held(page: Page) -> HttpResponse:
    """Show what is held, or decide what was shown."""
    if page.request.method == "POST":
        return _decide(page)
    waiting = braking.waiting(page.connection)
    newest = waiting.order_by("-pk").values_list("pk", flat=True).first()
    after = page.request.GET.get("after", "")
    listed = waiting.filter(pk__gt=int(after)) if after.isdecimal() and len(after) < 19 else waiting
    rows = list(listed.order_by("pk")[: PER_PAGE + 1])
    decided = HeldChange.objects.filter(connection=page.connection).exclude(state=State.PENDING)
    return page.render(
        "held",
        title=_("Held deprovisioning"),
        rows=rows[:PER_PAGE],
        more=f"?after={rows[PER_PAGE - 1].pk}" if len(rows) > PER_PAGE else "",
        count=waiting[: COUNTED + 1].count(),
        counted=COUNTED,
        newest=newest,
        decided=list(decided.order_by("-decided_at", "-pk")[:PER_PAGE]),
        rejected=decided.filter(state=State.REJECTED).exists(),
        hours=int(braking.REMEMBERED.total_seconds() // 3600),
    )


def _decide(page: Page) -> HttpResponse:
    """Decide exactly what was shown: what was held after the page was rendered waits on."""
    decision, newest = page.request.POST.get("decision", ""), page.request.POST.get("newest", "")
    if decision not in (State.APPROVED, State.REJECTED) or not newest.isdecimal() or len(newest) > 18:
        page.say(_("Nothing was decided."), messages.WARNING)
        return page.redirect("held")
    of = State.REJECTED if page.request.POST.get("of") == State.REJECTED else State.PENDING
    changes = HeldChange.objects.filter(state=of, pk__lte=int(newest))
    decided = braking.decide(page.connection, decision, changes, page.request.user.get_username())
    if decision == State.APPROVED:
        page.note(f"Approve {decided} held changes")
        page.say(
            _("%(count)d changes are approved; they are done when the identity provider comes back.")
            % {"count": decided}
        )
    else:
        page.note(f"Reject {decided} held changes")
        page.say(
            _("%(count)d changes are rejected. Correct the scope in the identity provider.")
            % {"count": decided}
        )
    return page.redirect("held")


def is_held(connection: Connection) -> bool:
    """Return whether something waits for a decision."""
    return braking.waiting(connection).exists()
