"""R1 to R4: the credential check, matching, reading and creating users."""

from typing import Any
from uuid import uuid4

import pytest

from tests.entra.bodies import CREATE, OBJECT_ID, create_body, stored
from tests.factories import expected_status, host_rows, make_user, status_of
from tests.scim import CONTENT_TYPE, ENTERPRISE, ERROR, LIST_RESPONSE, USER, ScimClient

NOTHING = {
    "schemas": [LIST_RESPONSE],
    "totalResults": 0,
    "startIndex": 1,
    "itemsPerPage": 0,
    "Resources": [],
}
MATCHES = ['userName eq "{}"', 'emails[type eq "work"].value eq "{}"', 'externalId eq "{}"']


@pytest.mark.parametrize("text", MATCHES)
def test_R01_the_credential_check_finds_nothing_and_is_200(contoso: ScimClient, text: str) -> None:
    contoso.create_user("somebody")
    answer = contoso.find("/Users", text.format(uuid4()))
    assert (answer.status, answer.json) == (200, NOTHING)


def test_R01_a_random_group_is_not_found_and_is_200(contoso: ScimClient) -> None:
    contoso.create_group("Somebody's")
    answer = contoso.find("/Groups", f'displayName eq "{uuid4()}"', excludedAttributes="members")
    assert (answer.status, answer.json) == (200, NOTHING)


@pytest.mark.parametrize("query", ["filter=userName+eq+%22{}%22", "filter=userName%20eq%20%22{}%22"])
def test_R01_spaces_are_written_as_plus_or_as_percent_20(contoso: ScimClient, query: str) -> None:
    contoso.create_user("ada")
    assert contoso.request("GET", "/Users?" + query.format(uuid4())).json == NOTHING
    assert contoso.request("GET", "/Users?" + query.format("ada@contoso.example"))["totalResults"] == 1


def test_R01_the_flag_in_the_tenant_url_is_ignored(contoso: ScimClient) -> None:
    answer = contoso.find("/Users", f'userName eq "{uuid4()}"', aadOptscim062020="")
    assert (answer.status, answer.json) == (200, NOTHING)


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "ada@contoso.example"',
        'userName eq "ADA@Contoso.EXAMPLE"',
        'username Eq "ada@contoso.example"',
        'emails[type eq "work"].value eq "ada@contoso.example"',
        'emails[type eq "work"].value eq "Ada@Contoso.Example"',
        'emails[type eq "Work"].value eq "ada@contoso.example"',
        f'externalId eq "{OBJECT_ID}"',
        f"externalId eq {OBJECT_ID}",
        "userName eq ada@contoso.example",
        f'userName eq "ada@contoso.example" and externalId eq "{OBJECT_ID}"',
        f'{USER}:userName eq "ada@contoso.example"',
    ],
)
def test_R02_each_matching_filter_finds_the_full_resource(contoso: ScimClient, text: str) -> None:
    contoso.create_user("somebody-else")
    created = contoso.post("/Users", CREATE)
    answer = contoso.find("/Users", text)
    assert answer.status == 200
    assert answer["totalResults"] == 1
    (found,) = answer["Resources"]
    assert found == created.json
    assert found["id"]
    assert found["active"] is True
    assert {name: found[name] for name in stored(CREATE)} == stored(CREATE)


def test_R02_a_user_who_is_not_managed_yet_is_found_without_an_external_id(
    organization: Any, make_client: Any
) -> None:
    user = make_user(organization, "ada")
    contoso = make_client("flow_connect")
    answer = contoso.find("/Users", 'userName eq "ada@contoso.example"')
    assert answer["totalResults"] == 1
    assert "externalId" not in answer["Resources"][0]
    assert status_of(user) == "active"


@pytest.mark.parametrize(
    "text",
    ['favouriteColour eq "red"', 'emails.colour eq "red"', 'emails[colour eq "red"].value eq "x"',
     'urn:ietf:params:scim:schemas:extension:nobody:2.0:User:x eq "y"', 'password eq "x"'],
)  # fmt: skip
def test_R02_an_unknown_attribute_is_400_and_never_the_whole_list(contoso: ScimClient, text: str) -> None:
    contoso.create_user("ada")
    answer = contoso.find("/Users", text)
    assert (answer.status, answer["scimType"]) == (400, "invalidFilter")
    assert "Resources" not in answer.json


def test_R03_a_user_is_read_by_its_id(contoso: ScimClient) -> None:
    created = contoso.post("/Users", CREATE)
    answer = contoso.get(f"/Users/{created.id}")
    assert (answer.status, answer.json) == (200, created.json)
    assert answer.headers["Content-Type"] == CONTENT_TYPE


