"""Departments, countries and roles: what must exist in the Hub before SCIM may name it (B13 to B26, B40, T8)."""

import uuid
from typing import Any

import pytest
from django.apps import apps
from django.test import override_settings

from example_project.hub.roles import named
from example_project.hub.scim import HubUsers
from scim_provisioning.mapping import Reference, RolePattern, Roles
from tests.conftest import MakeClient
from tests.factories import seed_places
from tests.lifecycle.rows import add, columns_of, host_user, replace, together, users_of
from tests.scim import ENTERPRISE, FLOWCASE, Answer, ScimClient, user_body

pytestmark = [pytest.mark.django_db, pytest.mark.examplehub]

DEPARTMENT = f"{ENTERPRISE}:department"
COUNTRY_CODE = f"{FLOWCASE}:countryCode"
COUNTRY_NAME = f"{FLOWCASE}:countryName"


def post(client: ScimClient, department: str | None = None, roles: Any = None, **place: str) -> Answer:
    """Create a user with a department, a place and roles."""
    body = user_body("ada")
    if department is not None:
        body[ENTERPRISE] = {"department": department}
    if place:
        body[FLOWCASE] = place
    if roles is not None:
        body["roles"] = [{"value": value} for value in roles]
    return client.post("/Users", body)


def refused(answer: Answer) -> str:
    """Insist on the refusal of a bad value, and return its detail."""
    assert (answer.status, answer["scimType"]) == (400, "invalidValue"), answer.json
    return str(answer["detail"])


def place_of(user: Answer | str) -> tuple[str, str] | None:
    """Return name and country code of the department that the Hub has for a user."""
    department = host_user(user).department
    return (department.name, department.country.code) if department else None


def roles_of(user: Answer | str) -> set[str]:
    """Return the roles that the Hub has for a user from SCIM."""
    return {row.value for row in host_user(user).role_assignments.filter(source="scim")}


def test_B13_an_existing_department_is_set(fabrikam: ScimClient) -> None:
    created = post(fabrikam, "Finance")
    assert created.status == 201
    assert place_of(created) == ("Finance", "DK")
    assert fabrikam.user(created.id)[ENTERPRISE] == {"department": "Finance"}


def test_B13_an_unknown_department_is_refused_and_never_created(fabrikam: ScimClient) -> None:
    before = apps.get_model("hub", "Department").objects.count()
    detail = refused(post(fabrikam, "Finances"))
    assert "'Finances'" in detail
    assert "'Finance'" in detail, "near names are offered"
    assert apps.get_model("hub", "Department").objects.count() == before
    assert users_of(fabrikam.organization) == 0


def test_B13_a_patch_to_an_unknown_department_changes_nothing(fabrikam: ScimClient) -> None:
    user = post(fabrikam, "Finance")
    refused(fabrikam.patch(f"/Users/{user.id}", replace("title", "Boss"), replace(DEPARTMENT, "Nowhere")))
    assert place_of(user) == ("Finance", "DK")
    assert "title" not in fabrikam.user(user.id)


def test_B13_a_department_of_another_organization_does_not_exist(
    fabrikam: ScimClient, other_organization: Any
) -> None:
    countries = apps.get_model("hub", "Country").objects
    apps.get_model("hub", "Department").objects.create(
        organization=other_organization, name="Secret", country=countries.get(code="NO")
    )
    detail = refused(post(fabrikam, "Secret"))
    assert detail == refused(post(fabrikam, "Absent")).replace("Absent", "Secret")


def test_B14_a_name_in_two_countries_needs_a_country(fabrikam: ScimClient) -> None:
    detail = refused(post(fabrikam, "Engineering"))
    assert COUNTRY_CODE in detail
    assert COUNTRY_NAME in detail
    assert users_of(fabrikam.organization) == 0


@pytest.mark.parametrize(
    ("place", "code"),
    [({"countryCode": "NO"}, "NO"), ({"countryCode": "SE"}, "SE"), ({"countryName": "Sweden"}, "SE")],
)
def test_B14_a_country_tells_departments_of_one_name_apart(
    fabrikam: ScimClient, place: dict[str, str], code: str
) -> None:
    created = post(fabrikam, "Engineering", **place)
    assert created.status == 201, created.json
    assert place_of(created) == ("Engineering", code)
    assert fabrikam.user(created.id)[FLOWCASE] == place


