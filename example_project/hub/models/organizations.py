"""Organizations and what they are made of."""

from typing import Any

from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

# The permissions that an admin group can hold (A3, A35); with none of them the Hub is read-only.
PERMISSIONS: list[tuple[str, Any]] = [
    ("create_application_packages", "Create Application Packages"),
    ("edit_all_application_packages", "Edit all Application Packages"),
    ("manage_users_and_groups", "Manage Users and Groups"),
    ("manage_organization_components", "Manage Organization Components"),
    ("edit_organization_metadata", "Edit Organization Metadata"),
]


class Organization(models.Model):
    """A customer of the Hub; every other row belongs to one."""

    slug = models.SlugField(_("slug"), max_length=64, unique=True)
    name = models.CharField(_("name"), max_length=256)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["slug"]
        permissions = PERMISSIONS

    def __str__(self) -> str:
        return self.name


class Country(models.Model):
    """A country, by its ISO 3166-1 alpha-2 code (B17)."""

    code = models.CharField(_("code"), max_length=2, unique=True)
    name = models.CharField(_("name"), max_length=128, unique=True)

    class Meta:
        verbose_name = _("country")
        verbose_name_plural = _("countries")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Department(models.Model):
    """A department of an organization; its name may exist in several countries (B14)."""

    organization = models.ForeignKey(
        Organization, models.CASCADE, related_name="departments", verbose_name=_("organization")
    )
    name = models.CharField(_("name"), max_length=256)
    country = models.ForeignKey(
        Country, models.PROTECT, related_name="departments", verbose_name=_("country")
    )

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name", "country__name"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name", "country"], name="hub_department_unique_in_country"
            )
        ]
        indexes = [models.Index("organization", Upper("name"), name="hub_department_name_folded")]

    def __str__(self) -> str:
        return f"{self.name} ({self.country.code})"


class Office(models.Model):
    """A place where a department works."""

    department = models.ForeignKey(
        Department, models.CASCADE, related_name="offices", verbose_name=_("department")
    )
    name = models.CharField(_("name"), max_length=256)

    class Meta:
        verbose_name = _("office")
        verbose_name_plural = _("offices")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["department", "name"], name="hub_office_unique_in_department")
        ]

    def __str__(self) -> str:
        return self.name
