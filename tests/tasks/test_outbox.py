"""The outbox run: attempts, delays, order, and effects that fail or take their process with them."""

import uuid
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError

from scim_provisioning.lifecycle import effects
from scim_provisioning.models import Connection, Effect
from tests.tasks.outbox import Seen, again, listening, make_due, owe, seconds_until

pytestmark = pytest.mark.django_db

DUE, DONE, DEAD = Effect.State.DUE, Effect.State.DONE, Effect.State.DEAD
OVERTAKEN, SKIPPED = Effect.State.OVERTAKEN, Effect.State.SKIPPED


def test_a_receiver_is_told_once_with_the_key_that_makes_it_idempotent(
    connection: Connection, seen: Seen
) -> None:
    effect = owe(connection, resource_version=3)
    assert effects.run_due() == 1
    assert effects.run_due() == 0
    [told] = seen.told
    assert told == {
        "kind": "user_updated",
        "connection_id": connection.pk,
        "resource_id": effect.resource_id,
        "resource_version": 3,
        "host_id": "7",
        "payload": effect.payload,
        "effect_id": effect.pk,
    }
    done = again(effect)
    assert (done.state, done.attempts, done.last_error) == (DONE, 1, "")
    assert done.done_at is not None


def test_an_effect_that_nobody_listens_to_is_done(connection: Connection) -> None:
    effect = owe(connection, "user_deactivated")
    assert effects.run_due() == 1
    assert again(effect).state == DONE


def test_what_is_not_due_yet_waits(connection: Connection, seen: Seen) -> None:
    owe(connection, due_in=timedelta(minutes=1))
    assert effects.run_due() == 0
    assert not seen.told


def test_the_attempt_is_counted_before_the_receiver_runs(connection: Connection) -> None:
    effect = owe(connection)
    found: list[tuple[int, float]] = []

    def look(**_told: Any) -> None:
        running = again(effect)
        found.append((running.attempts, seconds_until(running.next_attempt_at)))

    with listening(look, "user_updated"):
        effects.run_due()
    [(attempts, lease)] = found
    assert attempts == 1
    assert lease == pytest.approx(effects.LEASE.total_seconds(), abs=5)


def test_an_effect_that_fails_is_tried_again_with_growing_delays_and_then_given_up(
    connection: Connection, seen: Seen, caplog: pytest.LogCaptureFixture
) -> None:
    effect = owe(connection)
    seen.failing.add(effect.resource_id)
    delays = []
    for attempt in range(1, effects.MOST_ATTEMPTS + 1):
        assert effects.run_due() == 1
        failed = again(effect)
        assert failed.attempts == attempt
        assert failed.last_error == "Seen: ValueError"
        delays.append(seconds_until(failed.next_attempt_at))
        make_due(effect)
    assert again(effect).state == DEAD
    assert effects.run_due() == 0
    for attempt, delay in enumerate(delays[:-1]):
        assert delay == pytest.approx(10 * 2**attempt, rel=effects.JITTER + 0.1)
    assert "is given up" in caplog.text


def test_delays_differ_so_that_what_failed_together_does_not_come_back_together() -> None:
    assert len({effects._delay(1) for _ in range(50)}) > 40


def test_the_text_of_an_exception_is_not_kept(connection: Connection, seen: Seen) -> None:
    effect = owe(connection)
    seen.failing.add(effect.resource_id)
    effects.run_due()
    assert "secret" not in again(effect).last_error


def test_f6_a_poison_effect_ends_its_own_attempts_and_nobody_elses(connection: Connection) -> None:
    """An effect that ends its process (here: a BaseException) every time; the others get done."""
    poison, healthy = owe(connection), owe(connection)

    def fatal(resource_id: uuid.UUID, **_told: Any) -> None:
        if resource_id == poison.resource_id:
            raise SystemExit(9)

    with listening(fatal, "user_updated"):
        for _ in range(effects.MOST_ATTEMPTS):
            with pytest.raises(SystemExit):
                effects.run_due()
            make_due(poison)
        assert again(poison).attempts == effects.MOST_ATTEMPTS
        assert effects.run_due() == 0
    assert (again(poison).state, again(poison).last_error) == (DEAD, "ended the process that ran it")
    assert (again(healthy).state, again(healthy).attempts) == (DONE, 1)


