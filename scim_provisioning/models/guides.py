"""How far an organization is with its setup guide, and the links that open the guide without a login."""

from datetime import timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.connections import Connection


class Confirmation(models.Model):
    """A step of the setup guide that somebody has confirmed; what was seen on the wire ticks a step by itself."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="confirmations", verbose_name=_("connection")
    )
    step = models.CharField(_("step"), max_length=32)
    confirmed_at = models.DateTimeField(_("confirmed at"), default=timezone.now)
    confirmed_by = models.CharField(_("confirmed by"), max_length=255)

    class Meta:
        verbose_name = _("confirmation")
        verbose_name_plural = _("confirmations")
        constraints = [
            models.UniqueConstraint(fields=["connection", "step"], name="scim_confirmation_one_of_each")
        ]

    def __str__(self) -> str:
        return self.step


class SetupLinkQuerySet(models.QuerySet["SetupLink"]):
    """Setup links by what they can still do."""

    def live(self) -> "SetupLinkQuerySet":
        """Return the links that open the guide at this moment."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class SetupLink(models.Model):
    """A link that opens one connection's setup guide for the customer's IT, until it expires or is revoked (P11).

    What the link says is its number, signed with the Hub's own key; the row alone opens nothing.
    """

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="setup_links", verbose_name=_("connection")
    )
    nonce = models.CharField(_("nonce"), max_length=32, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("created by"),
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now)
    expires_at = models.DateTimeField(_("expires at"))
    opened_at = models.DateTimeField(_("first opened at"), null=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, editable=False)

    objects = SetupLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("setup link")
        verbose_name_plural = _("setup links")

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def is_live(self) -> bool:
        """Whether it opens the guide at this moment."""
        return self.revoked_at is None and self.expires_at > timezone.now()

    @property
    def lifetime(self) -> timedelta:
        """How long it was made for."""
        return self.expires_at - self.created_at
