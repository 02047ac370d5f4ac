"""The banner that tokens expire, as a message: every admin theme shows those, and shows them once."""

from collections.abc import Iterable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from scim_provisioning.admin import access
from scim_provisioning.lifecycle.expiry import expiring, step_of
from scim_provisioning.models import Token


def warn_of_expiry(request: HttpRequest, tokens: Iterable[Token]) -> None:
    """Say on the page that is about to be rendered which tokens expire when."""
    shown = [
        _("%(connection)s on %(day)s (token %(key_id)s)")
        % {
            "connection": token.connection,
            "day": date_format(token.expires_at, "DATE_FORMAT"),
            "key_id": token.key_id,
        }
        for token in tokens
    ]
    if shown:
        text = _("Tokens expire soon: %(tokens)s. Generate new ones before that.")
        messages.warning(request, text % {"tokens": "; ".join(shown)})


def expiring_tokens(request: HttpRequest, organization_id: Any) -> list[Token]:
    """Return the tokens of an organization's connections of whose expiry a notice is due."""
    now = timezone.now()
    connections = access.permitted_connections(request).filter(organization=organization_id)
    tokens = expiring(now).filter(connection__in=connections).select_related("connection__organization")
    return [token for token in tokens.order_by("expires_at") if step_of(token, now) is not None]