def test_a_poison_effect_does_not_even_delay_another_resource(connection: Connection, seen: Seen) -> None:
    poison, healthy = owe(connection), owe(connection)
    seen.failing.add(poison.resource_id)
    assert effects.run_due() == 2
    assert (again(poison).state, again(healthy).state) == (DUE, DONE)


def test_f6_what_ran_in_a_process_that_died_is_due_again_after_its_lease(connection: Connection) -> None:
    effect = owe(connection)

    def killed(**_told: Any) -> None:
        raise SystemExit(9)

    with listening(killed, "user_updated"), pytest.raises(SystemExit):
        effects.run_due()
    assert effects.run_due() == 0
    make_due(effect)
    assert effects.run_due() == 1
    assert again(effect).state == DONE


def test_an_unknown_kind_is_a_failure_of_that_effect_alone(connection: Connection, seen: Seen) -> None:
    unknown, known = owe(connection, "planet_deactivated"), owe(connection)
    assert effects.run_due() == 2
    assert (again(unknown).state, again(unknown).last_error) == (DUE, "unknown kind of effect")
    assert again(known).state == DONE


def test_a_receiver_without_a_name_fails_like_any_other(connection: Connection) -> None:
    nameless, named = owe(connection), owe(connection, "user_adopted")

    def fail(_reason: str, **_told: Any) -> None:
        raise ValueError

    with listening(partial(fail, "always"), "user_updated"):
        assert effects.run_due() == 2
    assert (again(nameless).state, again(nameless).last_error) == (DUE, "a receiver without a name")
    assert again(named).state == DONE


def test_effects_of_one_resource_keep_their_order(connection: Connection, seen: Seen) -> None:
    resource = uuid.uuid4()
    first = owe(connection, "user_provisioned", resource)
    second = owe(connection, "user_updated", resource)
    seen.failing.add(resource)
    assert effects.run_due() == 1
    assert again(second).attempts == 0
    seen.failing.clear()
    assert effects.run_due() == 0
    make_due(first)
    assert effects.run_due() == 2
    assert seen.effect_ids == [first.pk, first.pk, second.pk]


def test_an_effect_waits_for_its_own_resource_on_its_own_connection_only(
    connection: Connection, make_connection: Any, seen: Seen
) -> None:
    resource = uuid.uuid4()
    owe(connection, resource_id=resource, due_in=timedelta(minutes=1))
    other = owe(make_connection("rfc"), resource_id=resource)
    assert effects.run_due() == 1
    assert again(other).state == DONE


def test_t12_the_end_of_access_waits_for_nothing(connection: Connection, seen: Seen) -> None:
    """Neither for the queue, nor behind an effect of the same user that fails."""
    resource = uuid.uuid4()
    blocked = owe(connection, "user_reactivated", resource, due_in=timedelta(minutes=5))
    owe(connection, "user_updated")
    ending = owe(connection, "user_deactivated", resource)
    assert effects.run_due() == 2
    assert seen.kinds == ["user_deactivated", "user_updated"]
    assert again(ending).state == DONE
    assert (again(blocked).state, again(blocked).last_error) == (OVERTAKEN, "overtaken by user_deactivated")


def test_t14_a_failed_grant_is_not_repeated_after_the_end_of_access(
    connection: Connection, seen: Seen
) -> None:
    resource = uuid.uuid4()
    grant = owe(connection, "user_reactivated", resource)
    seen.failing.add(resource)
    effects.run_due()
    seen.failing.clear()
    owe(connection, "user_deleted", resource)
    effects.run_due()
    make_due(grant)
    effects.run_due()
    assert seen.kinds == ["user_reactivated", "user_deleted"]


