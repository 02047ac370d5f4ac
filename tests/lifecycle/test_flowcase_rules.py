"""Rules of the product with roles and departments that cut across: what every refusal owes to who reads it."""

from typing import Any

import pytest
from django.apps import apps

from scim_provisioning.models import Token, UserResource
from scim_provisioning.simulator import MAPPINGS
from scim_provisioning.simulator.mapping import MappingTable
from tests.conftest import MakeClient
from tests.factories import make_user
from tests.lifecycle.rows import add, host_user, replace, together, users_of
from tests.scim import ENTERPRISE, FLOWCASE, ScimClient, database_digest, user_body

pytestmark = [pytest.mark.django_db, pytest.mark.examplehub]

DEPARTMENT = f"{ENTERPRISE}:department"
MANAGER = f"{ENTERPRISE}:manager"
MISPRINTED = "urn:ietf:params:scim:schemas:extension:scim:2.0:EnterpriseUser"
COUNTRY_CODE, COUNTRY_NAME = f"{FLOWCASE}:countryCode", f"{FLOWCASE}:countryName"
WORK_MAIL = 'emails[type eq "work"].value'


def with_roles(*values: str) -> dict[str, Any]:
    """Return the roles of a body."""
    return {"roles": [{"value": value} for value in values]}


# Each violation: what is sent on top of a good user, its code, and what its sentence has to name.
VIOLATIONS: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "B7 userName": ({"userName": "Ada@contoso.example"}, "not_lower_case", ["userName", "ToLower("]),
    "B7 mail": (
        {"emails": [{"type": "work", "value": "Ada@contoso.example"}]},
        "not_lower_case",
        [WORK_MAIL, "ToLower([mail]"],
    ),
    "B13": ({ENTERPRISE: {"department": "Finanze"}}, "unknown_reference", [DEPARTMENT, "'Finance'"]),
    "B14 ambiguous": (
        {ENTERPRISE: {"department": "Engineering"}},
        "ambiguous_reference",
        [COUNTRY_CODE, COUNTRY_NAME],
    ),
    "B14 elsewhere": (
        {ENTERPRISE: {"department": "Finance"}, FLOWCASE: {"countryCode": "NO"}},
        "reference_elsewhere",
        ["'Finance'", "'NO'", "'DK'"],
    ),
    "B15": (
        {FLOWCASE: {"countryCode": "NO", "countryName": "Norway"}},
        "exclusive_attributes",
        [COUNTRY_CODE, COUNTRY_NAME],
    ),
    "B17": ({FLOWCASE: {"countryCode": "NO-03"}}, "unknown_choice", [COUNTRY_CODE, "'NO-03'"]),
    "B19": (with_roles("Consultant"), "unknown_role", ["'Consultant'", "'consultant'", "App roles"]),
    "B20": (with_roles("departmentmanager:office:NO:Finance"), "unknown_role", ["NO:Finance"]),
    "B21": (with_roles("departmentmanager:dept:DK:DataScience"), "ambiguous_role", ["DataScience"]),
    "B22": (with_roles("departmentmanager:custom_tag:region:west"), "unknown_role", ["region:west"]),
    "B23": (with_roles("departmentmanager:Finance"), "unknown_role", ["departmentmanager:Finance"]),
    "B24": (with_roles("consultant", "owner"), "unknown_role", ["'owner'"]),
}


@pytest.mark.parametrize(("sent", "code", "named"), VIOLATIONS.values(), ids=VIOLATIONS)
@pytest.mark.parametrize("verb", ["POST", "PUT"])
def test_B42_every_violation_is_400_with_its_code_and_a_sentence_to_act_on_and_stores_nothing(
    fabrikam: ScimClient,
    northwind: ScimClient,
    *,
    verb: str,
    sent: dict[str, Any],
    code: str,
    named: list[str],
) -> None:
    northwind.create_user("eva")
    path = "/Users" if verb == "POST" else f"/Users/{fabrikam.create_user('ada').id}"
    before = database_digest()
    answer = fabrikam.request(verb, path, {**user_body("ada"), **sent})
    assert (answer.status, answer["scimType"], answer["status"]) == (400, "invalidValue", "400")
    assert answer["detail"].endswith(f"[{code}]")
    assert [text for text in named if text not in answer["detail"]] == []
    assert len(answer["detail"]) > 60
    assert database_digest() == before


def test_B6_a_manager_is_ignored_under_either_urn_in_either_form(fabrikam: ScimClient) -> None:
    boss = fabrikam.create_user("boss").id
    for name, urn in (("ada", ENTERPRISE), ("eva", MISPRINTED)):
        user = fabrikam.create_user(name, **{urn: {"manager": boss}}).id
        for operation in (
            add(MANAGER, boss),
            add(f"{MISPRINTED}:manager", boss),
            together(**{MANAGER: boss, "title": "Clerk"}),
            together(**{f"{MISPRINTED}:manager": boss}),
        ):
            assert fabrikam.patch(f"/Users/{user}", operation).status == 200
        shown = fabrikam.user(user)
        assert "manager" not in str(shown)
        assert shown["title"] == "Clerk"