def test_B14_a_department_that_is_not_in_the_country_is_refused(fabrikam: ScimClient) -> None:
    refused(post(fabrikam, "Finance", countryCode="NO"))


def test_B14_a_changed_country_moves_the_user_to_the_department_there(fabrikam: ScimClient) -> None:
    user = post(fabrikam, "Engineering", countryCode="NO")
    assert fabrikam.patch(f"/Users/{user.id}", replace(COUNTRY_CODE, "SE")).status == 200
    assert place_of(user) == ("Engineering", "SE")


def test_B14_a_country_may_not_be_taken_away_from_an_ambiguous_department(fabrikam: ScimClient) -> None:
    user = post(fabrikam, "Engineering", countryCode="NO")
    refused(fabrikam.patch(f"/Users/{user.id}", {"op": "remove", "path": COUNTRY_CODE}))
    assert place_of(user) == ("Engineering", "NO")


def test_B15_code_and_name_exclude_each_other(fabrikam: ScimClient) -> None:
    detail = refused(post(fabrikam, countryCode="NO", countryName="Norway"))
    assert COUNTRY_CODE in detail
    assert COUNTRY_NAME in detail
    assert users_of(fabrikam.organization) == 0


BOTH = {
    "code in store, name in a patch": [replace(COUNTRY_NAME, "Norway")],
    "added": [add(COUNTRY_NAME, "Norway")],
    "both in one object": [together(**{COUNTRY_CODE: "NO", COUNTRY_NAME: "Norway"})],
    "both in two operations": [replace(COUNTRY_CODE, "SE"), replace(COUNTRY_NAME, "Sweden")],
    "as the extension's object": [replace(FLOWCASE, {"countryCode": "NO", "countryName": "Norway"})],
}


@pytest.mark.parametrize("operations", BOTH.values(), ids=BOTH)
def test_B16_both_are_judged_on_the_resulting_state(
    fabrikam: ScimClient, operations: list[dict[str, Any]]
) -> None:
    user = post(fabrikam, "Engineering", countryCode="NO")
    before = fabrikam.user(user.id)
    refused(fabrikam.patch(f"/Users/{user.id}", *operations))
    assert fabrikam.user(user.id) == before


def test_B16_one_may_take_the_others_place_in_one_request(fabrikam: ScimClient) -> None:
    user = post(fabrikam, "Engineering", countryCode="NO")
    for operations in (
        [replace(COUNTRY_NAME, "Sweden"), {"op": "remove", "path": COUNTRY_CODE}],
        [together(**{COUNTRY_CODE: "NO", COUNTRY_NAME: ""})],
    ):
        assert fabrikam.patch(f"/Users/{user.id}", *operations).status == 200
    assert fabrikam.user(user.id)[FLOWCASE] == {"countryCode": "NO"}
    assert place_of(user) == ("Engineering", "NO")


@pytest.mark.parametrize("code", ["XX", "NOR", "NO-03", "N", "Norway", "578"])
def test_B17_a_country_code_is_alpha_2(fabrikam: ScimClient, code: str) -> None:
    assert code in refused(post(fabrikam, countryCode=code))


def test_B17_a_country_name_must_be_known(fabrikam: ScimClient) -> None:
    detail = refused(post(fabrikam, countryName="Norwey"))
    assert "'Norway'" in detail


def test_B18_department_and_country_may_come_in_any_order(fabrikam: ScimClient) -> None:
    operations = [replace(DEPARTMENT, "Engineering"), replace(COUNTRY_CODE, "SE")]
    for order in (operations, operations[::-1]):
        user = fabrikam.create_user(f"user{uuid.uuid4()}")
        assert fabrikam.patch(f"/Users/{user.id}", *order).status == 200
        assert place_of(user) == ("Engineering", "SE")


