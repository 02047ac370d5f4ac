"""Which sessions are whose: Django's session tables cannot be asked that without reading every row."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class UserSession(models.Model):
    """One session of one user, noted when it began, so that the end of access finds it by an index.

    The user is a key without a foreign key: what is noted outlives a deleted user until its sessions are ended.
    """

    user_key = models.CharField(_("user"), max_length=64)
    session_key = models.CharField(_("session key"), max_length=64, unique=True)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        verbose_name = _("session of a user")
        verbose_name_plural = _("sessions of users")
        indexes = [models.Index(fields=["user_key", "created_at"], name="scim_session_user")]

    def __str__(self) -> str:
        return self.user_key
