"""Requests on groups that meet: the final set is right, and no error is spurious (F4, T15)."""

import os
import random
import uuid
from functools import partial
from typing import Any

import pytest

from tests.concurrency.conftest import Together, clients
from tests.conftest import MakeClient
from tests.factories import members_of
from tests.lifecycle.rows import groups_of, host_group, host_user, link_of, remove, replace
from tests.scim import ScimClient, add_members, group_body

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITERS = 8
ROUNDS = 5 * int(os.environ.get("SCIM_TEST_ROUNDS") or 1)


def people(client: ScimClient, count: int, name: str = "user") -> list[str]:
    return [client.create_user(f"{name}{number}").id for number in range(count)]


def insist(client: ScimClient, group: str, members: set[str]) -> None:
    """Insist on the members of a group, over HTTP and in the Hub's table."""
    assert client.members(group) == members
    assert members_of(host_group(group)) == {host_user(member).pk for member in members}


def test_F4_members_added_by_many_writers_are_all_there(make_client: MakeClient, together: Together) -> None:
    client = make_client("flow_connect")
    users = people(client, WRITERS * 3)
    for number in range(ROUNDS):
        group = client.create_group(f"Team {number}").id
        parts = [users[index::WRITERS] for index in range(WRITERS)]
        answers = together(
            [
                partial(one.patch, f"/Groups/{group}", add_members(*part))
                for one, part in zip(clients(client, WRITERS), parts, strict=True)
            ]
        )
        assert [answer.status for answer in answers] == [204] * WRITERS
        insist(client, group, set(users))


