"""hub_seed makes the example once, and says who can sign in."""

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

from example_project.hub.example import ORGANIZATIONS, PASSWORD
from example_project.hub.models import (
    Country,
    CustomTag,
    Department,
    Group,
    Office,
    Organization,
    RoleAssignment,
    User,
)

pytestmark = pytest.mark.django_db
TABLES = [Organization, Country, Department, Office, CustomTag, Group, User, RoleAssignment]


def seed_command(*arguments: str) -> str:
    out = StringIO()
    call_command("hub_seed", *arguments, stdout=out)
    return out.getvalue()


def counts() -> dict[str, int]:
    return {table.__name__: table._default_manager.count() for table in TABLES}


def test_seeding_again_changes_nothing() -> None:
    seed_command()
    first = counts()
    seed_command()
    assert counts() == first
    assert all(first.values())


def test_seeding_again_keeps_what_people_changed() -> None:
    seed_command()
    User.objects.filter(username="peter@contoso.example").update(status="active", title="Boss")
    Group.objects.get(organization__slug="contoso", name="Packagers").permissions.clear()
    seed_command()
    peter = User.objects.get(username="peter@contoso.example")
    assert (peter.status, peter.title) == ("active", "Boss")
    assert not Group.objects.get(organization__slug="contoso", name="Packagers").permissions.exists()


def test_seeding_leaves_a_group_of_scim_alone() -> None:
    contoso = Organization.objects.create(slug="contoso", name="Contoso")
    Group.objects.create(organization=contoso, name="Administrators", kind="end_user")
    seed_command()
    names = Group.objects.filter(organization=contoso, name="Administrators")
    assert sorted(names.values_list("kind", flat=True)) == ["admin", "end_user"]


def test_the_report_is_json_that_names_every_login() -> None:
    report: dict[str, Any] = json.loads(seed_command("--json"))
    assert report["superuser"] == {"username": "admin", "password": "admin"}
    assert [(each["slug"], each["preset"]) for each in report["organizations"]] == [
        ("contoso", "flow_connect"),
        ("fabrikam", "flowcase"),
    ]
    for organization in report["organizations"]:
        statuses = {user["status"] for user in organization["users"]}
        assert statuses == {"pending", "active", "inactive"}
        for login in organization["users"]:
            assert User.objects.get(username=login["username"]).check_password(login["password"])


def test_the_table_has_a_line_for_each_login() -> None:
    lines = seed_command().splitlines()
    assert len(lines) == 2 + sum(len(organization.users) for organization in ORGANIZATIONS)
    assert any("olivia@contoso.example" in line and line.endswith(PASSWORD) for line in lines)


def test_the_example_has_the_hard_departments() -> None:
    """B14, B20, B21: a name in two countries, colons, and two names that differ in spaces only."""
    seed_command()
    for organization in Organization.objects.all():
        names = list(organization.departments.values_list("name", "country__code"))
        assert {code for name, code in names if name == "Engineering"} == {"NO", "SE"}
        assert any(":" in name and " " in name for name, _code in names)
        danish = ["".join(name.split()) for name, code in names if code == "DK"]
        assert len(danish) != len(set(danish))
        assert len({code for _name, code in names}) >= 3


@override_settings(LANGUAGE_CODE="de")
def test_seeding_does_not_depend_on_the_language() -> None:
    seed_command()
    assert Organization.objects.count() == 2
