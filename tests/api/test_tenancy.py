"""Tenancy (T2, T3, T4, T18): ids of another organization are answered exactly as ids of nobody."""

import re
from typing import Any
from uuid import uuid4

import pytest

from scim_provisioning.models import GroupResource
from tests.api.conftest import World
from tests.factories import make_user, members_of, status_of
from tests.scim import ScimClient, add_members, database_digest, group_body, user_body

USER_BODIES = {
    "PUT": user_body("mallory", emails=None, externalId="5f0c6f0a-7a5e-4c2b-9d0e-0f7a1c2b3d4e"),
    "PATCH": {"Operations": [{"op": "replace", "value": {"active": False, "userName": "mallory@x.example"}}]},
    "POST": user_body("mallory"),
}
GROUP_BODIES = {
    "PUT": {"displayName": "Mine", "members": []},
    "PATCH": {"Operations": [{"op": "remove", "path": "members"}]},
    "POST": {"displayName": "Mine"},
}
REQUESTS = [
    (method, kind, suffix)
    for kind in ("Users", "Groups")
    for method in ("GET", "HEAD", "PUT", "PATCH", "DELETE", "POST")
    for suffix in ("", "/", "?attributes=id", "?excludedAttributes=members")
]


def twin(content: bytes, one: str, other: str) -> bytes:
    """Return an answer with one id put for another, so that nothing but the id may tell them apart."""
    return content.replace(one.encode(), other.encode())


def versionless(content: bytes) -> bytes:
    """Return an answer without what changes from one write to the next."""
    return re.sub(rb'"(version|lastModified)":"(\\.|[^"\\])*"', b"", content)


@pytest.mark.parametrize(("method", "kind", "suffix"), REQUESTS)
@pytest.mark.parametrize("which", ["user", "group"])
def test_T2_an_id_of_another_organization_is_answered_like_none(
    world: World, method: str, kind: str, suffix: str, which: str
) -> None:
    foreign = world.foreign_user if which == "user" else world.foreign_group
    absent = str(uuid4())
    body = (USER_BODIES if kind == "Users" else GROUP_BODIES).get(method)
    before = database_digest()
    one = world.client.request(method, f"/{kind}/{foreign}{suffix}", body)
    other = world.client.request(method, f"/{kind}/{absent}{suffix}", body)
    assert one.status == other.status
    assert one.status in (404, 405)
    assert twin(one.content, foreign, absent) == other.content
    assert database_digest() == before


def test_T2_a_list_or_a_filter_never_shows_another_organization(world: World, northwind: ScimClient) -> None:
    theirs = northwind.user(world.foreign_user)
    filters = [
        f'id eq "{world.foreign_user}"', f'userName eq "{theirs["userName"]}"',
        f'externalId eq "{theirs["externalId"]}"', f'emails.value eq "{theirs["userName"]}"',
        f'not (id eq "{world.user}") and not (id eq "{world.other_user}")', "not (userName pr)",
        'userName ne "nobody" and id ne "x" and userName sw "eve"',
    ]  # fmt: skip
    for text in filters:
        assert world.client.find("/Users", text)["totalResults"] == 0, text
    for text in (
        f'id eq "{world.foreign_group}"',
        'displayName eq "Spies"',
        f'members eq "{world.foreign_user}"',
    ):
        assert world.client.find("/Groups", text)["totalResults"] == 0, text
    assert world.client.get("/Users")["totalResults"] == 2
    assert world.client.get("/Groups").names == ["Team A"]


