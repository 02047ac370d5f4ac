"""Calls that were refused for their token: what an administrator sees when a pasted token is not the right one."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.connections import Connection
from scim_provisioning.models.tokens import KEY_ID_LENGTH

LONGEST_ADDRESS = 45


class FailedAuthentication(models.Model):
    """How often one address was refused for one reason; never more than a key id of the token."""

    class Reason(models.TextChoices):
        """Why, for the administrator; the client is never told."""

        MISSING = "missing", _("no token")
        MALFORMED = "malformed", _("no token of ours, or a mistyped one")
        UNKNOWN = "unknown", _("unknown token")
        EXPIRED = "expired", _("expired token")
        REVOKED = "revoked", _("revoked token")
        ELSEWHERE = "elsewhere", _("token of another connection")
        STRAYED = "strayed", _("this connection's token at another tenant URL")
        ADDRESS = "address", _("address is not permitted")

    connection = models.ForeignKey(
        Connection,
        on_delete=models.CASCADE,
        related_name="failed_authentications",
        verbose_name=_("connection"),
    )
    address = models.CharField(_("address"), max_length=LONGEST_ADDRESS, blank=True)
    reason = models.CharField(_("reason"), max_length=16, choices=Reason)
    key_id = models.CharField(_("token"), max_length=KEY_ID_LENGTH, blank=True)
    count = models.PositiveBigIntegerField(_("calls"), default=1)
    first_at = models.DateTimeField(_("first at"))
    last_at = models.DateTimeField(_("last at"))

    class Meta:
        verbose_name = _("failed authentication")
        verbose_name_plural = _("failed authentications")
        constraints = [
            models.UniqueConstraint(fields=["connection", "address", "reason"], name="scim_failed_once"),
        ]

    def __str__(self) -> str:
        return f"{self.address} ({self.get_reason_display()})"
