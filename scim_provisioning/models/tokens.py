"""Bearer tokens: shown once, stored as a digest, at most two live for each connection (A4, A5)."""

import hashlib
import hmac
import logging
import re
import secrets
import string
import zlib
from datetime import timedelta
from functools import partial
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.dispatch import Signal
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scim_provisioning import conf, signals
from scim_provisioning.models.connections import Connection

logger = logging.getLogger(__name__)

ALPHABET = string.digits + string.ascii_letters
KEY_ID_LENGTH = 12
SECRET_LENGTH = 43  # 43 base62 digits hold 256 bits
CHECKSUM_LENGTH = 6
SLOTS = (1, 2)
_SHAPE = re.compile(
    rf"[A-Za-z0-9]+_([A-Za-z0-9]{{{KEY_ID_LENGTH}}})_([A-Za-z0-9]{{{SECRET_LENGTH}}})_([A-Za-z0-9]{{{CHECKSUM_LENGTH}}})"
)


class TooManyTokens(Exception):
    """Two tokens are live already; one has to be revoked first."""


def _base62(number: int, length: int) -> str:
    digits = []
    for _index in range(length):
        number, digit = divmod(number, 62)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def _checksum(text: str) -> str:
    return _base62(zlib.crc32(text.encode()), CHECKSUM_LENGTH)


def digest_of(secret: str, pepper: str = "") -> str:
    """Return the stored form of a secret; 256 random bits need no slow hash."""
    if pepper:
        return hmac.new(pepper.encode(), secret.encode(), hashlib.sha256).hexdigest()
    return hashlib.sha256(secret.encode()).hexdigest()


def read_token(text: str) -> tuple[str, str] | None:
    """Return (key id, secret) of a well-formed token; a paste error is told by its checksum, without a query."""
    match = _SHAPE.fullmatch(text)
    if match is None:
        return None
    body, _separator, checksum = text.rpartition("_")
    if not hmac.compare_digest(_checksum(body), checksum):
        return None
    return match[1], match[2]


class TokenQuerySet(models.QuerySet["Token"]):
    """Tokens by what they can still do."""

    def live(self) -> "TokenQuerySet":
        """Return the tokens that authenticate at this moment."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class Token(models.Model):
    """A secret that an identity provider sends as ``Authorization: Bearer`` (A6)."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="tokens", verbose_name=_("connection")
    )
    key_id = models.CharField(_("key id"), max_length=KEY_ID_LENGTH, unique=True)
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    slot = models.PositiveSmallIntegerField(_("slot"), null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    # Stays when the person goes: a token that lost its principal is not one that never had any.
    has_principal = models.BooleanField(_("has a principal"), default=False, db_default=False, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"))
    first_used_at = models.DateTimeField(_("first used at"), null=True, editable=False)
    last_used_at = models.DateTimeField(_("last used at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    objects = TokenQuerySet.as_manager()

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens")
        constraints = [
            models.UniqueConstraint(fields=["connection", "slot"], name="scim_token_two_live"),
            models.CheckConstraint(
                condition=models.Q(slot__isnull=True) | models.Q(slot__in=SLOTS), name="scim_token_slot"
            ),
        ]

    def __str__(self) -> str:
        return self.key_id

    @classmethod
    def issue(
        cls, connection: Connection, days: int | None = None, created_by: Any = None
    ) -> tuple["Token", str]:
        """Create a token and return it with its text, which nothing can show again (A4).

        :param days: lifetime; the connection's ``token_lifetime`` by default.
        :param created_by: whom the token is issued to, its principal; None for the Hub's operator (B3).
        :raises TooManyTokens: when two tokens are live.
        """
        now = timezone.now()
        key_id, secret, text = new_text()
        with transaction.atomic():
            Connection.objects.select_for_update().get(pk=connection.pk)
            connection_tokens = cls.objects.filter(connection=connection)
            connection_tokens.filter(expires_at__lte=now).update(slot=None)
            taken = set(connection_tokens.exclude(slot=None).values_list("slot", flat=True))
            free = [slot for slot in SLOTS if slot not in taken]
            if not free:
                raise TooManyTokens
            token = cls.objects.create(
                connection=connection,
                key_id=key_id,
                digest=digest_of(secret, _pepper()),
                slot=free[0],
                created_by=created_by,
                has_principal=created_by is not None,
                expires_at=now + timedelta(days=days or connection.token_lifetime),
            )
            tell(signals.token_issued, token)
        return token, text

    @classmethod
    def issue_beside(cls, connection: Connection, lifetime: timedelta) -> tuple["Token", str]:
        """Create a token that takes no slot of the two, for a self-test that is rolled back."""
        key_id, secret, text = new_text()
        token = cls.objects.create(
            connection=connection,
            key_id=key_id,
            digest=digest_of(secret, _pepper()),
            expires_at=timezone.now() + lifetime,
        )
        return token, text

    def revoke(self) -> None:
        """End the token at once."""
        self.revoked_at = timezone.now()
        self.slot = None
        self.save(update_fields=["revoked_at", "slot"])
        tell(signals.token_revoked, self)

    def matches(self, secret: str) -> bool:
        """Return whether *secret* is the one this token was issued with, in constant time."""
        peppers = conf.value("TOKEN_PEPPERS") or ("",)
        # A list, so that every digest is compared whatever the first one says.
        return any([hmac.compare_digest(self.digest, digest_of(secret, pepper)) for pepper in peppers])  # noqa: C419

    @property
    def is_live(self) -> bool:
        """Whether the token authenticates at this moment."""
        return self.revoked_at is None and self.expires_at > timezone.now()


def tell(signal: Signal, token: Token, **more: Any) -> None:
    """Send a signal of a token once what it says is committed; the secret is not in it (T24)."""
    if signal.has_listeners():
        told = {"connection_id": token.connection_id, "key_id": token.key_id, "expires_at": token.expires_at}
        transaction.on_commit(partial(_send, signal, {**told, **more}))


def _send(signal: Signal, told: dict[str, Any]) -> None:
    try:
        signal.send_robust(sender=Token, **told)
    except AttributeError:
        # Django logs a failure by the receiver's name, which a partial or an instance does not have.
        logger.exception("A receiver without a name failed.")


def new_text() -> tuple[str, str, str]:
    """Return (key id, secret, text) of a token that nobody has yet."""
    key_id, secret = secrets_text(KEY_ID_LENGTH), secrets_text(SECRET_LENGTH)
    body = f"{conf.value('TOKEN_PREFIX')}_{key_id}_{secret}"
    return key_id, secret, f"{body}_{_checksum(body)}"


def secrets_text(length: int) -> str:
    """Return random base62 text."""
    return "".join(secrets.choice(ALPHABET) for _index in range(length))


def _pepper() -> str:
    peppers = conf.value("TOKEN_PEPPERS")
    return peppers[0] if peppers else ""
