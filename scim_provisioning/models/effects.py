"""The outbox: side effects owed, written in the transaction of the change that owes them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.connections import Connection


class Effect(models.Model):
    """One side effect owed, until it is done or given up."""

    class State(models.TextChoices):
        """How far it is."""

        DUE = "due", _("Due")
        DONE = "done", _("Done")
        DEAD = "dead", _("Given up")

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="effects", verbose_name=_("connection")
    )
    kind = models.CharField(_("kind"), max_length=32)
    resource_type = models.CharField(_("resource type"), max_length=16)
    resource_id = models.UUIDField(_("resource id"))
    resource_version = models.PositiveIntegerField(_("resource version"))
    payload = models.JSONField(_("payload"), default=dict)
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.DUE)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_attempt_at = models.DateTimeField(_("next attempt at"))
    last_error = models.TextField(_("last error"), blank=True)
    created_at = models.DateTimeField(_("created at"))
    done_at = models.DateTimeField(_("done at"), null=True)

    class Meta:
        verbose_name = _("effect")
        verbose_name_plural = _("effects")
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="due"), name="scim_effect_due")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.resource_id}"
