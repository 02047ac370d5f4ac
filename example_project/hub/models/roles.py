"""Custom tags, and the roles that users hold."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from example_project.hub.models.organizations import Department, Organization
from example_project.hub.models.users import User


class CustomTagCategory(models.Model):
    """A kind of tag that an organization made up, such as "region"."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="tag_categories", verbose_name=_("organization")
    )
    euid = models.CharField(_("external id"), max_length=128)
    name = models.CharField(_("name"), max_length=256)

    class Meta:
        verbose_name = _("custom tag category")
        verbose_name_plural = _("custom tag categories")
        ordering = ["euid"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "euid"], name="hub_tag_category_unique")
        ]

    def __str__(self) -> str:
        return self.name


class CustomTag(models.Model):
    """A tag of a category, such as "north"."""

    category = models.ForeignKey(
        CustomTagCategory, models.CASCADE, related_name="tags", verbose_name=_("category")
    )
    euid = models.CharField(_("external id"), max_length=128)
    name = models.CharField(_("name"), max_length=256)

    class Meta:
        verbose_name = _("custom tag")
        verbose_name_plural = _("custom tags")
        ordering = ["category__euid", "euid"]
        constraints = [models.UniqueConstraint(fields=["category", "euid"], name="hub_tag_unique")]

    def __str__(self) -> str:
        return self.name


class RoleAssignment(models.Model):
    """A role of a user; a department manager's role points at what is managed (B20, B22).

    What SCIM assigned and what the Hub assigned are separate rows, so that neither takes the other's away.
    """

    class Source(models.TextChoices):
        """Who assigned the role."""

        SCIM = "scim", _("SCIM")
        HUB = "hub", _("Hub")

    user = models.ForeignKey(User, models.CASCADE, related_name="role_assignments", verbose_name=_("user"))
    value = models.CharField(_("role"), max_length=512)
    source = models.CharField(_("source"), max_length=8, choices=Source.choices, default=Source.HUB)
    department = models.ForeignKey(
        Department, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("department")
    )
    tag = models.ForeignKey(
        CustomTag, models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("custom tag")
    )

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        ordering = ["value"]
        constraints = [models.UniqueConstraint(fields=["user", "value", "source"], name="hub_role_unique")]

    def __str__(self) -> str:
        return self.value
