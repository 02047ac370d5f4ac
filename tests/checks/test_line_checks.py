"""Checks of a mapping's lines: the attribute on the left, the column on the right, and one line of another."""

from collections.abc import Mapping
from typing import Any

import pytest
from django.core.checks import run_checks

from example_project.hub.scim import COUNTRY_CODE, HubGroups, HubUsers
from scim_provisioning.checks import TAG
from scim_provisioning.mapping import ENTERPRISE, Attribute, Choice, Column, Reference, Roles
from tests.checks.conftest import SetMapping, found

WORK_EMAIL = 'emails[type eq "work"].value'
DEPARTMENT = f"{ENTERPRISE}:department"


def named(value: object) -> str:
    """Return an id that is the same in every worker: an object's address is not."""
    return type(value).__name__ if " object at 0x" in repr(value) else repr(value)


def lines(**changed: Any) -> type[HubUsers]:
    """Return the example Hub's mapping with lines changed or added."""
    return with_lines(changed)


def with_lines(changed: Mapping[str, Any], *, without: str = "") -> type[HubUsers]:
    kept = {path: line for path, line in HubUsers.attributes.items() if path != without}
    # What needs another line has a test of its own.
    return type("Users", (HubUsers,), {"attributes": {**kept, **changed}, "dependent": []})


@pytest.mark.parametrize(
    "path",
    [
        "nickname2",
        "name.first",
        "emails.value",
        'emails[type eq "work"',
        'emails[type ne "work"].value',
        'emails[type eq "work"]',
        "urn:hub:User:kind",
        f"{ENTERPRISE}:kind",
        "",
    ],
)
def test_a_left_column_that_is_no_attribute(set_user_mapping: SetMapping, path: str) -> None:
    set_user_mapping(with_lines({path: "title"}, without="title"))
    assert found() == ["E013"]


@pytest.mark.parametrize("path", ["name", "emails", "addresses", f"{ENTERPRISE}:manager"])
@pytest.mark.parametrize(
    "right", ["title", Column("title"), Choice(["a"]), Reference("department", by="name")], ids=named
)
def test_a_left_column_of_several_values(set_user_mapping: SetMapping, path: str, right: Any) -> None:
    mapping = with_lines({path: right}, without=DEPARTMENT)
    mapping.attributes.pop("title")
    set_user_mapping(mapping)
    assert found() == ["E014"]


def test_an_attribute_of_the_hosts_own_kind_may_take_several_values(set_user_mapping: SetMapping) -> None:
    class Photos(Attribute):
        in_host = False

    set_user_mapping(lines(photos=Photos()))
    assert found() == []


@pytest.mark.parametrize(("path", "other"), [("username", "userName"), ("Title", "title")])
def test_one_attribute_on_two_lines(set_user_mapping: SetMapping, path: str, other: str) -> None:
    set_user_mapping(with_lines({path: "phone"}, without='phoneNumbers[type eq "work"].value'))
    assert found() == ["E015"]
    assert f"{path} and {other}" in run_checks(tags=[TAG])[0].msg


@pytest.mark.parametrize("path", ["password", "id", "meta.created", "schemas", "active"])
def test_a_forbidden_attribute(set_user_mapping: SetMapping, path: str) -> None:
    set_user_mapping(with_lines({path: "title"}, without="title"))
    assert found() == ["E016"]


def test_groups_and_members_are_forbidden_attributes(
    set_user_mapping: SetMapping, set_group_mapping: SetMapping
) -> None:
    set_user_mapping(lines(groups=Attribute()))
    assert found() == ["E016"]
    changed = {"attributes": {**HubGroups.attributes, "members": Attribute()}}
    set_group_mapping(type("Groups", (HubGroups,), changed))
    assert found() == ["E016", "E016"]


@pytest.mark.parametrize("right", [Choice(["ada"]), Reference("department", by="name"), None])
def test_the_name_is_a_plain_column(set_user_mapping: SetMapping, right: Any) -> None:
    changed = {} if right is None else {"userName": right}
    mapping = with_lines(changed, without="userName")
    mapping.attributes.pop(DEPARTMENT)
    set_user_mapping(mapping)
    assert found() == ["E017"]


