"""R13: the three role expressions of Entra, in both dialects."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps

from tests.entra.bodies import replace
from tests.scim import ScimClient, user_body

pytestmark = pytest.mark.examplehub

ROLE_TYPE = "WindowsAzureActiveDirectoryRole"
GUID = "18d14569-c3bd-439b-9a66-3a2aee01d14f"


def role(value: str, **members: Any) -> dict[str, Any]:
    """Return a role entry as Entra writes it."""
    return {"primary": False, "type": ROLE_TYPE, "display": value.title(), "value": value, **members}


def packed(value: str) -> dict[str, Any]:
    """Return a role entry of the legacy dialect: a JSON document inside a string."""
    return {"value": json.dumps({"id": GUID, "value": value, "displayName": value.title()})}


def held(client: ScimClient) -> set[str]:
    """Return the roles in the Hub's table."""
    rows = apps.get_model("hub", "RoleAssignment").objects
    return set(rows.filter(user__organization=client.organization).values_list("value", flat=True))


def shown(client: ScimClient, user: str) -> set[str]:
    """Return the role values that a GET shows."""
    return {entry["value"] for entry in client.user(user).get("roles", [])}


def test_R13_single_assignment_is_created_with_primary_true(fabrikam: ScimClient) -> None:
    user = fabrikam.create_user("ada", roles=[role("consultant", primary=True)])
    assert user["roles"] == [
        {"primary": True, "type": ROLE_TYPE, "display": "Consultant", "value": "consultant"}
    ]
    assert held(fabrikam) == {"consultant"}


@pytest.mark.parametrize("op", ["Add", "Replace", "add", "replace"])
def test_R13_single_assignment_on_an_absent_element_creates_a_primary_one(
    fabrikam: ScimClient, op: str
) -> None:
    user = fabrikam.create_user("ada").id
    operation = {"op": op, "path": 'roles[primary eq "True"].value', "value": "consultant"}
    answer = fabrikam.patch(f"/Users/{user}", operation)
    assert answer.status == 200, answer.json
    (entry,) = answer["roles"]
    assert (entry["value"], entry["primary"]) == ("consultant", True)
    assert held(fabrikam) == {"consultant"}


def test_R13_single_assignment_compares_the_string_true_with_the_boolean(fabrikam: ScimClient) -> None:
    user = fabrikam.create_user("ada", roles=[role("consultant", primary=True)]).id
    answer = fabrikam.patch(
        f"/Users/{user}",
        replace('roles[primary eq "True"].value', "external"),
        replace('roles[primary eq "True"].display', "External"),
        replace('roles[primary eq "True"].type', ROLE_TYPE),
    )
    assert answer["roles"] == [
        {"primary": True, "type": ROLE_TYPE, "display": "External", "value": "external"}
    ]
    assert held(fabrikam) == {"external"}


def test_R13_complex_assignments_of_one_type_are_created_together(fabrikam: ScimClient) -> None:
    user = fabrikam.create_user("ada", roles=[role("consultant"), role("external")])
    assert shown(fabrikam, user.id) == held(fabrikam) == {"consultant", "external"}


def test_R13_display_name_is_read_as_display(fabrikam: ScimClient) -> None:
    entry = {"type": ROLE_TYPE, "primary": False, "displayName": "Consultant", "value": "consultant"}
    (shown_role,) = fabrikam.create_user("ada", roles=[entry])["roles"]
    assert shown_role["display"] == "Consultant"
    assert "displayName" not in shown_role


ADDS: dict[str, Callable[..., dict[str, Any]]] = {
    "legacy": lambda *values: {"op": "Add", "path": "roles", "value": [packed(value) for value in values]},
    "optscim": lambda *values: {"op": "add", "path": "roles", "value": [role(value) for value in values]},
    "optscim-pathless": lambda *values: {"op": "add", "value": {"roles": [role(value) for value in values]}},
    "bare strings": lambda *values: {"op": "add", "path": "roles", "value": list(values)},
    "one object": lambda *values: {"op": "add", "path": "roles", "value": role(values[0])},
}


@pytest.mark.parametrize("adds", ADDS.values(), ids=ADDS.keys())
def test_R13_complex_assignments_add_and_never_remove(
    fabrikam: ScimClient, adds: Callable[..., dict[str, Any]]
) -> None:
    user = fabrikam.create_user("ada", roles=[role("external")]).id
    answer = fabrikam.patch(f"/Users/{user}", adds("consultant"))
    assert answer.status == 200, answer.json
    assert shown(fabrikam, user) == held(fabrikam) == {"consultant", "external"}


