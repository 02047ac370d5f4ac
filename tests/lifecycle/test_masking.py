"""The masking rule: what of a request and its answer the log keeps, whatever shape the request has."""

import json
from typing import Any

import pytest
from django.test import override_settings

from scim_provisioning import conf
from scim_provisioning.lifecycle.masking import CUT, MASK, head_of, kept_text
from scim_provisioning.models import Event
from tests.conftest import MakeClient
from tests.lifecycle.rows import replace, together
from tests.scim import ScimClient, user_body

CANARY = "canary-5551"
CORE = "urn:ietf:params:scim:schemas:core:2.0:User"


@pytest.mark.parametrize(
    ("path", "head"),
    [
        ("displayName", "displayname"),
        ('phoneNumbers[type eq "a:b.c"].value', "phonenumbers"),
        ("Addresses.locality", "addresses"),
        (f"{CORE}:photos.value", "photos"),
        (f'{CORE}:phoneNumbers[value eq "1"]', "phonenumbers"),
        ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "department"),
    ],
)
def test_a_path_is_judged_by_the_attribute_it_begins_with(path: str, head: str) -> None:
    assert head_of(path) == head


@pytest.mark.parametrize(
    "body",
    [
        {"password": CANARY},
        {"phoneNumbers": [{"type": "work", "value": CANARY}]},
        {"PhoneNumbers": CANARY},
        {"addresses": [{"type": "home", "locality": CANARY, "formatted": [CANARY]}]},
        {f"{CORE}:password": CANARY},
        {CORE: {"photos": [{"value": CANARY}]}},
        {"Operations": [{"op": "add", "path": "password", "value": CANARY}]},
        {"Operations": [{"value": CANARY, "op": "add", "Path": 'phoneNumbers[type eq "work"].value'}]},
        {"Operations": [{"op": "add", "value": {'phoneNumbers[type eq "work"].value': CANARY}}]},
        {"Operations": [{"op": "add", "value": {"addresses.locality": CANARY, "password": {"a": CANARY}}}]},
        {"Operations": [{"op": "remove", "path": f'phoneNumbers[value eq "{CANARY}"]'}]},
        {"Operations": [{"op": "remove", "value": {f'phoneNumbers[value eq "{CANARY}"]': None}}]},
        {"Operations": [{"data": {"password": CANARY}, "bulkId": "1"}]},
    ],
)
def test_no_secret_and_no_personal_value_is_kept_in_any_shape(body: dict[str, Any]) -> None:
    assert CANARY not in kept_text(body)


def test_the_shape_of_a_request_stays_readable() -> None:
    operation = {"op": "Add", "path": 'phoneNumbers[type eq "work"].value', "value": CANARY}
    assert json.loads(kept_text({"Operations": [operation]})) == {
        "Operations": [{"op": "Add", "path": f"phoneNumbers[{CUT}].value", "value": MASK}]
    }
    body = {"userName": "ada", "active": False, "title": None, "x": 3, "addresses": [{"type": "work"}]}
    assert json.loads(kept_text(body)) == body


def test_with_values_off_only_names_are_kept() -> None:
    body = {
        "userName": CANARY,
        "Operations": [{"op": "replace", "path": f'emails[value eq "{CANARY}"].type', "value": [CANARY, 1]}],
    }
    with override_settings(SCIM_PROVISIONING={**conf.given(), "EVENT_VALUES": False}):
        kept = kept_text(body)
    assert CANARY not in kept
    assert json.loads(kept)["userName"] == MASK
    assert json.loads(kept)["Operations"][0]["op"] == "replace"


@pytest.mark.parametrize(
    "body",
    [
        {"displayName": "x" * 100_000},
        {"x" * 100_000: 1},
        {"members": [{"value": str(number)} for number in range(50_000)]},
        {str(number): number for number in range(50_000)},
        {"a": [[[["x"] * 1000] * 10] * 10]},
    ],
)
def test_a_large_body_is_cut_and_still_json(body: dict[str, Any]) -> None:
    kept = kept_text(body)
    assert len(kept) < 2 * conf.value("MAX_EVENT_BODY")
    assert CUT in kept
    assert json.loads(kept)


@pytest.mark.django_db
def test_an_event_keeps_its_request_and_its_answer(make_client: MakeClient) -> None:
    client = make_client("rfc")
    created = client.post("/Users", {**user_body("ada"), "password": CANARY, "nickName": "A"})
    event = Event.objects.get()
    assert (event.method, event.path) == ("POST", "/Users")
    assert json.loads(event.request_body)["nickName"] == "A"
    assert json.loads(event.request_body)["password"] == MASK
    assert json.loads(event.answer_body)["id"] == created.id
    client.patch(f"/Users/{created.id}", together(displayName="Ada"))
    event = Event.objects.order_by("-pk")[0]
    assert (event.method, event.path) == ("PATCH", f"/Users/{created.id}")
    assert json.loads(event.request_body)["Operations"][0]["value"] == {"displayName": "Ada"}


@pytest.mark.django_db
def test_a_refusal_keeps_its_request(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", replace("active", "perhaps"))
    contoso.post("/Users", b"{")
    unread, refused = Event.objects.order_by("-pk")[:2]
    assert json.loads(refused.request_body)["Operations"][0]["value"] == "perhaps"
    assert refused.answer_body == ""
    assert (unread.outcome, unread.request_body) == ("refused", "")


@pytest.mark.django_db
def test_an_address_that_no_text_column_holds_is_escaped(contoso: ScimClient) -> None:
    assert contoso.patch("/Users/%00%F0%9F%90%8D", replace("active", "x")).status == 404
    assert Event.objects.get().path == "/Users/%00%F0%9F%90%8D"


@pytest.mark.django_db
def test_each_operation_of_a_bulk_request_keeps_its_own_part(make_client: MakeClient) -> None:
    client = make_client("rfc")
    ada = client.create_user("ada").id
    client.post(
        "/Bulk",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                {"method": "POST", "path": "/Users", "bulkId": "1", "data": user_body("eva", title="One")},
                {"method": "PUT", "path": f"/Users/{ada}", "data": user_body("ada", active="perhaps")},
                {"method": "DELETE", "path": f"/Users/{ada}"},
            ],
        },
    )
    one, two, three = Event.objects.order_by("pk")[1:]
    assert (one.method, one.path, json.loads(one.request_body)["title"]) == ("POST", "/Users", "One")
    assert (two.method, two.outcome, json.loads(two.request_body)["active"]) == ("PUT", "refused", "perhaps")
    assert (three.method, three.path, three.request_body) == ("DELETE", f"/Users/{ada}", "")
    assert len({one.request_id, two.request_id, three.request_id}) == 1
