"""Clients that leave, repeat themselves, come out of order or with another token, and clocks (F16 to F20)."""

import json
import os
import random
import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from scim_provisioning.models import Effect, Event, Token, UserResource
from tests.concurrency.conftest import clients, run_together
from tests.conftest import MakeClient
from tests.factories import GROUPS, USERS
from tests.lifecycle.rows import DISABLE, ENABLE, remove, replace
from tests.scim import Answer, ScimClient, add_members, database_digest, group_body, user_body

pytestmark = pytest.mark.django_db
ROUNDS = 5 * int(os.environ.get("SCIM_TEST_ROUNDS") or 1)
Send = Callable[[], Answer]


def cycle(client: ScimClient, chance: random.Random | None = None, *, times: int = 1) -> list[int]:
    """Play what an identity provider does in a cycle: match, create or change, then the group.

    It finds ids by filter, so it goes on from whatever was done before.

    :param times: how often each request is sent.
    """
    statuses: list[int] = []

    def send(request: Send) -> Answer:
        answers = [request() for _time in range(times)]
        statuses.extend(answer.status for answer in answers)
        return answers[0]

    def found(path: str, text: str) -> str:
        resources = client.find(path, text)["Resources"]
        return str(resources[0]["id"]) if resources else ""

    names = ["ada", "bob", "eva", "kim"]
    (chance or random.Random(1)).shuffle(names)
    for name in names:
        if not found("/Users", f'userName eq "{name}@contoso.example"'):
            send(partial(client.post, "/Users", user_body(name, externalId=external_id(name))))
    ids = {name: found("/Users", f'userName eq "{name}@contoso.example"') for name in names}
    for name in names:
        send(partial(client.patch, f"/Users/{ids[name]}", replace("title", name.title())))
    send(partial(client.patch, f"/Users/{ids['bob']}", DISABLE))
    group = found("/Groups", 'displayName eq "Team A"')
    if not group:
        send(partial(client.post, "/Groups", group_body("Team A")))
        group = found("/Groups", 'displayName eq "Team A"')
    send(partial(client.patch, f"/Groups/{group}", add_members(ids["ada"], ids["eva"], ids["kim"])))
    send(partial(client.patch, f"/Groups/{group}", remove("members", ids["kim"])))
    return statuses


def external_id(name: str) -> str:
    """Return the objectId of a user."""
    return f"00000000-0000-4000-8000-{int.from_bytes(name.encode(), 'big'):012d}"


def state(client: ScimClient) -> dict[str, Any]:
    """Return what a client sees, without ids, versions and times."""
    users = client.get("/Users")["Resources"]
    names = {user["id"]: user["userName"] for user in users}
    groups = client.get("/Groups")["Resources"]
    return {
        "users": sorted((user["userName"], user["active"], user.get("title")) for user in users),
        "groups": sorted(
            (group["displayName"], sorted(names[member["value"]] for member in group.get("members", [])))
            for group in groups
        ),
    }


EXPECTED = {
    "users": [
        ("ada@contoso.example", True, "Ada"),
        ("bob@contoso.example", False, "Bob"),
        ("eva@contoso.example", True, "Eva"),
        ("kim@contoso.example", True, "Kim"),
    ],
    "groups": [("Team A", ["ada@contoso.example", "eva@contoso.example"])],
}


@pytest.mark.parametrize("times", [2, 3])
def test_F17_a_cycle_whose_every_request_arrives_several_times_ends_as_one_does(
    make_client: MakeClient, times: int
) -> None:
    client = make_client("flow_connect")
    statuses = cycle(client, times=times)
    assert set(statuses) <= {200, 201, 204, 409}
    assert state(client) == EXPECTED
    # Whoever was made, disabled or put into the group once owes its effects once.
    kinds = list(
        Effect.objects.filter(connection=client.connection).values_list("kind", "resource_id", "handler")
    )
    once = [
        each for each in kinds if each[0] in ("user_provisioned", "user_deactivated", "group_provisioned")
    ]
    assert len(once) == len(set(once)) > 0


def test_F17_a_whole_cycle_played_again_changes_nothing(make_client: MakeClient) -> None:
    client = make_client("flow_connect")
    cycle(client)
    before, versions = state(client), sorted(UserResource.objects.values_list("user_name", "version"))
    events = Event.objects.filter(operation="create").count()
    effects = Effect.objects.filter(kind__in=["user_provisioned", "user_deactivated"]).count()
    cycle(client)
    assert state(client) == before == EXPECTED
    assert sorted(UserResource.objects.values_list("user_name", "version")) == versions
    assert Event.objects.filter(operation="create").count() == events
    assert Effect.objects.filter(kind__in=["user_provisioned", "user_deactivated"]).count() == effects


