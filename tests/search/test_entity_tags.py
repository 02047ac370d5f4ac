"""Entity tags: what was seen is not sent again, and what has changed is not overwritten (RFC 7644 section 3.14)."""

from typing import Any

import pytest

from tests.conftest import MakeClient
from tests.scim import Answer, ScimClient, add_members, database_digest, group_body, user_body

KINDS = ["Users", "Groups"]


def create(client: ScimClient, kind: str) -> Answer:
    return client.create_user("ada") if kind == "Users" else client.create_group("Team A")


def write(client: ScimClient, method: str, kind: str, resource: Answer, **headers: str) -> Answer:
    """Send a write that changes something."""
    path = f"/{kind}/{resource.id}"
    if method == "DELETE":
        return client.delete(path, **headers)
    if method == "PATCH":
        return client.patch(path, {"op": "replace", "path": "displayName", "value": "Other"}, **headers)
    body = user_body("ada", displayName="Other") if kind == "Users" else group_body("Other")
    return client.put(path, {**body, "externalId": resource["externalId"]}, **headers)


def version_of(answer: Answer, resource: dict[str, Any]) -> str:
    """Return the version that an answer tells, the same in its header and in the resource."""
    assert answer.headers["ETag"] == resource["meta"]["version"]
    return str(answer.headers["ETag"])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("patch_response", [200, 204])
def test_every_write_tells_the_version_that_it_made(
    make_client: MakeClient, kind: str, patch_response: int
) -> None:
    client = make_client("rfc", user_patch_response=patch_response, group_patch_response=patch_response)
    created = create(client, kind)
    path = f"/{kind}/{created.id}"
    assert version_of(created, created.json) == 'W/"1"'
    patched = write(client, "PATCH", kind, created)
    assert patched.status == patch_response
    assert version_of(patched, patched.json or client.get(path).json) == 'W/"2"'
    replaced = client.put(path, group_body("Third") if kind == "Groups" else user_body("grace"))
    assert version_of(replaced, replaced.json) == 'W/"3"'
    again = client.patch(path, {"op": "replace", "path": "displayName", "value": "Fourth"})
    assert version_of(again, client.get(path).json) == 'W/"4"'
    read = client.get(path)
    assert version_of(read, read.json) == version_of(client.request("HEAD", path), read.json) == 'W/"4"'
    assert client.get(f"/{kind}")["Resources"][0]["meta"]["version"] == 'W/"4"'


def test_every_write_of_members_makes_a_version(rfc: ScimClient) -> None:
    group, user = rfc.create_group("Team A"), rfc.create_user("ada").id
    path = f"/Groups/{group.id}"
    seen = {group.headers["ETag"]}
    for operation in (
        add_members(user),
        {"op": "remove", "path": f'members[value eq "{user}"]'},
        {"op": "replace", "path": "members", "value": [{"value": user}]},
        {"op": "remove", "path": "members"},
    ):
        answer = rfc.patch(path, operation)
        assert version_of(answer, answer.json) == rfc.get(path).headers["ETag"]
        assert answer.headers["ETag"] not in seen
        seen.add(answer.headers["ETag"])


@pytest.mark.parametrize("kind", KINDS)
def test_a_write_that_changes_nothing_keeps_the_version(rfc: ScimClient, kind: str) -> None:
    resource = create(rfc, kind)
    path = f"/{kind}/{resource.id}"
    for answer in (
        rfc.patch(path),
        rfc.patch(path, {"op": "replace", "path": "externalId", "value": resource["externalId"]}),
    ):
        assert answer.status == 200
        assert answer.json == resource.json
        assert version_of(answer, answer.json) == 'W/"1"'


