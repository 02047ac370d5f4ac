"""Requests on users that meet: nothing is made twice, nothing is lost (F1 to F3, T11, T17)."""

import os
import random
import uuid
from functools import partial
from typing import Any

import pytest
from django.db import close_old_connections

from scim_provisioning.lifecycle.users import activate_on_login
from scim_provisioning.models import Event, UserResource
from tests.concurrency.conftest import Together, clients
from tests.conftest import MakeClient
from tests.factories import make_user, status_of
from tests.lifecycle.rows import DISABLE, ENABLE, host_user, link_of, replace, users_of
from tests.scim import Answer, user_body

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

POSTS = 20
# SCIM_TEST_ROUNDS=125 for the long form: a thousand rounds.
ROUNDS = 8 * int(os.environ.get("SCIM_TEST_ROUNDS") or 1)


def variants(name: str, chance: random.Random) -> list[str]:
    """Return spellings of one name."""
    local = name.partition("@")[0]
    wide = "".join(chr(ord(letter) + 0xFEE0) for letter in local if letter.isalpha()) + local[-1]
    return [name, name.upper(), name.title(), f"{wide if local[-1].isdigit() else name}@contoso.example"]


def insist_on_one(answers: list[Answer]) -> Answer:
    """Insist that one request made the user and the others were told so."""
    assert sorted({answer.status for answer in answers}) in ([201, 409], [201])
    [created] = [answer for answer in answers if answer.status == 201]
    for refused in answers:
        if refused is not created:
            assert (refused.status, refused["scimType"]) == (409, "uniqueness")
            assert not any(
                word in refused["detail"] for word in ("scim_", "hub_", "uuidhub_", "constraint", "key (")
            )
    return created


@pytest.mark.parametrize("preset", ["flow_connect", "rfc"])
def test_F1_T17_of_twenty_equal_posts_one_creates_the_user(
    make_client: MakeClient, together: Together, preset: str
) -> None:
    client = make_client(preset)
    for number in range(ROUNDS):
        body = user_body(f"ada{number}")
        answers = together([partial(one.post, "/Users", body) for one in clients(client, POSTS)])
        insist_on_one(answers)
        assert users_of(client.organization) == number + 1
    assert UserResource.objects.count() == ROUNDS
    assert Event.objects.filter(operation="create", outcome="success").count() == ROUNDS


def test_F1_T17_spellings_of_one_name_are_one_user(
    make_client: MakeClient, together: Together, chance: random.Random
) -> None:
    client = make_client("rfc")
    for number in range(ROUNDS):
        names = variants(f"eva{number}@contoso.example", chance)
        bodies = [user_body(chance.choice(names), emails=None) for _post in range(POSTS)]
        answers = together(
            [
                partial(one.post, "/Users", body)
                for one, body in zip(clients(client, POSTS), bodies, strict=True)
            ]
        )
        insist_on_one(answers)
        assert users_of(client.organization) == number + 1


