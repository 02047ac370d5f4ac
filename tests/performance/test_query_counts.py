"""Upper bounds of queries for each request, whatever the size of organization and group (performance targets).

The token lookup counts; the throttled last-used stamp does not, as each client has sent a request before. The
time limits do not either: on PostgreSQL they travel in the message of the statement that they are for.
"""

import uuid
from typing import Any

import pytest

from scim_provisioning.lifecycle.memberships import unguarded
from scim_provisioning.models import Brake, Connection, GroupResource, Token, UserResource, name_key
from tests.conftest import MakeClient
from tests.factories import GROUPS, USERS, column, make_user, members_of
from tests.lifecycle.rows import DISABLE, add, host_group, remove, replace, together
from tests.performance.conftest import Count
from tests.scim import ENTERPRISE, ScimClient, add_members, group_body, user_body

pytestmark = pytest.mark.django_db

PRESETS_WITH_GROUPS = ["flow_connect", "rfc"]
PATCH_STATUS = {"flow_connect": 204, "rfc": 200}


def many_users(client: ScimClient, count: int) -> list[str]:
    """Make managed users the quick way, and return their SCIM ids."""
    template = USERS(client.connection).new()
    rows = []
    for number in range(count):
        name = f"bulk{number}-{uuid.uuid4().hex[:6]}@contoso.example"
        row = type(template)(**{field.attname: getattr(template, field.attname) for field in plain(template)})
        setattr(row, column("userName"), name)
        rows.append(row)
    made = type(template)._base_manager.bulk_create(rows)
    now = client.connection.created_at
    resources = UserResource.objects.bulk_create(
        UserResource(
            connection=client.connection,
            user=user,
            user_name=getattr(user, column("userName")),
            user_name_key=name_key(getattr(user, column("userName"))),
            created_at=now,
            modified_at=now,
        )
        for user in made
    )
    return [str(resource.pk) for resource in resources]


def widen_the_brake(client: ScimClient) -> None:
    """Let the brake hold nothing, and let its window have begun, which costs a few queries more."""
    Connection.objects.update(brake_count=10_000, brake_share=100)
    client.patch(f"/Users/{client.create_user('gone').id}", DISABLE)
    Brake.objects.update(limit=10_000)


def plain(row: Any) -> list[Any]:
    """Return the columns that a copy may share."""
    return [field for field in row._meta.concrete_fields if not field.primary_key]


@pytest.fixture(params=["flow_connect", "flowcase", "rfc"])
def client(request: Any, make_client: MakeClient) -> ScimClient:
    """Return a client of each preset that has sent a request, so that its token is stamped."""
    made = make_client(request.param)
    assert made.get("/Users", count="0").status == 200
    return made


@pytest.fixture(params=PRESETS_WITH_GROUPS)
def group_client(request: Any, make_client: MakeClient) -> ScimClient:
    """Return a client of each preset that has groups."""
    made = make_client(request.param)
    assert made.get("/Groups", count="0").status == 200
    return made


@pytest.fixture(params=[0, 150], ids=["small organization", "large organization"])
def crowd(request: Any, client: ScimClient) -> int:
    """Make the organization small or large; the bounds are the same."""
    if request.param:
        many_users(client, request.param)
    return int(request.param)


def test_get_of_one_user_is_two_queries(client: ScimClient, crowd: int, queries: Count) -> None:
    user = client.create_user("ada").id
    assert len(queries(lambda: client.get(f"/Users/{user}"), 200)) <= 2


def test_get_of_an_absent_user_is_two_queries(client: ScimClient, queries: Count) -> None:
    assert len(queries(lambda: client.get(f"/Users/{uuid.uuid4()}"), 404)) <= 2


@pytest.mark.parametrize(
    "text",
    [
        'userName eq "ada@contoso.example"',
        'userName eq "nobody@contoso.example"',
        'emails[type eq "work"].value eq "ada@contoso.example"',
        'externalId eq "5f0c1a52-7c1c-4b1e-9c8b-2f2f3c1d4e5f"',
        'displayName co "a" and active eq true',
    ],
)
def test_a_filter_is_three_queries(client: ScimClient, crowd: int, queries: Count, text: str) -> None:
    client.create_user("ada", externalId="5f0c1a52-7c1c-4b1e-9c8b-2f2f3c1d4e5f", displayName="Ada")
    assert len(queries(lambda: client.find("/Users", text), 200)) <= 3


@pytest.mark.parametrize(
    "page", [{}, {"startIndex": 1, "count": 10}, {"startIndex": 5, "count": 3}, {"count": 0}]
)
def test_a_page_is_three_queries_however_many_resources_it_holds(
    client: ScimClient, crowd: int, queries: Count, page: dict[str, Any]
) -> None:
    client.create_user("ada")
    assert len(queries(lambda: client.get("/Users", **page), 200)) <= 3


