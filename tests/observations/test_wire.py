"""What requests show of the client's setup: each thing that a guide asks for, seen over HTTP."""

import uuid
from typing import Any

import pytest

from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.mapping.users import WORK_EMAIL
from scim_provisioning.models import Connection, Observation, Token
from scim_provisioning.selftest import run_self_test
from tests.conftest import MakeClient
from tests.factories import USERS, column, seed_places
from tests.lifecycle.rows import replace
from tests.scim import ENTERPRISE, FLOWCASE, ScimClient, group_body, user_body

FLAG = {"aadOptscim062020": ""}
MISPRINTED = "urn:ietf:params:scim:schemas:extension:scim:2.0:EnterpriseUser"


def seen(connection: Connection) -> dict[str, set[str]]:
    """Return the verdicts of each subject that was seen."""
    recorder.flush()
    found: dict[str, set[str]] = {}
    for row in Observation.objects.filter(connection=connection):
        found.setdefault(row.subject, set()).add(row.verdict)
    return found


def sample(connection: Connection, subject: str) -> str:
    recorder.flush()
    return Observation.objects.get(connection=connection, subject=subject, verdict="wrong").sample


@pytest.fixture
def strict(make_client: MakeClient) -> ScimClient:
    """Return a client of a connection that is as strict as Flowcase's, on whichever host."""
    return make_client("rfc", groups=False, managers=False, letter_case="reject", external_id_format="guid")


def test_R01_a_search_that_matches_nothing_is_a_test_of_the_connection(strict: ScimClient) -> None:
    strict.get("/Users", count=1)
    assert "connected" not in seen(strict.connection)
    strict.find("/Users", f'userName eq "{uuid.uuid4()}"')
    assert seen(strict.connection)["connected"] == {"ok"}


def test_B01_the_flag_is_seen_in_the_query_string(strict: ScimClient) -> None:
    strict.request("GET", "/Users", query=FLAG)
    assert seen(strict.connection) == {"flag": {"ok"}, "groups": {"ok"}}


@pytest.mark.parametrize("name", ["aadOptscim062020", "AADOPTSCIM062020"])
def test_B01_a_change_with_the_flag_is_right_and_one_without_is_wrong(strict: ScimClient, name: str) -> None:
    strict.post("/Users", user_body("ada"), query={name: ""})
    assert seen(strict.connection)["flag"] == {"ok"}
    strict.post("/Users", user_body("eva"))
    assert seen(strict.connection)["flag"] == {"ok", "wrong"}
    assert sample(strict.connection, "flag") == "POST /Users"


@pytest.mark.parametrize(
    "search",
    [
        {"method": "GET", "path": "/Users"},
        {"method": "POST", "path": "/Users/.search", "body": {"schemas": [], "filter": "x"}},
        {"method": "POST", "path": "/.search", "body": {}},
    ],
)
def test_B01_a_search_without_the_flag_says_nothing(strict: ScimClient, search: dict[str, Any]) -> None:
    strict.request(**search)
    assert "flag" not in seen(strict.connection)


def test_B07_capital_letters_are_seen_and_masked(strict: ScimClient) -> None:
    strict.create_user("ada")
    assert seen(strict.connection)["lower_case"] == {"ok"}
    assert strict.post("/Users", user_body("Grace.Hopper@contoso.example")).status == 400
    assert seen(strict.connection)["lower_case"] == {"ok", "wrong"}
    assert sample(strict.connection, "lower_case") == "userName: G••••.H•••••@contoso.example"


def test_B07_capital_letters_in_the_mail_of_a_patch_are_seen(strict: ScimClient) -> None:
    user = strict.create_user("ada").id
    mail = {"op": "replace", "path": 'emails[type eq "work"].value', "value": "ADA@contoso.example"}
    assert strict.patch(f"/Users/{user}", mail).status == 400
    assert sample(strict.connection, "lower_case") == 'emails[type eq "work"].value: ADA@contoso.example'


def test_A32_an_external_id_that_is_no_object_id_is_seen(strict: ScimClient) -> None:
    strict.create_user("ada")
    assert strict.post("/Users", user_body("eva", externalId="eva.k")).status == 400
    assert seen(strict.connection)["external_id"] == {"ok", "wrong"}
    assert sample(strict.connection, "external_id") == "externalId: e••.•"


