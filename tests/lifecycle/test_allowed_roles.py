"""Which roles a connection may give (T8), and places that do not fit each other, each with its own code."""

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.factories import seed_places
from tests.lifecycle.rows import add, host_user, replace, users_of
from tests.scim import ENTERPRISE, FLOWCASE, Answer, ScimClient, user_body

pytestmark = [pytest.mark.django_db, pytest.mark.examplehub]

NORWAY = "departmentmanager:office:NO:Engineering"
SWEDEN = "departmentmanager:office:SE:Engineering"


def given(*values: str) -> list[dict[str, str]]:
    """Return roles as a document holds them."""
    return [{"value": value} for value in values]


def roles_of(user: Answer) -> set[str]:
    """Return what the Hub has."""
    return {row.value for row in host_user(user).role_assignments.all()}


def refused(answer: Answer, code: str) -> str:
    """Insist on a refusal by this code, and return its detail."""
    assert (answer.status, answer["scimType"]) == (400, "invalidValue"), answer.json
    assert answer["detail"].endswith(f"[{code}]"), answer["detail"]
    return str(answer["detail"])


def with_list(make_client: MakeClient, text: str, **columns: Any) -> ScimClient:
    """Return a client whose connection may give these roles."""
    client = make_client("flowcase", allowed_roles=text, **columns)
    seed_places(client.organization)
    return client


def test_T8_B19_the_preset_lets_every_role(fabrikam: ScimClient) -> None:
    user = fabrikam.create_user("ada", roles=given("internationalmanager", "countrymanager", NORWAY))
    assert roles_of(user) == {"internationalmanager", "countrymanager", NORWAY}


@pytest.mark.parametrize("text", ["consultant,external", "consultant\nexternal\n", " consultant , external "])
def test_T8_a_list_lets_what_is_in_it_and_nothing_else(make_client: MakeClient, text: str) -> None:
    client = with_list(make_client, text)
    assert roles_of(client.create_user("ada", roles=given("consultant", "external"))) == {
        "consultant",
        "external",
    }
    for role in ("limited_access", "internationalmanager", NORWAY):
        detail = refused(
            client.post("/Users", user_body("eva", roles=given("consultant", role))), "role_not_allowed"
        )
        assert f"'{role}'" in detail
    assert users_of(client.organization) == 1


def test_T8_an_asterisk_stands_for_any_continuation(make_client: MakeClient) -> None:
    client = with_list(make_client, "consultant, departmentmanager:office:NO:*")
    assert roles_of(client.create_user("ada", roles=given(NORWAY))) == {NORWAY}
    refused(client.post("/Users", user_body("eva", roles=given(SWEDEN))), "role_not_allowed")
    refused(client.post("/Users", user_body("eva", roles=given("consultants"))), "unknown_role")


def test_T8_a_listed_role_is_let_even_if_it_is_high(make_client: MakeClient) -> None:
    client = with_list(make_client, "internationalmanager", high_roles=False)
    assert roles_of(client.create_user("ada", roles=given("internationalmanager"))) == {
        "internationalmanager"
    }
    refused(client.post("/Users", user_body("eva", roles=given("consultant"))), "role_not_allowed")


@pytest.mark.parametrize("kind", ["add", "replace"])
def test_T8_a_patch_may_not_give_it_either_and_changes_nothing(make_client: MakeClient, kind: str) -> None:
    client = with_list(make_client, "consultant, external")
    user = client.create_user("ada", roles=given("consultant"))
    operation = {"add": add, "replace": replace}[kind]("roles", given("external", "internationalmanager"))
    refused(client.patch(f"/Users/{user.id}", replace("title", "Boss"), operation), "role_not_allowed")
    assert roles_of(user) == {"consultant"}
    assert "title" not in client.user(user.id)


def test_T8_a_json_document_in_a_text_does_not_slip_through(make_client: MakeClient) -> None:
    client = with_list(make_client, "consultant")
    user = client.create_user("ada")
    sneaked = '{"id":"1","value":"internationalmanager","displayName":"consultant"}'
    refused(client.patch(f"/Users/{user.id}", add("roles", given(sneaked))), "role_not_allowed")
    single = replace('roles[primary eq "True"].value', "internationalmanager")
    refused(client.patch(f"/Users/{user.id}", single), "role_not_allowed")
    assert roles_of(user) == set()


