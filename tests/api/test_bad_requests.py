"""Filters, paths, operations, ids, methods and preconditions that are wrong: a SCIM Error, and nothing changed."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.api.conftest import World, assert_is_error
from tests.scim import Answer, ScimClient, database_digest, user_body

Refused = Callable[..., Answer]

BAD_FILTERS = [
    "userName", "userName eq", 'eq "x"', 'userName eq "x', 'userName xx "x"', 'userName eq "x" and', "not", "()",
    '(userName eq "x"', 'userName eq "x")', 'userName eq "x" or or userName pr', "pr", '"x" eq userName',
    'nowhere eq "x"', "nowhere pr", 'name.nowhere eq "x"', 'emails[nowhere eq "x"]', 'emails[type eq "x"',
    'emails[type eq "work"]]', 'userName[value eq "x"]', 'emails[emails[type eq "x"]]', 'password eq "x"',
    'urn:nobody:userName eq "x"', 'meta.nowhere eq "x"', 'meta.created gt "yesterday"', 'active gt true',
    'active co "t"', "active eq 1", 'active eq "maybe"', "userName gt null", 'id eq "x" xor id eq "y"',
    "userName eq \"\\q\"", "userName eq \x00", "[", "]", "{}", "%", "'; DROP TABLE users; --",
    "(" * 21 + "userName pr" + ")" * 21, " or ".join(['userName eq "x"'] * 51), "not (" * 21 + "userName pr" + ")" * 21,
    f'userName eq "{"x" * 4096}"', "(" * 10_000, 'userName eq "' + "\\" * 999,
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_FILTERS, ids=lambda text: text[:30])
def test_a_bad_filter_is_400_invalid_filter(refused: Refused, text: str) -> None:
    answer = refused("GET", "/Users", query={"filter": text}, status=400, scim_type="invalidFilter")
    assert len(answer["detail"]) < 1000


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "x"',
        'emails.value eq "x"',
        'members.$ref eq "x"',
        'members[$ref eq "x"]',
        "members.nowhere pr",
    ],
)
def test_a_filter_on_groups_knows_the_attributes_of_groups(refused: Refused, text: str) -> None:
    refused("GET", "/Groups", query={"filter": text}, status=400, scim_type="invalidFilter")


def test_sql_in_a_filter_is_text(world: World) -> None:
    for text in ("' OR 1=1 --", "%", "_", "ada%", '") OR ("1"="1', "\\'; --"):
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        for op in ("eq", "co", "sw", "ew"):
            assert world.client.find("/Users", f'displayName {op} "{escaped}"')["totalResults"] == 0


BAD_OPERATIONS: dict[str, tuple[Any, str]] = {
    "no operations": ({}, "invalidSyntax"),
    "operations that are no list": ({"Operations": {"op": "add"}}, "invalidSyntax"),
    "null operations": ({"Operations": None}, "invalidSyntax"),
    "an operation that is a string": ({"Operations": ["add"]}, "invalidSyntax"),
    "an operation that is null": ({"Operations": [None]}, "invalidSyntax"),
    "no op": ({"Operations": [{"path": "title", "value": "x"}]}, "invalidSyntax"),
    "an unknown op": ({"Operations": [{"op": "move", "path": "title", "value": "x"}]}, "invalidSyntax"),
    "an op that is a list": ({"Operations": [{"op": ["add"], "path": "title"}]}, "invalidSyntax"),
    "a thousand and one operations": (
        {"Operations": [{"op": "add", "path": "title", "value": "x"}] * 1001}, "tooMany",
    ),
    "no value": ({"Operations": [{"op": "replace", "path": "title"}]}, "invalidValue"),
    "a path that is a number": ({"Operations": [{"op": "add", "path": 7, "value": "x"}]}, "invalidPath"),
    "a path that is a list": ({"Operations": [{"op": "add", "path": ["title"], "value": "x"}]}, "invalidPath"),
    "a remove without a path": ({"Operations": [{"op": "remove"}]}, "noTarget"),
    "a string without a path": ({"Operations": [{"op": "add", "value": "x"}]}, "invalidSyntax"),
    "a list without a path": ({"Operations": [{"op": "add", "value": [{"title": "x"}]}]}, "invalidSyntax"),
}  # fmt: skip


@pytest.mark.parametrize(("body", "scim_type"), BAD_OPERATIONS.values(), ids=BAD_OPERATIONS.keys())
@pytest.mark.parametrize("path", ["/Users/{user}", "/Groups/{group}"])
def test_bad_operations_are_400(refused: Refused, path: str, body: Any, scim_type: str) -> None:
    refused("PATCH", path, body, status=400, scim_type=scim_type)


BAD_PATHS = [
    "nowhere", "name.nowhere", "emails.nowhere", 'emails[type eq "work"].nowhere', 'emails[nowhere eq "x"].value',
    "emails[", 'emails[type eq "work"', 'emails[type eq "work"]value', "emails[]", "[]", "..", ".", "name.", ".name",
    "name.givenName.more", "urn:nobody:x", "urn:ietf:params:scim:schemas:extension:nobody:2.0:User:x", "$.title",
    "title title", "/title", 'title[value eq "x"]', "x" * 5000, "emails[" * 50 + "]" * 50, "emails[0]", "__class__",
    "user_id", "is_superuser", "members",
]  # fmt: skip


@pytest.mark.parametrize("op", ["add", "replace", "remove"])
@pytest.mark.parametrize("path", BAD_PATHS, ids=lambda path: path[:40])
def test_a_path_that_no_attribute_has_is_400(refused: Refused, op: str, path: str) -> None:
    operation = {"op": op, "path": path, **({} if op == "remove" else {"value": "x"})}
    refused_with_either(refused, "/Users/{user}", {"Operations": [operation]}, "invalidPath", "invalidFilter")


@pytest.mark.parametrize("path", [path for path in BAD_PATHS if path])
def test_a_key_of_a_value_without_a_path_that_no_attribute_has_is_400(refused: Refused, path: str) -> None:
    body = {"Operations": [{"op": "replace", "value": {"title": "Boss", path: "x"}}]}
    refused_with_either(refused, "/Users/{user}", body, "invalidPath", "invalidFilter")


def refused_with_either(refused: Refused, path: str, body: Any, *scim_types: str) -> None:
    """Refuse with one of several scimTypes: a path may be wrong in what it selects too."""
    answer = None
    for scim_type in scim_types:
        try:
            answer = refused("PATCH", path, body, status=400, scim_type=scim_type)
        except AssertionError:
            continue
    assert answer is not None, (path, body)


BAD_VALUES: list[tuple[str, Any]] = [
    ("active", "maybe"), ("active", 7), ("active", ["True"]), ("active", {"value": True}), ("title", 7),
    ("title", True), ("title", ["x"]), ("title", {"value": "x"}), ("name", "Ada"), ("name", ["Ada"]),
    ("name.givenName", {"x": 1}), ("userName", 7), ("userName", " x"), ("userName", "x" * 300), ("emails", 7),
    ("emails", [7]), ("emails", [{"value": 7}]), ('emails[type eq "work"].value', 7),
    ('emails[type eq "work"].value', ["x"]), ('emails[type eq "work"].primary', "maybe"),
    ("displayName", "x" * 600), ("externalId", 7), ("externalId", "jyoung"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", 7),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "x"), ("addresses", "Oslo"), ("roles", 7),
    ("roles", [7]),
]  # fmt: skip


@pytest.mark.parametrize("op", ["add", "replace"])
@pytest.mark.parametrize(("path", "value"), BAD_VALUES, ids=lambda value: str(value)[:30])
def test_a_value_of_the_wrong_type_is_400_and_its_path_is_named(
    refused: Refused, op: str, path: str, value: Any
) -> None:
    body = {"Operations": [{"op": op, "path": path, "value": value}]}
    answer = refused("PATCH", "/Users/{user}", body, status=400, scim_type="invalidValue")
    assert (
        path.partition("[")[0].partition(".")[0].rpartition(":")[2] in answer["detail"]
        or "urn" in answer["detail"]
    )


BAD_MEMBERS: list[tuple[Any, str]] = [
    ({"op": "add", "path": "members", "value": 7}, "invalidValue"),
    ({"op": "add", "path": "members", "value": [7]}, "invalidValue"),
    ({"op": "add", "path": "members", "value": [{"display": "x"}]}, "invalidValue"),
    ({"op": "add", "path": "members", "value": [{"value": 7}]}, "invalidValue"),
    ({"op": "add", "path": "members", "value": [{"value": {"value": "x"}}]}, "invalidValue"),
    ({"op": "remove", "path": "members", "value": [{"value": None}]}, "invalidValue"),
    ({"op": "remove", "path": "members[display eq \"x\"]"}, "noTarget"),
    ({"op": "remove", "path": "members[value sw \"x\"]"}, "noTarget"),
    ({"op": "remove", "path": "members[value pr]"}, "noTarget"),
    ({"op": "remove", "path": "members["}, "invalidPath"),
    ({"op": "replace", "path": "members.display", "value": "x"}, "invalidPath"),
    ({"op": "add", "path": "members", "value": [{"value": "x"}] * 10_001}, "tooMany"),
]  # fmt: skip


@pytest.mark.parametrize(("operation", "scim_type"), BAD_MEMBERS, ids=lambda value: str(value)[:60])
def test_members_that_are_none_are_400(refused: Refused, operation: Any, scim_type: str) -> None:
    refused("PATCH", "/Groups/{group}", {"Operations": [operation]}, status=400, scim_type=scim_type)


@pytest.mark.parametrize("path", ["displayName", "urn:ietf:params:scim:schemas:core:2.0:Group:displayName"])
@pytest.mark.parametrize(
    "op", [{"op": "remove"}, {"op": "replace", "value": ""}, {"op": "replace", "value": None}]
)
def test_the_name_of_a_group_cannot_be_taken_away(refused: Refused, path: str, op: dict[str, Any]) -> None:
    refused(
        "PATCH", "/Groups/{group}", {"Operations": [{**op, "path": path}]}, status=400, scim_type="mutability"
    )


@pytest.mark.parametrize("path", ["userName", "id", "meta.created", "groups"])
def test_what_is_required_or_ours_cannot_be_removed(refused: Refused, path: str) -> None:
    body = {"Operations": [{"op": "remove", "path": path}]}
    refused("PATCH", "/Users/{user}", body, status=400, scim_type="mutability")


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("kind", ["/Users", "/Groups"])
@pytest.mark.parametrize(
    "name",
    [
        "7",
        "nonsense",
        "0b9d5a52-63e3-4c8e-9c55-5b9d3d2f6f00",
        "{foreign}",
        "{foreign_group}",
        "%00",
        "..",
        "ada@contoso.example",
    ],
)
def test_an_id_that_is_not_of_this_connection_is_404(
    refused: Refused, kind: str, name: str, method: str
) -> None:
    bodies = {
        "PUT": user_body("joan") if kind == "/Users" else {"displayName": "X"},
        "PATCH": {"Operations": [{"op": "replace", "path": "displayName", "value": "x"}]},
    }
    refused(method, f"{kind}/{name}", bodies.get(method), status=404)


@pytest.mark.parametrize(
    "path", ["/nowhere", "/Users/x/y", "/Userss", "/Roles", "/Schemas/x", "/ResourceTypes/x"]
)
def test_an_unknown_endpoint_is_404(refused: Refused, path: str) -> None:
    refused("GET", path, status=404)


@pytest.mark.parametrize(
    ("method", "path"),
    [("PUT", "/Users"), ("PATCH", "/Users"), ("DELETE", "/Users"), ("POST", "/Users/{user}"),
     ("PUT", "/Groups"), ("PATCH", "/Groups"), ("DELETE", "/Groups"), ("POST", "/Groups/{group}"),
     ("POST", "/Schemas"), ("DELETE", "/ServiceProviderConfig"), ("PUT", "/ResourceTypes"), ("TRACE", "/Users"),
     ("OPTIONS", "/Users/{user}"), ("BREW", "/Users")],
)  # fmt: skip
def test_a_method_that_an_endpoint_does_not_have_is_405(refused: Refused, method: str, path: str) -> None:
    refused(method, path, {}, status=405)


def test_me_is_not_implemented(refused: Refused) -> None:
    refused("GET", "/Me", status=501)


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("kind", ["Users/{user}", "Groups/{group}"])
def test_a_write_on_a_version_that_is_gone_is_412(
    refused: Refused, world: World, kind: str, method: str
) -> None:
    body = user_body("ada") if "Users" in kind else {"displayName": "X"}
    bodies = {"PUT": body, "PATCH": {"Operations": [{"op": "add", "path": "displayName", "value": "x"}]}}
    refused(method, f"/{kind}", bodies.get(method), status=412, If_Match='W/"77"')


def test_a_write_on_the_version_that_was_seen_is_done(world: World) -> None:
    path = f"/Users/{world.user}"
    for tags in ("{}", '"x", {}', "*"):
        tag = world.client.get(path).headers["ETag"]
        answer = world.client.patch(
            path, {"op": "add", "path": "title", "value": tags}, If_Match=tags.format(tag)
        )
        assert answer.status == 200
        assert answer.headers["ETag"] == answer["meta"]["version"] != tag


def test_a_read_of_the_version_that_was_seen_is_304(world: World) -> None:
    tag = world.client.get(f"/Users/{world.user}").headers["ETag"]
    answer = world.client.request("GET", f"/Users/{world.user}", If_None_Match=tag)
    assert (answer.status, answer.content) == (304, b"")
    assert answer.headers["ETag"] == tag
    assert world.client.request("GET", f"/Users/{world.user}", If_None_Match='W/"77"').status == 200


@pytest.mark.parametrize(("method", "path"), [("GET", "/Users"), ("POST", "/Users"), ("DELETE", "/Users/{user}"),
                                              ("GET", "/Schemas"), ("GET", "/nowhere")])  # fmt: skip
def test_a_paused_connection_is_503_with_retry_after(
    refused: Refused, world: World, method: str, path: str
) -> None:
    world.client.connection.enabled = False
    world.client.connection.save(update_fields=["enabled"])
    answer = refused(method, path, user_body("joan") if method == "POST" else None, status=503)
    assert int(answer.headers["Retry-After"]) > 0


def test_an_unknown_connection_is_401(contoso: ScimClient) -> None:
    stranger = ScimClient(contoso.connection, contoso.token)
    stranger.base = stranger.base.replace(str(contoso.connection.pk), str(uuid4()))
    answer = stranger.get("/Users")
    assert answer.status == 401
    assert_is_error(answer)


def test_a_refused_batch_leaves_nothing_of_it_behind(world: World) -> None:
    before = database_digest()
    for number in range(5):
        body = user_body(f"new{number}", emails=[{"type": "work", "value": 7}])
        assert world.client.post("/Users", body).status == 400
    assert database_digest() == before