def test_B05_calls_to_groups_are_counted_where_groups_are_off(strict: ScimClient) -> None:
    strict.create_user("ada")
    assert seen(strict.connection)["groups"] == {"ok"}
    strict.find("/Groups", 'displayName eq "Team"')
    strict.post("/Groups", group_body("Team"))
    recorder.flush()
    row = Observation.objects.get(subject="groups", verdict="wrong")
    assert (row.count, row.sample) == (2, "POST /Groups")


MANAGERS: dict[str, Any] = {
    "enterprise": {f"{ENTERPRISE}": {"manager": "7"}},
    "object": {f"{ENTERPRISE}": {"manager": {"value": "7"}}},
    "misprinted": {MISPRINTED: {"manager": "7"}},
    "top": {"manager": {"value": "7"}},
}


@pytest.mark.parametrize("form", MANAGERS)
def test_B06_a_manager_is_seen_under_either_urn(strict: ScimClient, form: str) -> None:
    assert strict.post("/Users", user_body("ada", **MANAGERS[form])).status == 201
    assert seen(strict.connection)["manager"] == {"wrong"}
    assert sample(strict.connection, "manager").endswith("manager")


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "Add", "path": f"{ENTERPRISE}:manager", "value": "7"},
        {"op": "Replace", "path": f"{MISPRINTED}:manager", "value": "7"},
        {"op": "replace", "path": "manager", "value": [{"$ref": "x", "value": "7"}]},
        {"op": "replace", "value": {f"{ENTERPRISE}:manager": "7", "title": "Boss"}},
        {"op": "replace", "value": {ENTERPRISE: {"manager": "7"}}},
        {"op": "replace", "path": ENTERPRISE, "value": {"manager": "7"}},
    ],
)
def test_B06_a_manager_in_a_patch_is_seen(strict: ScimClient, operation: dict[str, Any]) -> None:
    user = strict.create_user("ada").id
    assert strict.patch(f"/Users/{user}", operation).status == 200
    assert seen(strict.connection)["manager"] == {"ok", "wrong"}


def test_B06_no_manager_is_no_manager(strict: ScimClient) -> None:
    empty: dict[str, Any] = {"manager": None, "title": "manager", ENTERPRISE: {"department": "manager"}}
    strict.post("/Users", user_body("ada", **empty))
    assert seen(strict.connection)["manager"] == {"ok"}


def test_where_managers_and_groups_are_on_neither_is_watched(rfc: ScimClient) -> None:
    rfc.post("/Users", user_body("ada", **MANAGERS["object"]))
    rfc.create_group("Team")
    assert not {"manager", "groups"} & set(seen(rfc.connection))
    assert seen(rfc.connection)["group_sync"] == {"ok"}


@pytest.mark.examplehub
@pytest.mark.parametrize(
    ("attributes", "subject", "shown"),
    [
        ({ENTERPRISE: {"department": "Enginering"}}, "reference_known", "Enginering"),
        ({ENTERPRISE: {"department": "Engineering"}}, "reference_unique", "Engineering"),
        ({FLOWCASE: {"countryCode": "NO", "countryName": "Norway"}}, "exclusive", "countryName"),
        ({FLOWCASE: {"countryCode": "XX"}}, "choice", "XX"),
        ({"roles": [{"value": "Consultant"}]}, "roles", "Consultant"),
        ({"roles": [{"value": "departmentmanager:dept:DK:DataScience"}]}, "roles", "DataScience"),
    ],
)
def test_B13_B14_B15_B19_B21_what_is_refused_is_seen(
    fabrikam: ScimClient, attributes: dict[str, Any], subject: str, shown: str
) -> None:
    assert fabrikam.post("/Users", user_body("ada", **attributes)).status == 400
    assert seen(fabrikam.connection)[subject] == {"wrong"}
    assert sample(fabrikam.connection, subject).endswith(shown)


@pytest.mark.examplehub
def test_B13_B14_B15_B19_what_is_right_is_seen(fabrikam: ScimClient) -> None:
    body = user_body(
        "ada",
        roles=[{"value": "consultant"}],
        **{ENTERPRISE: {"department": "Engineering"}, FLOWCASE: {"countryCode": "NO"}},
    )
    assert fabrikam.post("/Users", body).status == 201
    verdicts = seen(fabrikam.connection)
    for subject in ("reference_known", "reference_unique", "exclusive", "dependent", "choice", "users"):
        assert verdicts[subject] == {"ok"}, subject
    for subject in ("roles", "roles_allowed"):
        assert verdicts[subject] == {"ok"}, subject


