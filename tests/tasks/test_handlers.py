"""Handlers: one effect for each that wants a change, and no order between them but their own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from scim_provisioning.effects import EffectFailed, effect
from scim_provisioning.lifecycle import effects, handlers
from scim_provisioning.lifecycle.handlers import Handler
from scim_provisioning.models import Connection, Effect
from tests.conftest import MakeClient
from tests.factories import USERS
from tests.lifecycle.rows import DISABLE, ENABLE, link_of, owed
from tests.scim import ScimClient
from tests.tasks.outbox import again, make_due, owe

pytestmark = pytest.mark.django_db

Register = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def register() -> Iterator[Register]:
    """Return a function that registers a handler under a name and returns the list of what it is told."""
    names: list[str] = []

    def add(
        name: str, *kinds: str, fails: type[Exception] | None = None, **options: Any
    ) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []

        def note(**message: Any) -> None:
            told.append(message)
            if fails is not None:
                raise fails("the secret of contoso")

        handlers.register(Handler(name, frozenset(kinds), note, **options))
        names.append(name)
        return told

    yield add
    for name in names:
        handlers.unregister(name)


def names_owed(connection: Connection, kind: str) -> list[str]:
    found = Effect.objects.filter(connection=connection, kind=kind)
    return list(found.order_by("pk").values_list("handler", flat=True))


def test_each_handler_that_wants_a_change_is_owed_one_effect(rfc: ScimClient, register: Register) -> None:
    first = register("first", "user_deactivated")
    second = register("second", "user_deactivated", "user_reactivated")
    user = rfc.create_user("ada").id
    rfc.patch(f"/Users/{user}", DISABLE)
    assert names_owed(rfc.connection, "user_deactivated") == ["sessions", "first", "second"]
    effects.run_due()
    rfc.patch(f"/Users/{user}", ENABLE)
    effects.run_due()
    assert [told["kind"] for told in first] == ["user_deactivated"]
    assert [told["kind"] for told in second] == ["user_deactivated", "user_reactivated"]
    assert first[0]["effect_id"] != second[0]["effect_id"]


def test_a_handler_is_told_by_ids_alone(rfc: ScimClient, register: Register) -> None:
    told = register("first", "user_deactivated")
    user = rfc.create_user("ada").id
    host_id = str(link_of(user).user_id)
    rfc.patch(f"/Users/{user}", DISABLE)
    effects.run_due()
    [message] = told
    mine = Effect.objects.get(handler="first")
    assert message == {
        "kind": "user_deactivated",
        "connection_id": rfc.connection.pk,
        "resource_id": mine.resource_id,
        "resource_version": 2,
        "host_id": host_id,
        "payload": {"host_id": host_id, "name": "ada@contoso.example", "active": False},
        "effect_id": mine.pk,
    }


def test_one_insert_however_many_handlers(rfc: ScimClient, register: Register) -> None:
    counts = []
    for name, more in (("ada", 0), ("eva", 10)):
        user = rfc.create_user(name).id
        for number in range(more):
            register(f"handler {number}", "user_deactivated")
        with CaptureQueriesContext(database) as queries:
            rfc.patch(f"/Users/{user}", DISABLE)
        counts.append(len(queries))
        inserts = [each for each in queries if each["sql"].startswith("INSERT") and "_effect" in each["sql"]]
        assert len(inserts) == 1
    assert counts[0] == counts[1]
    assert len(names_owed(rfc.connection, "user_deactivated")) == 12


def test_nothing_is_owed_to_a_handler_that_wants_nothing(rfc: ScimClient, register: Register) -> None:
    register("never", "user_updated", is_wanted=lambda _kind: False)
    user = rfc.create_user("ada").id
    rfc.patch(f"/Users/{user}", {"op": "replace", "path": "displayName", "value": "Ada L"})
    assert owed(rfc.connection) == []


def test_f23_a_handler_that_fails_holds_up_no_other(rfc: ScimClient, register: Register) -> None:
    register("failing", "user_deactivated", fails=ValueError)
    told = register("healthy", "user_deactivated")
    rfc.patch(f"/Users/{rfc.create_user('ada').id}", DISABLE)
    effects.run_due()
    assert len(told) == 1
    failed = Effect.objects.get(handler="failing")
    assert (failed.state, failed.attempts, failed.last_error) == (Effect.State.DUE, 1, "ValueError")
    for _attempt in range(effects.MOST_ATTEMPTS):
        make_due(failed)
        effects.run_due()
    failed.refresh_from_db()
    assert (failed.state, failed.attempts) == (Effect.State.DEAD, effects.MOST_ATTEMPTS)
    assert len(told) == 1


def test_a_handler_chooses_what_is_kept_of_its_failure(connection: Connection, register: Register) -> None:
    register("failing", "user_updated", fails=EffectFailed)
    mine = owe(connection, handler="failing")
    effects.run_due()
    assert again(mine).last_error == "the secret of contoso"


def test_handlers_of_one_resource_do_not_wait_for_each_other(
    connection: Connection, register: Register
) -> None:
    register("failing", "user_updated", fails=ValueError)
    told = register("healthy", "user_updated")
    first = owe(connection, handler="failing")
    owe(connection, "user_updated", first.resource_id, handler="healthy")
    effects.run_due()
    owe(connection, "user_updated", first.resource_id, handler="failing")
    owe(connection, "user_updated", first.resource_id, handler="healthy")
    assert effects.run_due() == 1
    assert len(told) == 2


def test_what_a_handler_that_is_not_here_is_owed_waits_for_a_process_that_has_it(
    connection: Connection, register: Register
) -> None:
    mine = owe(connection, handler="hub.billing.end_licence")
    effects.run_due()
    assert (again(mine).state, again(mine).last_error) == (
        Effect.State.DUE,
        "no handler is called hub.billing.end_licence",
    )
    told = register("hub.billing.end_licence", "user_updated")
    make_due(mine)
    effects.run_due()
    assert len(told) == 1


def test_an_atomic_handler_and_its_mark_are_one_transaction(
    connection: Connection, register: Register
) -> None:
    """What it wrote before it failed is undone, and its attempt is counted all the same."""
    other = owe(connection, due_in=effects.LEASE)

    def write_and_fail(**_told: Any) -> None:
        assert database.in_atomic_block
        Effect.objects.filter(pk=other.pk).update(last_error="written")
        raise ValueError

    handlers.register(Handler("atomic", frozenset({"user_updated"}), write_and_fail, atomic=True))
    mine = owe(connection, handler="atomic")
    try:
        effects.run_due()
    finally:
        handlers.unregister("atomic")
    assert again(other).last_error == ""
    assert (again(mine).attempts, again(mine).last_error) == (1, "ValueError")


def test_f6_an_atomic_handler_that_lost_its_lease_has_written_nothing(
    connection: Connection, register: Register
) -> None:
    other = owe(connection, due_in=effects.LEASE)

    def outlive_the_lease(effect_id: int, **_told: Any) -> None:
        Effect.objects.filter(pk=other.pk).update(last_error="written")
        Effect.objects.filter(pk=effect_id).update(attempts=2)

    handlers.register(Handler("atomic", frozenset({"user_updated"}), outlive_the_lease, atomic=True))
    owe(connection, handler="atomic")
    try:
        effects.run_due()
    finally:
        handlers.unregister("atomic")
    assert again(other).last_error == ""


def test_the_decorator_registers_by_path_or_by_name() -> None:
    @effect("user_deactivated", "user_deleted")
    def revoke_keys(**_told: Any) -> None: ...

    @effect("user_updated", name="mirror", atomic=True)
    def copy(**_told: Any) -> None: ...

    path = f"{revoke_keys.__module__}.{revoke_keys.__qualname__}"
    try:
        registered = handlers.named(path)
        assert registered is not None
        assert registered.kinds == {"user_deactivated", "user_deleted"}
        assert not registered.atomic
        mirror = handlers.named("mirror")
        assert mirror is not None
        assert mirror.atomic
        assert mirror in handlers.wanting("user_updated")
    finally:
        handlers.unregister(path)
        handlers.unregister("mirror")


@pytest.mark.parametrize(
    ("arguments", "options", "complaint"),
    [
        (["user_deactivatd"], {}, "user_deactivatd is no kind of effect; did you mean user_deactivated"),
        ([], {}, "names no kind of effect"),
        (["user_deleted"], {"name": "x" * 129}, "longer than 128 characters"),
        (["user_deleted"], {"name": "signals"}, "another function is registered as signals"),
    ],
)
def test_a_wrong_registration_is_refused(
    arguments: list[str], options: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValueError, match=complaint):
        effect(*arguments, **options)(lambda **_told: None)


def test_the_built_in_ones_are_there() -> None:
    assert {"signals", "sessions", "authtoken", "knox", "oauth2_provider", "social_auth", "grants"} <= set(
        handlers._handlers
    )
    assert [each.name for each in handlers.wanting("user_deactivated")] == ["sessions"]


def test_the_hook_that_drops_grants_is_owed_where_the_mapping_has_it(
    make_client: MakeClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """T14: what SCIM gave goes with the user's access, and with its release."""
    client = make_client("flow_connect", adopted_removal="release")
    dropped: list[Any] = []
    monkeypatch.setattr(USERS, "drop_grants", lambda self, user: dropped.append(user.pk), raising=False)
    user = client.create_user("ada").id
    client.patch(f"/Users/{user}", DISABLE)
    host_id = link_of(user).user_id
    effects.run_due()
    assert dropped == [host_id]
    client.delete(f"/Users/{user}")
    effects.run_due()
    assert dropped == [host_id]
    assert Effect.objects.filter(handler="grants", state=Effect.State.DONE).count() == 2
