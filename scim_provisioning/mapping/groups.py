"""The mapping of groups."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from django.db.models import ManyToManyField, QuerySet
from django.db.models.signals import m2m_changed

from scim_provisioning import conf
from scim_provisioning.mapping.users import ResourceMapping, organization_field
from scim_provisioning.models import Connection, same_letters
from scim_provisioning.protocol.schemas import ResourceModel, group_model


def has_groups(connection: Connection) -> bool:
    """Return whether a connection provisions groups: its policy says so, and the Hub has a mapping of them (B5)."""
    return connection.groups and conf.value("GROUP_MAPPING") is not None


class GroupMapping(ResourceMapping):
    """Where a Hub keeps its groups: those that SCIM may create and own, and nothing else (A21, A22)."""

    attributes = {"displayName": "name"}
    # The relation to users, as the group's model calls it.
    members: ClassVar[str] = "members"
    resource_type = "Group"
    link = "group"
    name_attribute = "displayName"

    @classmethod
    def scim_model(cls) -> ResourceModel:
        """Return the Group model."""
        return group_model()

    def new(self) -> Any:
        """Return an unsaved group of the organization."""
        return self.model(**{organization_field(self.model): self.organization})

    def same_name(self, name: str) -> Any:
        """Return the organization's groups of this name that SCIM may see, whoever made them (A29)."""
        [column] = [
            line.filter_lookup() for target, line in self.lines() if target.path == self.name_attribute
        ]
        return self.queryset().filter(same_letters(str(column), name))

    def reserved_names(self) -> Iterable[str]:
        """Return the names that SCIM may never take: those of admin and built-in groups (A22, A29)."""
        return ()

    def delete(self, group: Any) -> None:
        """Delete a group with its permissions (A23, A24)."""
        empty(self, group)
        group.delete()

    def members_but(self, group: Any, users: Sequence[Any]) -> list[Any]:
        """Return the keys of the members of a group that are not among *users*; the users' table is not read."""
        members = getattr(group, self.members)
        column = members.target_field_name
        others = _membership(members, group).exclude(**{f"{column}__in": users})
        return list(others.values_list(column, flat=True))

    def remove_members(self, group: Any, users: Sequence[Any]) -> None:
        """Take users out of a group with one statement, however many they are (R19).

        The relation's own ``remove`` reads every row once anybody listens to the deletion of one; who listens to
        ``m2m_changed`` hears the same as from it.
        """
        members = getattr(group, self.members)
        rows = _membership(members, group).filter(**{f"{members.target_field_name}__in": users})
        message = {
            "sender": members.through,
            "instance": group,
            "reverse": members.reverse,
            "model": members.model,
            "pk_set": set(users),
            "using": rows.db,
        }
        m2m_changed.send(action="pre_remove", **message)
        _delete_rows(rows)
        m2m_changed.send(action="post_remove", **message)


def members_field(mapping: type[GroupMapping]) -> Any:
    """Return the many-to-many field behind a mapping's ``members``, from whichever side it is declared."""
    field: Any = mapping.model._meta.get_field(mapping.members)
    return field.remote_field if isinstance(field, ManyToManyField) else field


def member_columns(through: Any) -> tuple[Any, Any]:
    """Return the foreign keys of a members relation, the one to the group and the one to the user."""
    relations = [field for field in through._meta.concrete_fields if field.is_relation]
    models = [conf.imported(name).model for name in ("GROUP_MAPPING", "USER_MAPPING")]
    group, user = (next(field for field in relations if field.related_model is model) for model in models)
    return group, user


def empty(mapping: GroupMapping, group: Any) -> None:
    """Take everybody out of a group with one statement."""
    _delete_rows(_membership(getattr(group, mapping.members), group))


def take_out(through: Any, groups: QuerySet[Any], user_id: Any) -> None:
    """Take one user out of groups with one statement."""
    group, user = member_columns(through)
    _delete_rows(
        through._base_manager.filter(**{f"{group.name}__in": groups, user.attname: user_id}).order_by()
    )


def _membership(members: Any, group: Any) -> QuerySet[Any]:
    rows: QuerySet[Any] = members.through._base_manager.filter(**{members.source_field_name: group.pk})
    return rows


def _delete_rows(rows: QuerySet[Any]) -> None:
    if rows.model._meta.related_objects:
        # Something of the Hub's hangs on a row of its relation: Django knows what to do with it.
        rows.delete()
    else:
        rows._raw_delete(rows.db)  # noqa: SLF001