def test_F1_T17_of_twenty_users_with_one_objectId_one_is_created(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect")
    for number in range(ROUNDS):
        object_id = str(uuid.uuid4())
        bodies = [user_body(f"user{number}-{post}", externalId=object_id) for post in range(POSTS)]
        answers = together(
            [
                partial(one.post, "/Users", body)
                for one, body in zip(clients(client, POSTS), bodies, strict=True)
            ]
        )
        insist_on_one(answers)
        assert users_of(client.organization) == number + 1


def test_A11_of_twenty_posts_for_an_existing_user_one_adopts_it(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect")
    for number in range(ROUNDS // 2):
        eva = make_user(client.organization, f"eva{number}")
        body = user_body(f"eva{number}")
        answers = together([partial(one.post, "/Users", body) for one in clients(client, POSTS)])
        assert host_user(insist_on_one(answers)) == eva
        assert users_of(client.organization) == number + 1


ATTRIBUTES = {
    "displayName": "displayName",
    "nickName": "nickName",
    "title": "title",
    "locale": "locale",
    "timezone": "timezone",
    "userType": "userType",
    "preferredLanguage": "preferredLanguage",
    "name.givenName": "name",
}


@pytest.mark.parametrize("writers", [2, 8])
def test_F2_of_patches_of_different_attributes_none_is_lost(
    make_client: MakeClient, together: Together, chance: random.Random, writers: int
) -> None:
    client = make_client("rfc")
    user = client.create_user("ada").id
    for number in range(ROUNDS * 2):
        paths = chance.sample(list(ATTRIBUTES), writers)
        answers = together(
            [
                partial(one.patch, f"/Users/{user}", replace(path, f"{path}-{number}"))
                for one, path in zip(clients(client, writers), paths, strict=True)
            ]
        )
        assert [answer.status for answer in answers] == [200] * writers
        shown = client.user(user)
        for path in paths:
            found = shown["name"]["givenName"] if path == "name.givenName" else shown[path]
            assert found == f"{path}-{number}"
    assert link_of(user).version == 1 + ROUNDS * 2 * writers


RIVALS: dict[str, list[dict[str, Any]]] = {
    "rename": [replace("userName", "renamed@contoso.example")],
    "display name": [replace("displayName", "Renamed")],
    "what only scim keeps": [replace("nickName", "Renamed")],
    "several at once": [replace("displayName", "Renamed"), replace("title", "Renamed")],
}


@pytest.mark.parametrize("operations", RIVALS.values(), ids=RIVALS)
def test_F3_T11_a_deactivation_is_never_lost_to_another_change(
    make_client: MakeClient, together: Together, operations: list[dict[str, Any]], chance: random.Random
) -> None:
    client = make_client("flow_connect")
    for number in range(ROUNDS):
        user = client.create_user(f"ada{number}").id
        path = f"/Users/{user}"
        value = f"renamed{number}@contoso.example"
        rivals = [{**operation, "value": value} for operation in operations]
        one, two, three = clients(client, 3)
        sends = [
            partial(one.patch, path, DISABLE),
            partial(two.patch, path, *rivals),
            partial(three.get, path),
        ]
        chance.shuffle(sends)
        assert [answer.status for answer in together(sends)] == [200] * 3
        assert status_of(host_user(user)) == "inactive"
        assert client.user(user)["active"] is False
        assert value in str(client.user(user))


def test_F3_a_deactivation_is_never_lost_to_a_put(make_client: MakeClient, together: Together) -> None:
    client = make_client("flow_connect")
    for number in range(ROUNDS):
        body = user_body(f"ada{number}", active=None)
        user = client.post("/Users", body).id
        one, two = clients(client, 2)
        answers = together(
            [
                partial(one.patch, f"/Users/{user}", DISABLE),
                partial(two.put, f"/Users/{user}", {**body, "title": "Boss"}),
            ]
        )
        assert [answer.status for answer in answers] == [200, 200]
        assert status_of(host_user(user)) == "inactive"
        assert client.user(user)["title"] == "Boss"


@pytest.mark.examplehub
def test_F3_a_first_login_that_meets_a_deactivation_leaves_the_user_inactive(
    make_client: MakeClient, together: Together
) -> None:
    """A10 and T11; and neither of the two waits for the other for ever."""
    client = make_client("flow_connect")
    for number in range(ROUNDS * 2):
        user = client.create_user(f"ada{number}").id
        person = host_user(user)
        one, two = clients(client, 2)

        def log_in(person: Any = person) -> Any:
            activate_on_login(person)
            close_old_connections()
            return None

        sends: list[Any] = [
            log_in,
            partial(one.patch, f"/Users/{user}", DISABLE),
            partial(two.patch, f"/Users/{user}", replace("title", "Boss")),
        ]
        answers = together(sends)
        assert [answer.status for answer in answers[1:]] == [200, 200]
        assert status_of(person) == "inactive"


@pytest.mark.examplehub
def test_A10_of_many_first_logins_one_makes_the_user_active(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect")
    for number in range(ROUNDS):
        user = client.create_user(f"ada{number}").id
        person = host_user(user)
        logins: list[Any] = [partial(activate_on_login, person) for _login in range(8)]
        done: list[Any] = list(together(logins))
        assert sorted(done) == [False] * 7 + [True]
        assert status_of(person) == "active"
        assert Event.objects.filter(operation="activate", resource_id=user).count() == 1


def test_a_reactivation_that_meets_a_deactivation_ends_as_one_of_the_two(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("rfc")
    user = client.create_user("ada").id
    for _round in range(ROUNDS):
        one, two = clients(client, 2)
        answers = together(
            [
                partial(one.patch, f"/Users/{user}", DISABLE),
                partial(two.patch, f"/Users/{user}", ENABLE),
            ]
        )
        assert [answer.status for answer in answers] == [200, 200]
        assert client.user(user)["active"] == (status_of(host_user(user)) == "active")


def test_of_deletions_that_meet_one_deletes_and_the_others_find_nothing(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect")
    for number in range(ROUNDS):
        user = client.create_user(f"ada{number}").id
        answers = together([partial(one.delete, f"/Users/{user}") for one in clients(client, 6)])
        assert sorted(answer.status for answer in answers) == [204] + [404] * 5
        assert users_of(client.organization) == 0


def test_a_patch_that_meets_a_deletion_is_done_or_finds_nothing(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect")
    for number in range(ROUNDS):
        user = client.create_user(f"ada{number}").id
        one, two, three = clients(client, 3)
        deleted, patched, read = together(
            [
                partial(one.delete, f"/Users/{user}"),
                partial(two.patch, f"/Users/{user}", replace("displayName", "B")),
                partial(three.get, f"/Users/{user}"),
            ]
        )
        assert deleted.status == 204
        assert {patched.status, read.status} <= {200, 404}
        assert users_of(client.organization) == 0


def test_a_post_that_meets_the_deletion_of_its_user_creates_a_new_one_or_conflicts(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect")
    for number in range(ROUNDS):
        body = user_body(f"ada{number}")
        user = client.post("/Users", body).id
        one, two = clients(client, 2)
        deleted, posted = together(
            [
                partial(one.delete, f"/Users/{user}"),
                partial(two.post, "/Users", body),
            ]
        )
        assert deleted.status == 204
        assert posted.status in (201, 409)
        if posted.status == 201:
            assert posted.id != user
        client.delete(f"/Users/{posted.id}" if posted.status == 201 else f"/Users/{user}")
        assert users_of(client.organization) == 0


def test_renames_to_one_name_leave_one_user_with_it(make_client: MakeClient, together: Together) -> None:
    client = make_client("rfc")
    for number in range(ROUNDS // 2):
        users = [client.create_user(f"user{number}-{index}").id for index in range(6)]
        answers = together(
            [
                partial(one.patch, f"/Users/{user}", replace("userName", f"Same{number}@contoso.example"))
                for one, user in zip(clients(client, 6), users, strict=True)
            ]
        )
        assert sorted(answer.status for answer in answers) == [200] + [409] * 5
        assert client.find("/Users", f'userName eq "same{number}@contoso.example"')["totalResults"] == 1


def test_two_organizations_do_not_wait_for_each_other(
    make_client: MakeClient, together: Together, other_organization: Any
) -> None:
    here, there = make_client("flow_connect"), make_client("flow_connect", other_organization)
    sends = [
        partial(one.post, "/Users", user_body(f"user{number}.{one.organization.pk}"))
        for number, one in enumerate(clients(here, 8) + clients(there, 8))
    ]
    assert [answer.status for answer in together(sends)] == [201] * 16
