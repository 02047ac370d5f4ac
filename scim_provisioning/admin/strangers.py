"""Refused calls: who called a tenant URL without a token that is valid there."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from scim_provisioning.models import Connection, FailedAuthentication

SHOWN = 20
Reason = FailedAuthentication.Reason
# What an administrator can do about each; a stranger's nonsense needs nobody.
ADVICE = {
    Reason.MISSING: _(
        "If the address is your identity provider's, paste the token into its Secret Token field."
    ),
    Reason.MALFORMED: _("If the address is your identity provider's, paste the token again, all of it."),
    Reason.UNKNOWN: _("If the address is your identity provider's, generate a token and paste it."),
    Reason.EXPIRED: _("Generate a token and paste it into the identity provider."),
    Reason.REVOKED: _("Somebody still uses a revoked token: paste the valid one, or find out who that is."),
    Reason.ELSEWHERE: _("Paste the token of this connection; each tenant URL has tokens of its own."),
    Reason.STRAYED: _(
        "Somebody tried this connection's token at another tenant URL; if you did not, revoke it."
    ),
    Reason.ADDRESS: _(
        "Add the address to the allowed networks, or revoke the token if nobody of yours calls from it."
    ),
}
ALARMING = frozenset({Reason.REVOKED, Reason.STRAYED, Reason.ADDRESS})


@dataclass(frozen=True, slots=True)
class RefusedCalls:
    """One row, and what mends it."""

    row: FailedAuthentication
    advice: Any
    is_alarming: bool


def refused_calls(connection: Connection) -> Sequence[RefusedCalls]:
    """Return the newest refused calls of a connection; its table never has more than a few."""
    rows = FailedAuthentication.objects.filter(connection=connection).order_by("-last_at", "-pk")[:SHOWN]
    return [RefusedCalls(row, ADVICE[Reason(row.reason)], row.reason in ALARMING) for row in rows]