def test_F4_one_member_added_by_many_writers_is_there_once_and_nobody_errs(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect")
    [user] = people(client, 1)
    for number in range(ROUNDS):
        group = client.create_group(f"Team {number}").id
        answers = together(
            [partial(one.patch, f"/Groups/{group}", add_members(user)) for one in clients(client, WRITERS)]
        )
        assert [answer.status for answer in answers] == [204] * WRITERS
        insist(client, group, {user})


def test_F4_T15_adds_and_removes_of_many_writers_end_as_any_order_of_them_would(
    make_client: MakeClient, together: Together, chance: random.Random
) -> None:
    """Each member belongs to one writer, so that the last thing this writer did decides, in any order."""
    client = make_client("flow_connect")
    users = people(client, WRITERS * 4)
    group = client.create_group("Team A", *users[::2]).id
    expected = set(users[::2])
    for _round in range(ROUNDS * 2):
        sends = []
        for index, one in enumerate(clients(client, WRITERS)):
            mine = users[index::WRITERS]
            chosen = chance.sample(mine, chance.randint(1, len(mine)))
            if chance.random() < 0.5:
                expected |= set(chosen)
                operations = [add_members(*chosen)]
            elif chance.random() < 0.5:
                expected -= set(chosen)
                operations = [remove("members", *chosen)]
            else:
                expected -= set(chosen)
                operations = [{"op": "remove", "path": f'members[value eq "{user}"]'} for user in chosen]
            sends.append(partial(one.patch, f"/Groups/{group}", *operations))
        chance.shuffle(sends)
        assert [answer.status for answer in together(sends)] == [204] * WRITERS
        insist(client, group, expected)


def test_F4_a_replace_that_meets_adds_leaves_one_of_the_sets_that_an_order_explains(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect")
    first, second, added, late = people(client, 4)
    for number in range(ROUNDS):
        group = client.create_group(f"Team {number}", first, second).id
        one, two, three = clients(client, 3)
        answers = together(
            [
                partial(one.patch, f"/Groups/{group}", replace("members", [{"value": first}])),
                partial(two.patch, f"/Groups/{group}", add_members(added)),
                partial(three.patch, f"/Groups/{group}", add_members(late)),
            ]
        )
        assert [answer.status for answer in answers] == [204] * 3
        found = client.members(group)
        assert first in found
        assert second not in found
        assert found <= {first, added, late}
        insist(client, group, found)


def test_F4_a_rename_that_meets_members_loses_neither(make_client: MakeClient, together: Together) -> None:
    client = make_client("flow_connect")
    users = people(client, WRITERS - 1)
    for number in range(ROUNDS):
        group = client.create_group(f"Team {number}").id
        renamer, *others = clients(client, WRITERS)
        sends = [
            partial(one.patch, f"/Groups/{group}", add_members(user))
            for one, user in zip(others, users, strict=True)
        ]
        sends.append(partial(renamer.patch, f"/Groups/{group}", replace("displayName", f"Renamed {number}")))
        assert [answer.status for answer in together(sends)] == [204] * WRITERS
        assert client.get(f"/Groups/{group}")["displayName"] == f"Renamed {number}"
        insist(client, group, set(users))


def test_a_group_deleted_while_members_are_added_is_gone_without_an_error(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect")
    users = people(client, WRITERS - 1)
    for number in range(ROUNDS * 2):
        group = client.create_group(f"Team {number}").id
        deleter, *others = clients(client, WRITERS)
        sends = [
            partial(one.patch, f"/Groups/{group}", add_members(user))
            for one, user in zip(others, users, strict=True)
        ]
        sends.insert(number % WRITERS, partial(deleter.delete, f"/Groups/{group}"))
        statuses = [answer.status for answer in together(sends)]
        assert statuses.pop(number % WRITERS) == 204
        assert set(statuses) <= {204, 404}
        assert client.get(f"/Groups/{group}").status == 404
        assert groups_of(client.organization) == 0


@pytest.mark.parametrize("unknown_members", ["ignore", "reject"])
def test_users_deleted_while_they_are_added_to_a_group_are_gone_from_both_without_an_error(
    make_client: MakeClient, together: Together, unknown_members: str
) -> None:
    client = make_client("flow_connect", unknown_members=unknown_members)
    for number in range(ROUNDS):
        users = people(client, WRITERS // 2, f"round{number}-")
        stays = client.create_user(f"stays{number}").id
        group = client.create_group(f"Team {number}", stays).id
        crowd = clients(client, WRITERS)
        sends: list[Any] = [
            partial(one.delete, f"/Users/{user}")
            for one, user in zip(crowd[: WRITERS // 2], users, strict=True)
        ]
        sends += [
            partial(one.patch, f"/Groups/{group}", add_members(user))
            for one, user in zip(crowd[WRITERS // 2 :], users, strict=True)
        ]
        statuses = [answer.status for answer in together(sends)]
        assert statuses[: WRITERS // 2] == [204] * (WRITERS // 2)
        assert set(statuses[WRITERS // 2 :]) <= ({204} if unknown_members == "ignore" else {204, 400})
        insist(client, group, {stays})


def test_F1_of_twenty_equal_groups_one_is_created(make_client: MakeClient, together: Together) -> None:
    client = make_client("rfc")
    for number in range(ROUNDS):
        names = [f"Team {number}", f"TEAM {number}", f"team {number}", f"\uff34eam {number}"]
        sends = [
            partial(one.post, "/Groups", group_body(names[index % 4]))
            for index, one in enumerate(clients(client, 20))
        ]
        answers = together(sends)
        assert sorted(answer.status for answer in answers) == [201] + [409] * 19
        assert {answer["scimType"] for answer in answers if answer.status == 409} == {"uniqueness"}
        assert groups_of(client.organization) == number + 1


def test_users_of_two_groups_that_are_changed_crosswise_wait_for_nobody_for_ever(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect")
    users = people(client, 6)
    groups = [client.create_group(f"Team {number}", *users).id for number in range(2)]
    for _round in range(ROUNDS):
        requests: list[tuple[str, dict[str, Any]]] = [
            (f"/Groups/{groups[0]}", add_members(*users)),
            (f"/Groups/{groups[1]}", add_members(*reversed(users))),
            (f"/Users/{users[0]}", replace("title", str(uuid.uuid4()))),
            (f"/Users/{users[-1]}", replace("title", str(uuid.uuid4()))),
        ]
        answers = together(
            [
                partial(one.patch, path, operation)
                for one, (path, operation) in zip(clients(client, 4), requests, strict=True)
            ]
        )
        assert [answer.status for answer in answers] == [204, 204, 200, 200]
    for group in groups:
        insist(client, group, set(users))
    assert link_of(users[0]).version == 1 + ROUNDS
