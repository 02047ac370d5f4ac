"""Users and groups with the mixins of django-scim2."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django_scim.models import AbstractSCIMGroupMixin, AbstractSCIMUserMixin


class Team(AbstractSCIMGroupMixin):
    """A group."""

    name = models.CharField(max_length=255, unique=True)

    class Meta:
        app_label = "peer"

    def __str__(self) -> str:
        return str(self.name)


class Member(AbstractSCIMUserMixin, AbstractUser):
    """A user."""

    scim_groups: Any = models.ManyToManyField(Team, through="Membership", related_name="user_set")

    class Meta:
        app_label = "peer"


class Membership(models.Model):
    """A user in a group."""

    user = models.ForeignKey(Member, on_delete=models.CASCADE)
    group = models.ForeignKey(Team, on_delete=models.CASCADE)

    class Meta:
        app_label = "peer"
        unique_together = [("user", "group")]

    def __str__(self) -> str:
        return f"{self.user} in {self.group}"
