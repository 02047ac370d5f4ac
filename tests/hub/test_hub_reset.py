"""hub_reset empties an organization of what SCIM made, and of nothing else."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from example_project.hub.models import Group, Organization, RoleAssignment, User
from example_project.hub.resetting import reset
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Connection, Effect, GroupResource, Token, UserResource, name_key

STATEMENTS = 13


@pytest.fixture
def connection(contoso: Organization) -> Connection:
    """Return a connection of contoso with a token."""
    connection = create_connection(contoso, "rfc")
    Token.issue(connection)
    return connection


def link_user(connection: Connection, user: User, origin: str = "created") -> UserResource:
    now = timezone.now()
    link, _created = UserResource.objects.update_or_create(
        connection=connection,
        user=user,
        defaults={
            "origin": origin,
            "user_name": user.username,
            "user_name_key": name_key(user.username),
            "created_at": now,
            "modified_at": now,
        },
    )
    return link


def link_group(connection: Connection, group: Group) -> GroupResource:
    now = timezone.now()
    return GroupResource.objects.create(
        connection=connection,
        group=group,
        display_name=group.name,
        name_key=name_key(group.name),
        created_at=now,
        modified_at=now,
    )


def provision(connection: Connection, count: int) -> list[User]:
    """Make users and one group as provisioning would, the group with hand-made members too."""
    organization = connection.organization
    users = User.objects.bulk_create(
        User(organization=organization, username=f"scim{number}@contoso.example") for number in range(count)
    )
    for user in users:
        link_user(connection, user)
    RoleAssignment.objects.bulk_create(RoleAssignment(user=user, value="consultant") for user in users)
    group = Group.objects.create(organization=organization, name="From Entra")
    group.permissions.set(organization.groups.get(name="Packagers").permissions.all())
    group.members.set([*users, User.objects.get(username="astrid@contoso.example")])
    organization.groups.get(name="Newsletter").members.set(users)
    link_group(connection, group)
    Effect.objects.create(
        connection=connection,
        kind="end_sessions",
        resource_type="User",
        resource_id=connection.pk,
        resource_version=1,
        next_attempt_at=timezone.now(),
        created_at=timezone.now(),
    )
    return users


def test_what_scim_made_goes_and_the_rest_stays(contoso: Organization, connection: Connection) -> None:
    astrid = User.objects.get(username="astrid@contoso.example")
    users_before = set(User.objects.values_list("pk", flat=True))
    groups_before = set(Group.objects.values_list("pk", flat=True))
    memberships = set(astrid.groups.all())
    provision(connection, 3)
    link_user(connection, astrid, "adopted")

    assert reset(contoso) == (3, 1)
    assert set(User.objects.values_list("pk", flat=True)) == users_before
    assert set(Group.objects.values_list("pk", flat=True)) == groups_before
    assert set(astrid.groups.all()) == memberships
    assert not contoso.groups.get(name="Newsletter").members.exists()
    assert not UserResource.objects.filter(connection=connection).exists()
    assert not GroupResource.objects.exists()
    assert not Effect.objects.exists()
    assert Token.objects.live().filter(connection=connection).count() == 1


def test_other_organizations_are_not_touched(
    contoso: Organization, fabrikam: Organization, connection: Connection
) -> None:
    there = create_connection(fabrikam, "flowcase")
    there_user = User.objects.create(organization=fabrikam, username="scim@fabrikam.example")
    link_user(there, there_user)
    links = UserResource.objects.filter(connection=there)
    before = set(links.values_list("pk", flat=True))
    provision(connection, 1)
    assert reset(contoso) == (1, 1)
    assert set(links.values_list("pk", flat=True)) == before
    assert User.objects.filter(pk=there_user.pk).exists()


def test_a_user_of_two_connections_goes_once(contoso: Organization, connection: Connection) -> None:
    second = create_connection(contoso, "rfc")
    user = provision(connection, 1)[0]
    link_user(second, user, "existing")
    assert reset(contoso) == (1, 1)
    assert not UserResource.objects.exists()


@pytest.mark.parametrize("count", [1, 60])
def test_the_number_of_statements_is_fixed(
    contoso: Organization, connection: Connection, count: int, django_assert_num_queries: Any
) -> None:
    provision(connection, count)
    with django_assert_num_queries(STATEMENTS):
        reset(contoso)


@pytest.mark.django_db(transaction=True)
def test_the_command_commits(contoso: Organization, connection: Connection) -> None:
    """Foreign keys are checked at commit, so that a row left pointing at a deleted one would show here."""
    scim_made = provision(connection, 2)
    Token.issue(connection, created_by=scim_made[0])
    out = StringIO()
    call_command("hub_reset", "--organization", "contoso", stdout=out)
    assert out.getvalue() == "Contoso: 2 users and 1 groups of SCIM deleted.\n"
    call_command("hub_reset", "--organization", "contoso", stdout=out)
    assert out.getvalue().endswith("Contoso: 0 users and 0 groups of SCIM deleted.\n")


def test_an_unknown_organization_is_an_error(contoso: Organization) -> None:
    with pytest.raises(CommandError, match="no organization “nobody”"):
        call_command("hub_reset", "--organization", "nobody")
