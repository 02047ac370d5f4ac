"""The Hub's users."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_backends
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from example_project.hub.models.organizations import Department, Organization

if TYPE_CHECKING:
    Users = BaseUserManager["User"]
else:
    Users = BaseUserManager


class UserManager(Users):
    """Creates users inside an organization, and superusers outside of all."""

    def create_user(
        self,
        username: str,
        organization: Organization | None = None,
        email: str = "",
        password: str | None = None,
        **fields: Any,
    ) -> "User":
        """Create a user; without a password nobody can sign in with one."""
        user = self.model(username=username, organization=organization, email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, email: str = "", password: str | None = None, **fields: Any
    ) -> "User":
        """Create the Hub operator's own account, which belongs to no organization."""
        fields = {"is_staff": True, "is_superuser": True, "status": User.Status.ACTIVE, **fields}
        return self.create_user(username, None, email, password, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the superuser of that name: the only users whose name alone is enough."""
        return self.get(username=username, organization=None)


class User(AbstractBaseUser):
    """A person in one organization; the name is unique there and not in the whole Hub."""

    class Status(models.TextChoices):
        """Exactly these three; a removed user has no row (A18)."""

        PENDING = "pending", _("Pending")
        ACTIVE = "active", _("Active")
        INACTIVE = "inactive", _("Inactive")

    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="users",
        db_index=False,  # the two indexes that begin with it serve as well
        verbose_name=_("organization"),
        help_text=_("Empty for superusers only."),
    )
    username = models.CharField(_("user name"), max_length=320)
    email = models.CharField(_("email"), max_length=320, blank=True, default="")
    first_name = models.CharField(_("first name"), max_length=256, blank=True, default="")
    last_name = models.CharField(_("last name"), max_length=256, blank=True, default="")
    display_name = models.CharField(_("display name"), max_length=512, blank=True, default="")
    title = models.CharField(_("title"), max_length=256, blank=True, default="")
    phone = models.CharField(_("phone"), max_length=256, blank=True, default="")
    department = models.ForeignKey(
        Department,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="users",
        verbose_name=_("department"),
    )
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.PENDING)
    is_staff = models.BooleanField(_("may use the admin pages"), default=False)
    is_superuser = models.BooleanField(_("superuser"), default=False)
    date_joined = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["email"]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            # Upper() because that is what a case-insensitive lookup compares: one index serves both.
            models.UniqueConstraint(
                "organization",
                Upper("username"),
                name="hub_user_unique_in_organization",
                violation_error_message=_("This organization has a user of that name already."),
            ),
            models.UniqueConstraint(
                Upper("username"),
                condition=models.Q(organization=None),
                name="hub_user_unique_superuser",
                violation_error_message=_("There is a superuser of that name already."),
            ),
        ]
        indexes = [models.Index("organization", Upper("email"), name="hub_user_email_folded")]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether the user may sign in: a Pending one may (A8, A18)."""
        return self.status != self.Status.INACTIVE

    def get_full_name(self) -> str:
        """Return the name to show."""
        return self.display_name or f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        """Return the name to greet with."""
        return self.first_name or self.get_full_name() or self.username

    def has_perm(self, perm: str, obj: models.Model | None = None) -> bool:
        """Return whether a group of the user holds the permission, for that object if one is given."""
        if self.is_active and self.is_superuser:
            return True
        return any(backend.has_perm(self, perm, obj) for backend in get_backends())

    def has_perms(self, perm_list: list[str], obj: models.Model | None = None) -> bool:
        """Return whether the user has each of the permissions."""
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Return whether the user has any permission in the app."""
        if self.is_active and self.is_superuser:
            return True
        return any(permission.startswith(f"{app_label}.") for permission in self.get_all_permissions())

    def get_all_permissions(self, obj: models.Model | None = None) -> set[str]:
        """Return what the user's groups allow; some admin themes ask for all of it at once."""
        return {held for backend in get_backends() for held in backend.get_all_permissions(self, obj)}
