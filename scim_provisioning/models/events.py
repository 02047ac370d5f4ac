"""What SCIM did or refused: the audit trail, and the log that admins read."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.connections import Connection

ERRORS = ("refused", "failed")


class Event(models.Model):
    """One write, or one refusal; it survives the deletion of its connection."""

    class Outcome(models.TextChoices):
        """How it ended."""

        SUCCESS = "success", _("Success")
        REFUSED = "refused", _("Refused")
        IGNORED = "ignored", _("Ignored")
        FAILED = "failed", _("Failed")

    # A relation without a column or a constraint: removing a connection touches none of its million events.
    connection = models.ForeignObject(
        Connection,
        on_delete=models.DO_NOTHING,
        from_fields=["connection_key"],
        to_fields=["id"],
        null=True,
        related_name="events",
        verbose_name=_("connection"),
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
    method = models.CharField(_("method"), max_length=8, blank=True, default="", db_default="")
    path = models.CharField(_("path"), max_length=200, blank=True, default="", db_default="")
    request_body = models.TextField(_("request"), blank=True, default="", db_default="")
    answer_body = models.TextField(_("answer"), blank=True, default="", db_default="")
    duration_ms = models.PositiveIntegerField(_("duration in ms"), default=0)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index(fields=["connection_key", "-id"], name="scim_event_log"),
            models.Index(fields=["resource_id", "-id"], name="scim_event_resource_log"),
            models.Index(fields=["request_id"], name="scim_event_request"),
            # Errors are few among many events, and what a person looks for first.
            models.Index(
                fields=["connection_key", "-id"],
                name="scim_event_errors",
                condition=models.Q(outcome__in=ERRORS),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.resource_name}"


class FormerConnection(models.Model):
    """What is left of a connection that was removed: whose it was, so that its log can still be read."""

    id = models.UUIDField(_("id"), primary_key=True, editable=False)
    organization = models.ForeignKey(
        settings.SCIM_ORGANIZATION_MODEL,
        on_delete=models.CASCADE,
        related_name="scim_former_connections",
        verbose_name=_("organization"),
    )
    name = models.CharField(_("name"), max_length=255)
    preset = models.CharField(_("preset"), max_length=32)
    tenant_id = models.UUIDField(_("Entra tenant ID"), null=True)
    created_at = models.DateTimeField(_("created at"))
    ended_at = models.DateTimeField(_("removed at"))

    class Meta:
        verbose_name = _("former connection")
        verbose_name_plural = _("former connections")

    def __str__(self) -> str:
        return self.name

    def as_connection(self) -> Connection:
        """Return the connection as it was called, for pages that show its log; it is in no table."""
        return Connection(
            pk=self.pk,
            organization=self.organization,
            name=self.name,
            preset=self.preset,
            tenant_id=self.tenant_id,
        )
