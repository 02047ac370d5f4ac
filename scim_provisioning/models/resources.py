"""The SCIM resources: the link between a host row and what the identity provider calls it."""

import unicodedata
import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from scim_provisioning.models.connections import Connection

KEY_LENGTH = 255


def name_key(text: str) -> str:
    """Return the form under which names are equal: NFKC, case folded, NFC.

    Computed in Python and stored, because databases fold letters in ways of their own (T22).
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


class SharedResource(models.Model):
    """What users and groups have in common (RFC 7643 section 3.1)."""

    id = models.UUIDField(_("SCIM id"), primary_key=True, default=uuid.uuid4, editable=False)
    external_id = models.CharField(_("externalId"), max_length=KEY_LENGTH, blank=True, db_index=True)
    # Null, not empty: the unique constraint must not see the resources that may repeat one.
    external_id_key = models.CharField(max_length=KEY_LENGTH, null=True, editable=False)  # noqa: DJ001
    scim_managed = models.BooleanField(_("SCIM-managed"), default=True)
    attributes: Any = models.JSONField(_("attributes"), default=dict, editable=False)
    # Whether a value of a mapped attribute is among them, as a second work e-mail is: a filter on the host's
    # column would miss it, and finds these few by their own index.
    keeps_mapped = models.BooleanField(default=False, editable=False)
    version = models.PositiveIntegerField(_("version"), default=1)
    created_at = models.DateTimeField(_("created at"))
    modified_at = models.DateTimeField(_("modified at"))

    class Meta:
        abstract = True


class UserResource(SharedResource):
    """The User resource that stands for one host user in one connection."""

    class Origin(models.TextChoices):
        """How the user came to be linked."""

        CREATED = "created", _("Created by SCIM")
        ADOPTED = "adopted", _("Existed before and was adopted")
        EXISTING = "existing", _("Exists and is not managed yet")

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="user_resources", verbose_name=_("connection")
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="scim_resources",
        verbose_name=_("user"),
    )
    user_name = models.CharField(_("userName"), max_length=KEY_LENGTH)
    user_name_key = models.CharField(max_length=KEY_LENGTH, editable=False)
    origin = models.CharField(_("origin"), max_length=16, choices=Origin, default=Origin.CREATED)
    previous_status = models.CharField(_("previous status"), max_length=32, blank=True)
    deactivated_at = models.DateTimeField(_("deactivated at"), null=True, editable=False)

    class Meta:
        verbose_name = _("user resource")
        verbose_name_plural = _("user resources")
        constraints = [
            models.UniqueConstraint(fields=["connection", "user_name_key"], name="scim_user_name"),
            models.UniqueConstraint(fields=["connection", "external_id_key"], name="scim_user_external_id"),
            models.UniqueConstraint(fields=["connection", "user"], name="scim_user_row"),
        ]
        indexes = [
            models.Index(fields=["connection", "created_at", "id"], name="scim_user_order"),
            models.Index(
                fields=["connection", "deactivated_at"],
                name="scim_user_deactivated",
                condition=models.Q(deactivated_at__isnull=False),
            ),
            models.Index(
                fields=["connection"], name="scim_user_keeps", condition=models.Q(keeps_mapped=True)
            ),
        ]

    def __str__(self) -> str:
        return self.user_name


class GroupResource(SharedResource):
    """The Group resource that stands for one host group in one connection."""

    connection = models.ForeignKey(
        Connection, on_delete=models.CASCADE, related_name="group_resources", verbose_name=_("connection")
    )
    group = models.ForeignKey(
        settings.SCIM_GROUP_MODEL,
        on_delete=models.CASCADE,
        related_name="scim_resources",
        verbose_name=_("group"),
    )
    display_name = models.CharField(_("displayName"), max_length=KEY_LENGTH)
    name_key = models.CharField(max_length=KEY_LENGTH, editable=False)

    class Meta:
        verbose_name = _("group resource")
        verbose_name_plural = _("group resources")
        constraints = [
            models.UniqueConstraint(fields=["connection", "name_key"], name="scim_group_name"),
            models.UniqueConstraint(fields=["connection", "external_id_key"], name="scim_group_external_id"),
            models.UniqueConstraint(fields=["connection", "group"], name="scim_group_row"),
        ]
        indexes = [
            models.Index(fields=["connection", "created_at", "id"], name="scim_group_order"),
            models.Index(
                fields=["connection"], name="scim_group_keeps", condition=models.Q(keeps_mapped=True)
            ),
        ]

    def __str__(self) -> str:
        return self.display_name
