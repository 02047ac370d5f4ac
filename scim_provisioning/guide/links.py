"""Setup links: signed, expiring, revocable, and good for one connection's guide alone (P11)."""

import secrets
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.core.signing import BadSignature, TimestampSigner
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from scim_provisioning import conf
from scim_provisioning.models import Connection, SetupLink

SALT = "scim_provisioning.setup"
MOST_LIVE = 10


class TooManyLinks(Exception):
    """So many links are live that one has to be revoked first."""


def create_link(connection: Connection, created_by: Any) -> tuple[SetupLink, str]:
    """Make a link and return it with its text, which is shown once.

    :raises TooManyLinks: when ten are live.
    """
    if connection.setup_links.live().count() >= MOST_LIVE:
        raise TooManyLinks
    now = timezone.now()
    link = SetupLink.objects.create(
        connection=connection,
        nonce=secrets.token_hex(16),
        created_by=created_by,
        created_at=now,
        expires_at=now + timedelta(days=conf.value("SETUP_LINK_DAYS")),
    )
    return link, _signer().sign(link.nonce)


def open_link(text: str) -> SetupLink | None:
    """Return the link that *text* is, or None: forged, expired, revoked and foreign ones are all alike."""
    signer = _signer()
    try:
        nonce = signer.unsign(text)
        link = SetupLink.objects.select_related("connection__organization").filter(nonce=nonce).first()
        if link is None or not link.is_live:
            return None
        signer.unsign(text, max_age=link.lifetime)
    except BadSignature:
        return None
    if link.opened_at is None:
        SetupLink.objects.filter(pk=link.pk, opened_at=None).update(opened_at=timezone.now())
    return link


def link_path(text: str) -> str:
    """Return the path of a link, below whichever of our URLs the Hub includes.

    :raises NoReverseMatch: when it includes none.
    """
    with suppress(NoReverseMatch):
        return reverse("scim_provisioning:setup", args=[text])
    return reverse("scim_provisioning_hosts:setup", args=[text])


def revoke_link(link: SetupLink) -> None:
    """End a link at once."""
    SetupLink.objects.filter(pk=link.pk, revoked_at=None).update(revoked_at=timezone.now())


def _signer() -> TimestampSigner:
    return TimestampSigner(sep=".", salt=SALT)