def test_post_of_a_user_is_eight_queries(client: ScimClient, crowd: int, queries: Count) -> None:
    client.create_user("warm")
    body = {**user_body("ada"), "displayName": "Ada", "title": "Boss", "nickName": "A"}
    assert len(queries(lambda: client.post("/Users", body), 201)) <= 8


def test_post_that_adopts_is_within_a_fixed_number(make_client: MakeClient, queries: Count) -> None:
    client = make_client("flow_connect")
    client.get("/Users", count="0")
    counts = []
    for name, crowd in (("eva", 0), ("eve", 60)):
        many_users(client, crowd)
        make_user(client.organization, name)
        body = user_body(name)
        counts.append(len(queries(lambda body=body: client.post("/Users", body), 201)))
    assert counts[0] == counts[1]


PATCHES = {
    "one attribute": [replace("displayName", "Ada L")],
    "five attributes": [
        together(displayName="Ada L", title="Boss", nickName="A"),
        replace("name.givenName", "Ada"),
        add(f"{ENTERPRISE}:costCenter", "7"),
    ],
    "disable": [DISABLE],
    "rename": [replace("userName", "eva@contoso.example")],
    "mail": [replace('emails[type eq "work"].value', "eva@contoso.example")],
    "manager": [add(f"{ENTERPRISE}:manager", "5f0c1a52-7c1c-4b1e-9c8b-2f2f3c1d4e5f")],
}


@pytest.mark.parametrize("operations", PATCHES.values(), ids=PATCHES)
def test_patch_of_a_user_is_seven_queries(
    client: ScimClient, crowd: int, queries: Count, operations: list[dict[str, Any]]
) -> None:
    widen_the_brake(client)
    client.patch(f"/Users/{client.create_user('warm').id}", replace("title", "Warm"))
    user = client.create_user("ada").id
    # The brake counts what takes access away, and nothing else.
    counted = client.connection.brake and operations == [DISABLE]
    assert len(queries(lambda: client.patch(f"/Users/{user}", *operations), 200)) <= 7 + counted


def test_a_patch_that_changes_nothing_writes_nothing(client: ScimClient, queries: Count) -> None:
    user = client.create_user("ada", displayName="Ada").id
    found = queries(lambda: client.patch(f"/Users/{user}", replace("displayName", "Ada")), 200)
    assert len(found) <= 4
    assert not [sql for sql in found if sql.startswith(("UPDATE", "INSERT", "DELETE"))]


def test_an_unauthenticated_request_is_one_query_at_most(client: ScimClient, queries: Count) -> None:
    mistyped = client.token[:-1] + ("x" if client.token[-1] != "x" else "y")
    revoked, secret = Token.issue(client.connection)
    revoked.revoke()
    for token, bound in (("nonsense", 0), ("", 0), (mistyped, 0), (secret, 1)):
        stranger = ScimClient(client.connection, token=token)
        # The first of its kind is written down for the administrator.
        stranger.get("/Users")
        assert len(queries(lambda stranger=stranger: stranger.get("/Users"), 401)) <= bound


def many_members(client: ScimClient, users: list[str]) -> str:
    """Make a group of users the quick way, and return its SCIM id."""
    group = client.create_group(f"Team {uuid.uuid4()}").id
    keys = UserResource.objects.filter(pk__in=users).values_list("user_id", flat=True)
    through: Any = getattr(GROUPS.model, GROUPS.members).through
    [group_column] = [
        field.attname for field in through._meta.concrete_fields if field.related_model is GROUPS.model
    ]
    [user_column] = [
        field.attname for field in through._meta.concrete_fields if field.related_model is USERS.model
    ]
    with unguarded():
        through._base_manager.bulk_create(
            through(**{group_column: host_group(group).pk, user_column: key}) for key in keys
        )
    assert len(members_of(host_group(group))) == len(users)
    return group


# SQLite takes so few values at a time that it cuts a thousand rows into batches.
MEMBER_COUNTS = [1, 10, pytest.param(1000, marks=pytest.mark.postgres)]


@pytest.mark.parametrize("count", MEMBER_COUNTS)
@pytest.mark.parametrize("present", [0, 500], ids=["into an empty group", "into a large group"])
def test_adding_members_is_eight_queries_for_one_and_for_a_thousand(
    group_client: ScimClient, queries: Count, count: int, present: int
) -> None:
    users = many_users(group_client, count)
    group = many_members(group_client, many_users(group_client, present))
    status = PATCH_STATUS[group_client.connection.preset]
    excluded = {"excludedAttributes": "members"}
    found = queries(
        lambda: group_client.patch(f"/Groups/{group}", add_members(*users), query=excluded), status
    )
    assert len(found) <= 8, found
    assert len(members_of(host_group(group))) == count + present


