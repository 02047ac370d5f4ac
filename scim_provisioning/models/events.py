"""What SCIM did or refused: the audit trail, and the log that admins read."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.connections import Connection


class Event(models.Model):
    """One write, or one refusal; it survives the deletion of its connection."""

    class Outcome(models.TextChoices):
        """How it ended."""

        SUCCESS = "success", _("Success")
        REFUSED = "refused", _("Refused")
        IGNORED = "ignored", _("Ignored")
        FAILED = "failed", _("Failed")

    connection = models.ForeignKey(
        Connection, on_delete=models.SET_NULL, null=True, related_name="events", verbose_name=_("connection")
    )
    connection_key = models.UUIDField(_("connection id"))
    request_id = models.CharField(_("request id"), max_length=36)
    token_key_id = models.CharField(_("token"), max_length=12, blank=True)
    operation = models.CharField(_("operation"), max_length=32)
    resource_type = models.CharField(_("resource type"), max_length=16, blank=True)
    resource_id = models.UUIDField(_("resource id"), null=True)
    resource_name = models.CharField(_("resource name"), max_length=255, blank=True)
    outcome = models.CharField(_("outcome"), max_length=16, choices=Outcome)
    status = models.PositiveSmallIntegerField(_("HTTP status"))
    scim_type = models.CharField(_("scimType"), max_length=32, blank=True)
    code = models.CharField(_("code"), max_length=64, blank=True)
    detail = models.TextField(_("detail"), blank=True)
    changes = models.JSONField(_("changes"), default=dict)
    duration_ms = models.PositiveIntegerField(_("duration in ms"), default=0)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["connection_key", "-id"], name="scim_event_log"),
            models.Index(fields=["resource_id"], name="scim_event_resource"),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.resource_name}"
