"""Checks of a mapping class: model, organization, status, members, extensions."""

from typing import Any

import pytest

from example_project.hub.models import Department, Group, User
from example_project.hub.scim import HubGroups, HubUsers
from scim_provisioning.mapping import Column, GroupMapping, Status, UserMapping
from scim_provisioning.mapping.users import organization_field
from scim_provisioning.protocol.schemas import ENTERPRISE, USER
from tests.checks.conftest import SetMapping, found

OWN = "urn:ietf:params:scim:schemas:extension:hub:2.0:User"


def users(**changed: Any) -> type[UserMapping]:
    """Return the example Hub's mapping of users with something changed."""
    return type("Users", (HubUsers,), changed)


def groups(**changed: Any) -> type[GroupMapping]:
    """Return the example Hub's mapping of groups with something changed."""
    return type("Groups", (HubGroups,), changed)


@pytest.mark.parametrize("model", [Department, None])
def test_the_model_is_the_hosts(
    set_user_mapping: SetMapping, set_group_mapping: SetMapping, model: Any
) -> None:
    set_user_mapping(users(model=model))
    assert found() == ["E011"]
    set_group_mapping(groups(model=model))
    assert found() == ["E011", "E011"]


def test_a_proxy_of_the_model_will_do(set_user_mapping: SetMapping) -> None:
    meta = type("Meta", (), {"proxy": True, "app_label": "tests_checks_proxy"})
    proxy = type("ScimUser", (User,), {"Meta": meta, "__module__": "tests.checks.test_mapping_checks"})
    set_user_mapping(users(model=proxy))
    assert found() == []


def test_the_organization_is_found_by_one_foreign_key_or_by_a_hook(
    settings: Any, set_user_mapping: SetMapping
) -> None:
    """The Hub's users have no foreign key to a country, so the defaults cannot serve countries as tenants."""
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "GROUP_MAPPING": None}
    settings.SCIM_ORGANIZATION_MODEL = "hub.Country"
    organization_field.cache_clear()
    try:
        assert found() == ["E012"]  # new(); queryset() is overridden
        set_user_mapping(users(queryset=UserMapping.queryset))
        assert found() == ["E012", "E012"]

        def new(_self: Any) -> User:
            return User()

        set_user_mapping(users(new=new))
        assert found() == []
    finally:
        organization_field.cache_clear()


@pytest.mark.parametrize(
    "status",
    [
        None,
        "status",
        Status("state", active="active", inactive="inactive"),
        Status("is_active", active=True, inactive=False),  # a property here
        Status("organization", active=1, inactive=2),
    ],
)
def test_the_status_is_a_column(set_user_mapping: SetMapping, status: Any) -> None:
    set_user_mapping(users(status=status))
    assert found() == ["E020"]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (Status("status", active="activ", inactive="inactive"), ["E021"]),
        (Status("status", active="active", inactive="gone", pending="pending"), ["E021"]),
        (Status("status", active="active", inactive="inactive", pending="invited"), ["E021"]),
        (Status("status", active="active", inactive="active"), ["E021"]),
        (Status("status", active="active", inactive="inactive", pending="inactive"), ["E021"]),
        (Status("is_staff", active=True, inactive=False), []),
        (Status("is_staff", active="so", inactive=False), ["E021"]),
        (Status("date_joined", active="soon", inactive="never"), ["E021", "E021"]),
        (Status("is_staff", active=True, inactive=None), ["E021"]),
        (Status("status", active="active", inactive="inactive"), []),
    ],
)
def test_the_statuses_are_values_that_the_column_takes(
    set_user_mapping: SetMapping, status: Status, expected: list[str]
) -> None:
    set_user_mapping(users(status=status))
    assert found() == expected


@pytest.mark.parametrize("members", ["people", "name", "permissions", "organization"])
def test_members_is_a_relation_to_the_users(set_group_mapping: SetMapping, members: str) -> None:
    set_group_mapping(groups(members=members))
    assert found() == ["E022"]


def test_a_mapping_of_groups_may_be_as_short_as_can_be(set_group_mapping: SetMapping) -> None:
    class Short(GroupMapping):
        model = Group

    set_group_mapping(Short)
    assert found() == []


def test_a_name_may_be_written_as_a_column(
    set_user_mapping: SetMapping, set_group_mapping: SetMapping
) -> None:
    set_user_mapping(users(attributes={**HubUsers.attributes, "userName": Column("username", required=True)}))
    set_group_mapping(groups(attributes={"displayName": Column("name")}))
    assert found() == []


@pytest.mark.parametrize(
    ("urns", "expected"),
    [
        (["hub"], ["E026"]),
        (["URN:hub:User"], ["E026"]),
        (["urn:h:User"], ["E026"]),
        (["urn:hub:the user"], ["E026"]),
        ([ENTERPRISE], ["E026"]),
        ([USER.lower()], ["E026"]),
        ([f"{USER}:hub"], ["E026"]),
        ([OWN, OWN.lower()], ["E026"]),
        ([OWN, OWN.replace(".", "-")], ["E026"]),
        ([OWN, f"{OWN}:more"], ["E026"]),
        ([OWN], []),
        ([OWN, "urn:hub:other"], []),
    ],
)
def test_the_urn_of_an_extension(set_user_mapping: SetMapping, urns: list[str], expected: list[str]) -> None:
    declared = {**HubUsers.extensions, **{urn: ["kind"] for urn in urns}}
    set_user_mapping(users(extensions=declared))
    assert found() == expected


@pytest.mark.parametrize("names", ["kind", ["1st"], ["the kind"], [""], [7], ["kind", "Kind"], [None]])
def test_the_names_of_an_extension(set_user_mapping: SetMapping, names: Any) -> None:
    set_user_mapping(users(extensions={**HubUsers.extensions, OWN: names}))
    assert found() == ["E027"]