def test_R03_an_inactive_user_is_read_as_one(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", {"op": "Replace", "path": "active", "value": "False"})
    answer = contoso.get(f"/Users/{user}")
    assert (answer.status, answer["active"]) == (200, False)


@pytest.mark.parametrize(
    "user", ["7", "nonsense", "0b9d5a52-63e3-4c8e-9c55-5b9d3d2f6f00", "ada@contoso.example", "%00", "a" * 300]
)
def test_R03_an_absent_user_is_404_with_an_error_body(contoso: ScimClient, user: str) -> None:
    answer = contoso.get(f"/Users/{user}")
    assert answer.status == 404
    assert answer["schemas"] == [ERROR]
    assert answer["status"] == "404"


def test_R04_a_create_answers_201_with_location_and_the_whole_resource(contoso: ScimClient) -> None:
    answer = contoso.post("/Users", CREATE)
    assert answer.status == 201
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert answer.headers["Location"] == answer["meta"]["location"]
    assert answer["meta"]["location"].endswith(f"{contoso.base}/Users/{answer.id}")
    assert answer["meta"]["resourceType"] == "User"
    assert set(answer["schemas"]) == {USER, ENTERPRISE}
    assert {name: answer[name] for name in stored(CREATE)} == stored(CREATE)
    assert contoso.get(f"/Users/{answer.id}").json == answer.json


def test_R04_a_create_makes_one_pending_user_of_the_organization(contoso: ScimClient) -> None:
    contoso.post("/Users", CREATE)
    (user,) = host_rows(contoso.connection)[0]
    assert status_of(user) == expected_status("pending")


TOLERATED: dict[str, dict[str, Any]] = {
    "null members": {"addresses": None, "title": None, "department": None, "manager": None},
    "no name": {"name": ..., "displayName": ...},
    "a malformed extension urn in schemas": {
        "schemas": [USER, "urn:ietf:params:scim:schemas:extension:enterprise:2.0User"]
    },
    "extension data whose urn is not in schemas": {"schemas": [USER]},
    "no schemas": {"schemas": ...},
    "active as a string": {"active": "True"},
    "a capital Primary": {"emails": [{"Primary": True, "type": "work", "value": "ada@contoso.example"}]},
    "a string for primary": {"emails": [{"primary": "True", "type": "work", "value": "ada@contoso.example"}]},
    "a client's id and meta": {"id": "mine", "meta": {"resourceType": "User", "version": "9"}},
    "unknown attributes": {"favouriteColour": "red", "mailNickname": "ada"},
    "empty strings": {"title": "", "name": {"givenName": "", "familyName": "L"}},
    "empty lists": {"phoneNumbers": [], "addresses": [{}], "groups": []},
    "a password": {"password": "secret"},
    "addresses without a type": {"addresses": [{"locality": "Oslo"}]},
    "a manager as a string under the enterprise urn": {ENTERPRISE: {"manager": str(uuid4())}},
}


@pytest.mark.parametrize("changes", TOLERATED.values(), ids=TOLERATED.keys())
def test_R04_a_create_tolerates(contoso: ScimClient, changes: dict[str, Any]) -> None:
    answer = contoso.post("/Users", create_body(**changes))
    assert answer.status == 201, answer.json
    assert answer["userName"] == "ada@contoso.example"
    assert answer["active"] is True
    assert answer["emails"][0]["primary"] is True
    assert answer.id != "mine"
    assert answer["meta"]["version"] == 'W/"1"'
    assert None not in answer.json.values()
    assert not {"password", "favouriteColour", "department"} & set(answer.json)
    assert contoso.find("/Users", 'userName eq "ada@contoso.example"')["totalResults"] == 1


def test_R04_extension_data_is_kept_although_its_urn_is_not_in_schemas(contoso: ScimClient) -> None:
    answer = contoso.post("/Users", create_body(schemas=[USER]))
    assert answer[ENTERPRISE] == {"department": "R&D", "employeeNumber": "7"}
    assert ENTERPRISE in answer["schemas"]


def test_R04_a_user_created_inactive_is_inactive(contoso: ScimClient) -> None:
    answer = contoso.post("/Users", create_body(active="False"))
    assert (answer.status, answer["active"]) == (201, False)
    assert status_of(host_rows(contoso.connection)[0].get()) == "inactive"


@pytest.mark.parametrize("user_name", [..., None, "", "  "], ids=["absent", "null", "empty", "blank"])
def test_R04_a_create_without_user_name_is_400(contoso: ScimClient, user_name: Any) -> None:
    answer = contoso.post("/Users", create_body(userName=user_name))
    assert (answer.status, answer["scimType"]) == (400, "invalidValue")
    assert "userName" in answer["detail"]
    assert not host_rows(contoso.connection)[0].exists()


@pytest.mark.parametrize("user_name", ["ada@contoso.example", "ADA@CONTOSO.EXAMPLE", "ａda@contoso.example"])
def test_R04_a_duplicate_user_name_is_409_uniqueness(contoso: ScimClient, user_name: str) -> None:
    contoso.post("/Users", CREATE)
    answer = contoso.post("/Users", create_body(userName=user_name, externalId=str(uuid4()), emails=...))
    assert (answer.status, answer["scimType"], answer["status"]) == (409, "uniqueness", "409")
    assert host_rows(contoso.connection)[0].count() == 1


def test_R04_an_existing_user_of_that_name_is_adopted_and_answered_201(
    organization: Any, make_client: Any
) -> None:
    user = make_user(organization, "ada", state="active")
    contoso = make_client("flow_connect")
    linked = contoso.find("/Users", 'userName eq "ada@contoso.example"')["Resources"][0]["id"]
    answer = contoso.post("/Users", CREATE)
    assert answer.status == 201
    assert answer.id == linked
    assert answer["externalId"] == OBJECT_ID
    assert status_of(user) == "active"
    assert contoso.post("/Users", CREATE).status == 409


def test_R04_an_existing_user_of_that_e_mail_is_adopted_and_not_409(
    organization: Any, make_client: Any
) -> None:
    user = make_user(organization, "ada.lovelace", mail="ada@contoso.example", state="active")
    contoso = make_client("flow_connect")
    linked = contoso.find("/Users", 'userName eq "ada.lovelace@contoso.example"')["Resources"][0]["id"]
    answer = contoso.post("/Users", CREATE)
    assert answer.status == 201
    assert answer.id == linked
    assert status_of(user) == "active"
    assert host_rows(contoso.connection)[0].count() == 1