def test_F18_requests_out_of_order_are_refused_cleanly_and_the_next_cycle_converges(
    make_client: MakeClient,
) -> None:
    seed = int(os.environ.get("SCIM_TEST_SEED") or random.SystemRandom().randrange(10**9))
    print(f"SCIM_TEST_SEED={seed}")  # noqa: T201 - pytest shows it beside the failure
    chance = random.Random(seed)
    for number in range(ROUNDS):
        client = make_client("flow_connect", name=f"round {number}", existing_users="reject")
        USERS(client.connection).queryset().delete()
        GROUPS(client.connection).queryset().delete()
        absent = "11111111-1111-4111-8111-111111111111"
        gone = client.create_user("gone").id
        steps: list[Send] = [
            partial(client.post, "/Groups", group_body("Team A")),
            partial(client.patch, f"/Users/{absent}", replace("title", "x")),
            partial(client.patch, f"/Groups/{absent}", add_members(absent)),
            partial(client.delete, f"/Users/{gone}"),
            partial(client.delete, f"/Users/{gone}"),
            partial(client.patch, f"/Users/{gone}", ENABLE),
            partial(client.put, f"/Users/{gone}", user_body("gone")),
            *(
                partial(client.post, "/Users", user_body(name, externalId=external_id(name)))
                for name in ("ada", "bob")
            ),
        ]
        chance.shuffle(steps)
        statuses = [step().status for step in steps]
        assert set(statuses) <= {200, 201, 204, 400, 404, 409}, statuses
        for answer in (client.get(f"/Users/{gone}"), client.patch(f"/Users/{gone}", ENABLE)):
            assert answer.status == 404
        cycle(client, chance)
        assert state(client) == EXPECTED


def sent_and_left(live: LiveServer, client: ScimClient, method: str, path: str, body: Any) -> None:
    """Send a request and close the connection before its answer."""
    content = json.dumps(body).encode()
    parts = urlsplit(live.url)
    head = (
        f"{method} {client.base}{path} HTTP/1.1\r\nHost: {parts.netloc}\r\nConnection: close\r\n"
        f"Authorization: Bearer {client.token}\r\nContent-Type: application/scim+json\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30) as wire:
        wire.sendall(head.encode() + content)


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_F16_a_client_that_leaves_before_the_answer_and_asks_again_makes_nothing_twice(
    make_client: MakeClient, live_server: LiveServer
) -> None:
    client = make_client("flow_connect")
    for number in range(ROUNDS):
        name = f"leaver{number}"
        body = user_body(name)
        sent_and_left(live_server, client, "POST", "/Users", body)
        again = client.post("/Users", body)
        assert again.status in (201, 409)
        text = f'userName eq "{name}@contoso.example"'
        until(lambda text=text: client.find("/Users", text)["totalResults"] == 1)  # type: ignore[misc]
        user = client.find("/Users", text)["Resources"][0]["id"]
        operations = {"Operations": [replace("title", f"Boss {number}")]}
        sent_and_left(live_server, client, "PATCH", f"/Users/{user}", operations)
        assert client.request("PATCH", f"/Users/{user}", operations).status == 200
        assert client.user(user)["title"] == f"Boss {number}"
        assert Event.objects.filter(operation="create", outcome="success", resource_id=user).count() == 1


@pytest.mark.parametrize("zone", ["UTC", "Europe/Oslo", "Pacific/Apia"])
def test_F19_a_token_expires_to_the_moment_whatever_the_zone(
    contoso: ScimClient, settings: Any, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.TIME_ZONE = zone
    # An hour that Oslo's clocks show twice.
    edge = datetime(2026, 10, 25, 1, 0, tzinfo=UTC)
    Token.objects.update(expires_at=edge)
    for moment, status in (
        (edge - timedelta(hours=1), 200),
        (edge - timedelta(microseconds=1), 200),
        (edge, 401),
        (edge + timedelta(hours=1), 401),
        (edge - timedelta(minutes=5), 200),
    ):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert contoso.get("/Users", count="0").status == status, moment


def test_F19_last_used_never_moves_back(contoso: ScimClient, monkeypatch: pytest.MonkeyPatch) -> None:
    start = timezone.now()
    seen = []
    for minutes in (0, 6, -5, -60, 3, 12, 11):
        monkeypatch.setattr(timezone, "now", lambda minutes=minutes: start + timedelta(minutes=minutes))
        assert contoso.get("/Users", count="0").status == 200
        used = Token.objects.get().last_used_at
        assert used is not None
        seen.append(used)
    assert seen == sorted(seen)
    assert seen[-1] == start + timedelta(minutes=12)
    assert Token.objects.get().first_used_at == start


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_F20_a_token_is_changed_in_mid_cycle_and_no_request_fails(make_client: MakeClient) -> None:
    client = make_client("flow_connect")
    for number in range(ROUNDS):
        old = Token.objects.get(key_id=client.token.split("_")[1])
        _new, text = Token.issue(client.connection)
        successor = ScimClient(client.connection, token=text)
        crowd = [*clients(client, 4), *clients(successor, 4)]
        answers = run_together(
            [
                partial(one.post, "/Users", user_body(f"round{number}-{index}"))
                for index, one in enumerate(crowd)
            ]
        )
        assert [answer.status for answer in answers] == [201] * 8
        old.revoke()
        statuses = [
            answer.status for answer in run_together([partial(one.get, "/Users", count="0") for one in crowd])
        ]
        assert statuses == [401] * 4 + [200] * 4
        client = successor
    assert client.get("/Users", count="0")["totalResults"] == 8 * ROUNDS


def test_a_refused_request_of_a_repeated_cycle_leaves_no_trace(make_client: MakeClient) -> None:
    client = make_client("flow_connect")
    cycle(client)
    before = database_digest()
    assert client.post("/Users", user_body("ada", externalId=external_id("ada"))).status == 409
    assert database_digest() == before
