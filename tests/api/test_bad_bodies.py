"""Bodies that are no SCIM: each is refused with its status and scimType, and nothing is changed."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from scim_provisioning.models import Event
from tests.api.conftest import World
from tests.scim import Answer, user_body

Refused = Callable[..., Answer]
WRITES = [("POST", "/Users"), ("PUT", "/Users/{user}"), ("PATCH", "/Users/{user}"),
          ("POST", "/Groups"), ("PUT", "/Groups/{group}"), ("PATCH", "/Groups/{group}")]  # fmt: skip
GUID = "5f0c6f0a-7a5e-4c2b-9d0e-0f7a1c2b3d4e"


def deep(levels: int, opening: str = "[", closing: str = "]") -> bytes:
    """Return an object whose one member is nested so deep."""
    return b'{"x":' + opening.encode() * levels + closing.encode() * levels + b"}"


MALFORMED: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n",
    "an object without members": b"{}",
    "cut off": b'{"userName": "ada',
    "no json": b"userName=ada",
    "a trailing comma": b'{"userName": "ada",}',
    "two documents": b"{}{}",
    "single quotes": b"{'userName': 'ada'}",
    "a comment": b'{"userName": "ada"} // x',
    "a number": b"7",
    "a string": b'"userName"',
    "null": b"null",
    "a list": b'[{"userName": "ada"}]',
    "latin-1": '{"userName": "åse"}'.encode("latin-1"),
    "utf-16": '{"userName": "ada"}'.encode("utf-16"),
    "utf-32": '{"userName": "ada"}'.encode("utf-32"),
    "overlong utf-8": b'{"userName": "\xc0\xaf"}',
    "a surrogate in utf-8": b'{"userName": "\xed\xa0\x80"}',
    "a duplicate key": b'{"userName": "ada", "userName": "eve"}',
    "a duplicate key further in": b'{"name": {"givenName": "a", "givenName": "b"}}',
    "NaN": b'{"x": NaN}',
    "Infinity": b'{"x": -Infinity}',
    "an infinite exponent": b'{"x": 1e999}',
    "a huge integer": b'{"x": ' + b"9" * 5000 + b"}",
    "an integer of 65 bits": b'{"x": 36893488147419103232}',
    "a raw control character": b'{"userName": "a\x01"}',
    "33 lists": deep(33),
    "33 objects": deep(33, '{"x":', "}").replace(b":}", b":1}"),
    "a hundred thousand lists": deep(100_000),
    "a hundred thousand open lists": b'{"x":' + b"[" * 100_000,
}


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize("body", MALFORMED.values(), ids=MALFORMED.keys())
def test_T30_a_body_that_is_no_strict_json_object_is_400(
    refused: Refused, method: str, path: str, body: bytes
) -> None:
    refused(method, path, body, status=400, scim_type="invalidSyntax")


@pytest.mark.parametrize(
    "character", ["\\u0000", "\\ud800", "\\udfff", "\\udc00\\ud800"], ids=["NUL", "high", "low", "swapped"]
)
@pytest.mark.parametrize(("method", "path"), WRITES)
def test_T30_a_character_that_no_database_holds_is_400(
    refused: Refused, method: str, path: str, character: str
) -> None:
    body = json.dumps(
        {"userName": "ada@@", "displayName": "x@@", "Operations": [{"op": "add", "value": "@@"}]}
    )
    refused(method, path, body.replace("@@", character).encode(), status=400, scim_type="invalidValue")
    key = f'{{"{character}": 1}}'.encode()
    refused(method, path, key, status=400, scim_type="invalidValue")


def test_a_byte_order_mark_is_accepted(world: World) -> None:
    body = b"\xef\xbb\xbf" + json.dumps(user_body("joan")).encode()
    assert world.client.post("/Users", body).status == 201


def test_a_pair_of_surrogates_is_one_character(world: World) -> None:
    body = json.dumps(user_body("joan", displayName="\U0001f600")).encode()
    assert b"\\ud83d\\ude00" in body
    assert world.client.post("/Users", body)["displayName"] == "\U0001f600"


def test_json_of_32_levels_is_accepted(world: World) -> None:
    body = json.dumps(user_body("joan"))[:-1].encode() + b"," + deep(31)[1:]
    assert world.client.post("/Users", body).status == 201


@pytest.mark.parametrize("method_and_path", WRITES)
def test_T31_a_body_of_more_than_a_mebibyte_is_413(
    refused: Refused, method_and_path: tuple[str, str]
) -> None:
    body = json.dumps({"userName": "x" * (1024 * 1024)}).encode()
    refused(*method_and_path, body, status=413)


@pytest.mark.parametrize("method_and_path", WRITES)
@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", "", "multipart/form-data; boundary=x",
                                          "application/x-www-form-urlencoded", "application/scim"])  # fmt: skip
def test_T30_another_media_type_is_415(
    refused: Refused, method_and_path: tuple[str, str], content_type: str
) -> None:
    refused(*method_and_path, b"{}", status=415, content_type=content_type)


@pytest.mark.parametrize(
    "content_type",
    ["application/scim+json", "application/json", "application/json; charset=utf-8", "Application/SCIM+JSON"],
)
def test_the_two_media_types_are_accepted_in_any_spelling(world: World, content_type: str) -> None:
    assert world.client.post("/Users", user_body("joan"), content_type=content_type).status == 201


BAD_USERS: dict[str, tuple[dict[str, Any], str]] = {
    "no userName": ({"userName": None}, "userName"),
    "an empty userName": ({"userName": ""}, "userName"),
    "a userName of spaces": ({"userName": " "}, "userName"),
    "a userName that begins with a space": ({"userName": " ada"}, "userName"),
    "a number for userName": ({"userName": 7}, "userName"),
    "a list for userName": ({"userName": ["x"]}, "userName"),
    "an object for userName": ({"userName": {"value": "x"}}, "userName"),
    "true for userName": ({"userName": True}, "userName"),
    "an invisible character": ({"userName": "a\u200bda"}, "userName"),
    "a mark that turns the text round": ({"userName": "a\u202eda"}, "userName"),
    "a line break": ({"userName": "a\nda"}, "userName"),
    "a userName of 300 letters": ({"userName": "x" * 300}, "userName"),
    "a userName that grows when folded": ({"userName": "\ufdfa" * 20}, "userName"),
    "a string for name": ({"name": "Ada"}, "name"),
    "a list for name": ({"name": ["Ada"]}, "name"),
    "a number for givenName": ({"name": {"givenName": 7}}, "givenName"),
    "a string for emails": ({"emails": "a@x.example"}, "emails"),
    "strings in emails": ({"emails": ["a@x.example"]}, "emails"),
    "an object for emails": ({"emails": {"a": {"value": 7}}}, "emails"),
    "a number for a mail": ({"emails": [{"type": "work", "value": 7}]}, "emails"),
    "a list for a type": ({"emails": [{"type": ["work"], "value": "x"}]}, "emails"),
    "yes for active": ({"active": "yes"}, "active"),
    "one for active": ({"active": 1}, "active"),
    "a list for active": ({"active": [True]}, "active"),
    "yes for primary": ({"emails": [{"primary": "yes", "value": "x"}]}, "emails.primary"),
    "a list for displayName": ({"displayName": ["x"]}, "displayName"),
    "a string for the extension": (
        {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": "x"}, "enterprise",
    ),
    "a number for department": (
        {"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"department": 7}}, "department",
    ),
    "an externalId that is no guid": ({"externalId": "jyoung"}, "externalId"),
    "a number for externalId": ({"externalId": 7}, "externalId"),
    "no externalId": ({"externalId": None}, "externalId"),
    "a displayName that no column holds": ({"displayName": "x" * 600}, "displayName"),
    "a mail that no column holds": ({"emails": [{"type": "work", "value": "x" * 400}]}, "emails"),
}  # fmt: skip


@pytest.mark.parametrize(("changes", "field"), BAD_USERS.values(), ids=BAD_USERS.keys())
def test_a_user_of_wrong_types_or_values_is_400_and_the_field_is_named(
    refused: Refused, changes: dict[str, Any], field: str
) -> None:
    answer = refused("POST", "/Users", user_body("joan", **changes), status=400, scim_type="invalidValue")
    assert field in answer["detail"]


BAD_PUTS = {name: case for name, case in BAD_USERS.items() if name != "no externalId"}


@pytest.mark.parametrize(("changes", "field"), BAD_PUTS.values(), ids=BAD_PUTS.keys())
def test_a_put_of_wrong_types_or_values_is_400_and_the_field_is_named(
    refused: Refused, changes: dict[str, Any], field: str
) -> None:
    answer = refused(
        "PUT", "/Users/{user}", user_body("ada", **changes), status=400, scim_type="invalidValue"
    )
    assert field in answer["detail"]


BAD_GROUPS: dict[str, dict[str, Any]] = {
    "no displayName": {"externalId": GUID},
    "an empty displayName": {"displayName": ""},
    "a number for displayName": {"displayName": 7},
    "an invisible character": {"displayName": "a\u200b"},
    "a list for displayName": {"displayName": ["x"]},
    "a number as a member": {"displayName": "X", "members": [7]},
    "a member without a value": {"displayName": "X", "members": [{"display": "x"}]},
    "a list as a member": {"displayName": "X", "members": [["x"]]},
    "a number for members": {"displayName": "X", "members": 7},
    "an externalId that is no guid": {"displayName": "X", "externalId": "7"},
}


@pytest.mark.parametrize("body", BAD_GROUPS.values(), ids=BAD_GROUPS.keys())
@pytest.mark.parametrize(("method", "path"), [("POST", "/Groups"), ("PUT", "/Groups/{group}")])
def test_a_group_of_wrong_types_or_values_is_400(
    refused: Refused, method: str, path: str, body: dict[str, Any]
) -> None:
    refused(method, path, body, status=400, scim_type="invalidValue")


def test_a_duplicate_user_name_is_409(refused: Refused, world: World) -> None:
    refused("POST", "/Users", user_body("ADA"), status=409, scim_type="uniqueness")
    body = user_body("ada", emails=None)
    refused("PUT", "/Users/{other}", body, status=409, scim_type="uniqueness")
    operations = {"Operations": [{"op": "replace", "path": "userName", "value": "ada@contoso.example"}]}
    refused("PATCH", "/Users/{other}", operations, status=409, scim_type="uniqueness")


def test_a_duplicate_external_id_is_409_where_it_is_unique(refused: Refused, world: World) -> None:
    taken = world.client.user(world.user)["externalId"]
    body = user_body("joan", externalId=taken)
    answer = refused("POST", "/Users", body, status=409, scim_type="uniqueness")
    assert taken in answer["detail"]
    refused("PUT", "/Users/{other}", user_body("grace", externalId=taken), status=409, scim_type="uniqueness")
    operations = {"Operations": [{"op": "replace", "path": "externalId", "value": taken}]}
    refused("PATCH", "/Users/{other}", operations, status=409, scim_type="uniqueness")


def test_a_duplicate_external_id_is_fine_where_it_need_not_be_unique(rfc: Any) -> None:
    rfc.create_user("ada", externalId="7")
    rfc.create_user("grace", externalId="7")
    assert rfc.find("/Users", 'externalId eq "7"')["totalResults"] == 2


def test_a_refused_write_is_an_event_with_its_code(refused: Refused, world: World) -> None:
    refused("PATCH", "/Users/{user}", {"Operations": [{"op": "x"}]}, status=400, scim_type="invalidSyntax")
    event = Event.objects.filter(outcome=Event.Outcome.REFUSED).get()
    assert (event.operation, event.status, event.code) == ("patch", 400, "bad_operation")
    assert str(event.resource_id) == world.user
