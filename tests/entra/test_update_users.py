"""R5 to R9, R12 and R14: PATCH of users in both dialects, and DELETE."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.entra.bodies import CREATE, add, create_body, folded, replace
from tests.factories import USERS, column, expected_status, host_rows, status_of
from tests.scim import ENTERPRISE, FLOWCASE, ScimClient

WORK_MAIL = 'emails[type eq "work"].value'
DEPARTMENT = f"{ENTERPRISE}:department"

LEGACY = [
    replace("displayName", "A"),
    replace(WORK_MAIL, "a@x.example"),
    add("name.givenName", "Augusta"),
    replace(DEPARTMENT, "Research"),
]
OPTSCIM = [
    {"op": "replace", "path": WORK_MAIL, "value": "a@x.example"},
    folded({"displayName": "A", "name.givenName": "Augusta", DEPARTMENT: "Research"}),
]
OPTSCIM_ADD = [OPTSCIM[0], {**OPTSCIM[1], "op": "add"}]


def test_R05_legacy_replaces_several_attributes(contoso: ScimClient) -> None:
    assert_several_replaced(contoso, LEGACY)


def test_R05_optscim_folds_paths_into_one_value(contoso: ScimClient) -> None:
    assert_several_replaced(contoso, OPTSCIM)


def test_R05_optscim_folds_paths_into_an_add_too(contoso: ScimClient) -> None:
    assert_several_replaced(contoso, OPTSCIM_ADD)


def test_R05_both_dialects_in_one_request_are_read(contoso: ScimClient) -> None:
    assert_several_replaced(contoso, [*LEGACY[:2], OPTSCIM[1]])


def assert_several_replaced(client: ScimClient, operations: list[Any]) -> None:
    user = client.post("/Users", CREATE).id
    answer = client.patch(f"/Users/{user}", *operations)
    assert answer.status == 200, answer.json
    assert client.get(f"/Users/{user}").json == answer.json
    assert client.user(user) == {
        **{key: value for key, value in CREATE.items() if key not in ("schemas", "meta", "roles")},
        "displayName": "A",
        "emails": [{"primary": True, "type": "work", "value": "a@x.example"}],
        "name": {"formatted": "Ada L", "familyName": "L", "givenName": "Augusta"},
        ENTERPRISE: {"department": "Research", "employeeNumber": "7"},
    }
    stored = host_rows(client.connection)[0].get()
    assert getattr(stored, column("displayName")) == "A"
    assert getattr(stored, column(WORK_MAIL)) == "a@x.example"


@pytest.mark.parametrize("status", [200, 204])
def test_R05_a_patch_is_answered_as_the_connection_says(
    make_client: Callable[..., ScimClient], status: int
) -> None:
    client = make_client("flow_connect", user_patch_response=status)
    user = client.create_user("ada").id
    answer = client.patch(f"/Users/{user}", replace("displayName", "A"))
    assert answer.status == status
    assert (answer.content == b"") == (status == 204)
    assert client.user(user)["displayName"] == "A"


@pytest.mark.parametrize("op", ["Add", "add", "Replace", "replace", "ADD"])
@pytest.mark.parametrize(
    ("path", "entry"),
    [
        ('phoneNumbers[type eq "mobile"].value', {"type": "mobile", "value": "new"}),
        ('phoneNumbers[type eq "fax"].display', {"type": "fax", "display": "new"}),
        ('emails[type eq "other"].value', {"type": "other", "value": "new"}),
        ('addresses[type eq "home"].formatted', {"type": "home", "formatted": "new"}),
        ('addresses[type eq "home"].streetAddress', {"type": "home", "streetAddress": "new"}),
        ('addresses[type eq "home"].locality', {"type": "home", "locality": "new"}),
        ('addresses[type eq "home"].region', {"type": "home", "region": "new"}),
        ('addresses[type eq "home"].postalCode', {"type": "home", "postalCode": "new"}),
        ('addresses[type eq "home"].country', {"type": "home", "country": "new"}),
    ],
)
def test_R06_a_path_without_a_matching_entry_creates_it(
    contoso: ScimClient, op: str, path: str, entry: dict[str, Any]
) -> None:
    user = contoso.post("/Users", create_body(phoneNumbers=..., addresses=...)).id
    answer = contoso.patch(f"/Users/{user}", {"op": op, "path": path, "value": "new"})
    assert answer.status == 200, answer.json
    assert entry in contoso.user(user)[path.partition("[")[0]]


def test_R06_a_primary_of_an_absent_entry_is_a_boolean(contoso: ScimClient) -> None:
    user = contoso.post("/Users", create_body(phoneNumbers=...)).id
    contoso.patch(
        f"/Users/{user}",
        add('phoneNumbers[type eq "mobile"].value', "5552"),
        add('phoneNumbers[type eq "mobile"].primary', "True"),
    )
    assert contoso.user(user)["phoneNumbers"] == [{"type": "mobile", "value": "5552", "primary": True}]


def test_R06_several_parts_of_one_absent_entry_make_one_entry(contoso: ScimClient) -> None:
    user = contoso.post("/Users", create_body(addresses=...)).id
    contoso.patch(
        f"/Users/{user}",
        add('addresses[type eq "work"].streetAddress', "Karl Johan 1"),
        add('addresses[type eq "work"].locality', "Oslo"),
        add('addresses[type eq "work"].country', "NO"),
    )
    assert contoso.user(user)["addresses"] == [
        {"type": "work", "streetAddress": "Karl Johan 1", "locality": "Oslo", "country": "NO"}
    ]


def test_R06_the_work_mail_of_a_user_without_one_reaches_the_host(contoso: ScimClient) -> None:
    user = contoso.post("/Users", create_body(emails=...)).id
    contoso.patch(f"/Users/{user}", add(WORK_MAIL, "ada@contoso.example"))
    assert contoso.user(user)["emails"] == [{"type": "work", "value": "ada@contoso.example"}]
    assert getattr(host_rows(contoso.connection)[0].get(), column(WORK_MAIL)) == "ada@contoso.example"
    assert contoso.find("/Users", f'{WORK_MAIL} eq "ada@contoso.example"')["totalResults"] == 1


RENAMES = {
    "legacy": replace("userName", "countess@contoso.example"),
    "optscim": folded({"userName": "countess@contoso.example"}),
}


@pytest.mark.parametrize("rename", RENAMES.values(), ids=RENAMES.keys())
def test_R07_a_renamed_user_keeps_its_id(contoso: ScimClient, rename: dict[str, Any]) -> None:
    user = contoso.post("/Users", CREATE).id
    answer = contoso.patch(f"/Users/{user}", rename)
    assert (answer.status, answer.id) == (200, user)
    assert answer["userName"] == "countess@contoso.example"
    assert contoso.find("/Users", 'userName eq "ada@contoso.example"')["totalResults"] == 0
    found = contoso.find("/Users", 'userName eq "countess@contoso.example"')
    assert [one["id"] for one in found["Resources"]] == [user]
    assert getattr(host_rows(contoso.connection)[0].get(), column("userName")) == "countess@contoso.example"


@pytest.mark.parametrize("rename", RENAMES.values(), ids=RENAMES.keys())
def test_R07_a_rename_to_a_taken_name_is_409(contoso: ScimClient, rename: dict[str, Any]) -> None:
    contoso.create_user("Countess")
    user = contoso.post("/Users", CREATE).id
    answer = contoso.patch(f"/Users/{user}", rename)
    assert (answer.status, answer["scimType"]) == (409, "uniqueness")
    assert contoso.user(user)["userName"] == "ada@contoso.example"


def switches(text: str, boolean: bool) -> list[Any]:
    """Return every form in which Entra has been seen to write ``active``."""
    return [
        pytest.param(replace("active", text), id=f"legacy-{text}"),
        pytest.param(add("active", text), id=f"legacy-Add-{text}"),
        pytest.param(replace("active", boolean), id="legacy-boolean"),
        pytest.param({"op": "replace", "path": "active", "value": boolean}, id="optscim-path"),
        pytest.param(folded({"active": boolean}), id="optscim"),
        pytest.param(folded({"active": text}), id="optscim-string"),
        pytest.param(folded({"active": boolean}, "add"), id="optscim-add"),
        pytest.param({"value": text.lower(), "path": "active", "op": "replace"}, id="lower-case"),
        pytest.param({"value": text, "path": "Active", "op": "REPLACE"}, id="capitals"),
    ]


@pytest.mark.parametrize("operation", switches("False", False))
def test_R08_active_false_makes_a_user_inactive(contoso: ScimClient, operation: dict[str, Any]) -> None:
    user = contoso.create_user("ada").id
    answer = contoso.patch(f"/Users/{user}", operation)
    assert (answer.status, answer["active"]) == (200, False)
    assert contoso.get(f"/Users/{user}")["active"] is False
    assert contoso.find("/Users", 'userName eq "ada@contoso.example"')["Resources"][0]["active"] is False
    assert status_of(host_rows(contoso.connection)[0].get()) == "inactive"


@pytest.mark.parametrize("operation", switches("True", True))
def test_R09_active_true_brings_an_inactive_user_back(contoso: ScimClient, operation: dict[str, Any]) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", replace("active", "False"))
    answer = contoso.patch(f"/Users/{user}", operation)
    assert (answer.status, answer["active"], answer.id) == (200, True, user)
    assert status_of(host_rows(contoso.connection)[0].get()) == "active"


@pytest.mark.parametrize("operation", switches("True", True))
def test_R09_active_true_leaves_a_pending_user_pending(
    contoso: ScimClient, operation: dict[str, Any]
) -> None:
    user = contoso.create_user("ada").id
    assert contoso.patch(f"/Users/{user}", operation)["active"] is True
    assert status_of(host_rows(contoso.connection)[0].get()) == expected_status("pending")


def test_R08_the_order_of_keys_does_not_matter(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    body = (
        b'{"Operations":[{"value":"False","path":"active","op":"Replace"}],'
        b'"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"]}'
    )
    assert contoso.request("PATCH", f"/Users/{user}", body)["active"] is False


EXTENSION = {
    "legacy": replace(f"{FLOWCASE}:countryCode", "NO"),
    "optscim": folded({f"{FLOWCASE}:countryCode": "NO"}),
    "optscim-add": folded({f"{FLOWCASE}:countryCode": "NO"}, "add"),
    "under its schema": folded({FLOWCASE: {"countryCode": "NO"}}),
}


@pytest.mark.examplehub
@pytest.mark.parametrize("operation", EXTENSION.values(), ids=EXTENSION.keys())
@pytest.mark.parametrize("preset", ["flow_connect", "flowcase"])
def test_R12_an_attribute_of_a_products_own_extension_is_kept(
    contoso: ScimClient, fabrikam: ScimClient, preset: str, operation: dict[str, Any]
) -> None:
    client = contoso if preset == "flow_connect" else fabrikam
    user = client.create_user("ada").id
    answer = client.patch(f"/Users/{user}", operation)
    assert answer.status == 200, answer.json
    assert answer[FLOWCASE] == {"countryCode": "NO"}
    assert FLOWCASE in answer["schemas"]
    assert client.find("/Users", f'{FLOWCASE}:countryCode eq "no"')["totalResults"] == 1


def test_R14_a_deleted_user_is_gone_for_good(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    group = contoso.create_group("Team A", user).id
    answer = contoso.delete(f"/Users/{user}")
    assert (answer.status, answer.content) == (204, b"")
    assert contoso.get(f"/Users/{user}").status == 404
    assert contoso.delete(f"/Users/{user}").status == 404
    assert contoso.patch(f"/Users/{user}", replace("active", "True")).status == 404
    assert contoso.put(f"/Users/{user}", CREATE).status == 404
    assert contoso.find("/Users", 'userName eq "ada@contoso.example"')["totalResults"] == 0
    assert contoso.members(group) == set()
    assert not USERS.model._default_manager.filter(**{column("userName"): "ada@contoso.example"}).exists()


def test_R14_a_user_who_comes_back_after_deletion_has_a_new_id(contoso: ScimClient) -> None:
    first = contoso.post("/Users", CREATE).id
    contoso.delete(f"/Users/{first}")
    second = contoso.post("/Users", CREATE).id
    assert first != second
    assert contoso.get(f"/Users/{first}").status == 404


def test_R14_an_absent_user_cannot_be_deleted(contoso: ScimClient) -> None:
    assert contoso.delete(f"/Users/{uuid4()}").status == 404
