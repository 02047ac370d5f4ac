"""What a request may cost, with a token and without (T19, T31, T32)."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from django.db import connection as database
from django.test.client import FakePayload
from django.test.utils import CaptureQueriesContext

from scim_provisioning.mapping.groups import members_field
from tests.conftest import MakeClient
from tests.factories import GROUPS, USERS
from tests.filters.crowd import Plan
from tests.lifecycle.rows import replace
from tests.performance.test_query_counts import many_users
from tests.scim import Answer, ScimClient, add_members, user_body
from tests.steps import steps

pytestmark = pytest.mark.django_db
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


# A request without any work takes some 4,000 steps.
OF_ANY_REQUEST = 10_000
Send = Callable[[int], Answer]


HOSTILE_FILTERS = {
    "ten thousand parentheses": "(" * 10_000 + "title pr" + ")" * 10_000,
    "four thousand parentheses": "(" * 2_000 + "title pr" + ")" * 2_000,
    "nots": "not (" * 500 + "title pr" + ")" * 500,
    "brackets": "emails[" * 500 + "value pr" + "]" * 500,
    "a mebibyte": 'userName eq "' + "x" * 1024 * 1024 + '"',
    "fifty-one terms": " or ".join(["title pr"] * 51),
    "an open string": '"' * 4096,
    "dots": "a.b." * 1000,
}


@pytest.mark.parametrize("text", HOSTILE_FILTERS.values(), ids=HOSTILE_FILTERS)
@pytest.mark.parametrize("path", ["/Users", "/Groups", "/"])
def test_T19_a_filter_that_would_cost_too_much_is_refused_before_it_is_parsed(
    rfc: ScimClient, text: str, path: str
) -> None:
    rfc.get("/Users", count="0")
    body = {"schemas": [SEARCH], "filter": text}
    answer, cost = steps(lambda: rfc.post(f"{path.rstrip('/')}/.search", body))
    if len(text) > 1_000_000:
        assert answer.status == 413
    else:
        assert (answer.status, answer["scimType"]) == (400, "invalidFilter")
    # At most, it is cut into words.
    assert cost < OF_ANY_REQUEST + 10 * min(len(text), 4096)


def test_T19_a_page_of_everything_is_clamped(rfc: ScimClient) -> None:
    for number in range(3):
        rfc.create_user(f"user{number}")
    answer = rfc.get("/Users", count=str(10**8), startIndex="1")
    assert (answer.status, answer["itemsPerPage"]) == (200, 3)
    assert rfc.get("/ServiceProviderConfig")["filter"]["maxResults"] == 200


def members(operation: str, users: Sequence[str]) -> dict[str, Any]:
    """Return an operation over members."""
    return {"op": operation, "path": "members", "value": [{"value": user} for user in users]}


def worst_requests(client: ScimClient, users: list[str], group: str) -> dict[str, tuple[int, float, Send]]:
    """Return the dearest requests that the limits let through: size, most steps for each element, and sender."""
    user = users[0]
    return {
        "operations": (
            1000,
            150,
            lambda size: client.patch(
                f"/Users/{user}", *[replace("title", f"Boss {number}") for number in range(size)]
            ),
        ),
        "members": (
            10_000,
            400,
            lambda size: client.patch(f"/Groups/{group}", members("replace", users[:size])),
        ),
        "terms": (
            50,
            15_000,
            lambda size: client.find("/Users", " or ".join(['emails.value co "x"'] * size)),
        ),
        "bytes": (
            1_000_000,
            0.1,
            lambda size: client.put(f"/Users/{user}", user_body("big", nickName="x" * size)),
        ),
    }


@pytest.mark.postgres
@pytest.mark.parametrize("name", ["operations", "members", "terms", "bytes"])
def test_T31_the_worst_request_that_is_let_through_costs_no_more_than_its_size(
    make_client: MakeClient, name: str
) -> None:
    """Twice the size is about twice the work, and each element of it takes no more steps than its kind may."""
    client = make_client("rfc")
    size, most, send = worst_requests(
        client,
        many_users(client, 10_000 if name == "members" else 100),
        client.create_group("Team A").id,
    )[name]
    send(1)
    _, half = steps(lambda: send(size // 2))
    answer, cost = steps(lambda: send(size))
    assert answer.status == 200, answer.json
    assert cost < 2.2 * half
    assert cost < OF_ANY_REQUEST + size * most


@pytest.mark.postgres
@pytest.mark.parametrize("operation", ["add", "replace", "remove"])
def test_T31_no_statement_over_all_the_members_of_a_request_is_a_join(
    make_client: MakeClient, operation: str
) -> None:
    """Right after many users were created, the planner knows nothing of them, and joins everybody with everybody."""
    client = make_client("flow_connect", group_patch_response=200)
    users = many_users(client, 200)
    group = client.create_group("Team A", *users[:100]).id
    with CaptureQueriesContext(database) as context:
        assert client.patch(f"/Groups/{group}", members(operation, users)).status == 200
    found = [query["sql"].rpartition("; ")[2] for query in context.captured_queries]
    through = f'FROM "{members_field(GROUPS).through._meta.db_table}"'
    over_all = [
        sql
        for sql in found
        if sql.startswith(("SELECT", "DELETE")) and (sql.count(",") > 150 or through in sql)
    ]
    assert [sql for sql in over_all if USERS.model._meta.db_table in sql]
    assert [sql for sql in over_all if through in sql and sql.count(",") < 150], (
        "the answer lists the members"
    )
    for sql in over_all:
        kinds = {node["Node Type"] for node in Plan(sql).nodes()}
        assert not kinds & {"Nested Loop", "Hash Join", "Merge Join"}, sql[:200]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"Operations": [replace("title", "x")] * 1001}, 400),
        ({"Operations": [add_members(*["x"] * 10_001)]}, 400),
        ({"x": "y" * 1024 * 1024}, 413),
    ],
    ids=["operations", "members", "bytes"],
)
def test_T31_what_is_beyond_the_limits_is_refused(rfc: ScimClient, body: Any, status: int) -> None:
    group = rfc.create_group("Team A").id
    assert rfc.request("PATCH", f"/Groups/{group}", body).status == status


def test_T32_a_large_body_without_a_token_costs_what_none_costs(rfc: ScimClient) -> None:
    body = json.dumps({"schemas": ["x"], "userName": "x" * 2_400_000}).encode()
    rfc.request("POST", "/Users", body, authorization="Bearer x")
    large, cost = steps(lambda: rfc.request("POST", "/Users", body, authorization="Bearer x"))
    small, least = steps(lambda: rfc.request("POST", "/Users", b"", authorization="Bearer x"))
    assert large.status == small.status == 401
    assert cost < least + 100


def test_T32_a_body_without_a_token_is_not_read(rfc: ScimClient, monkeypatch: pytest.MonkeyPatch) -> None:
    reads: list[int] = []
    read = FakePayload.read

    def counted(self: Any, *size: int) -> bytes:
        reads.append(1)
        return bytes(read(self, *size))

    monkeypatch.setattr(FakePayload, "read", counted)
    body = json.dumps(user_body("ada")).encode()
    assert rfc.request("POST", "/Users", body, authorization="Bearer x").status == 401
    assert not reads
    assert rfc.request("POST", "/Users", body).status == 201
    assert reads
