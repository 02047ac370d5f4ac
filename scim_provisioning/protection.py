"""The guards on the members relation: what the Hub's own code cannot change in a group of SCIM (A25, A26).

Django announces some changes of the relation by a signal and some not at all, so both are watched: the signals,
and the model of the relation itself, whose ``bulk_create`` and ``update`` send none, nor does any ``save`` or
``delete`` where Django made that model.
"""

from collections.abc import Iterable
from copy import copy
from functools import wraps
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.db.models.signals import m2m_changed, pre_delete, pre_save

from scim_provisioning import conf
from scim_provisioning.lifecycle.memberships import check_change, may_change
from scim_provisioning.mapping.groups import member_columns, members_field

UID = "scim_provisioning.members"


def protect_memberships() -> None:
    """Watch the table of the mapped members relation, so that the Hub cannot change what SCIM manages (A25)."""
    try:
        mapping = conf.imported("GROUP_MAPPING")
        through = mapping and members_field(mapping).through
    except (ImportError, AttributeError, FieldDoesNotExist):
        # A mapping that cannot be read is told by the system checks, not by a traceback at start.
        return
    if through is not None:
        m2m_changed.connect(refuse_relation_change, sender=through, dispatch_uid=UID)
        if through._meta.auto_created:
            guard_methods(through)
        else:
            pre_save.connect(refuse_row_change, sender=through, dispatch_uid=UID)
            pre_delete.connect(refuse_row_deletion, sender=through, dispatch_uid=UID)
        guard_managers(through)


def refuse_relation_change(
    sender: Any, instance: Any, action: str, pk_set: set[Any] | None, **kwargs: Any
) -> None:
    """Refuse ``add``, ``remove``, ``set`` and ``clear`` on a relation, from either side."""
    if not action.startswith("pre_"):
        return
    group, user = member_columns(sender)
    if isinstance(instance, group.related_model):
        check_change([instance.pk])
    elif pk_set is not None:
        check_change(pk_set)
    else:
        # clear() from the user's side names no groups.
        rows = sender._base_manager.filter(**{user.attname: instance.pk})
        check_change(rows.values(group.attname))


def refuse_row_change(sender: Any, instance: Any, raw: bool, **kwargs: Any) -> None:
    """Refuse to save a row of the relation's own model, unless who is in which group stays."""
    if raw or may_change():
        return
    group, user = member_columns(sender)
    present = sender._base_manager.filter(pk=instance.pk).values_list(group.attname, user.attname).first()
    wanted = (getattr(instance, group.attname), getattr(instance, user.attname))
    if present != wanted:
        check_change([wanted[0], *(present or ())[:1]])


def refuse_row_deletion(sender: Any, instance: Any, origin: Any, **kwargs: Any) -> None:
    """Refuse to delete a row of the relation's own model; a user or a group may go with its rows."""
    if isinstance(origin, GuardedRows):
        return  # asked for all its rows at once
    direct = origin.model if isinstance(origin, models.QuerySet) else type(origin)
    if direct is sender:
        check_change([getattr(instance, member_columns(sender)[0].attname)])


class GuardedRows(models.QuerySet[Any]):
    """Rows of the members relation, whose set-based changes are asked about before they happen."""

    def bulk_create(self, objs: Iterable[Any], *args: Any, **kwargs: Any) -> list[Any]:
        """Refuse new rows for a group of SCIM."""
        rows = list(objs)
        group, _user = member_columns(self.model)
        check_change({getattr(row, group.attname) for row in rows})
        return super().bulk_create(rows, *args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        """Refuse to move rows out of, into or within a group of SCIM; ``bulk_update`` ends here too."""
        group, user = member_columns(self.model)
        moved = [kwargs[name] for name in (group.name, group.attname) if name in kwargs]
        if moved or user.name in kwargs or user.attname in kwargs:
            check_change(self.order_by().values(group.attname))
        for value in moved:
            if hasattr(value, "resolve_expression"):
                rows = self.order_by().annotate(scim_moved=value)
                check_change(rows.values("scim_moved"))
            else:
                check_change([getattr(value, "pk", value)])
        return super().update(**kwargs)

    update.alters_data = True  # type: ignore[attr-defined]  # templates may not call it, as Django's own

    def delete(self) -> tuple[int, dict[str, int]]:
        """Refuse to take rows out of a group of SCIM."""
        check_change(self.order_by().values(member_columns(self.model)[0].attname))
        return super().delete()

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


def guard_methods(through: Any) -> None:
    """Ask before a row is saved or deleted, for a model that Django made itself: it sends no signal of those."""
    save, delete = through.save, through.delete
    if getattr(save, "asks", False):
        return

    @wraps(save)
    def guarded_save(row: Any, *args: Any, **kwargs: Any) -> None:
        refuse_row_change(through, row, raw=False)
        save(row, *args, **kwargs)

    @wraps(delete)
    def guarded_delete(row: Any, *args: Any, **kwargs: Any) -> Any:
        refuse_row_deletion(through, row, origin=row)
        return delete(row, *args, **kwargs)

    guarded_save.asks = True  # type: ignore[attr-defined]
    through.save, through.delete = guarded_save, guarded_delete


def guard_managers(through: Any) -> None:
    """Make every manager of the relation's model return guarded rows, Django's own one included."""
    options = through._meta
    own = {manager.name for manager in options.local_managers}
    inherited = [copy(manager) for manager in options.managers if manager.name not in own]
    default, plain = options.default_manager.name, not options.base_manager_name
    for manager in options.local_managers:
        guard(manager)
    for manager in inherited:
        through.add_to_class(manager.name, guard(manager))
    # Whatever was added: the manager that Django takes by default stays the same one.
    options.default_manager_name = default
    options._expire_cache()  # noqa: SLF001 - the managers are cached
    if plain and options.base_manager.auto_created:
        # As it is cached, and not as a manager of the model: the Hub would owe a migration for one more.
        guard(options.base_manager)


def guard(manager: Any) -> Any:
    """Make a manager return guarded rows, and those that Django derives from its class."""
    kind = type(manager)
    rows: Any = kind._queryset_class  # noqa: SLF001
    if not issubclass(rows, GuardedRows):
        guarded = type(f"Guarded{rows.__name__}", (GuardedRows, rows), {})
        manager.__class__ = type(f"Guarded{kind.__name__}", (kind,), {"_queryset_class": guarded})
    return manager
