"""A user comes into scope: POST /Users where nobody of that name exists (A8, A9, A18, A32, B9 to B12)."""

import uuid

import pytest
from django.contrib.auth import authenticate
from django.core import mail

from scim_provisioning.models import UserResource
from tests.conftest import MakeClient
from tests.factories import USERS, column, expected_status, make_user, status_of
from tests.lifecycle.rows import ENABLE, host_user, link_of, replace, together, users_of
from tests.scim import ENTERPRISE, USER, ScimClient, user_body

pytestmark = pytest.mark.django_db


def test_A8_a_user_in_scope_is_created_in_the_organization(contoso: ScimClient) -> None:
    created = contoso.create_user("ada")
    user = host_user(created)
    assert users_of(contoso.organization) == 1
    assert getattr(user, column("userName")) == "ada@contoso.example"
    assert created.headers["Location"].endswith(f"/Users/{created.id}")


def test_A8_no_invitation_is_sent(contoso: ScimClient) -> None:
    contoso.create_user("ada")
    assert mail.outbox == []


def test_A8_a_new_user_may_sign_in_at_once_but_with_no_password(contoso: ScimClient) -> None:
    user = host_user(contoso.create_user("ada", password="t1meMa$heen"))
    assert user.is_active
    assert not user.has_usable_password()
    assert authenticate(username="ada@contoso.example", password="t1meMa$heen") is None


def test_A9_a_new_user_is_pending(contoso: ScimClient) -> None:
    assert status_of(host_user(contoso.create_user("ada"))) == expected_status("pending")


def test_A9_a_new_user_that_the_directory_has_disabled_is_inactive(contoso: ScimClient) -> None:
    created = contoso.create_user("ada", active=False)
    assert created["active"] is False
    assert status_of(host_user(created)) == "inactive"


def test_A9_active_may_arrive_as_text(contoso: ScimClient) -> None:
    assert contoso.create_user("ada", active="True")["active"] is True
    assert contoso.create_user("bob", active="False")["active"] is False


def test_A9_a_new_user_without_active_is_active_on_the_wire(contoso: ScimClient) -> None:
    created = contoso.create_user("ada", active=None)
    assert created["active"] is True
    assert status_of(host_user(created)) == expected_status("pending")


def test_A18_a_pending_user_is_reported_active(contoso: ScimClient) -> None:
    created = contoso.create_user("ada")
    assert contoso.get(f"/Users/{created.id}")["active"] is True
    assert contoso.find("/Users", 'userName eq "ada@contoso.example" and active eq true').names


def test_A18_there_are_exactly_three_states(contoso: ScimClient) -> None:
    states = {
        status_of(make_user(contoso.organization, state=state)) for state in ("pending", "active", "inactive")
    }
    assert states == {expected_status("pending"), "active", "inactive"}


def test_A19_active_true_does_not_make_a_pending_user_active(contoso: ScimClient) -> None:
    created = contoso.create_user("ada")
    for operation in (ENABLE, replace("active", True), together(active=True), {**ENABLE, "op": "Add"}):
        assert contoso.patch(f"/Users/{created.id}", operation).status in (200, 204)
        assert status_of(host_user(created)) == expected_status("pending")


def test_A19_a_put_with_active_true_does_not_make_a_pending_user_active(contoso: ScimClient) -> None:
    body = user_body("ada")
    created = contoso.post("/Users", body)
    assert contoso.put(f"/Users/{created.id}", body).status == 200
    assert status_of(host_user(created)) == expected_status("pending")


@pytest.mark.parametrize("external_id", [None, "", "ada", "7", "mailNickname", "{not-a-guid}"])
def test_A32_a_create_without_a_guid_names_the_mapping_to_change(
    contoso: ScimClient, external_id: str | None
) -> None:
    refused = contoso.post("/Users", user_body("ada", externalId=external_id))
    assert (refused.status, refused["scimType"]) == (400, "invalidValue")
    assert "externalId" in refused["detail"]
    assert "objectId" in refused["detail"]
    assert users_of(contoso.organization) == 0


def test_A32_a_later_externalId_must_be_a_guid_too(contoso: ScimClient) -> None:
    created = contoso.create_user("ada")
    before = contoso.user(created.id)
    refused = contoso.patch(f"/Users/{created.id}", replace("externalId", "ada"))
    assert (refused.status, refused["scimType"]) == (400, "invalidValue")
    assert contoso.user(created.id) == before


def test_A32_one_objectId_is_one_user(contoso: ScimClient) -> None:
    object_id = str(uuid.uuid4())
    contoso.create_user("ada", externalId=object_id)
    refused = contoso.post("/Users", user_body("bob", externalId=object_id))
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert users_of(contoso.organization) == 1


def test_A32_a_patch_to_anothers_objectId_is_a_conflict(contoso: ScimClient) -> None:
    ada, bob = contoso.create_user("ada"), contoso.create_user("bob")
    refused = contoso.patch(f"/Users/{bob.id}", replace("externalId", ada["externalId"]))
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert contoso.user(bob.id)["externalId"] == bob["externalId"]