def test_B31_the_older_form_is_read_at_a_flagged_url_and_without_roles(fabrikam: ScimClient) -> None:
    query = {"aadOptscim062020": ""}
    user = fabrikam.post("/Users", {**user_body("ada"), **with_roles("consultant")}, query=query).id
    older = [
        replace("title", "Boss"),
        replace("active", "False"),
        replace(DEPARTMENT, "Finance"),
        replace(WORK_MAIL, "ada.l@contoso.example"),
    ]
    assert fabrikam.patch(f"/Users/{user}", *older, query=query).status == 200
    shown = fabrikam.user(user)
    assert (shown["title"], shown["active"], shown["roles"]) == ("Boss", False, [{"value": "consultant"}])
    assert host_user(user).department.name == "Finance"


def test_B40_what_the_hubs_tables_hold_is_what_may_be_named_from_one_moment_to_the_next(
    fabrikam: ScimClient,
) -> None:
    body = {**user_body("ada"), ENTERPRISE: {"department": "Robotics"}}
    role = with_roles("departmentmanager:custom_tag:region:west", "departmentmanager:office:NO:Robotics")
    assert fabrikam.post("/Users", {**body, **role}).status == 400
    department = apps.get_model("hub", "Department").objects.create(
        organization=fabrikam.organization,
        name="Robotics",
        country=apps.get_model("hub", "Country").objects.get(code="NO"),
    )
    category = apps.get_model("hub", "CustomTagCategory").objects.get(organization=fabrikam.organization)
    apps.get_model("hub", "CustomTag").objects.create(category=category, euid="west", name="West")
    assert fabrikam.post("/Users", {**body, **role}).status == 201
    department.delete()
    assert fabrikam.post("/Users", {**user_body("eva"), ENTERPRISE: body[ENTERPRISE]}).status == 400
    assert users_of(fabrikam.organization) == 1


OPTIONAL = {
    "displayName": "Ada L",
    'addresses[type eq "home"].locality': "Oslo",
    'phoneNumbers[type eq "work"].value': "5551",
    "title": "Engineer",
    "preferredLanguage": "nb-NO",
    "locale": "nb",
    "externalId": "4711",
    COUNTRY_CODE: "NO",
    DEPARTMENT: "Finance",
}


@pytest.mark.parametrize("path", [path for path in OPTIONAL if path != DEPARTMENT])
def test_B32_to_B39_an_optional_attribute_is_added_returned_and_found(
    fabrikam: ScimClient, path: str
) -> None:
    fabrikam.create_user("eva", externalId="1")
    user = fabrikam.create_user("ada", externalId="2").id
    assert fabrikam.patch(f"/Users/{user}", add(path, OPTIONAL[path])).status == 200
    found = fabrikam.find("/Users", f'{path} eq "{OPTIONAL[path]}"')
    assert [each["id"] for each in found["Resources"]] == [user]
    assert OPTIONAL[path] in str(fabrikam.user(user))


def default_targets(table: MappingTable) -> list[str]:
    """Return the user attributes that Entra maps for a new application."""
    matched = {"userName", "active", "externalId", WORK_MAIL, DEPARTMENT, MANAGER}
    return [line.target_text for line in table.users if line.target_text not in matched]


@pytest.mark.parametrize("unmapped", ["keep", "ignore"])
def test_B38_whatever_else_entras_default_mapping_sends_is_never_400(
    make_client: MakeClient, unmapped: str
) -> None:
    client = make_client("flowcase", unmapped_attributes=unmapped)
    user = client.create_user("ada").id
    targets = default_targets(MAPPINGS["default"])
    assert len(targets) > 12
    for number, path in enumerate(targets):
        for operation in (add(path, f"value {number}"), replace(path, f"other {number}")):
            assert client.patch(f"/Users/{user}", operation).status == 200, path
    folded = {path: f"last {number}" for number, path in enumerate(targets) if "[" not in path}
    assert client.patch(f"/Users/{user}", together(**folded)).status == 200
    kept = [path for path in folded if folded[path] in str(client.user(user))]
    assert set(kept) >= {"displayName", "title", "name.givenName", "name.familyName"}
    if unmapped == "keep":
        assert kept == list(folded)


def test_B29_a_directory_that_does_nothing_leaves_the_user_as_it_is(fabrikam: ScimClient) -> None:
    user = fabrikam.create_user("ada").id
    before = database_digest()
    assert fabrikam.get(f"/Users/{user}")["active"] is True
    assert database_digest() == before


def test_B30_a_delete_is_final_whether_it_comes_after_thirty_days_or_at_once(fabrikam: ScimClient) -> None:
    for inactive in (True, False):
        user = fabrikam.create_user("ada", externalId="7").id
        if inactive:
            fabrikam.patch(f"/Users/{user}", replace("active", "False"))
        assert fabrikam.delete(f"/Users/{user}").status == 204
        assert fabrikam.get(f"/Users/{user}").status == 404
        assert fabrikam.find("/Users", 'userName eq "ada@contoso.example"')["totalResults"] == 0
        assert not UserResource.objects.filter(pk=user).exists()
    assert users_of(fabrikam.organization) == 0


def test_B2_B3_the_quoted_form_and_the_principal_go_together(fabrikam: ScimClient) -> None:
    frida = make_user(fabrikam.organization, "frida")
    role = frida.role_assignments.create(value="internationalmanager", source="hub")
    token = Token.issue(fabrikam.connection, created_by=frida)[1]
    header = f'Bearer token="{token}"'
    assert fabrikam.request("GET", "/Users", authorization=header).status == 200
    role.delete()
    refused = fabrikam.request("GET", "/Users", authorization=header)
    assert refused.status == 403
    assert "'International Manager'" in refused["detail"]