def test_B18_a_request_that_fails_at_its_last_operation_changes_nothing(fabrikam: ScimClient) -> None:
    user = post(fabrikam, "Engineering", countryCode="NO")
    before, row = fabrikam.user(user.id), columns_of(host_user(user))
    refused(
        fabrikam.patch(
            f"/Users/{user.id}",
            replace("title", "Boss"),
            add("roles", [{"value": "consultant"}]),
            replace(COUNTRY_CODE, "SE"),
            replace(DEPARTMENT, "Finance"),
        )
    )
    assert fabrikam.user(user.id) == before
    assert columns_of(host_user(user)) == row
    assert roles_of(user) == set()


@pytest.mark.parametrize("value", ["", None])
def test_B44_a_user_may_lack_or_lose_a_department(fabrikam: ScimClient, value: Any) -> None:
    user = post(fabrikam, "Finance")
    assert fabrikam.patch(f"/Users/{user.id}", replace(DEPARTMENT, value)).status == 200
    assert place_of(user) is None
    assert ENTERPRISE not in fabrikam.user(user.id)


class DemandingUsers(HubUsers):
    """Users that must have a department."""

    attributes = {**HubUsers.attributes, DEPARTMENT: Reference("department", by="name", required=True)}


def test_B44_a_required_attribute_is_asked_for_by_its_name(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    seed_places(client.organization)
    mapping = {
        "USER_MAPPING": f"{__name__}.DemandingUsers",
        "GROUP_MAPPING": "example_project.hub.scim.HubGroups",
    }
    with override_settings(SCIM_PROVISIONING=mapping):
        assert DEPARTMENT in refused(post(client))
        user = post(client, "Finance")
        assert user.status == 201
        assert DEPARTMENT in refused(client.patch(f"/Users/{user.id}", replace(DEPARTMENT, "")))
    assert place_of(user) == ("Finance", "DK")


PLAIN = [
    "external",
    "limited_access",
    "consultant",
    "internationalmanager",
    "referencemanager",
    "countrymanager",
]


@pytest.mark.parametrize("value", PLAIN)
def test_B19_the_products_roles_are_set_and_returned(fabrikam: ScimClient, value: str) -> None:
    user = post(fabrikam, roles=[value])
    assert user.status == 201
    assert roles_of(user) == {value}
    assert fabrikam.user(user.id)["roles"] == [{"value": value}]


@pytest.mark.parametrize(
    "value",
    [
        *(plain.upper() for plain in PLAIN),
        *(plain.capitalize() for plain in PLAIN),
        " consultant",
        "consultant ",
        "consultant\u200b",
        "\uff43onsultant",
        "owner",
        "admin",
        "superuser",
        "consultant,internationalmanager",
        "departmentmanager",
        "departmentmanager:",
        "departmentmanager:office",
        "departmentmanager:office:NO",
        "departmentmanager:office:NO:",
        "departmentmanager:office:XX:Engineering",
        "departmentmanager:office:no:Engineering",
        "departmentmanager:office:NO:engineering",
        "departmentmanager:office:NO:Finance",
        "departmentmanager:Office:NO:Engineering",
        "Departmentmanager:office:NO:Engineering",
        "departmentmanager:dept:NO:Nowhere",
        "departmentmanager:custom_tag:region:nowhere",
        "departmentmanager:custom_tag:nowhere:north",
        "departmentmanager:*:NO:Engineering",
    ],
)
def test_T8_B24_any_other_value_is_refused_and_nothing_is_stored(fabrikam: ScimClient, value: str) -> None:
    refused(post(fabrikam, roles=["consultant", value]))
    assert users_of(fabrikam.organization) == 0
    user = post(fabrikam, roles=["external"])
    refused(fabrikam.patch(f"/Users/{user.id}", add("roles", [{"value": "consultant"}, {"value": value}])))
    assert roles_of(user) == {"external"}
    assert fabrikam.user(user.id)["roles"] == [{"value": "external"}]


@pytest.mark.parametrize(
    ("value", "department"),
    [
        ("departmentmanager:office:NO:Engineering", ("Engineering", "NO")),
        ("departmentmanager:office:SE:Engineering", ("Engineering", "SE")),
        ("departmentmanager:office:NO:Software Engineering", ("Software Engineering", "NO")),
        ("departmentmanager:office:SE:Sales: Nordics", ("Sales: Nordics", "SE")),
        ("departmentmanager:office:DE:R&D: Cloud: Core", ("R&D: Cloud: Core", "DE")),
        ("departmentmanager:dept:NO:SoftwareEngineering", ("Software Engineering", "NO")),
        ("departmentmanager:dept:DE:R&D:Cloud:Core", ("R&D: Cloud: Core", "DE")),
    ],
)
def test_B20_B21_a_department_manager_manages_the_department_that_is_named(
    fabrikam: ScimClient, value: str, department: tuple[str, str]
) -> None:
    user = post(fabrikam, roles=[value])
    assert user.status == 201, user.json
    row = host_user(user).role_assignments.get()
    assert (row.value, row.department.name, row.department.country.code) == (value, *department)
    assert row.department.organization == fabrikam.organization
    assert fabrikam.user(user.id)["roles"] == [{"value": value}]


def test_B21_two_departments_that_are_one_without_their_spaces_are_ambiguous(fabrikam: ScimClient) -> None:
    assert "more than one" in refused(post(fabrikam, roles=["departmentmanager:dept:DK:DataScience"]))
    user = post(fabrikam, roles=["departmentmanager:office:DK:Data Science"])
    assert user.status == 201


def test_B22_a_manager_of_a_custom_tag(fabrikam: ScimClient) -> None:
    user = post(fabrikam, roles=["departmentmanager:custom_tag:region:north"])
    assert host_user(user).role_assignments.get().tag.euid == "north"


def test_T8_departments_and_tags_of_another_organization_cannot_be_managed(
    fabrikam: ScimClient, other_organization: Any
) -> None:
    category = apps.get_model("hub", "CustomTagCategory").objects.create(
        organization=other_organization, euid="secret", name="Secret"
    )
    apps.get_model("hub", "CustomTag").objects.create(category=category, euid="x", name="X")
    apps.get_model("hub", "Department").objects.create(
        organization=other_organization,
        name="Secret",
        country=apps.get_model("hub", "Country").objects.get(code="NO"),
    )
    refused(post(fabrikam, roles=["departmentmanager:custom_tag:secret:x"]))
    refused(post(fabrikam, roles=["departmentmanager:office:NO:Secret"]))


class AliasUsers(HubUsers):
    """Users whose roles may have the guide's later form as well."""

    attributes = {
        **HubUsers.attributes,
        "roles": Roles(
            "role_assignments",
            owned={"source": "scim"},
            plain=PLAIN,
            patterns=[RolePattern("departmentmanager:{department}", named)],
        ),
    }


def test_B23_the_later_form_is_a_line_of_the_mapping_and_off_by_default(fabrikam: ScimClient) -> None:
    refused(post(fabrikam, roles=["departmentmanager:Finance"]))
    mapping = {
        "USER_MAPPING": f"{__name__}.AliasUsers",
        "GROUP_MAPPING": "example_project.hub.scim.HubGroups",
    }
    with override_settings(SCIM_PROVISIONING=mapping):
        user = post(fabrikam, roles=["departmentmanager:Finance"])
        assert host_user(user).role_assignments.get().department.name == "Finance"
        assert "more than one" in refused(
            fabrikam.patch(f"/Users/{user.id}", add("roles", [{"value": "departmentmanager:Engineering"}]))
        )


def test_B24_no_roles_at_all_is_allowed(fabrikam: ScimClient) -> None:
    user = post(fabrikam, roles=[])
    assert user.status == 201
    assert "roles" not in fabrikam.user(user.id)


def test_B25_an_add_never_takes_a_role_away_and_a_replace_is_the_full_set(fabrikam: ScimClient) -> None:
    user = post(fabrikam, roles=["consultant"])
    fabrikam.patch(f"/Users/{user.id}", add("roles", [{"value": "external"}]))
    assert roles_of(user) == {"consultant", "external"}
    fabrikam.patch(f"/Users/{user.id}", replace("roles", [{"value": "countrymanager"}]))
    assert roles_of(user) == {"countrymanager"}
    fabrikam.patch(f"/Users/{user.id}", {"op": "remove", "path": "roles"})
    assert roles_of(user) == set()


@pytest.mark.parametrize(
    "roles",
    [
        [{"value": '{"id":"5f0c1a52","value":"consultant","displayName":"Consultant"}'}],
        [
            {
                "primary": False,
                "type": "WindowsAzureActiveDirectoryRole",
                "display": "C",
                "value": "consultant",
            }
        ],
        [{"primary": "False", "displayName": "C", "value": "consultant"}],
        ["consultant"],
    ],
)
def test_R13_each_shape_of_a_role_means_the_same_role(fabrikam: ScimClient, roles: list[Any]) -> None:
    user = post(fabrikam)
    assert fabrikam.patch(f"/Users/{user.id}", add("roles", roles)).status == 200
    assert roles_of(user) == {"consultant"}


def test_B26_a_user_may_hold_several_roles_and_each_once(fabrikam: ScimClient) -> None:
    user = post(fabrikam, roles=["consultant", "external", "consultant"])
    assert user.status == 201
    assert roles_of(user) == {"consultant", "external"}
    fabrikam.patch(f"/Users/{user.id}", add("roles", [{"value": "consultant"}]))
    assert host_user(user).role_assignments.count() == 2


def test_B25_roles_that_the_hub_gave_are_never_touched(fabrikam: ScimClient) -> None:
    user = post(fabrikam, roles=["consultant"])
    host_user(user).role_assignments.create(value="internationalmanager", source="hub")
    fabrikam.patch(f"/Users/{user.id}", replace("roles", [{"value": "external"}]))
    fabrikam.patch(f"/Users/{user.id}", {"op": "remove", "path": "roles"})
    assert [row.value for row in host_user(user).role_assignments.all()] == ["internationalmanager"]


def test_T14_a_user_created_again_has_none_of_the_old_ones_roles(fabrikam: ScimClient) -> None:
    user = post(fabrikam, roles=["internationalmanager"])
    fabrikam.delete(f"/Users/{user.id}")
    again = post(fabrikam)
    assert again.id != user.id
    assert not host_user(again).role_assignments.exists()


def test_B32_to_B39_the_optional_attributes_are_kept_and_returned(fabrikam: ScimClient) -> None:
    attributes = {
        "displayName": "Ada L",
        "addresses": [{"type": "home", "locality": "Oslo"}],
        "phoneNumbers": [{"type": "work", "value": "5551"}],
        "title": "Engineer",
        "preferredLanguage": "nb-NO",
        "locale": "nb",
        "externalId": "4711",
        FLOWCASE: {"countryCode": "NO"},
    }
    user = fabrikam.post("/Users", {**user_body("ada"), **attributes})
    assert user.status == 201
    shown = fabrikam.user(user.id)
    assert {name: shown.get(name) for name in attributes} == attributes
    paths = {
        'addresses[type eq "home"].locality': "Bergen",
        'phoneNumbers[type eq "work"].value': "5552",
        "preferredLanguage": "en",
    }
    assert (
        fabrikam.patch(f"/Users/{user.id}", *(replace(path, value) for path, value in paths.items())).status
        == 200
    )
    shown = fabrikam.user(user.id)
    assert shown["addresses"] == [{"type": "home", "locality": "Bergen"}]
    assert shown["phoneNumbers"] == [{"type": "work", "value": "5552"}]
    assert shown["preferredLanguage"] == "en"


def test_B43_roles_work_in_either_dialect_on_one_url(fabrikam: ScimClient) -> None:
    user = post(fabrikam)
    legacy = {"value": '{"id":"1","value":"consultant","displayName":"C"}'}
    newer = {"primary": False, "type": "WindowsAzureActiveDirectoryRole", "display": "E", "value": "external"}
    for shape in (legacy, newer):
        answer = fabrikam.request(
            "PATCH",
            f"/Users/{user.id}",
            {"schemas": [], "Operations": [add("roles", [shape])]},
            query={"aadOptscim062020": ""},
        )
        assert answer.status == 200, answer.json
    assert roles_of(user) == {"consultant", "external"}
