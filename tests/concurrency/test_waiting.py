"""Requests that the database keeps waiting: 503 in time, nothing half-made, and nothing left on the connection."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection, connections, transaction

from scim_provisioning.models import UserResource
from tests.concurrency.conftest import Together, clients
from tests.conftest import MakeClient
from tests.lifecycle.rows import replace
from tests.scim import Answer, ScimClient, user_body

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

Hold = Callable[[], Any]
Limit = Callable[..., None]
# What the rest of a request may take on a busy machine.
SLACK = 2.0


@contextmanager
def held(hold: Hold) -> Iterator[None]:
    """Hold a lock in another session while the block runs."""
    taken, done = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with transaction.atomic():
                hold()
                taken.set()
                done.wait(60)
        finally:
            connections.close_all()

    holder = threading.Thread(target=run)
    holder.start()
    try:
        assert taken.wait(30)
        yield
    finally:
        done.set()
        holder.join()


def lock_row(user: str) -> None:
    list(UserResource.objects.select_for_update().filter(pk=user))


def lock_table() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {UserResource._meta.db_table} IN ACCESS EXCLUSIVE MODE")


@pytest.fixture
def limit(settings: Any) -> Limit:
    """Return a function that sets the limits, in seconds."""

    def set_limits(lock: int, statement: int) -> None:
        settings.SCIM_PROVISIONING = {
            **settings.SCIM_PROVISIONING,
            "LOCK_TIMEOUT_SECONDS": lock,
            "STATEMENT_TIMEOUT_SECONDS": statement,
        }

    return set_limits


def timed(send: Callable[[], Answer]) -> tuple[Answer, float]:
    start = time.monotonic()
    return send(), time.monotonic() - start


def assert_is_503(answer: Answer) -> None:
    assert (answer.status, answer["status"]) == (503, "503")
    assert answer["detail"].endswith("[database_unavailable]")
    assert answer.headers["Retry-After"].isdigit()


def settings_of_the_session() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('lock_timeout'), current_setting('statement_timeout')")
        first, second = cursor.fetchone()
    return first, second


def test_F10_a_write_that_meets_a_held_row_is_503_within_the_lock_timeout(
    make_client: MakeClient, together: Together, limit: Limit
) -> None:
    client = make_client("rfc")
    user = client.create_user("ada").id
    limit(lock=1, statement=30)
    with held(partial(lock_row, user)):
        answer, seconds = timed(lambda: client.patch(f"/Users/{user}", replace("title", "Boss")))
        assert_is_503(answer)
        assert 1 <= seconds < 1 + SLACK
        assert client.get(f"/Users/{user}").status == 200
        # Whoever is not after that row does not wait.
        assert client.create_user("bob").status == 201
    assert client.patch(f"/Users/{user}", replace("title", "Boss")).status == 200


@pytest.mark.parametrize(
    "send",
    [
        lambda client: client.get("/Users"),
        lambda client: client.find("/Users", 'userName eq "ada@contoso.example"'),
        lambda client: client.post("/Users", user_body("eva")),
    ],
    ids=["list", "match", "create"],
)
@pytest.mark.parametrize("limits", [(1, 30), (30, 1)], ids=["lock", "statement"])
def test_F10_no_request_waits_longer_than_its_limits(
    make_client: MakeClient,
    together: Together,
    limit: Limit,
    send: Callable[[ScimClient], Answer],
    limits: tuple[int, int],
) -> None:
    client = make_client("rfc")
    client.create_user("ada")
    limit(*limits)
    with held(lock_table):
        answer, seconds = timed(lambda: send(client))
        assert_is_503(answer)
        assert 1 <= seconds < 1 + SLACK
    assert send(client).status in (200, 201)


def test_F10_requests_that_wait_for_one_row_do_not_hold_up_the_others(
    make_client: MakeClient, together: Together, limit: Limit
) -> None:
    client = make_client("rfc")
    user = client.create_user("ada").id
    limit(lock=1, statement=5)
    waiting, others = clients(client, 6), clients(client, 6)
    with held(partial(lock_row, user)):
        start = time.monotonic()
        answers = together(
            [
                *(partial(one.patch, f"/Users/{user}", replace("title", "Boss")) for one in waiting),
                *(
                    partial(one.post, "/Users", user_body(f"user{number}"))
                    for number, one in enumerate(others)
                ),
            ]
        )
        seconds = time.monotonic() - start
    assert [answer.status for answer in answers] == [503] * 6 + [201] * 6
    # All of them waited at once, not one after the other.
    assert seconds < 1 + 2 * SLACK


def test_the_limits_end_with_the_request(make_client: MakeClient, together: Together, limit: Limit) -> None:
    """Nothing stays behind on a connection that a pooler lends to somebody else."""
    before = settings_of_the_session()
    client = make_client("rfc")
    limit(lock=7, statement=9)
    user = client.create_user("ada").id
    client.get("/Users")
    client.patch(f"/Users/{user}", replace("userName", ""))
    client.delete(f"/Users/{user}")
    assert settings_of_the_session() == before


def test_the_limits_hold_in_every_statement_of_a_write(
    make_client: MakeClient, together: Together, limit: Limit, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client("rfc")
    limit(lock=7, statement=9)
    seen = []
    user_model = UserResource._meta.get_field("user").related_model
    save = user_model.save

    def saved(self: Any, *arguments: Any, **names: Any) -> None:
        seen.append(settings_of_the_session())
        save(self, *arguments, **names)
        seen.append(settings_of_the_session())

    monkeypatch.setattr(user_model, "save", saved)
    client.create_user("ada")
    assert set(seen) == {("7s", "9s")}


def test_the_limits_cost_no_statement_of_their_own(
    make_client: MakeClient, together: Together, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_client("rfc")
    client.create_user("warm")
    messages: list[str] = []
    connection.ensure_connection()
    raw: Any = type(connection.cursor().cursor)
    execute = raw.execute

    def sent(self: Any, query: Any, *arguments: Any, **names: Any) -> Any:
        messages.append(str(query))
        return execute(self, query, *arguments, **names)

    monkeypatch.setattr(raw, "execute", sent)
    client.create_user("ada")
    limited = [message for message in messages if "SET LOCAL" in message]
    # The token is looked up outside of the transaction; the rest is one.
    assert len(limited) == 2
    assert not [message for message in limited if message.rpartition("; ")[2].startswith("SET")]
