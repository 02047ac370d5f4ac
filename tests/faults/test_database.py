"""A database that is down, restarted or read-only: 503 as a SCIM Error, and all is well when it is back (F7, F10, F11).

The Hub runs under gunicorn, on a PostgreSQL server that the test stops and starts.
"""

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator

import httpx
import psycopg
import pytest

from tests.factories import IS_EXAMPLE
from tests.faults.hub import Hub, create, served
from tests.postgres import EmbeddedPostgres, PostgresUnavailableError
from tests.scim import ERROR

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not IS_EXAMPLE, reason="serves the example Hub: run it with the example's settings"),
]
RECOVERY_SECONDS = 5.0
RESTARTS = 2 * int(os.environ.get("SCIM_TEST_ROUNDS") or 1)


@pytest.fixture(scope="module")
def server() -> Iterator[EmbeddedPostgres]:
    """Start a PostgreSQL server of the test's own."""
    started = EmbeddedPostgres()
    try:
        started.start()
    except PostgresUnavailableError as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(str(error))
    yield started
    started.stop()


@pytest.fixture(scope="module")
def hub(server: EmbeddedPostgres) -> Iterator[Hub]:
    """Serve the example Hub on it."""
    with served(server.url) as hub:
        yield hub


@pytest.fixture
def client(hub: Hub) -> Iterator[httpx.Client]:
    """Return the identity provider."""
    with hub.client() as client:
        yield client


def assert_is_503(answer: httpx.Response) -> None:
    assert answer.status_code == 503, answer.text
    body = answer.json()
    assert (body["schemas"], body["status"]) == ([ERROR], "503")
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert int(answer.headers["Retry-After"]) >= 1
    assert not any(word in answer.text for word in ("psycopg", "socket", "postgres", "server"))


def recovered(client: httpx.Client) -> float:
    """Return after how many seconds a request is served again."""
    start = time.monotonic()
    while time.monotonic() - start < 60:
        if client.get("/Users?count=1").status_code == 200:
            return time.monotonic() - start
        time.sleep(0.05)
    raise TimeoutError("the Hub did not recover")


def test_F7_F10_while_the_database_is_down_every_answer_is_503_and_then_all_is_as_it_was(
    server: EmbeddedPostgres, client: httpx.Client
) -> None:
    kept = create(client, "before").json()["id"]
    server.shut_down()
    try:
        for answer in (
            client.get("/Users"),
            client.get(f"/Users/{kept}"),
            client.get("/ServiceProviderConfig"),
            create(client, "during"),
            client.delete(f"/Users/{kept}"),
        ):
            assert_is_503(answer)
    finally:
        server.start_again()
    assert recovered(client) < RECOVERY_SECONDS
    assert client.get(f"/Users/{kept}").status_code == 200
    assert create(client, "during").status_code == 201


def test_F7_a_connection_that_died_while_it_was_idle_costs_no_request(
    server: EmbeddedPostgres, client: httpx.Client
) -> None:
    """Each thread of the server has a connection of its own, so several requests meet a dead one."""
    for _request in range(8):
        assert client.get("/Users?count=0").status_code == 200
    server.restart()
    assert {client.get("/Users?count=0").status_code for _request in range(16)} == {200}
    server.restart()
    assert create(client, f"idle{time.monotonic_ns()}").status_code == 201


def test_F7_a_restart_under_load_is_503_at_worst_and_every_201_is_there_afterwards(
    server: EmbeddedPostgres, hub: Hub, client: httpx.Client
) -> None:
    done = threading.Event()
    statuses: Counter[int] = Counter()
    created: list[str] = []

    def provision(worker: int) -> None:
        with hub.client() as mine:
            number = 0
            while not done.is_set():
                number += 1
                answer = create(mine, f"load{worker}-{number}-{time.monotonic_ns()}")
                statuses[answer.status_code] += 1
                if answer.status_code == 201:
                    created.append(answer.json()["id"])
                else:
                    assert_is_503(answer)

    workers = [threading.Thread(target=provision, args=(worker,)) for worker in range(3)]
    for worker in workers:
        worker.start()
    try:
        for _restart in range(RESTARTS):
            time.sleep(1)
            server.restart()
            assert recovered(client) < RECOVERY_SECONDS
        time.sleep(1)
    finally:
        done.set()
        for worker in workers:
            worker.join()
    print(dict(statuses))  # noqa: T201 - pytest shows it beside the failure
    assert set(statuses) <= {201, 503}
    assert len(created) > 10
    assert {client.get(f"/Users/{user}").status_code for user in created} == {200}


def test_F11_a_database_that_is_read_only_is_read_and_not_written(
    server: EmbeddedPostgres, hub: Hub, client: httpx.Client
) -> None:
    user = create(client, f"readonly{time.monotonic_ns()}").json()["id"]
    read_only(server, on=True)
    try:
        assert client.get(f"/Users/{user}").status_code == 200
        assert client.get("/Users?count=1").status_code == 200
        assert client.get("/Schemas").status_code == 200
        for answer in (
            create(client, "nobody"),
            client.delete(f"/Users/{user}"),
            client.patch(
                f"/Users/{user}",
                json={"Operations": [{"op": "replace", "path": "title", "value": "Boss"}]},
            ),
        ):
            assert_is_503(answer)
        # Refusals are refusals, also when they cannot be recorded.
        refused = client.post("/Users", json={"schemas": [], "userName": ""})
        assert refused.status_code in (400, 503)
        assert (
            httpx.get(str(client.base_url) + "Users", headers={"Authorization": "Bearer x"}).status_code
            == 401
        )
    finally:
        read_only(server, on=False)
    assert client.delete(f"/Users/{user}").status_code == 204


def read_only(server: EmbeddedPostgres, *, on: bool) -> None:
    """Let every new session be read-only, as on a standby; sessions that are there are ended."""
    with psycopg.connect(server.url, autocommit=True) as session:
        session.execute("SET default_transaction_read_only = off")
        session.execute(f"ALTER SYSTEM SET default_transaction_read_only = {'on' if on else 'off'}")
        session.execute("SELECT pg_reload_conf()")
        session.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
        )
    time.sleep(0.3)
