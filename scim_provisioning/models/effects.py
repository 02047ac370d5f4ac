"""The outbox: what is owed to each handler, written in the transaction of the change that owes it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.connections import Connection


class Effect(models.Model):
    """What one handler is owed for one change, until it is done or given up."""

    class State(models.TextChoices):
        """How far it is."""

        DUE = "due", _("Due")
        DONE = "done", _("Done")
        DEAD = "dead", _("Given up")
        OVERTAKEN = "overtaken", _("Overtaken")
        SKIPPED = "skipped", _("Skipped")

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="effects", verbose_name=_("connection")
    )
    kind = models.CharField(_("kind"), max_length=32)
    # Defaults of the database, because processes of the version before write rows during a deployment.
    handler = models.CharField(_("handler"), max_length=128, db_default="signals")
    resource_type = models.CharField(_("resource type"), max_length=16)
    resource_id = models.UUIDField(_("resource id"))
    resource_name = models.CharField(_("resource name"), max_length=255, blank=True, db_default="")
    resource_version = models.PositiveIntegerField(_("resource version"))
    payload = models.JSONField(_("payload"), default=dict)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.DUE)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created at"))
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="due"), name="scim_effect_due"),
            models.Index(fields=["connection", "-id"], name="scim_effect_ledger"),
            models.Index(fields=["resource_id"], name="scim_effect_resource"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.resource_name} ({self.handler})"
