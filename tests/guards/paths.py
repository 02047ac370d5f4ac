"""Every path by which a Hub can change who is in a group, by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Value, When

from scim_provisioning.mapping.groups import member_columns, members_field
from tests.factories import GROUPS, USERS

THROUGH: Any = members_field(GROUPS).through
GROUP, USER = (field.attname for field in member_columns(THROUGH))
# What the relation is called on a user.
relations: list[Any] = USERS.model._meta.get_fields(include_hidden=True)
GROUPS_OF_USER = next(
    str(relation.get_accessor_name() if relation.auto_created else relation.name)
    for relation in relations
    if relation.many_to_many and relation.related_model is GROUPS.model
)


@dataclass(frozen=True)
class Scene:
    """A group with a member, somebody who is not in it, and a group of the Hub's own that this person is in."""

    group: Any
    member: Any
    person: Any
    own: Any

    def rows(self, group: Any) -> Any:
        """Return the rows of a group in the relation's own model."""
        return THROUGH._default_manager.filter(**{GROUP: group.pk})


def members(group: Any) -> Any:
    return getattr(group, GROUPS.members)


def groups(user: Any) -> Any:
    return getattr(user, GROUPS_OF_USER)


def row(group: Any, user: Any) -> Any:
    """Return a new row of the relation's own model, not saved."""
    return THROUGH(**{GROUP: group.pk, USER: user.pk})


def move(rows: Any, column: str, key: Any) -> None:
    """Move rows by saving each, as a form does."""
    for each in rows:
        setattr(each, column, key)
        each.save()


def bulk_move(rows: Any, column: str, key: Any) -> None:
    changed = list(rows)
    for each in changed:
        setattr(each, column, key)
    rows.model._default_manager.bulk_update(changed, [column.removesuffix("_id")])


def expression(key: Any) -> Case:
    return Case(When(pk__isnull=False, then=Value(key)), output_field=member_columns(THROUGH)[0])


Path = Callable[[Scene], object]

ENTERING: dict[str, Path] = {
    "group.members.add": lambda at: members(at.group).add(at.person),
    "group.members.add by key": lambda at: members(at.group).add(at.person.pk),
    "group.members.set": lambda at: members(at.group).set([at.member, at.person]),
    "user.groups.add": lambda at: groups(at.person).add(at.group),
    "user.groups.set": lambda at: groups(at.person).set([at.group, at.own]),
    "save of a row": lambda at: row(at.group, at.person).save(),
    "objects.create": lambda at: THROUGH.objects.create(**{GROUP: at.group.pk, USER: at.person.pk}),
    "get_or_create": lambda at: THROUGH.objects.get_or_create(**{GROUP: at.group.pk, USER: at.person.pk}),
    "update_or_create": lambda at: THROUGH.objects.update_or_create(
        **{GROUP: at.group.pk, USER: at.person.pk}
    ),
    "bulk_create": lambda at: THROUGH.objects.bulk_create([row(at.group, at.person)]),
    "bulk_create that ignores conflicts": lambda at: THROUGH.objects.bulk_create(
        [row(at.group, at.member), row(at.group, at.person)], ignore_conflicts=True
    ),
    "bulk_create by the base manager": lambda at: THROUGH._base_manager.bulk_create(
        [row(at.group, at.person)]
    ),
    "save of a moved row": lambda at: move(at.rows(at.own), GROUP, at.group.pk),
    "QuerySet.update": lambda at: at.rows(at.own).update(**{GROUP: at.group.pk}),
    "QuerySet.update with a row": lambda at: at.rows(at.own).update(**{GROUP.removesuffix("_id"): at.group}),
    "QuerySet.update with an expression": lambda at: at.rows(at.own).update(
        **{GROUP.removesuffix("_id"): expression(at.group.pk)}
    ),
    "bulk_update": lambda at: bulk_move(at.rows(at.own), GROUP, at.group.pk),
}

LEAVING: dict[str, Path] = {
    "group.members.remove": lambda at: members(at.group).remove(at.member),
    "group.members.clear": lambda at: members(at.group).clear(),
    "group.members.set": lambda at: members(at.group).set([]),
    "user.groups.remove": lambda at: groups(at.member).remove(at.group),
    "user.groups.clear": lambda at: groups(at.member).clear(),
    "user.groups.set": lambda at: groups(at.member).set([at.own]),
    "delete of a row": lambda at: at.rows(at.group).get().delete(),
    "QuerySet.delete": lambda at: at.rows(at.group).delete(),
    "QuerySet.delete by the base manager": lambda at: THROUGH._base_manager.filter(
        **{GROUP: at.group.pk}
    ).delete(),
    "save of a row moved to another group": lambda at: move(at.rows(at.group), GROUP, at.own.pk),
    "save of a row given to another person": lambda at: move(at.rows(at.group), USER, at.person.pk),
    "QuerySet.update of the group": lambda at: at.rows(at.group).update(**{GROUP: at.own.pk}),
    "QuerySet.update of the user": lambda at: at.rows(at.group).update(**{USER: at.person.pk}),
    "bulk_update of the group": lambda at: bulk_move(at.rows(at.group), GROUP, at.own.pk),
    "bulk_update of the user": lambda at: bulk_move(at.rows(at.group), USER, at.person.pk),
}

# A relation with a model of its own has managers from both of its ends.
if not THROUGH._meta.auto_created:
    END = member_columns(THROUGH)[0].remote_field.get_accessor_name()
    ENTERING |= {
        "group.memberships.create": lambda at: getattr(at.group, END).create(**{USER: at.person.pk}),
        "group.memberships.bulk_create": lambda at: getattr(at.group, END).bulk_create(
            [row(at.group, at.person)]
        ),
        "group.memberships.add": lambda at: getattr(at.group, END).add(*at.rows(at.own)),
        "group.memberships.add one by one": lambda at: getattr(at.group, END).add(
            *at.rows(at.own), bulk=False
        ),
    }
    LEAVING |= {
        "group.memberships.all().delete": lambda at: getattr(at.group, END).all().delete(),
        "group.memberships.update": lambda at: getattr(at.group, END).update(**{USER: at.person.pk}),
    }
