"""The mapping tables, and the mistakes that can be made in them."""

import pytest

from scim_provisioning.simulator import (
    MAPPINGS,
    MISTAKES,
    Directory,
    MappingTable,
    constant,
    direct,
    expression,
)
from scim_provisioning.simulator.mapping import AttributeMapping, Kind
from scim_provisioning.simulator.mapping_presets import mapping_table
from scim_provisioning.simulator.paths import ENTERPRISE
from scim_provisioning.simulator.sources import UserSource


def values(table: MappingTable, *, creating: bool = True, **attributes: object) -> dict[str, object]:
    """Return target → value of a user with these attributes."""
    directory = Directory()
    user = directory.add_user("Ada@Contoso.Example", mail="Ada.L@Contoso.Example", **attributes)
    found = table.user_values(UserSource(user, directory), creating=creating)
    return {target.text: value for target, value in found.items()}


def test_the_default_table_has_22_lines_and_groups_on() -> None:
    table = MAPPINGS["default"]
    assert len(table.users) == 22
    assert [line.target_text for line in table.groups] == ["displayName", "externalId", "members"]
    assert table.maps_manager
    assert table.maps_members


def test_a32_flow_connect_differs_from_the_default_in_one_line() -> None:
    default, table = MAPPINGS["default"], MAPPINGS["flow_connect"]
    changed = [(old, new) for old, new in zip(default.users, table.users, strict=True) if old != new]
    assert [(old.source, new.source, new.target_text) for old, new in changed] == [
        ("mailNickname", "objectId", "externalId")
    ]


def test_b4_to_b39_the_flowcase_table() -> None:
    table = MAPPINGS["flowcase"]
    assert not table.groups
    assert not table.maps_manager
    assert [line.precedence for line in table.matching(table.users)] == [1, 2]
    found = values(table, department="Engineering", country="NO", city="Oslo", employeeId="7")
    assert found["userName"] == "ada@contoso.example"
    assert found['emails[type eq "work"].value'] == "ada.l@contoso.example"
    assert found['addresses[type eq "home"].locality'] == "Oslo"
    assert found["externalId"] == "7"
    assert found[f"{ENTERPRISE}:department"] == "Engineering"


def test_c6_is_soft_deleted_means_out_of_scope_too() -> None:
    directory = Directory()
    user = directory.add_user("a")
    assert UserSource(user, directory).attribute("IsSoftDeleted") == "False"
    assert UserSource(user, directory, out_of_scope=True).attribute("isSoftDeleted") == "True"
    directory.disable(user)
    assert UserSource(user, directory).attribute("isSoftDeleted") == "True"


def test_the_columns_of_the_edit_screen() -> None:
    table = MappingTable(
        "own",
        (
            constant("Hub", "nickName"),
            AttributeMapping(Kind.DIRECT, "department", "title", default="None"),
            AttributeMapping(Kind.DIRECT, "mail", "userName", only_on_creation=True),
        ),
    )
    assert values(table) == {"nickName": "Hub", "title": "None", "userName": "Ada.L@Contoso.Example"}
    assert values(table, creating=False) == {"nickName": "Hub", "title": "None"}


def targets(table: MappingTable) -> dict[str, str]:
    return {line.target_text: line.source for line in table.users}


@pytest.mark.parametrize("name", MISTAKES)
@pytest.mark.parametrize("preset", MAPPINGS)
def test_every_mistake_can_be_made_in_every_table(name: str, preset: str) -> None:
    table = MAPPINGS[preset].with_mistake(name)
    assert targets(table) or table.groups


def test_each_mistake_breaks_what_it_says() -> None:
    flow, case = MAPPINGS["flow_connect"], MAPPINGS["flowcase"]
    assert targets(flow.with_mistake("external_id_from_mail_nickname"))["externalId"] == "mailNickname"
    wrong = case.with_mistake("without_to_lower")
    assert values(wrong)["userName"] == "Ada@Contoso.Example"
    assert [line.precedence for line in wrong.matching(wrong.users)] == [1, 2]
    assert sum("flowcase" in target for target in targets(case.with_mistake("both_countries"))) == 2
    assert case.with_mistake("manager_mapped").maps_manager
    assert case.with_mistake("groups_left_on").groups
    assert not flow.with_mistake("groups_off").groups
    assert not flow.with_mistake("active_not_mapped").maps_active
    assert "roles" not in targets(case.with_mistake("roles_not_mapped"))
    assert targets(flow.with_mistake("id_mapped"))["id"] == "objectId"


def test_unknown_names_are_refused_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="both_countries"):
        MAPPINGS["flowcase"].with_mistake("typo")
    with pytest.raises(ValueError, match="flow_connect"):
        mapping_table("typo")


def test_a_line_replaces_the_one_with_its_target_or_is_added() -> None:
    table = MappingTable("own", (direct("mail", "userName", 1),))
    assert len(table.with_user_line(expression("ToLower([mail])", "userName", 1)).users) == 1
    assert len(table.with_user_line(direct("city", "nickName")).users) == 2
