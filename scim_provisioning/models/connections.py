"""One organization's SCIM endpoint."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.networks import validate_networks
from scim_provisioning.models.policies import Policy


class Connection(Policy):
    """The SCIM endpoint of one organization: its tenant URL, its directory and its policy (A1, A2).

    A column that came later has a default of the database, too: processes of the release before, which do not know
    it, write rows while another one is being rolled out (F21).
    """

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(
        settings.SCIM_ORGANIZATION_MODEL,
        on_delete=models.CASCADE,
        related_name="scim_connections",
        verbose_name=_("organization"),
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    preset = models.CharField(_("preset"), max_length=32)
    tenant_id = models.UUIDField(
        _("Entra tenant ID"),
        null=True,
        blank=True,
        help_text=_("The directory (tenant) ID it provisions from."),
    )
    verified_domains = models.TextField(
        _("verified domains"),
        blank=True,
        help_text=_("Domains to which the e-mail of an adopted user may change, separated by spaces."),
    )
    allowed_roles = models.TextField(
        _("allowed roles"),
        blank=True,
        default="",
        db_default="",
        help_text=_(
            "The only roles that may be given, one in each line or separated by commas; an asterisk at the end stands "
            "for any continuation. Empty: all that the policy lets."
        ),
    )
    allowed_networks = models.TextField(
        _("allowed networks"),
        blank=True,
        default="",
        db_default="",
        validators=[validate_networks],
        help_text=_(
            "Networks that the identity provider calls from, such as 192.0.2.0/24, separated by spaces; empty for any."
        ),
    )
    enabled = models.BooleanField(_("enabled"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "tenant_id"],
                condition=models.Q(tenant_id__isnull=False),
                name="scim_connection_one_per_tenant",
                violation_error_message=_("The organization has a connection for this directory already."),
            )
        ]

    def __str__(self) -> str:
        return self.name or f"{self.organization} ({self.preset})"
