"""Notices that a token expires: 60, 30, 14, 7 and 1 days before, once each, by mail and on the pages (A5)."""

import logging
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from scim_provisioning import signals
from scim_provisioning.lifecycle import mails
from scim_provisioning.models import ExpiryNotice, Token
from scim_provisioning.models.tokens import tell

logger = logging.getLogger(__name__)

STEPS = (1, 7, 14, 30, 60)
# The step of a token that has expired, and how long after it somebody is still told.
EXPIRED = 0
TOLD_WITHIN = timedelta(days=30)
FIRST_NOTICE = timedelta(days=max(STEPS))


@dataclass(slots=True)
class Notified:
    """What a run came to; tokens are told by their key ids."""

    sent: list[dict[str, Any]] = field(default_factory=list)
    failed: list[dict[str, Any]] = field(default_factory=list)


def expiring(now: datetime) -> QuerySet[Token]:
    """Return the live tokens that expire soon, but for those that a newer one of the connection outlasts."""
    newer = Token.objects.live().filter(
        connection=OuterRef("connection"), pk__gt=OuterRef("pk"), expires_at__gt=OuterRef("expires_at")
    )
    return Token.objects.live().filter(~Exists(newer), expires_at__lte=now + FIRST_NOTICE)


def step_of(token: Token, now: datetime) -> int | None:
    """Return which notice is due: the latest one, and none that a token was issued after."""
    left = token.expires_at - now
    step = next((days for days in STEPS if left <= timedelta(days=days)), None)
    if step is None or token.expires_at - timedelta(days=step) <= token.created_at:
        return None
    return step


def notify_expiring() -> Notified:
    """Send the notices that are due and were not sent; one that fails is tried again by the next run."""
    notified, now = Notified(), timezone.now()
    tokens = expiring(now).select_related("connection__organization").order_by("expires_at", "pk")
    for token in tokens:
        step = step_of(token, now)
        if step is None:
            continue
        told = {"key_id": token.key_id, "connection": token.connection_id, "days": step}
        try:
            recipients = _notify(token, step, now)
        except Exception:
            # The hook or the mail of one organization must not keep the others from their notices.
            logger.exception("The notice that token %s expires was not sent.", token.key_id)
            notified.failed.append(told)
            continue
        if recipients:
            notified.sent.append({**told, "recipients": recipients})
    tell_expired()
    return notified


def _notify(token: Token, step: int, now: datetime) -> int:
    """Send one notice, unless it was sent; the row and the mail stand or fall together."""
    recipients = mails.recipients_of(token.connection.organization)
    if not recipients and not signals.token_expiring.has_listeners():
        return 0
    with transaction.atomic():
        # A second run waits here for the first, then finds its row.
        _notice, is_new = ExpiryNotice.objects.get_or_create(token=token, days=step)
        if not is_new:
            return 0
        tell(signals.token_expiring, token, days=step)
        if recipients:
            mails.send("token_expiry", _context(token, now), recipients)
    return len(recipients)


def tell_expired() -> int:
    """Send the signal of the tokens that expired since they were looked at last, once each; return how many."""
    if not signals.token_expired.has_listeners():
        return 0
    now, told = timezone.now(), 0
    expired = Token.objects.filter(revoked_at=None, expires_at__range=(now - TOLD_WITHIN, now))
    for token in expired.exclude(expiry_notices__days=EXPIRED).order_by("expires_at", "pk"):
        with transaction.atomic():
            _notice, is_new = ExpiryNotice.objects.get_or_create(token=token, days=EXPIRED)
            if is_new:
                tell(signals.token_expired, token)
                told += 1
    return told


def _context(token: Token, now: datetime) -> dict[str, Any]:
    left = token.expires_at - now
    return {
        "connection": token.connection,
        "organization": token.connection.organization,
        "key_id": token.key_id,
        "expires_at": token.expires_at,
        "days": max(1, round(left / timedelta(days=1))),
    }
