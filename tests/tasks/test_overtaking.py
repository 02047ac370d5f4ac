"""Effects that come too late (T14): the end of access after its return, and a grant after the end of access."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from scim_provisioning.lifecycle import effects, handlers
from scim_provisioning.lifecycle.handlers import Handler
from scim_provisioning.models import Effect, UserResource
from tests.conftest import MakeClient
from tests.factories import USERS, make_user
from tests.lifecycle.rows import DISABLE, ENABLE, add, host_user, link_of, replace
from tests.scim import ScimClient, user_body

pytestmark = pytest.mark.django_db

STATE = Effect.State
KINDS = frozenset(
    {"user_provisioned", "user_adopted", "user_updated", "user_deactivated", "user_reactivated"}
    | {"user_released", "user_deleted"}
)


@pytest.fixture(params=[False, True], ids=["plain", "atomic"])
def told(request: Any) -> Iterator[list[str]]:
    """Register a handler of all that happens to a user, and return the kinds it is told of."""
    kinds: list[str] = []

    def note(kind: str, **_told: Any) -> None:
        kinds.append(kind)

    handlers.register(Handler("witness", KINDS, note, atomic=request.param))
    yield kinds
    handlers.unregister("witness")


def states() -> list[tuple[str, str]]:
    """Return what became of what the witness was owed, oldest first."""
    mine = Effect.objects.filter(handler="witness").order_by("pk")
    return [(each.kind, str(each.state)) for each in mine]


def delay(kind: str) -> None:
    """Let the witness's effect of a kind have failed until now."""
    later = timezone.now() + timedelta(minutes=5)
    Effect.objects.filter(kind=kind, handler="witness").update(next_attempt_at=later)


def let_time_pass() -> None:
    Effect.objects.filter(state=STATE.DUE).update(next_attempt_at=timezone.now())


def test_t14_a_late_deactivation_never_runs_after_an_activation(rfc: ScimClient, told: list[str]) -> None:
    user = rfc.create_user("ada").id
    effects.run_due()
    rfc.patch(f"/Users/{user}", DISABLE)
    delay("user_deactivated")
    rfc.patch(f"/Users/{user}", ENABLE)
    effects.run_due()
    let_time_pass()
    effects.run_due()
    assert told == ["user_provisioned", "user_reactivated"]
    assert states() == [
        ("user_provisioned", "done"),
        ("user_deactivated", "overtaken"),
        ("user_reactivated", "done"),
    ]


def test_t14_a_late_activation_never_runs_after_a_deactivation(rfc: ScimClient, told: list[str]) -> None:
    user = rfc.create_user("ada", active=False).id
    effects.run_due()
    rfc.patch(f"/Users/{user}", ENABLE)
    delay("user_reactivated")
    rfc.patch(f"/Users/{user}", DISABLE)
    effects.run_due()
    let_time_pass()
    effects.run_due()
    assert told == ["user_provisioned", "user_deactivated"]
    assert ("user_reactivated", "overtaken") in states()


def test_t14_the_end_of_access_gives_up_earlier_grants_that_were_never_tried(
    rfc: ScimClient, told: list[str]
) -> None:
    """The worker was down for all of it: what is told is what still holds."""
    user = rfc.create_user("ada").id
    rfc.patch(f"/Users/{user}", replace("displayName", "Ada"))
    rfc.patch(f"/Users/{user}", DISABLE)
    effects.run_due()
    assert told == ["user_deactivated"]
    assert states() == [
        ("user_provisioned", "overtaken"),
        ("user_updated", "overtaken"),
        ("user_deactivated", "done"),
    ]


def test_t14_grants_are_overtaken_though_nobody_wanted_the_end_of_access(rfc: ScimClient) -> None:
    kinds: list[str] = []
    handlers.register(Handler("witness", frozenset({"user_provisioned"}), lambda **t: kinds.append("?")))
    try:
        user = rfc.create_user("ada").id
        rfc.patch(f"/Users/{user}", DISABLE)
        Effect.objects.exclude(handler="witness").delete()
        effects.run_due()
    finally:
        handlers.unregister("witness")
    assert kinds == []
    assert states() == [("user_provisioned", "overtaken")]


def test_a_user_that_was_never_active_is_told_all_the_same(rfc: ScimClient, told: list[str]) -> None:
    user = rfc.create_user("ada", active=False).id
    rfc.patch(f"/Users/{user}", replace("displayName", "Ada"))
    effects.run_due()
    assert told == ["user_provisioned", "user_updated"]


def test_what_followed_from_a_round_trip_is_told_in_order(rfc: ScimClient, told: list[str]) -> None:
    user = rfc.create_user("ada").id
    rfc.patch(f"/Users/{user}", DISABLE)
    rfc.patch(f"/Users/{user}", ENABLE)
    effects.run_due()
    assert told == ["user_provisioned", "user_reactivated"]


def test_t14_the_hubs_own_reactivation_counts(rfc: ScimClient, told: list[str]) -> None:
    user = rfc.create_user("ada").id
    effects.run_due()
    rfc.patch(f"/Users/{user}", DISABLE)
    host = host_user(user)
    host.save(update_fields=list(USERS(rfc.connection).activate(host)))
    effects.run_due()
    assert told == ["user_provisioned"]
    assert ("user_deactivated", "overtaken") in states()


def test_a_deletion_overtakes_what_came_before_and_is_overtaken_by_nothing(
    rfc: ScimClient, told: list[str]
) -> None:
    user = rfc.create_user("ada").id
    rfc.delete(f"/Users/{user}")
    rfc.create_user("ada")
    effects.run_due()
    assert told == ["user_deleted", "user_provisioned"]
    assert states() == [
        ("user_provisioned", "overtaken"),
        ("user_deleted", "done"),
        ("user_provisioned", "done"),
    ]


def test_a_release_is_overtaken_when_the_user_is_managed_again(
    make_client: MakeClient, told: list[str]
) -> None:
    client = make_client("flow_connect", adopted_removal="release")
    make_user(client.organization, "eva")
    eva = client.post("/Users", user_body("eva")).id
    effects.run_due()
    client.patch(f"/Users/{eva}", DISABLE)
    assert not UserResource.objects.get(pk=eva).scim_managed
    client.patch(f"/Users/{eva}", add("externalId", "6f0e4c8c-9d5e-4a1b-8c3d-4e5f8f1b2a9c"))
    assert link_of(eva).scim_managed
    effects.run_due()
    assert told == ["user_adopted", "user_adopted"]
    assert ("user_released", "overtaken") in states()


def test_a_release_is_told(make_client: MakeClient, told: list[str]) -> None:
    client = make_client("flow_connect", adopted_removal="release")
    make_user(client.organization, "eva")
    eva = client.post("/Users", user_body("eva")).id
    effects.run_due()
    client.patch(f"/Users/{eva}", DISABLE)
    effects.run_due()
    assert told == ["user_adopted", "user_released"]
