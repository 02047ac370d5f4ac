"""The Hub's groups."""

from django.contrib.auth.models import Permission
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from example_project.hub.models.organizations import PERMISSIONS, Organization
from example_project.hub.models.users import User


class Group(models.Model):
    """A set of users of one organization, with the permissions that membership gives."""

    class Kind(models.TextChoices):
        """What a group is for; provisioning sees end-user groups only (A21, A22)."""

        END_USER = "end_user", _("End-user group")
        ADMIN = "admin", _("Admin group")
        BUILT_IN = "built_in", _("Built-in group")

    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        related_name="groups",
        db_index=False,  # the index below begins with it
        verbose_name=_("organization"),
    )
    name = models.CharField(_("name"), max_length=512)
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.END_USER)
    permissions = models.ManyToManyField(
        Permission,
        blank=True,
        related_name="hub_groups",
        verbose_name=_("permissions"),
        limit_choices_to={
            "content_type__app_label": "hub",
            "codename__in": [codename for codename, _name in PERMISSIONS],
        },
    )
    members = models.ManyToManyField(User, blank=True, related_name="groups", verbose_name=_("members"))

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ["name"]
        indexes = [models.Index("organization", Upper("name"), name="hub_group_name_folded")]

    def __str__(self) -> str:
        return self.name
