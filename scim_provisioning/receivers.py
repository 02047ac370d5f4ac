"""Signals of Django that SCIM listens to."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.signals import m2m_changed, post_save, pre_delete, pre_save
from django.dispatch import receiver

from scim_provisioning import conf
from scim_provisioning.lifecycle.connections import link_user
from scim_provisioning.lifecycle.memberships import check_change
from scim_provisioning.lifecycle.provenance import is_by_scim
from scim_provisioning.lifecycle.users import activate_on_login


@receiver(user_logged_in, dispatch_uid="scim_provisioning.activate")
def activate_pending_user(sender: Any, user: Any, **kwargs: Any) -> None:
    """Turn Pending into Active at the first login (A10)."""
    activate_on_login(user)


@receiver(post_save, dispatch_uid="scim_provisioning.link")
def link_new_user(sender: Any, instance: Any, created: bool, raw: bool, **kwargs: Any) -> None:
    """Make a user that the Hub created visible to the connections that see all users (A12, B10)."""
    if created and not raw and sender is get_user_model() and not is_by_scim():
        link_user(instance)


def protect_memberships() -> None:
    """Watch the table of the mapped members relation, so that the Hub cannot change what SCIM manages (A25)."""
    try:
        mapping = conf.imported("GROUP_MAPPING")
        through = mapping and members_field(mapping).through
    except (ImportError, AttributeError, FieldDoesNotExist):
        # A mapping that cannot be read is told by the system checks, not by a traceback at start.
        return
    if through is not None:
        uid = "scim_provisioning.members"
        m2m_changed.connect(refuse_relation_change, sender=through, dispatch_uid=uid)
        pre_save.connect(refuse_row_change, sender=through, dispatch_uid=uid)
        pre_delete.connect(refuse_row_deletion, sender=through, dispatch_uid=uid)


def members_field(mapping: Any) -> Any:
    """Return the many-to-many field behind a mapping's ``members``, from whichever side it is declared."""
    field: Any = mapping.model._meta.get_field(mapping.members)
    return field.remote_field if isinstance(field, models.ManyToManyField) else field


def refuse_relation_change(
    sender: Any, instance: Any, action: str, pk_set: set[Any] | None, model: Any, **kwargs: Any
) -> None:
    """Refuse ``add``, ``remove``, ``set`` and ``clear`` on a relation, from either side."""
    if not action.startswith("pre_"):
        return
    group_model = conf.imported("GROUP_MAPPING").model
    if isinstance(instance, group_model):
        check_change([instance.pk])
    elif pk_set is not None:
        check_change(pk_set)
    else:
        # clear() from the user's side names no groups.
        column = _group_column(sender, group_model)
        user_column = next(
            field.attname
            for field in sender._meta.concrete_fields
            if field.is_relation and isinstance(instance, field.related_model)
        )
        check_change(
            sender._default_manager.filter(**{user_column: instance.pk}).values_list(column, flat=True)
        )


def refuse_row_change(sender: Any, instance: Any, raw: bool, **kwargs: Any) -> None:
    """Refuse to save a row of the relation's own model."""
    if not raw:
        check_change([getattr(instance, _group_column(sender, conf.imported("GROUP_MAPPING").model))])


def refuse_row_deletion(sender: Any, instance: Any, origin: Any, **kwargs: Any) -> None:
    """Refuse to delete a row of the relation's own model; a user or a group may go with its rows."""
    direct = origin.model if isinstance(origin, models.QuerySet) else type(origin)
    if direct is sender:
        check_change([getattr(instance, _group_column(sender, conf.imported("GROUP_MAPPING").model))])


def _group_column(through: Any, group_model: Any) -> str:
    return next(
        str(field.attname)
        for field in through._meta.concrete_fields
        if field.is_relation and field.related_model is group_model
    )