@pytest.mark.parametrize("adds", ADDS.values(), ids=ADDS.keys())
def test_R13_an_add_that_is_sent_again_changes_nothing(
    fabrikam: ScimClient, adds: Callable[..., dict[str, Any]]
) -> None:
    user = fabrikam.create_user("ada").id
    first = fabrikam.patch(f"/Users/{user}", adds("consultant"))
    again = fabrikam.patch(f"/Users/{user}", adds("consultant"))
    assert again.status == 200
    assert again["roles"] == first["roles"]
    assert len(again["roles"]) == 1


def test_R13_a_role_packed_as_json_is_shown_as_an_object(fabrikam: ScimClient) -> None:
    user = fabrikam.create_user("ada").id
    answer = fabrikam.patch(f"/Users/{user}", ADDS["legacy"]("consultant", "external"))
    assert [(entry["value"], entry["display"]) for entry in answer["roles"]] == [
        ("consultant", "Consultant"), ("external", "External"),
    ]  # fmt: skip


def test_R13_a_create_may_carry_packed_roles(fabrikam: ScimClient) -> None:
    fabrikam.create_user("ada", roles=[packed("consultant")])
    assert held(fabrikam) == {"consultant"}


@pytest.mark.parametrize("op", ["replace", "Replace"])
def test_R13_assertive_assignments_are_the_full_set(fabrikam: ScimClient, op: str) -> None:
    user = fabrikam.create_user("ada", roles=[role("external"), role("consultant")]).id
    operation = {"op": op, "path": "roles", "value": [role("consultant"), role("countrymanager")]}
    assert fabrikam.patch(f"/Users/{user}", operation).status == 200
    assert shown(fabrikam, user) == held(fabrikam) == {"consultant", "countrymanager"}


@pytest.mark.parametrize("value", [[], "", None])
def test_R13_an_empty_replace_takes_every_role(fabrikam: ScimClient, value: Any) -> None:
    user = fabrikam.create_user("ada", roles=[role("external")]).id
    answer = fabrikam.patch(f"/Users/{user}", replace("roles", value))
    assert answer.status == 200, answer.json
    assert shown(fabrikam, user) == held(fabrikam) == set()


def test_R13_an_add_can_mean_the_full_set(
    fabrikam: ScimClient, make_client: Callable[..., ScimClient]
) -> None:
    client = make_client("flowcase", fabrikam.organization, roles_add="replace")
    user = client.create_user("grace", roles=[role("external")]).id
    client.patch(f"/Users/{user}", ADDS["optscim"]("consultant"))
    assert shown(client, user) == held(client) == {"consultant"}


@pytest.mark.parametrize("value", ["Consultant", "consultant ", "superuser", "departmentmanager", ""])
def test_R13_an_unknown_role_is_400_and_nothing_is_stored(fabrikam: ScimClient, value: str) -> None:
    user = fabrikam.create_user("ada", roles=[role("external")]).id
    answer = fabrikam.patch(
        f"/Users/{user}",
        {"op": "replace", "value": {"title": "Boss", "roles": [role("consultant"), {"value": value or 7}]}},
    )
    assert (answer.status, answer["scimType"]) == (400, "invalidValue")
    assert held(fabrikam) == {"external"}
    assert "title" not in fabrikam.user(user)


ROLE_VALUES = [
    ("departmentmanager:office:NO:Engineering", 201),
    ("departmentmanager:office:DE:R&D: Cloud: Core", 201),
    ("departmentmanager:office:NO:Software Engineering", 201),
    ("departmentmanager:office:DK:Engineering", 400),
    ("departmentmanager:office:NO:engineering", 400),
    ("departmentmanager:office:XX:Engineering", 400),
    ("departmentmanager:dept:NO:SoftwareEngineering", 201),
    ("departmentmanager:dept:SE:Sales:Nordics", 201),
    ("departmentmanager:dept:DK:DataScience", 400),
    ("departmentmanager:custom_tag:region:north", 201),
    ("departmentmanager:custom_tag:region:east", 400),
    ("departmentmanager:Engineering", 400),
]


@pytest.mark.parametrize(("value", "status"), ROLE_VALUES)
def test_R13_a_department_managers_role_names_what_exists(
    fabrikam: ScimClient, value: str, status: int
) -> None:
    answer = fabrikam.post("/Users", user_body("ada", roles=[role(value)]))
    assert answer.status == status, answer.json
    assert held(fabrikam) == ({value} if status == 201 else set())
    if status == 400:
        assert answer["scimType"] == "invalidValue"
        assert value in answer["detail"]
    else:
        assert answer["roles"][0]["value"] == value
