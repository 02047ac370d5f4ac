"""Companies, people and teams: the same product by other names."""

import uuid
from typing import TYPE_CHECKING, Any

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils import timezone

if TYPE_CHECKING:
    People = BaseUserManager["Person"]
else:
    People = BaseUserManager


class Company(models.Model):
    """An organization."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    subdomain = models.SlugField(unique=True)

    def __str__(self) -> str:
        return self.name


class PersonManager(People):
    """Creates people."""

    def create_user(self, login: str, password: str | None = None, **fields: Any) -> "Person":
        """Create a person."""
        person = self.model(login=login, **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, login: str, password: str | None = None, **fields: Any) -> "Person":
        """Create a person of no company who may do everything."""
        return self.create_user(login, password, **{"is_staff": True, "is_superuser": True, **fields})


class Person(AbstractBaseUser, PermissionsMixin):
    """A user, with Django's own boolean for the status and a name that is unique in the whole Hub."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    company = models.ForeignKey(Company, models.CASCADE, null=True, blank=True, related_name="people")
    login = models.CharField(max_length=320, unique=True)
    mail = models.CharField(max_length=320, blank=True, default="", db_index=True)
    full_name = models.CharField(max_length=512, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)

    objects = PersonManager()

    USERNAME_FIELD = "login"
    EMAIL_FIELD = "mail"

    def __str__(self) -> str:
        return self.login


class Team(models.Model):
    """A group."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    company = models.ForeignKey(Company, models.CASCADE, related_name="teams")
    label = models.CharField(max_length=512)
    people = models.ManyToManyField(Person, through="Membership", related_name="teams")

    def __str__(self) -> str:
        return self.label


class Membership(models.Model):
    """A person in a team, since when."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    person = models.ForeignKey(Person, models.CASCADE, related_name="memberships")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "person"], name="uuidhub_membership_unique")]

    def __str__(self) -> str:
        return f"{self.person} in {self.team}"