MATCHES: list[tuple[str, bool]] = [
    ('W/"1"', True),
    ("*", True),
    (' W/"1" ', True),
    ('W/"7", W/"1"', True),
    ('W/"7",W/"1"', True),
    ('W/"2"', False),
    ('W/"11"', False),
    ('W/"1', False),
    ('"1"', False),
    ("1", False),
    ("W/1", False),
    ("", False),
    (",", False),
    ('W/"7", W/"8"', False),
    ("**", False),
    ("\N{LATIN SMALL LETTER E WITH ACUTE}", False),
    ("x" * 5000, False),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(("tags", "matches"), MATCHES)
def test_a_write_asks_for_the_version_it_has_seen(
    rfc: ScimClient, kind: str, method: str, tags: str, matches: bool
) -> None:
    resource = create(rfc, kind)
    before = database_digest()
    answer = write(rfc, method, kind, resource, If_Match=tags)
    if matches:
        assert answer.status == (204 if method == "DELETE" else 200)
        assert database_digest() != before
    else:
        assert (answer.status, answer["status"]) == (412, "412")
        assert "scimType" not in answer.json
        assert database_digest() == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("tags", "matches"), MATCHES)
def test_a_read_can_ask_for_a_version_too(rfc: ScimClient, kind: str, tags: str, matches: bool) -> None:
    resource = create(rfc, kind)
    path = f"/{kind}/{resource.id}"
    assert rfc.request("GET", path, If_Match=tags).status == (200 if matches else 412)
    answer = rfc.request("GET", path, If_None_Match=tags)
    assert answer.status == (304 if matches else 200)
    assert answer.headers["ETag"] == 'W/"1"'
    assert (answer.content == b"") == matches
    assert rfc.request("HEAD", path, If_None_Match=tags).status == answer.status


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(("tags", "status"), [("*", 412), ('W/"1"', 412), ('W/"2"', 0), ("", 0)])
def test_a_write_can_ask_for_any_other_version(
    rfc: ScimClient, kind: str, method: str, tags: str, status: int
) -> None:
    answer = write(rfc, method, kind, create(rfc, kind), If_None_Match=tags)
    assert answer.status == (status or (204 if method == "DELETE" else 200))


@pytest.mark.parametrize("kind", KINDS)
def test_the_version_that_is_gone_is_refused_until_it_is_read_again(rfc: ScimClient, kind: str) -> None:
    resource = create(rfc, kind)
    path, seen = f"/{kind}/{resource.id}", resource.headers["ETag"]
    assert write(rfc, "PATCH", kind, resource, If_Match=seen).status == 200
    assert rfc.request("GET", path, If_None_Match=seen).status == 200
    for method in ("PUT", "PATCH", "DELETE"):
        assert write(rfc, method, kind, resource, If_Match=seen).status == 412
    seen = rfc.get(path).headers["ETag"]
    assert rfc.request("GET", path, If_None_Match=seen).status == 304
    assert write(rfc, "DELETE", kind, resource, If_Match=seen).status == 204


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_what_is_not_there_is_404_whatever_version_is_asked_for(
    rfc: ScimClient, kind: str, method: str
) -> None:
    resource = create(rfc, kind)
    rfc.delete(f"/{kind}/{resource.id}")
    for tags in ('W/"1"', "*"):
        if method == "GET":
            assert rfc.request("GET", f"/{kind}/{resource.id}", If_Match=tags).status == 404
        else:
            assert write(rfc, method, kind, resource, If_Match=tags).status == 404


def test_lists_searches_and_creation_ask_for_no_version(rfc: ScimClient) -> None:
    for tags in ("*", 'W/"7"'):
        assert rfc.request("GET", "/Users", If_Match=tags, If_None_Match=tags).status == 200
        body = user_body(f"u{len(tags)}")
        assert rfc.post("/Users", body, If_Match=tags, If_None_Match=tags).status == 201


def test_a_version_of_another_resource_says_nothing(contoso: ScimClient, northwind: ScimClient) -> None:
    mine, foreign = contoso.create_user("ada"), northwind.create_user("eve")
    assert mine.headers["ETag"] == foreign.headers["ETag"]
    for tags in ("*", 'W/"1"', 'W/"2"'):
        assert contoso.request("GET", f"/Users/{foreign.id}", If_Match=tags).status == 404
        assert contoso.request("GET", f"/Users/{foreign.id}", If_None_Match=tags).status == 404
