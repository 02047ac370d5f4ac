"""Members of SCIM-managed groups change through SCIM alone, whatever the path (A25, A26, A17)."""

from dataclasses import replace

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import transaction

from scim_provisioning.lifecycle.memberships import ManagedMembership
from scim_provisioning.protection import GuardedRows, protect_memberships
from tests.conftest import MakeClient
from tests.factories import make_group, make_user, members_of
from tests.guards.paths import ENTERING, LEAVING, THROUGH, Path, Scene, members
from tests.lifecycle.rows import host_group, host_user
from tests.scim import ScimClient

pytestmark = pytest.mark.django_db

by_entering = pytest.mark.parametrize("path", ENTERING.values(), ids=ENTERING)
by_leaving = pytest.mark.parametrize("path", LEAVING.values(), ids=LEAVING)


def refused(path: Path, scene: Scene) -> None:
    """Insist that a path is refused with the documented exception, and that nothing has changed."""
    before = members_of(scene.group), members_of(scene.own)
    with pytest.raises(ManagedMembership) as caught, transaction.atomic():
        path(scene)
    assert (members_of(scene.group), members_of(scene.own)) == before
    assert isinstance(caught.value, ValidationError)
    assert caught.value.code == "managed_by_scim"
    assert str(scene.group) in caught.value.messages[0]


@by_entering
def test_A25_nobody_enters_a_group_of_scim_by(scene: Scene, path: Path) -> None:
    refused(path, scene)


@by_leaving
def test_A25_nobody_leaves_a_group_of_scim_by(scene: Scene, path: Path) -> None:
    refused(path, scene)


@by_entering
def test_A26_a_user_that_scim_does_not_manage_never_enters_by(
    scene: Scene, contoso: ScimClient, path: Path
) -> None:
    stranger = make_user(contoso.organization, "astrid")
    own = make_group(contoso.organization, "Strangers", stranger)
    refused(path, replace(scene, person=stranger, own=own))


@by_entering
def test_A25_without_the_guard_somebody_enters_by(scene: Scene, no_guard: None, path: Path) -> None:
    path(scene)
    assert scene.person.pk in members_of(scene.group)


@by_leaving
def test_A25_without_the_guard_the_member_leaves_by(scene: Scene, no_guard: None, path: Path) -> None:
    path(scene)
    assert scene.member.pk not in members_of(scene.group)


@by_entering
def test_A17_a_user_of_scim_joins_a_group_of_the_hub_by(
    scene: Scene, contoso: ScimClient, path: Path
) -> None:
    """The group is the Hub's own; its kind does not matter to the guard."""
    own = make_group(contoso.organization, "Another")
    path(replace(scene, group=own))
    assert scene.person.pk in members_of(own)


def test_A17_a_user_of_scim_leaves_a_group_of_the_hub(scene: Scene) -> None:
    members(scene.own).remove(scene.person)
    assert members_of(scene.own) == set()


@by_entering
def test_A25_without_protection_the_hub_lets_people_enter_by(make_client: MakeClient, path: Path) -> None:
    client = make_client("flow_connect", protect_groups=False)
    person = host_user(client.create_user("ada"))
    member = host_user(client.create_user("grace"))
    group = host_group(client.create_group("Team A"))
    path(Scene(group, member, person, make_group(client.organization, "Own", person)))
    assert person.pk in members_of(group)


def test_A25_a_row_may_be_saved_when_who_is_in_which_group_stays(scene: Scene) -> None:
    [row] = scene.rows(scene.group)
    row.save()
    assert members_of(scene.group) == {scene.member.pk}


def test_A25_scim_itself_passes(scene: Scene, contoso: ScimClient) -> None:
    group = str(scene.group.scim_resources.get().pk)
    grace = str(scene.person.scim_resources.get().pk)
    answer = contoso.patch(
        f"/Groups/{group}", {"op": "Replace", "path": "members", "value": [{"value": grace}]}
    )
    assert answer.status == 204
    assert members_of(scene.group) == {scene.person.pk}


def test_A25_the_guard_stays_when_models_are_added_later(scene: Scene) -> None:
    """Django makes the managers of every model anew whenever a model is registered."""
    apps.clear_cache()
    protect_memberships()
    assert isinstance(THROUGH.objects.all(), GuardedRows)
    assert isinstance(THROUGH._base_manager.all(), GuardedRows)
    assert type(THROUGH.objects.all()).__mro__.count(GuardedRows) == 1
    refused(ENTERING["bulk_create"], scene)
    refused(LEAVING["QuerySet.delete"], scene)
