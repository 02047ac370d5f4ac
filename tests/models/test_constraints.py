"""What the database itself refuses: the last word in every race (T17)."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from scim_provisioning.models import Connection, GroupResource, UserResource, name_key
from tests.conftest import MakeConnection
from tests.factories import make_group, make_user

pytestmark = pytest.mark.django_db


def link_user(
    connection: Connection, user: Any, name: str, external_id_key: str | None = None
) -> UserResource:
    now = timezone.now()
    return UserResource.objects.create(
        connection=connection,
        user=user,
        user_name=name,
        user_name_key=name_key(name),
        external_id=external_id_key or "",
        external_id_key=external_id_key,
        created_at=now,
        modified_at=now,
    )


def link_group(
    connection: Connection, group: Any, name: str, external_id_key: str | None = None
) -> GroupResource:
    now = timezone.now()
    return GroupResource.objects.create(
        connection=connection,
        group=group,
        display_name=name,
        name_key=name_key(name),
        external_id=external_id_key or "",
        external_id_key=external_id_key,
        created_at=now,
        modified_at=now,
    )


def test_a_userName_is_one_users_in_a_connection_in_any_case(make_connection: MakeConnection) -> None:
    connection = make_connection("rfc")
    one, other = (make_user(connection.organization) for _user in range(2))
    link_user(connection, one, "Ada")
    with pytest.raises(IntegrityError, match=r"user_name"), transaction.atomic():
        link_user(connection, other, "ADA")
    link_user(make_connection("rfc"), other, "ADA")


def test_an_externalId_that_must_be_unique_is_one_users_in_a_connection(
    make_connection: MakeConnection,
) -> None:
    connection = make_connection("rfc")
    users = [make_user(connection.organization) for _user in range(4)]
    link_user(connection, users[0], "a", "7")
    with pytest.raises(IntegrityError, match=r"external_id"), transaction.atomic():
        link_user(connection, users[1], "b", "7")
    link_user(make_connection("rfc"), users[1], "b", "7")
    link_user(connection, users[2], "c")
    link_user(connection, users[3], "d")


def test_a_host_user_is_one_resource_in_a_connection(make_connection: MakeConnection) -> None:
    connection = make_connection("rfc")
    user = make_user(connection.organization)
    link_user(connection, user, "a")
    with pytest.raises(IntegrityError), transaction.atomic():
        link_user(connection, user, "b")
    link_user(make_connection("rfc"), user, "b")


def test_A29_a_group_name_is_one_groups_in_a_connection_in_any_case(make_connection: MakeConnection) -> None:
    connection = make_connection("rfc")
    one, other = (make_group(connection.organization) for _group in range(2))
    link_group(connection, one, "Team A")
    for name in ("TEAM A", "team a", "Team \uff21"):
        with pytest.raises(IntegrityError, match=r"name"), transaction.atomic():
            link_group(connection, other, name)
    link_group(make_connection("rfc"), other, "Team A")


def test_a_host_group_and_a_groups_externalId_are_unique_too(make_connection: MakeConnection) -> None:
    connection = make_connection("rfc")
    one, other = (make_group(connection.organization) for _group in range(2))
    link_group(connection, one, "a", "7")
    with pytest.raises(IntegrityError), transaction.atomic():
        link_group(connection, one, "b")
    with pytest.raises(IntegrityError), transaction.atomic():
        link_group(connection, other, "b", "7")
    link_user(connection, make_user(connection.organization), "a", "7")


def test_A2_one_directory_is_one_connection_of_an_organization(make_connection: MakeConnection) -> None:
    tenant = "5f0c1a52-7c1c-4b1e-9c8b-2f2f3c1d4e5f"
    make_connection("rfc", tenant_id=tenant)
    with pytest.raises(ValidationError, match="directory"):
        make_connection("flow_connect", tenant_id=tenant)
    make_connection("rfc", tenant_id=None)
    make_connection("rfc", tenant_id=None)


@pytest.mark.parametrize("tenant", ["contoso", "7", "{}", "5f0c1a52-7c1c-4b1e-9c8b"])
def test_A2_a_directory_is_named_by_a_guid(make_connection: MakeConnection, tenant: str) -> None:
    with pytest.raises(ValidationError, match="UUID"):
        make_connection("rfc", tenant_id=tenant)


def test_deleting_a_host_row_takes_its_resource_along(make_connection: MakeConnection) -> None:
    connection = make_connection("rfc")
    user, group = make_user(connection.organization), make_group(connection.organization)
    link_user(connection, user, "a")
    link_group(connection, group, "a")
    user.delete()
    group.delete()
    assert not UserResource.objects.exists()
    assert not GroupResource.objects.exists()


def test_the_ids_of_resources_are_random_and_made_before_the_insert() -> None:
    ids = {UserResource().pk for _resource in range(100)} | {GroupResource().pk for _resource in range(100)}
    assert len(ids) == 200
    assert {number.version for number in ids} == {4}
