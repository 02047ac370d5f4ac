"""The trigger of ``ProtectMemberships``: what Django does not see, PostgreSQL does (A25, A26)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from scim_provisioning.lifecycle.memberships import unguarded
from scim_provisioning.models import GroupResource
from scim_provisioning.models.marks import MARK
from tests.factories import GROUPS, USERS, make_user, members_of
from tests.guards.paths import ENTERING, GROUP, LEAVING, THROUGH, USER, Path, Scene
from tests.lifecycle.rows import host_group
from tests.scim import ScimClient, add_members, group_body

pytestmark = [pytest.mark.postgres, pytest.mark.examplehub, pytest.mark.django_db(transaction=True)]

ROWS = THROUGH._meta.db_table
STATEMENTS = {
    "INSERT": (f"INSERT INTO {ROWS} ({GROUP}, {USER}) VALUES (%(group)s, %(person)s)"),
    "INSERT of many": (
        f"INSERT INTO {ROWS} ({GROUP}, {USER}) SELECT g.id, %(person)s FROM {GROUPS.model._meta.db_table} g "
        "WHERE g.id <> %(own)s"
    ),
    "UPDATE into the group": f"UPDATE {ROWS} SET {GROUP} = %(group)s WHERE {GROUP} = %(own)s",
    "UPDATE out of the group": f"UPDATE {ROWS} SET {GROUP} = %(own)s WHERE {GROUP} = %(group)s",
    "UPDATE of the user": f"UPDATE {ROWS} SET {USER} = %(person)s WHERE {GROUP} = %(group)s",
    "DELETE": f"DELETE FROM {ROWS} WHERE {GROUP} = %(group)s",
}
by_statement = pytest.mark.parametrize("statement", STATEMENTS.values(), ids=STATEMENTS)


def execute(statement: str, scene: Scene) -> None:
    """Run a statement as somebody with a prompt would."""
    keys = {"group": scene.group.pk, "own": scene.own.pk, "person": scene.person.pk}
    with connection.cursor() as cursor:
        cursor.execute(statement, keys)


@contextmanager
def without_trigger() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {ROWS} DISABLE TRIGGER USER")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {ROWS} ENABLE TRIGGER USER")


def all_rows() -> set[tuple[Any, Any]]:
    return set(THROUGH._base_manager.values_list(GROUP, USER))


@by_statement
def test_A25_sql_by_hand_is_refused(scene: Scene, statement: str) -> None:
    before = all_rows()
    with pytest.raises(IntegrityError, match="change through SCIM alone"):
        execute(statement, scene)
    assert all_rows() == before


@by_statement
def test_A25_without_the_trigger_sql_by_hand_goes_through(scene: Scene, statement: str) -> None:
    before = all_rows()
    with without_trigger():
        execute(statement, scene)
    assert all_rows() != before


def test_A26_a_user_that_scim_does_not_manage_does_not_enter_by_sql(
    scene: Scene, contoso: ScimClient
) -> None:
    stranger = make_user(contoso.organization, "astrid")
    with pytest.raises(IntegrityError):
        execute(STATEMENTS["INSERT"], Scene(scene.group, scene.member, stranger, scene.own))
    assert members_of(scene.group) == {scene.member.pk}


@pytest.mark.parametrize("path", [*ENTERING.values(), *LEAVING.values()], ids=[*ENTERING, *LEAVING])
def test_A25_the_trigger_holds_where_the_guard_is_gone(scene: Scene, no_guard: None, path: Path) -> None:
    before = all_rows()
    with pytest.raises(IntegrityError, match="change through SCIM alone"):
        path(scene)
    assert all_rows() == before


def test_A17_sql_by_hand_changes_the_groups_of_the_hub(scene: Scene) -> None:
    execute(f"DELETE FROM {ROWS} WHERE {GROUP} = %(own)s", scene)
    assert members_of(scene.own) == set()
    execute(f"INSERT INTO {ROWS} ({GROUP}, {USER}) VALUES (%(own)s, %(person)s)", scene)
    assert members_of(scene.own) == {scene.person.pk}


def test_A25_every_way_of_scim_passes_the_trigger(contoso: ScimClient) -> None:
    ada, grace = contoso.create_user("ada").id, contoso.create_user("grace").id
    body = group_body("Team A", members=[{"value": ada}])
    group = contoso.post("/Groups", body).id
    assert contoso.members(group) == {ada}
    assert contoso.patch(f"/Groups/{group}", add_members(grace)).status == 204
    one = {"op": "remove", "path": f'members[value eq "{ada}"]'}
    assert contoso.patch(f"/Groups/{group}", one).status == 204
    assert contoso.members(group) == {grace}
    assert contoso.put(f"/Groups/{group}", {**body, "members": [{"value": ada}]}).status == 200
    assert contoso.members(group) == {ada}
    assert contoso.delete(f"/Users/{ada}").status == 204
    assert contoso.members(group) == set()
    assert contoso.patch(f"/Groups/{group}", add_members(grace)).status == 204
    assert contoso.delete(f"/Groups/{group}").status == 204
    assert THROUGH._base_manager.count() == 0


def test_A25_the_mark_ends_with_the_transaction_of_scim(scene: Scene, contoso: ScimClient) -> None:
    group = GroupResource.objects.get(group=scene.group).pk
    grace = str(scene.person.scim_resources.get().pk)
    assert contoso.patch(f"/Groups/{group}", add_members(grace)).status == 204
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", [MARK])
        assert cursor.fetchone() in [("",), (None,)]
    with pytest.raises(IntegrityError):
        execute(STATEMENTS["DELETE"], scene)


def test_maintenance_passes_and_its_mark_ends_with_it(scene: Scene) -> None:
    with transaction.atomic():
        with unguarded():
            execute(STATEMENTS["INSERT"], scene)
            THROUGH.objects.filter(**{USER: scene.member.pk}).delete()
        assert members_of(scene.group) == {scene.person.pk}
        with pytest.raises(IntegrityError), transaction.atomic():
            execute(STATEMENTS["UPDATE of the user"].replace("person", "own"), scene)
    assert members_of(scene.group) == {scene.person.pk}


def test_a_user_or_a_group_that_the_hub_deletes_takes_its_rows_along(
    scene: Scene, contoso: ScimClient
) -> None:
    scene.member.delete()
    assert members_of(scene.group) == set()
    grace = str(scene.person.scim_resources.get().pk)
    group = str(GroupResource.objects.get(group=scene.group).pk)
    contoso.patch(f"/Groups/{group}", add_members(grace))
    scene.group.delete()
    assert not GROUPS.model._base_manager.filter(pk=scene.group.pk).exists()
    assert contoso.get(f"/Groups/{group}").status == 404
    assert USERS.model._base_manager.filter(pk=scene.person.pk).exists()


def test_a_group_whose_connection_is_gone_is_the_hubs(scene: Scene, contoso: ScimClient) -> None:
    contoso.connection.delete()
    execute(STATEMENTS["DELETE"], scene)
    assert members_of(scene.group) == set()


def test_a_group_that_is_not_protected_changes_by_sql(scene: Scene, contoso: ScimClient) -> None:
    contoso.connection.protect_groups = False
    contoso.connection.save()
    execute(STATEMENTS["INSERT"], scene)
    assert members_of(scene.group) == {scene.member.pk, scene.person.pk}
    assert host_group(str(GroupResource.objects.get().pk)) == scene.group
