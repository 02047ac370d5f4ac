"""Notices that were sent, so that each is sent once."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.tokens import Token


class ExpiryNotice(models.Model):
    """One notice that a token expires, so many days before it does."""

    token = models.ForeignKey(
        Token, on_delete=models.CASCADE, related_name="expiry_notices", verbose_name=_("token")
    )
    days = models.PositiveSmallIntegerField(_("days before"))
    sent_at = models.DateTimeField(_("sent at"), auto_now_add=True)

    class Meta:
        verbose_name = _("expiry notice")
        verbose_name_plural = _("expiry notices")
        constraints = [
            models.UniqueConstraint(fields=["token", "days"], name="scim_expiry_notice_once"),
        ]

    def __str__(self) -> str:
        return f"{self.token} {self.days}"