@pytest.mark.parametrize("count", MEMBER_COUNTS)
@pytest.mark.parametrize("present", [0, 500], ids=["all of them", "of a large group"])
def test_removing_members_is_eight_queries_for_one_and_for_a_thousand(
    group_client: ScimClient, queries: Count, count: int, present: int
) -> None:
    """And one more where the brake counts them."""
    widen_the_brake(group_client)
    users = many_users(group_client, count)
    group = many_members(group_client, users + many_users(group_client, present))
    status = PATCH_STATUS[group_client.connection.preset]
    excluded = {"excludedAttributes": "members"}
    operation = remove("members", *users)
    found = queries(lambda: group_client.patch(f"/Groups/{group}", operation, query=excluded), status)
    assert len(found) <= 8 + group_client.connection.brake, found
    assert len(members_of(host_group(group))) == present


@pytest.mark.parametrize("count", [1, 300])
def test_replacing_members_is_within_a_fixed_number(
    group_client: ScimClient, queries: Count, count: int
) -> None:
    widen_the_brake(group_client)
    users = many_users(group_client, count)
    group = many_members(group_client, many_users(group_client, count))
    status = PATCH_STATUS[group_client.connection.preset]
    operation = replace("members", [{"value": user} for user in users])
    found = queries(
        lambda: group_client.patch(f"/Groups/{group}", operation, query={"excludedAttributes": "members"}),
        status,
    )
    assert len(found) <= 10 + group_client.connection.brake, found
    assert len(members_of(host_group(group))) == count


@pytest.mark.postgres
def test_unknown_members_cost_one_query_however_many(make_client: MakeClient, queries: Count) -> None:
    client = make_client("flow_connect")
    client.get("/Groups", count="0")
    counts = []
    for count in (1, 200):
        group = client.create_group(f"Team {count}").id
        nobody = [str(uuid.uuid4()) for _member in range(count)]
        counts.append(
            len(queries(lambda g=group, n=nobody: client.patch(f"/Groups/{g}", add_members(*n)), 204))
        )
    assert counts[0] == counts[1]
    assert counts[0] <= 9


def membership_table() -> str:
    return str(getattr(GROUPS.model, GROUPS.members).through._meta.db_table)


@pytest.mark.parametrize("path", ["", "/{group}"])
def test_a_group_read_without_members_does_not_touch_the_membership(
    group_client: ScimClient, queries: Count, path: str
) -> None:
    """R15, R16: the read of every cycle."""
    group = many_members(group_client, many_users(group_client, 50))
    address = "/Groups" + path.format(group=group)
    found = queries(lambda: group_client.get(address, excludedAttributes="members"), 200)
    assert len(found) <= 3
    assert not [sql for sql in found if membership_table() in sql]
    named = queries(lambda: group_client.get(address, attributes="displayName"), 200)
    assert not [sql for sql in named if membership_table() in sql]


def test_the_membership_is_touched_by_a_read_with_members(group_client: ScimClient, queries: Count) -> None:
    group = many_members(group_client, many_users(group_client, 50))
    found = queries(lambda: group_client.get(f"/Groups/{group}"), 200)
    assert [sql for sql in found if membership_table() in sql]
    assert len(found) <= 3


def test_a_rename_does_not_touch_the_membership(group_client: ScimClient, queries: Count) -> None:
    group = many_members(group_client, many_users(group_client, 50))
    status = PATCH_STATUS[group_client.connection.preset]
    found = queries(
        lambda: group_client.patch(
            f"/Groups/{group}", replace("displayName", "B"), query={"excludedAttributes": "members"}
        ),
        status,
    )
    assert len(found) <= 9
    assert not [sql for sql in found if membership_table() in sql]


@pytest.mark.parametrize("groups", [1, 12])
def test_a_page_of_groups_with_members_is_within_a_fixed_number(
    group_client: ScimClient, queries: Count, groups: int
) -> None:
    for _group in range(groups):
        many_members(group_client, many_users(group_client, 3))
    assert len(queries(lambda: group_client.get("/Groups"), 200)) <= 4
    assert GroupResource.objects.count() == groups


def test_post_of_a_group_is_nine_queries(group_client: ScimClient, queries: Count) -> None:
    group_client.create_group("Warm")
    assert len(queries(lambda: group_client.post("/Groups", group_body("Team A")), 201)) <= 9


def test_delete_of_a_large_group_is_within_a_fixed_number(group_client: ScimClient, queries: Count) -> None:
    widen_the_brake(group_client)
    counts = []
    for size in (1, 300):
        group = many_members(group_client, many_users(group_client, size))
        counts.append(len(queries(lambda group=group: group_client.delete(f"/Groups/{group}"), 204)))
    assert counts[0] == counts[1]