@pytest.fixture
def lenient(make_client: MakeClient) -> ScimClient:
    """Return a client of an organization with departments whose connection passes over what the Hub does not know."""
    client = make_client("rfc", unknown_reference="ignore")
    seed_places(client.organization)
    return client


@pytest.mark.examplehub
@pytest.mark.parametrize(
    ("attributes", "subject", "shown", "silent"),
    [
        ({ENTERPRISE: {"department": "Enginering"}}, "reference_known", "Enginering", "reference_unique"),
        ({ENTERPRISE: {"department": "Engineering"}}, "reference_unique", "Engineering", "reference_known"),
        ({FLOWCASE: {"countryCode": "XX"}}, "choice", "XX", "reference_known"),
        ({"roles": [{"value": "consultant"}, {"value": "owner"}]}, "roles", "owner", "roles_allowed"),
        (
            {"roles": [{"value": "departmentmanager:dept:DK:DataScience"}]},
            "roles",
            "DataScience",
            "roles_allowed",
        ),
    ],
)
def test_B13_B14_B19_what_is_passed_over_is_seen_as_not_known(
    lenient: ScimClient, attributes: dict[str, Any], subject: str, shown: str, silent: str
) -> None:
    assert lenient.post("/Users", user_body("ada", **attributes)).status == 201
    verdicts = seen(lenient.connection)
    assert verdicts[subject] == {"wrong"}
    assert silent not in verdicts
    assert sample(lenient.connection, subject).endswith(shown)


@pytest.mark.examplehub
def test_B13_what_is_passed_over_is_counted_by_requests_and_only_when_it_was_stored(
    lenient: ScimClient,
) -> None:
    roles = [{"value": "owner"}, {"value": "captain"}]
    user = lenient.post("/Users", user_body("ada", roles=roles)).id
    # Refused for something else, an unchanged value, and a department that is known.
    assert lenient.post("/Users", user_body("ada", roles=roles)).status == 409
    lenient.patch(f"/Users/{user}", {"op": "replace", "path": "title", "value": "Boss"})
    known = {"op": "add", "path": f"{ENTERPRISE}:department", "value": "Finance"}
    lenient.patch(f"/Users/{user}", known)
    recorder.flush()
    counts = {
        (row.subject, row.verdict): row.count
        for row in Observation.objects.filter(subject__in=["roles", "reference_known"])
    }
    assert counts == {("roles", "wrong"): 1, ("reference_known", "ok"): 1}


@pytest.mark.examplehub
def test_B13_each_operation_of_a_bulk_request_is_seen_with_its_own_values(lenient: ScimClient) -> None:
    bodies = [
        user_body("ada", **{ENTERPRISE: {"department": "Enginering"}}),
        user_body("eva", **{ENTERPRISE: {"department": "Finance"}}),
    ]
    operations = [{"method": "POST", "path": "/Users", "bulkId": "x", "data": body} for body in bodies]
    for number, operation in enumerate(operations):
        operation["bulkId"] = str(number)
    schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    lenient.post("/Bulk", {"schemas": [schema], "Operations": operations})
    assert seen(lenient.connection)["reference_known"] == {"ok", "wrong"}


@pytest.mark.examplehub
def test_B14_a_country_without_its_department_has_a_subject_of_its_own(make_client: MakeClient) -> None:
    client = make_client("flowcase", dependent_attributes="reject")
    seed_places(client.organization)
    assert client.post("/Users", user_body("ada", **{FLOWCASE: {"countryCode": "NO"}})).status == 400
    verdicts = seen(client.connection)
    assert verdicts["dependent"] == {"wrong"}
    assert "attributes" not in verdicts
    assert sample(client.connection, "dependent") == f"{FLOWCASE}:countryCode: {ENTERPRISE}:department"[:160]
    body = user_body("ada", **{ENTERPRISE: {"department": "Engineering"}, FLOWCASE: {"countryCode": "NO"}})
    assert client.post("/Users", body).status == 201
    assert seen(client.connection)["dependent"] == {"ok", "wrong"}