@pytest.mark.parametrize("preset", ["rfc", "flowcase"])
def test_A32_other_presets_allow_one_externalId_twice(make_client: MakeClient, preset: str) -> None:
    client = make_client(preset)
    client.create_user("ada", externalId="7")
    assert client.create_user("bob", externalId="7")["externalId"] == "7"


def test_A38_the_default_mappings_of_entra_are_accepted_and_returned(contoso: ScimClient) -> None:
    attributes = {
        "displayName": "Ada L",
        "name": {"formatted": "Ada L", "familyName": "L", "givenName": "Ada"},
        "title": "Engineer",
        "preferredLanguage": "en",
        "phoneNumbers": [{"type": "work", "value": "5551"}, {"type": "mobile", "value": "5552"}],
        "addresses": [{"type": "work", "locality": "Oslo", "country": "NO", "streetAddress": "1 Road"}],
        ENTERPRISE: {"department": "R&D", "employeeNumber": "7", "manager": {"value": str(uuid.uuid4())}},
    }
    created = contoso.post("/Users", {**user_body("ada"), "schemas": [USER, ENTERPRISE], **attributes})
    shown = contoso.user(created.id)
    assert {name: shown.get(name) for name in attributes} == attributes
    changed = contoso.patch(f"/Users/{created.id}", replace(f"{ENTERPRISE}:manager", created.id))
    assert changed.status == 200
    assert contoso.user(created.id)[ENTERPRISE]["manager"] == {"value": created.id}


def test_B8_both_identifiers_can_be_filtered_in_any_case(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    client.create_user("ada")
    for text in (
        'userName eq "ADA@contoso.example"',
        'emails[type eq "work"].value eq "Ada@Contoso.Example"',
    ):
        assert client.find("/Users", text).names == ["ada@contoso.example"]


@pytest.mark.parametrize("external_id", [None, "4711", "E-0007"])
def test_B9_externalId_is_optional_and_need_not_be_a_guid(
    make_client: MakeClient, external_id: str | None
) -> None:
    client = make_client("flowcase")
    created = client.create_user("ada", externalId=external_id)
    assert client.user(created.id).get("externalId") == external_id


def test_B11_the_id_is_the_services_and_a_clients_is_ignored(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    wanted = str(uuid.uuid4())
    created = client.create_user("ada", id=wanted)
    assert created.id != wanted
    assert client.get(f"/Users/{wanted}").status == 404


def test_B11_without_userName_nothing_is_created(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    refused = client.post("/Users", user_body("ada", userName=None))
    assert refused.status == 400
    assert "userName" in refused["detail"]
    assert users_of(client.organization) == 0


def test_B12_a_user_needs_neither_name_nor_displayName(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    created = client.create_user("ada", roles=[])
    shown = client.user(created.id)
    assert "name" not in shown
    assert "displayName" not in shown


def test_B7_capitals_in_an_identifier_name_the_expression_that_mends_them(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    for changed, source in (
        ({"userName": "Ada@contoso.example"}, "ToLower([userPrincipalName]"),
        ({"emails": [{"type": "work", "value": "Ada@contoso.example"}]}, "ToLower([mail]"),
    ):
        refused = client.post("/Users", user_body("ada", **changed))
        assert (refused.status, refused["scimType"]) == (400, "invalidValue")
        assert source in refused["detail"]
    assert users_of(client.organization) == 0


def test_B7_a_patch_may_not_bring_capitals_in_either(make_client: MakeClient) -> None:
    client = make_client("flowcase")
    created = client.create_user("ada")
    for path in ("userName", 'emails[type eq "work"].value'):
        refused = client.patch(f"/Users/{created.id}", replace(path, "ADA@contoso.example"))
        assert (refused.status, refused["scimType"]) == (400, "invalidValue")
    assert client.patch(f"/Users/{created.id}", together(userName="ADA@contoso.example")).status == 400
    assert client.user(created.id)["userName"] == "ada@contoso.example"


def test_a_second_create_of_one_user_is_a_conflict(contoso: ScimClient) -> None:
    contoso.create_user("ada")
    for name in ("ada", "ADA@contoso.example", "\uff41da@contoso.example"):
        refused = contoso.post("/Users", user_body(name))
        assert (refused.status, refused["scimType"]) == (409, "uniqueness")
        assert "ada" in refused["detail"].lower() or "\uff41da" in refused["detail"]
    assert users_of(contoso.organization) == 1


def test_a_second_user_with_the_first_ones_mail_is_a_conflict_not_a_merge(contoso: ScimClient) -> None:
    created = contoso.create_user("ada")
    before = contoso.user(created.id)
    refused = contoso.post(
        "/Users", user_body("eva", emails=[{"type": "work", "value": "ada@contoso.example"}])
    )
    assert (refused.status, refused["scimType"]) == (409, "uniqueness")
    assert contoso.user(created.id) == before


def test_the_scim_row_is_created_with_its_link(contoso: ScimClient) -> None:
    link = link_of(contoso.create_user("ada"))
    assert link.origin == UserResource.Origin.CREATED
    assert link.scim_managed
    assert link.connection == contoso.connection
    assert isinstance(link.user, USERS.model)
