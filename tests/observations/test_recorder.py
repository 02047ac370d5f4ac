"""How observations are counted: without a query in a request, in bounded memory, by threads and forked processes."""

import os
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import IntegrityError, OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scim_provisioning.lifecycle import observing
from scim_provisioning.lifecycle.observing import Recorder, recorder
from scim_provisioning.models import Connection, Observation
from scim_provisioning.models.observations import ObservationQuerySet
from scim_provisioning.protocol.sightings import Sighting
from tests.conftest import MakeConnection
from tests.scim import ScimClient, user_body

RIGHT, WRONG = Sighting("users", right=True), Sighting("users", right=False, sample="eva")


def rows() -> list[tuple[str, str, int]]:
    return sorted(Observation.objects.values_list("subject", "verdict", "count"))


def statements(send: Callable[[], Any]) -> list[str]:
    """Return the statements of observations that a request was followed by."""
    with CaptureQueriesContext(connection) as context:
        send()
    table = Observation._meta.db_table
    return [query["sql"] for query in context.captured_queries if table in query["sql"]]


def test_what_is_seen_first_is_written_at_once_and_then_every_few_seconds(rfc: ScimClient) -> None:
    user = rfc.create_user("ada").id
    assert ("users", "ok", 1) in rows()
    rename = [{"op": "replace", "path": "displayName", "value": f"Ada {n}"} for n in range(30)]
    sent = [statements(partial(rfc.patch, f"/Users/{user}", each)) for each in rename]
    assert sum(map(len, sent)) == 0
    recorder._last -= observing.FLUSH_SECONDS
    assert len(statements(lambda: rfc.patch(f"/Users/{user}", rename[0]))) == 1
    assert ("users", "ok", 32) in rows()


def test_a_request_itself_never_waits_for_the_writing(rfc: ScimClient, monkeypatch: Any) -> None:
    monkeypatch.setattr(recorder, "flush_if_due", lambda: None)
    assert statements(lambda: rfc.create_user("ada")) == []


def test_what_turns_from_right_to_wrong_is_written_within_a_second(make_connection: MakeConnection) -> None:
    key = make_connection("rfc").pk
    own = Recorder()
    for sighting in (RIGHT, WRONG):
        own.note(key, [sighting], timezone.now())
        own.flush_if_due()
    own.note(key, [RIGHT], timezone.now())
    own.flush_if_due()
    assert rows() == [("users", "ok", 1), ("users", "wrong", 1)]
    own._last -= observing.CHANGE_SECONDS
    own.flush_if_due()
    assert rows() == [("users", "ok", 2), ("users", "wrong", 1)]


def test_counts_of_several_processes_add_up(make_connection: MakeConnection) -> None:
    key = make_connection("rfc").pk
    start = timezone.now()
    for number, own in enumerate([Recorder(), Recorder(), Recorder()]):
        for _time in range(2):
            own.note(key, [WRONG, RIGHT], start + timedelta(minutes=number))
        own.flush()
    assert rows() == [("users", "ok", 6), ("users", "wrong", 6)]
    row = Observation.objects.get(verdict="wrong")
    assert (row.first_at, row.last_at, row.sample) == (start, start + timedelta(minutes=2), "eva")


def test_a_flush_is_two_queries_however_much_was_seen(make_connection: MakeConnection) -> None:
    connections = [make_connection("rfc").pk for _number in range(3)]
    own = Recorder()
    for key in connections:
        for number in range(100):
            own.note(key, [Sighting(f"subject{number}", right=True)], timezone.now())
    with CaptureQueriesContext(connection) as context:
        own.flush()
    found = [query["sql"] for query in context.captured_queries]
    assert len([sql for sql in found if "SAVEPOINT" not in sql]) == 2
    assert Observation.objects.count() == 300


@pytest.mark.django_db
def test_what_was_seen_of_a_connection_that_is_gone_is_left_out(make_connection: MakeConnection) -> None:
    own = Recorder()
    own.note(uuid.uuid4(), [RIGHT], timezone.now())
    own.note(make_connection("rfc").pk, [RIGHT], timezone.now())
    own.flush()
    assert rows() == [("users", "ok", 1)]


@pytest.mark.django_db
def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(observing, "MOST_PENDING", 10)
    monkeypatch.setattr(observing, "MOST_REMEMBERED", 20)
    monkeypatch.setattr(ObservationQuerySet, "count_up", lambda self, seen: None)
    own = Recorder()
    for _round in range(5):
        for _number in range(50):
            own.note(uuid.uuid4(), [RIGHT], timezone.now())
        assert len(own._pending) == 10
        own.flush()
        assert len(own._written) <= 20
        assert len(own._verdicts) <= 20


def test_a_writing_that_fails_is_tried_again(
    make_connection: MakeConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, own = make_connection("rfc").pk, Recorder()

    def fail(self: Any, seen: Any) -> None:
        raise OperationalError("no space left")

    with monkeypatch.context() as patched:
        patched.setattr(ObservationQuerySet, "count_up", fail)
        own.note(key, [RIGHT], timezone.now())
        own.flush()
    own.note(key, [RIGHT, WRONG], timezone.now())
    own.flush()
    assert rows() == [("users", "ok", 2), ("users", "wrong", 1)]


@pytest.mark.django_db
def test_a_row_that_breaks_a_constraint_is_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Any, seen: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(ObservationQuerySet, "count_up", fail)
    own = Recorder()
    own.note(uuid.uuid4(), [RIGHT], timezone.now())
    own.flush()
    assert own._pending == {}


def test_a_failure_never_reaches_the_client(rfc: ScimClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Any, seen: Any) -> None:
        raise OperationalError("no space left")

    monkeypatch.setattr(ObservationQuerySet, "count_up", fail)
    rfc.create_user("ada")


@pytest.mark.django_db
def test_threads_count_every_request(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []
    monkeypatch.setattr(
        ObservationQuerySet, "count_up", lambda self, seen: counted.extend(each.times for each in seen)
    )
    own, key = Recorder(), uuid.uuid4()

    def work() -> None:
        for number in range(500):
            own.note(key, [RIGHT], timezone.now())
            if number % 50 == 0:
                own.flush()

    threads = [threading.Thread(target=work) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    own.flush()
    assert sum(counted) == 8 * 500


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the platform has no processes to fork")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")
def test_a_forked_child_counts_nothing_of_its_parent() -> None:
    recorder.note(uuid.uuid4(), [RIGHT], timezone.now())
    child = os.fork()
    if child == 0:
        os._exit(len(recorder._pending))
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert len(recorder._pending) == 1


@pytest.mark.django_db(transaction=True)
def test_what_a_refused_request_showed_outlives_its_transaction(
    make_client: Callable[..., ScimClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(connection.settings_dict, "ATOMIC_REQUESTS", True)
    client = make_client("flow_connect")
    assert client.post("/Users", user_body("eva", externalId="eva")).status == 400
    assert ("external_id", "wrong", 1) in rows()
    assert Connection.objects.count() == 1