@pytest.mark.parametrize("ignoring", ["ignore", "reject"])
def test_T8_a_role_that_is_not_allowed_is_never_just_dropped(make_client: MakeClient, ignoring: str) -> None:
    client = make_client("rfc", unknown_reference=ignoring)
    refused(client.post("/Users", user_body("ada", roles=given("internationalmanager"))), "role_not_allowed")


@pytest.mark.parametrize("preset", ["flow_connect", "rfc"])
def test_T8_high_roles_are_off_unless_a_preset_lets_them(make_client: MakeClient, preset: str) -> None:
    client = make_client(preset)
    refused(client.post("/Users", user_body("ada", roles=given("countrymanager"))), "role_not_allowed")
    assert roles_of(client.create_user("ada", roles=given("consultant"))) == {"consultant"}


def test_T8_other_connections_keep_to_their_own_list(make_client: MakeClient, fabrikam: ScimClient) -> None:
    with_list(make_client, "consultant")
    assert roles_of(fabrikam.create_user("ada", roles=given("external"))) == {"external"}


def place(department: str | None, **country: str) -> dict[str, Any]:
    """Return a user with a department and a country."""
    body = user_body("ada")
    if department:
        body[ENTERPRISE] = {"department": department}
    if country:
        body[FLOWCASE] = country
    return body


def test_B13_B14_B15_B17_each_mistake_has_its_own_code(fabrikam: ScimClient) -> None:
    before = users_of(fabrikam.organization)
    for department, country, code in (
        ("Finances", {}, "unknown_reference"),
        ("Engineering", {}, "ambiguous_reference"),
        ("Finance", {"countryCode": "NO"}, "reference_elsewhere"),
        ("Finance", {"countryCode": "DK", "countryName": "Denmark"}, "exclusive_attributes"),
        ("Finance", {"countryCode": "XX"}, "unknown_choice"),
        ("Finance", {"countryName": "Danemark"}, "unknown_choice"),
    ):
        assert len(refused(fabrikam.post("/Users", place(department, **country)), code)) > 40
    assert users_of(fabrikam.organization) == before


def test_B14_a_department_of_another_country_says_where_it_is(fabrikam: ScimClient) -> None:
    detail = refused(fabrikam.post("/Users", place("Engineering", countryCode="DK")), "reference_elsewhere")
    assert f"{FLOWCASE}:countryCode 'DK'" in detail
    assert "'NO' or 'SE'" in detail
    detail = refused(fabrikam.post("/Users", place("Finance", countryName="Norway")), "reference_elsewhere")
    assert "'Denmark'" in detail


def test_B14_a_country_without_a_department_is_refused_where_the_policy_says_so(
    make_client: MakeClient,
) -> None:
    client = make_client("flowcase", dependent_attributes="reject")
    seed_places(client.organization)
    detail = refused(client.post("/Users", place(None, countryCode="NO")), "dependent_attribute")
    assert f"{FLOWCASE}:countryCode" in detail
    assert f"{ENTERPRISE}:department" in detail
    user = client.post("/Users", place("Finance", countryCode="DK"))
    assert user.status == 201
    department = f"{ENTERPRISE}:department"
    # Judged on the result: the department may not go and leave its country behind, both may go together.
    refused(client.patch(f"/Users/{user.id}", replace(department, "")), "dependent_attribute")
    both = [replace(department, ""), replace(f"{FLOWCASE}:countryCode", "")]
    assert client.patch(f"/Users/{user.id}", *both).status == 200
    again = [replace(f"{FLOWCASE}:countryCode", "NO"), replace(department, "Engineering")]
    assert client.patch(f"/Users/{user.id}", *again).status == 200


def test_B44_the_preset_takes_a_country_without_a_department(fabrikam: ScimClient) -> None:
    assert fabrikam.post("/Users", place(None, countryCode="NO")).status == 201
