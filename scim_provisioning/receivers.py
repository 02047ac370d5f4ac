"""Signals of Django that SCIM listens to."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core.signals import request_finished
from django.db.models import QuerySet
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.lifecycle.provenance import is_by_scim
from scim_provisioning.lifecycle.retention import remember
from scim_provisioning.lifecycle.users import activate_on_login
from scim_provisioning.lifecycle.visibility import follow_user
from scim_provisioning.models import Connection


@receiver(user_logged_in, dispatch_uid="scim_provisioning.activate")
def activate_pending_user(sender: Any, user: Any, **kwargs: Any) -> None:
    """Turn Pending into Active at the first login (A10)."""
    activate_on_login(user)


@receiver(request_finished, dispatch_uid="scim_provisioning.observe")
def write_observations(sender: Any, **kwargs: Any) -> None:
    """Write what was seen of identity providers, once a request has been answered and its transaction is over."""
    recorder.flush_if_due()


@receiver(post_save, dispatch_uid="scim_provisioning.follow")
def follow_saved_user(sender: Any, instance: Any, raw: bool, update_fields: Any, **kwargs: Any) -> None:
    """Show a user that the Hub made, renamed or moved to the connections that see all users (A12, B10)."""
    if not raw and sender is get_user_model() and not is_by_scim():
        follow_user(instance, update_fields)


@receiver(post_delete, sender=Connection, dispatch_uid="scim_provisioning.remember")
def remember_connection(sender: Any, instance: Any, origin: Any, **kwargs: Any) -> None:
    """Keep whose a connection was that is removed by itself; with its organization nobody is left to read its log."""
    direct = origin.model if isinstance(origin, QuerySet) else type(origin)
    if direct is Connection:
        remember(instance)