def test_an_end_of_access_is_never_given_up_for_a_later_one(connection: Connection, seen: Seen) -> None:
    resource = uuid.uuid4()
    ending = owe(connection, "user_deactivated", resource, due_in=timedelta(minutes=5))
    owe(connection, "user_deleted", resource)
    assert effects.run_due() == 1
    assert again(ending).state == DUE


def test_a_batch_is_fetched_anew_for_what_ends_access(
    connection: Connection, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(effects, "BATCH_SECONDS", 0.0)
    owe(connection, "user_updated")
    owe(connection, "user_updated")
    added: list[Effect] = []

    def deactivate_meanwhile(**_told: Any) -> None:
        if not added:
            added.append(owe(connection, "user_deactivated"))

    with listening(deactivate_meanwhile, "user_updated"):
        assert effects.run_due() == 3
    assert seen.kinds == ["user_updated", "user_deactivated", "user_updated"]


def test_a_run_ends_in_its_time(connection: Connection, seen: Seen) -> None:
    owe(connection)
    owe(connection)
    assert effects.run_due(0.0) == 1
    assert effects.run_due() == 1


def test_a_receiver_that_owes_effects_starts_no_run_inside_the_run(connection: Connection) -> None:
    depth: list[int] = []

    def owe_more(**_told: Any) -> None:
        if len(depth) < 3:
            owe(connection)
            depth.append(effects.run_due())

    owe(connection)
    with listening(owe_more, "user_updated"):
        assert effects.run_due() == 4
    assert depth == [0, 0, 0]


def test_an_effect_that_another_worker_took_is_not_run_twice(
    connection: Connection, seen: Seen, monkeypatch: pytest.MonkeyPatch
) -> None:
    effect = owe(connection)
    stale = again(effect)
    assert effects.run_due() == 1
    assert not effects._take_up(stale)
    assert len(seen.told) == 1
    # Nor is it given up, when its attempts had seemed to be used up.
    stale.attempts = effects.MOST_ATTEMPTS
    assert not effects._take_up(stale)
    assert again(effect).state == DONE


def test_a_run_that_lost_its_lease_does_not_overwrite_the_next_one(connection: Connection) -> None:
    effect = owe(connection)

    def outlive_the_lease(**_told: Any) -> None:
        Effect.objects.filter(pk=effect.pk).update(attempts=2, last_error="the next one's")

    with listening(outlive_the_lease, "user_updated"):
        effects.run_due()
    assert (again(effect).state, again(effect).last_error) == (DUE, "the next one's")


def test_retry_brings_back_what_failed_and_nothing_else(connection: Connection) -> None:
    dead = owe(connection, state=DEAD, attempts=8, last_error="Seen: ValueError")
    waiting = owe(connection, attempts=2, last_error="Seen: ValueError", due_in=timedelta(hours=1))
    running = owe(connection, attempts=1, due_in=timedelta(minutes=1))
    done = owe(connection, state=DONE, attempts=1)
    assert effects.retry(Effect.objects.all()) == 2
    for effect in (dead, waiting):
        fresh = again(effect)
        assert (fresh.state, fresh.attempts, fresh.last_error) == (DUE, 0, "")
        assert seconds_until(fresh.next_attempt_at) <= 0
    assert again(running).attempts == 1
    assert again(done).state == DONE


def test_skip_gives_up_what_is_owed_and_says_why(connection: Connection) -> None:
    owed, done = owe(connection), owe(connection, state=DONE)
    assert effects.skip(Effect.objects.all(), "the service is gone") == 1
    assert (again(owed).state, again(owed).last_error) == (SKIPPED, "skipped: the service is gone")
    assert again(done).state == DONE


@pytest.mark.parametrize("failure", [DatabaseError, ConnectionError])
def test_a_nudge_that_fails_costs_nothing(
    failure: type[Exception], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail() -> None:
        raise failure

    monkeypatch.setattr(effects, "_nudges", [])
    effects.set_nudge(fail)
    effects.nudge()
    assert "Effects stay in the outbox" in caplog.text