def test_the_name_of_groups_is_a_plain_column(set_group_mapping: SetMapping) -> None:
    set_group_mapping(type("Groups", (HubGroups,), {"attributes": {}}))
    assert found() == ["E017"]


@pytest.mark.parametrize(
    "right",
    [
        "salary",
        "department",
        "groups_",
        "get_full_name",
        Column("salary"),
        Reference("country", by="name"),
        Reference("title", by="name"),
        Reference("department", by="title"),
        Reference("department", by="name", within="tenant"),
        Roles("grants"),
        7,
        None,
    ],
    ids=named,
)
def test_a_right_column_that_the_model_does_not_have(set_user_mapping: SetMapping, right: Any) -> None:
    mapping = with_lines({"title": right})
    mapping.attributes.pop(DEPARTMENT)
    set_user_mapping(mapping)
    assert found() == ["E018"]


@pytest.mark.parametrize("column", ["password", "is_staff", "is_superuser", "last_login", "id", "status"])
def test_t6_a_forbidden_column(set_user_mapping: SetMapping, column: str) -> None:
    set_user_mapping(lines(title=column))
    assert found() == ["E019"]


def test_t6_the_organization_is_a_forbidden_column(set_user_mapping: SetMapping) -> None:
    set_user_mapping(lines(title=Reference("organization", by="slug", within=None)))
    assert found() == ["E019"]


def test_t6_a_column_is_forbidden_to_be_read_too(set_user_mapping: SetMapping) -> None:
    class Hash(Attribute):
        def lookups(self) -> tuple[str, ...]:
            return ("password",)

    set_user_mapping(lines(title=Hash()))
    assert found() == ["E019"]


def test_t6_permissions_are_a_forbidden_relation(set_user_mapping: SetMapping) -> None:
    set_user_mapping(lines(roles=Roles("groups")))
    assert found() == ["E019"]
    set_user_mapping(lines(roles=Roles("user_permissions")))
    assert found() == ["E018", "E019"]  # which the example's users do not even have


def test_what_another_line_depends_on_is_mapped(set_user_mapping: SetMapping) -> None:
    mapping = with_lines({}, without=COUNTRY_CODE)
    set_user_mapping(mapping)
    assert found() == ["E024", "E024"]  # exclusive, and the department's narrowed_by
    set_user_mapping(type("Users", (mapping,), {"exclusive": []}))
    assert found() == ["E024"]


@pytest.mark.parametrize("path", ["nickName", "nonsense", f"{ENTERPRISE}:kind"])
def test_what_is_exclusive_is_mapped(set_user_mapping: SetMapping, path: str) -> None:
    set_user_mapping(type("Users", (HubUsers,), {"exclusive": [("title", path)]}))
    assert found() == ["E024"]


@pytest.mark.parametrize("path", ["nickName", "nonsense", f"{ENTERPRISE}:kind"])
def test_what_another_attribute_needs_is_mapped(set_user_mapping: SetMapping, path: str) -> None:
    set_user_mapping(type("Users", (HubUsers,), {"dependent": [("title", path)]}))
    assert found() == ["E024"]


@pytest.mark.parametrize(
    ("lookup", "expected"),
    [
        ("country__code__iexact", []),
        ("country__pk__in", []),
        ("country_id", []),
        ("country__isnull", []),
        ("country__cod", ["E025"]),
        ("land", ["E025"]),
        ("country__code__equals", ["E025"]),
    ],
)
def test_narrowed_by_is_a_lookup(set_user_mapping: SetMapping, lookup: str, expected: list[str]) -> None:
    department = Reference("department", by="name", narrowed_by={COUNTRY_CODE: lookup})
    set_user_mapping(with_lines({DEPARTMENT: department}))
    assert found() == expected


def test_the_work_email_is_mapped(set_user_mapping: SetMapping) -> None:
    set_user_mapping(with_lines({}, without=WORK_EMAIL))
    assert found() == ["W001"]
    set_user_mapping(with_lines({'emails[type eq "home"].value': "email"}, without=WORK_EMAIL))
    assert found() == ["W001"]


def test_one_column_on_two_lines(set_user_mapping: SetMapping) -> None:
    set_user_mapping(lines(nickName="title"))
    assert found() == ["W003"]
