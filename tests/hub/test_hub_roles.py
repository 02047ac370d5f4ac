"""What the example Hub's mapping makes of role values, departments and countries (B14 to B22)."""

import pytest

from example_project.hub import roles
from example_project.hub.models import CustomTag, Department, Organization
from example_project.hub.scim import HubGroups, HubUsers
from scim_provisioning.lifecycle.connections import create_connection


@pytest.fixture
def mapping(fabrikam: Organization) -> HubUsers:
    """Return the user mapping of a flowcase connection."""
    return HubUsers(create_connection(fabrikam, "flowcase"))


@pytest.mark.parametrize(
    ("country", "name"),
    [("NO", "Engineering"), ("SE", "Engineering"), ("SE", "Sales: Nordics"), ("DE", "R&D: Cloud: Core")],
)
def test_an_office_role_names_a_department_as_it_is(mapping: HubUsers, country: str, name: str) -> None:
    """B20."""
    department = roles.office(mapping, country, name)["department"]
    assert (department.name, department.country.code) == (name, country)
    assert department.organization == mapping.organization


@pytest.mark.parametrize(
    ("country", "name", "found"),
    [
        ("NO", "SoftwareEngineering", "Software Engineering"),
        ("DE", "R&D:Cloud:Core", "R&D: Cloud: Core"),
        ("DK", "Finance", "Finance"),
    ],
)
def test_a_dept_role_names_a_department_without_its_spaces(
    mapping: HubUsers, country: str, name: str, found: str
) -> None:
    """B21."""
    assert roles.stripped(mapping, country, name)["department"].name == found


def test_names_that_differ_in_spaces_only_are_ambiguous(mapping: HubUsers) -> None:
    """B21."""
    with pytest.raises(ValueError, match="several departments"):
        roles.stripped(mapping, "DK", "DataScience")
    assert roles.office(mapping, "DK", "DataScience")["department"].name == "DataScience"


def test_a_tag_role_names_a_tag_in_its_category(mapping: HubUsers) -> None:
    """B22."""
    tag = roles.custom_tag(mapping, "region", "north")["tag"]
    assert (tag.category.euid, tag.euid) == ("region", "north")
    assert tag.category.organization == mapping.organization


@pytest.mark.parametrize(
    ("resolve", "one", "other"),
    [
        (roles.office, "NO", "engineering"),
        (roles.office, "no", "Engineering"),
        (roles.office, "DK", "Engineering"),
        (roles.stripped, "NO", "Software Engineering"),
        (roles.custom_tag, "region", "east"),
        (roles.custom_tag, "skill", "north"),
        (roles.custom_tag, "Region", "north"),
    ],
)
def test_what_does_not_exist_is_not_found(mapping: HubUsers, resolve: object, one: str, other: str) -> None:
    """B19: exact, case-sensitive."""
    with pytest.raises(LookupError):
        resolve(mapping, one, other)  # type: ignore[operator]


def test_roles_stay_inside_the_organization(mapping: HubUsers, contoso: Organization) -> None:
    country = contoso.departments.get(name="Finance").country
    Department.objects.create(organization=contoso, name="Only here", country=country)
    category = contoso.tag_categories.get(euid="region")
    CustomTag.objects.create(category=category, euid="east", name="East")
    with pytest.raises(LookupError):
        roles.office(mapping, "DK", "Only here")
    with pytest.raises(LookupError):
        roles.custom_tag(mapping, "region", "east")


def test_countries_are_alpha_2_codes_and_names(mapping: HubUsers) -> None:
    """B17."""
    codes = roles.country_codes(mapping)
    assert {"NO", "SE", "DK", "DE", "US", "GB"} <= set(codes)
    assert {len(code) for code in codes} == {2}
    assert {"Norway", "Sweden", "Denmark", "Germany"} <= set(roles.country_names(mapping))


def test_scim_sees_end_user_groups_only(contoso: Organization) -> None:
    """A21, A22."""
    mapping = HubGroups(create_connection(contoso, "flow_connect"))
    assert set(mapping.queryset().values_list("name", flat=True)) == {"Newsletter", "Packagers"}
    assert set(mapping.reserved_names()) == {"Administrators", "Auditors", "Everyone"}
    assert mapping.new().kind == "end_user"


def test_the_mapping_file_stays_short() -> None:
    """The two tables are what a Hub developer writes: about 30 lines."""
    assert len(HubUsers.attributes) + len(HubGroups.attributes) <= 15
