"""The brake: how much one connection may take away in a while, and what waits for a decision (T13)."""

from typing import Any

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class BrakePolicy(models.Model):
    """The columns of the policy that say when mass deprovisioning is held."""

    brake = models.BooleanField(
        _("brake"),
        default=False,
        db_default=False,
        help_text=_("Mass deprovisioning is held until an administrator has approved or rejected it."),
    )
    brake_count = models.PositiveIntegerField(
        _("brake: count"),
        default=500,
        db_default=500,
        validators=[MinValueValidator(1), MaxValueValidator(1_000_000)],
        help_text=_("More users deactivated, deleted or taken out of groups than this are held."),
    )
    brake_share = models.PositiveSmallIntegerField(
        _("brake: share"),
        default=50,
        db_default=50,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_(
            "More than this percentage of the managed users is held, even if it is fewer than the count."
        ),
    )
    brake_window = models.PositiveIntegerField(
        _("brake: window"),
        default=120,
        db_default=120,
        validators=[MinValueValidator(5), MaxValueValidator(10_080)],
        help_text=_("Minutes in which that many is too many."),
    )

    class Meta:
        abstract = True


class Brake(models.Model):
    """What a connection has taken away in its window; one row, so that its lock decides in one order."""

    connection = models.OneToOneField(
        "scim_provisioning.Connection", on_delete=models.CASCADE, primary_key=True, related_name="braking"
    )
    # The window is a row of buckets: the present one, those before it (end and count), and the sum of all.
    bucket = models.PositiveIntegerField(default=0)
    bucket_ends_at = models.DateTimeField(null=True)
    history: Any = models.JSONField(default=list)
    total = models.PositiveIntegerField(default=0)
    limit = models.PositiveIntegerField(default=0)
    # The policy that the limit was reckoned by.
    reckoned_by = models.CharField(max_length=64, blank=True)
    held_since = models.DateTimeField(_("held since"), null=True)
    # Until then a request may be one that was decided on.
    decided_until = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("brake")
        verbose_name_plural = _("brakes")

    def __str__(self) -> str:
        return f"{self.total}/{self.limit}"


class HeldChange(models.Model):
    """One change that the brake held: who would lose what, and what was decided."""

    class Action(models.TextChoices):
        """What would be done."""

        DEACTIVATE = "deactivate", _("Deactivate")
        RELEASE = "release", _("Release")
        DELETE = "delete", _("Delete")
        DELETE_GROUP = "delete_group", _("Delete the group")
        REMOVE_MEMBER = "remove_member", _("Take out of the group")

    class State(models.TextChoices):
        """What was decided."""

        PENDING = "pending", _("Waits for a decision")
        APPROVED = "approved", _("Approved")
        REJECTED = "rejected", _("Rejected")

    connection = models.ForeignKey(
        "scim_provisioning.Connection", on_delete=models.CASCADE, related_name="held_changes"
    )
    action = models.CharField(_("action"), max_length=16, choices=Action)
    resource_id = models.UUIDField(_("resource id"))
    resource_name = models.CharField(_("resource name"), max_length=255, blank=True)
    # The key of the Hub's user that would leave the group; empty for the other actions.
    member_key = models.CharField(_("member"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=16, choices=State, default=State.PENDING)
    first_at = models.DateTimeField(_("first asked for"))
    last_at = models.DateTimeField(_("last asked for"))
    decided_at = models.DateTimeField(_("decided at"), null=True)
    decided_by = models.CharField(_("decided by"), max_length=255, blank=True)

    class Meta:
        verbose_name = _("held change")
        verbose_name_plural = _("held changes")
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "resource_id", "action", "member_key"], name="scim_held_change"
            )
        ]
        indexes = [models.Index(fields=["connection", "state", "id"], name="scim_held_list")]

    def __str__(self) -> str:
        return f"{self.action} {self.resource_name}"