@pytest.mark.parametrize("preset", ["flow_connect", "rfc"])
def test_T3_a_foreign_member_is_answered_like_an_absent_one(
    world: World, make_client: Any, preset: str
) -> None:
    client = world.client if preset == "flow_connect" else make_client("rfc")
    team = client.create_group("Team B").id
    for wrap in (
        lambda member: [add_members(member)],
        lambda member: [{"op": "replace", "path": "members", "value": [{"value": member}]}],
        lambda member: [{"op": "add", "path": f'members[value eq "{member}"]', "value": {"value": member}}],
        lambda member: [{"op": "remove", "path": f'members[value eq "{member}"]'}],
    ):
        answers = set()
        for member in (world.foreign_user, world.foreign_group, str(uuid4()), team):
            answer = client.patch(f"/Groups/{team}", *wrap(member))
            # The group's own id is one of the members tried, so it is put out of the comparison as well.
            content = twin(twin(versionless(answer.content), member, "x"), team, "x")
            answers.add((answer.status, content))
            assert client.members(team) == set()
            assert members_of(GroupResource.objects.get(pk=team).group) == set()
        assert len(answers) == 1


@pytest.mark.parametrize("preset", ["flow_connect", "rfc"])
def test_T3_a_user_whom_the_connection_does_not_manage_is_answered_like_an_absent_one(
    organization: Any, make_client: Any, preset: str
) -> None:
    unmanaged = make_user(organization, "unmanaged")
    client = make_client(preset, visible_users="organization", group_name_clash="allow")
    linked = client.find("/Users", 'userName eq "unmanaged@contoso.example"')["Resources"][0]["id"]
    sibling = make_client(preset).create_user("sibling").id
    team = client.create_group("Team A").id
    answers = set()
    for member in (linked, sibling, str(uuid4())):
        answer = client.patch(f"/Groups/{team}", add_members(member))
        answers.add((answer.status, twin(versionless(answer.content), member, "x")))
        # In the Hub's own table too: the wire shows managed members alone.
        assert members_of(GroupResource.objects.get(pk=team).group) == set()
    assert len(answers) == 1
    assert status_of(unmanaged) == "active"


@pytest.mark.parametrize("preset", ["flow_connect", "rfc"])
def test_T3_a_foreign_member_of_a_new_group_is_answered_like_an_absent_one(
    world: World, make_client: Any, preset: str
) -> None:
    client = world.client if preset == "flow_connect" else make_client("rfc")
    answers = []
    for member in (world.foreign_user, str(uuid4())):
        answer = client.post("/Groups", {"displayName": f"New {member}", "members": [{"value": member}]})
        answers.append((answer.status, answer.json.get("scimType"), answer.json.get("members", [])))
    assert answers[0] == answers[1]
    assert answers[0][0] == (201 if preset == "flow_connect" else 400)


def test_T4_a_create_never_touches_a_user_of_another_organization(
    world: World, other_organization: Any
) -> None:
    user = make_user(other_organization, "mallory", mail="joan@contoso.example", state="active")
    before = {field.attname: getattr(user, field.attname) for field in user._meta.concrete_fields}
    answer = world.client.post("/Users", user_body("joan"))
    assert answer.status == 201
    assert answer.id != world.foreign_user
    user.refresh_from_db()
    assert {field.attname: getattr(user, field.attname) for field in user._meta.concrete_fields} == before
    assert status_of(user) == "active"


def test_T18_a_name_in_another_organization_is_free(world: World) -> None:
    assert world.client.post("/Groups", group_body("Spies")).status == 201


@pytest.mark.examplehub
def test_T18_a_user_name_in_another_organization_is_free(world: World) -> None:
    assert world.client.post("/Users", user_body("eve")).status == 201


def test_T2_a_token_opens_only_its_own_tenant_url(contoso: ScimClient, northwind: ScimClient) -> None:
    for path in ("/Users", "/Groups", "/Schemas", "/nowhere"):
        stranger = ScimClient(northwind.connection, contoso.token)
        assert stranger.get(path).status == 401
        assert northwind.get(path).status in (200, 404)


def test_T2_two_connections_of_one_organization_do_not_share_resources(make_client: Any) -> None:
    one, other = make_client("rfc"), make_client("rfc")
    user, group = one.create_user("ada").id, one.create_group("Team A").id
    assert other.get(f"/Users/{user}").status == other.get(f"/Groups/{group}").status == 404
    assert other.get("/Groups")["totalResults"] == 0
    assert other.delete(f"/Users/{user}").status == 404
