"""What the steps say: this connection's own values, ready to copy, and nothing that its policy does not ask for."""

from typing import Any

import pytest

from scim_provisioning.guide.app_roles import app_roles, fits_entra, role_values
from scim_provisioning.guide.blocks import Copyable, Table
from scim_provisioning.guide.guides import setup_of, steps_of
from scim_provisioning.models import Connection
from tests.conftest import MakeConnection
from tests.factories import IS_EXAMPLE
from tests.scim import ENTERPRISE, FLOWCASE, ScimClient, user_body

URL = "https://hub.example/scim/5f0c/v2"


def guide_of(connection: Connection) -> dict[str, Any]:
    return {step.name: step for step in steps_of(setup_of(connection, URL))}


def copyable(step: Any) -> dict[str, str]:
    return {block.name: block.value for block in step.blocks if isinstance(block, Copyable)}


def tables(step: Any) -> list[list[Any]]:
    return [list(row) for block in step.blocks if isinstance(block, Table) for row in block.rows]


def words(step: Any) -> str:
    return " ".join(str(getattr(block, name, "")) for block in step.blocks for name in ("text", "items"))


def test_B01_B02_flowcase_gets_the_flag_and_the_quoted_form(make_connection: MakeConnection) -> None:
    shown = copyable(guide_of(make_connection("flowcase"))["connect"])
    assert shown["tenant-url"] == f"{URL}?aadOptscim062020"
    assert shown["token-form"] == 'token="YOUR_TOKEN"'


def test_A37_flow_connect_gets_neither(make_connection: MakeConnection) -> None:
    shown = copyable(guide_of(make_connection("flow_connect"))["connect"])
    assert (shown["tenant-url"], shown["token-form"]) == (URL, "YOUR_TOKEN")


def test_flowcase_has_its_eight_steps_where_the_hub_has_roles(make_connection: MakeConnection) -> None:
    steps = list(guide_of(make_connection("flowcase")))
    assert len(steps) == (8 if IS_EXAMPLE else 7)
    assert ("roles" in steps) is IS_EXAMPLE


def test_A32_flow_connect_asks_for_the_object_id(make_connection: MakeConnection) -> None:
    assert "objectId" in str(tables(guide_of(make_connection("flow_connect"))["mapping"]))
    other = make_connection("flow_connect", external_id_format="any", external_id_unique=False)
    assert tables(guide_of(other)["mapping"]) == []


@pytest.mark.parametrize("preset", ["flow_connect", "flowcase", "rfc"])
def test_B05_the_group_mapping_is_disabled_only_where_groups_are_off(
    preset: str, make_connection: MakeConnection
) -> None:
    for groups in (True, False):
        mapping = guide_of(make_connection(preset, groups=groups))["mapping"]
        assert ("Provision Microsoft Entra ID Groups" in words(mapping)) is not groups


@pytest.mark.parametrize(("letter_case", "wanted"), [("reject", True), ("fold", True), ("preserve", False)])
def test_B07_to_lower_is_asked_for_where_capital_letters_are_not_kept(
    letter_case: str, wanted: bool, make_connection: MakeConnection
) -> None:
    rows = str(tables(guide_of(make_connection("rfc", letter_case=letter_case))["mapping"]))
    assert ("ToLower([userPrincipalName], )" in rows) is wanted
    assert ("ToLower([mail], )" in rows) is wanted


@pytest.mark.examplehub
def test_B13_B14_departments_are_listed_with_those_that_need_a_country(fabrikam: ScimClient) -> None:
    first = guide_of(fabrikam.connection)["prerequisites"]
    rows = tables(first)
    assert ["Engineering", "2 times"] in rows
    assert ["Sales: Nordics", ""] in rows
    assert f"{FLOWCASE}:countryCode" in words(first)


@pytest.mark.examplehub
def test_B13_departments_of_others_are_not_listed(
    fabrikam: ScimClient, make_connection: MakeConnection
) -> None:
    assert tables(guide_of(make_connection("flowcase"))["prerequisites"]) == []


@pytest.mark.examplehub
def test_B19_B20_B25_roles_and_mapping_are_those_of_the_hub(fabrikam: ScimClient) -> None:
    guide = guide_of(fabrikam.connection)
    values = [row[0] for row in tables(guide["roles"])]
    assert values[:3] == ["external", "limited_access", "consultant"]
    assert "departmentmanager:office:{country}:{department}" in values
    rows = {row[0]: row[1:] for row in tables(guide["mapping"])}
    assert rows["userName"][:3] == ["Expression", "ToLower([userPrincipalName], )", 1]
    assert rows['emails[type eq "work"].value'][2] == 2
    assert rows["roles"][1] == "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])"
    assert rows[f"{ENTERPRISE}:department"][:2] == ["Direct", "department"]
    assert f"{FLOWCASE}:countryCode" in copyable(guide["attributes"]).values()
    listed = {row[0]: row[1:] for row in tables(guide["attributes"])}
    assert listed["id"][1:3] == ["yes", "yes"]
    assert listed["roles"][3] == "yes"


@pytest.mark.examplehub
def test_B19_app_roles_are_for_both_users_and_groups_and_applications_in_words_and_manifest(
    fabrikam: ScimClient,
) -> None:
    assert "Both (Users/Groups + Applications)" in words(guide_of(fabrikam.connection)["roles"])
    roles = app_roles(setup_of(fabrikam.connection))
    assert roles
    assert all(role["allowedMemberTypes"] == ["User", "Application"] for role in roles)


@pytest.mark.examplehub
def test_B21_B22_roles_of_departments_and_tags_are_offered_as_entra_takes_them(fabrikam: ScimClient) -> None:
    values = {role.value for role in role_values(setup_of(fabrikam.connection))}
    assert "departmentmanager:dept:NO:SoftwareEngineering" in values
    assert "departmentmanager:custom_tag:region:north" in values
    # Two departments of Denmark are one without their spaces: neither is offered.
    assert "departmentmanager:dept:DK:DataScience" not in values
    exported = {role["value"] for role in app_roles(setup_of(fabrikam.connection))}
    assert values - exported == {value for value in values if "{" in value}


@pytest.mark.examplehub
def test_B21_each_role_that_is_offered_is_accepted(fabrikam: ScimClient) -> None:
    roles = [{"value": role["value"]} for role in app_roles(setup_of(fabrikam.connection))]
    answer = fabrikam.post("/Users", user_body("ada", roles=roles))
    assert answer.status == 201, answer.json


@pytest.mark.examplehub
def test_T8_roles_that_a_connection_may_not_give_are_not_offered(
    fabrikam: ScimClient, make_connection: MakeConnection
) -> None:
    few = make_connection("flowcase", allowed_roles="consultant, departmentmanager:dept:*")
    low = make_connection("flowcase", high_roles=False)
    assert {role["value"] for role in app_roles(setup_of(few))} == {"consultant"}
    assert "internationalmanager" not in {role["value"] for role in app_roles(setup_of(low))}


@pytest.mark.parametrize(
    ("value", "fits"),
    [("consultant", True), ("a b", False), ("a\tb", False), ("x" * 121, False), ("", False)],
)
def test_B21_entra_takes_no_spaces_and_120_characters(value: str, fits: bool) -> None:
    assert fits_entra(value) is fits


def test_B03_the_role_behind_a_token_is_named_where_it_is_asked_for(make_connection: MakeConnection) -> None:
    for asked in (True, False):
        connect = guide_of(make_connection("rfc", token_principal=asked))["connect"]
        assert ("holds the role" in words(connect)) is asked