@pytest.mark.examplehub
def test_T8_a_role_that_may_not_be_given_is_told_from_one_that_is_unknown(make_client: MakeClient) -> None:
    client = make_client("flowcase", allowed_roles="external")
    assert client.post("/Users", user_body("ada", roles=[{"value": "consultant"}])).status == 400
    verdicts = seen(client.connection)
    assert verdicts["roles_allowed"] == {"wrong"}
    assert "roles" not in verdicts
    assert sample(client.connection, "roles_allowed") == "roles: consultant"
    client.create_user("ada", roles=[{"value": "external"}])
    assert seen(client.connection)["roles_allowed"] == {"ok", "wrong"}


def test_an_attribute_that_cannot_be_searched_for_is_seen(strict: ScimClient) -> None:
    assert strict.find("/Users", 'shoeSize eq "44"').status == 400
    assert seen(strict.connection)["matching"] == {"wrong"}


@pytest.mark.parametrize(
    "looked_for",
    ['emails[type eq "work"].value eq "{mail}"', 'emails[type eq "work" and value eq "{mail}"]'],
)
def test_B10_several_accounts_for_one_user_are_seen(rfc: ScimClient, looked_for: str) -> None:
    mail = "Shared@contoso.example"
    for name in ("ada", "eva"):
        rfc.create_user(name, emails=[{"type": "work", "value": f"{name}@contoso.example"}])
    rfc.find("/Users", looked_for.format(mail="ada@contoso.example"))
    assert seen(rfc.connection)["accounts"] == {"ok"}
    USERS.model._default_manager.update(**{column(WORK_EMAIL): mail})
    rfc.find("/Users", 'emails[type eq "work"].value sw "Sh"')
    rfc.find("/Users", f'userName sw "a" or emails.value eq "{mail}"')
    rfc.find("/Users", f'emails.value eq "{mail}" or userName sw "a"')
    rfc.find("/Users", f'emails[type eq "work" or value eq "{mail}"]')
    # Many may have one title: nobody is looked for by it.
    for user in rfc.find("/Users", "userName pr")["Resources"]:
        rfc.patch(f"/Users/{user['id']}", replace("title", "Boss"))
    assert rfc.find("/Users", 'title eq "Boss"')["totalResults"] == 2
    assert seen(rfc.connection)["accounts"] == {"ok"}
    assert rfc.find("/Users", looked_for.format(mail=mail)).json["totalResults"] == 2
    assert seen(rfc.connection)["accounts"] == {"ok", "wrong"}
    assert sample(rfc.connection, "accounts").endswith(": S•••••@contoso.example")


def test_values_are_left_out_where_the_host_keeps_none(strict: ScimClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "EVENT_VALUES": False}
    strict.post("/Users", user_body("Grace@contoso.example"))
    strict.post("/Users", user_body("eva", externalId="eva.k"))
    assert sample(strict.connection, "lower_case") == "userName"
    assert sample(strict.connection, "external_id") == "externalId"


def test_T02_requests_that_are_not_authenticated_are_not_counted(strict: ScimClient) -> None:
    for authorization in ("", "Bearer nothing", f"Bearer {strict.token}x"):
        strict.request("GET", "/Groups", authorization=authorization)
    Connection.objects.update(enabled=False)
    strict.get("/Groups")
    assert seen(strict.connection) == {}


def test_a_self_test_is_not_taken_for_the_client(strict: ScimClient) -> None:
    assert all(step.passed for step in run_self_test(strict.connection, "testserver"))
    assert seen(strict.connection) == {}


def test_operations_of_a_bulk_request_are_seen(rfc: ScimClient) -> None:
    operations = [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": user_body("ada")},
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": user_body("ada")},
    ]
    schema = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
    rfc.post("/Bulk", {"schemas": [schema], "Operations": operations})
    assert seen(rfc.connection)["accounts"] == {"ok", "wrong"}


def test_one_connection_is_never_told_of_another(strict: ScimClient, northwind: ScimClient) -> None:
    strict.find("/Groups", 'displayName eq "Team"')
    northwind.create_user("ada")
    assert "groups" not in seen(northwind.connection)
    assert "users" not in seen(strict.connection)


@pytest.mark.examplehub
def test_B03_a_token_whose_holder_lost_the_role_is_seen(fabrikam: ScimClient) -> None:
    assert fabrikam.get("/Users", count=1).status == 200
    assert seen(fabrikam.connection)["token_holder"] == {"ok"}
    Token.objects.update(has_principal=True)
    assert fabrikam.get("/Users", count=1).status == 403
    assert seen(fabrikam.connection)["token_holder"] == {"ok", "wrong"}
