"""Mass deprovisioning is held at the threshold, and goes on exactly as decided (T13, F24)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from scim_provisioning import signals
from scim_provisioning.lifecycle import braking, effects
from scim_provisioning.models import Brake, Connection, Event, GroupResource, HeldChange, UserResource
from tests.brake.crowd import active, approve, crowd, disable_all, reject
from tests.conftest import MakeClient
from tests.factories import members_of
from tests.lifecycle.rows import DISABLE, ENABLE, host_group, remove, replace
from tests.scim import ScimClient

pytestmark = pytest.mark.django_db

LIMIT = 5


@pytest.fixture
def client(make_client: MakeClient) -> ScimClient:
    """Return a client whose connection lets five go in the window."""
    return make_client("rfc", brake=True, brake_count=LIMIT, brake_share=100)


def let_pass(connection: Connection, time: timedelta) -> None:
    """Let time pass for the brake."""
    brake = Brake.objects.get(connection=connection)
    if brake.bucket_ends_at:
        brake.bucket_ends_at -= time
    brake.history = [[end - time.total_seconds(), count] for end, count in brake.history]
    brake.save()
    for held in HeldChange.objects.all():
        HeldChange.objects.filter(pk=held.pk).update(last_at=held.last_at - time)


def test_t13_a_mistaken_scope_stops_at_the_threshold(client: ScimClient) -> None:
    users = crowd(client, 12)
    assert disable_all(client, users) == [200] * LIMIT + [503] * 7
    assert active(users) == 7
    assert HeldChange.objects.filter(state="pending").count() == 7
    answer = client.patch(f"/Users/{users[-1]}", DISABLE)
    assert answer.headers["Retry-After"] == "120"
    assert "[deprovisioning_held]" in answer["detail"]
    assert "approve or reject" in answer["detail"]


def test_f24_what_is_approved_goes_through_and_nothing_else(client: ScimClient) -> None:
    users = crowd(client, 12)
    late = crowd(client, 2)
    disable_all(client, users)
    assert approve(client.connection) == 7
    assert disable_all(client, users) == [200] * 12
    assert active(users) == 0
    assert disable_all(client, late) == [503, 503]
    assert active(late) == 2


def test_f24_what_is_rejected_stays_and_keeps_being_refused(client: ScimClient) -> None:
    users = crowd(client, 12)
    disable_all(client, users)
    assert reject(client.connection) == 7
    assert disable_all(client, users) == [200] * LIMIT + [403] * 7
    assert active(users) == 7
    answer = client.patch(f"/Users/{users[-1]}", DISABLE)
    assert "[deprovisioning_rejected]" in answer["detail"]
    assert "Retry-After" not in answer.headers


def test_a_rejection_can_be_taken_back(client: ScimClient) -> None:
    users = crowd(client, 8)
    disable_all(client, users)
    reject(client.connection)
    approve(client.connection, state="rejected")
    assert disable_all(client, users) == [200] * 8


def test_an_approval_lets_a_change_through_once(client: ScimClient) -> None:
    users = crowd(client, 6)
    disable_all(client, users)
    approve(client.connection)
    assert client.patch(f"/Users/{users[-1]}", DISABLE).status == 200
    client.patch(f"/Users/{users[-1]}", ENABLE)
    assert client.patch(f"/Users/{users[-1]}", DISABLE).status == 503


def test_deletions_count_like_deactivations(client: ScimClient) -> None:
    users = crowd(client, 8)
    statuses = [client.delete(f"/Users/{user}").status for user in users]
    assert statuses == [204] * LIMIT + [503] * 3
    assert UserResource.objects.filter(pk__in=users).count() == 3
    approve(client.connection)
    assert [client.delete(f"/Users/{user}").status for user in users[LIMIT:]] == [204] * 3


def test_an_approved_deactivation_is_no_approved_deletion(client: ScimClient) -> None:
    users = crowd(client, 6)
    disable_all(client, users)
    approve(client.connection)
    assert client.delete(f"/Users/{users[-1]}").status == 503


def test_the_release_of_adopted_users_counts(make_client: MakeClient) -> None:
    client = make_client(
        "flow_connect", brake=True, brake_count=2, brake_share=100, adopted_removal="release"
    )
    users = crowd(client, 4)
    UserResource.objects.filter(pk__in=users).update(origin="adopted")
    assert disable_all(client, users) == [200, 200, 503, 503]
    assert UserResource.objects.filter(pk__in=users, scim_managed=True).count() == 2


def test_memberships_count_one_by_one(client: ScimClient) -> None:
    users = crowd(client, 9)
    group = client.create_group("Team A", *users).id
    assert client.patch(f"/Groups/{group}", remove("members", *users[:3])).status == 200
    held = client.patch(f"/Groups/{group}", remove("members", *users[3:6]))
    assert held.status == 503
    assert len(members_of(host_group(group))) == 6
    assert HeldChange.objects.filter(action="remove_member").count() == 3


def test_exactly_the_approved_members_are_taken_out(client: ScimClient) -> None:
    users = crowd(client, 9)
    group = client.create_group("Team A", *users).id
    assert client.patch(f"/Groups/{group}", remove("members", *users[:6])).status == 503
    approve(client.connection)
    assert client.patch(f"/Groups/{group}", remove("members", *users[:7])).status == 503
    reject(client.connection, state="pending")
    assert client.patch(f"/Groups/{group}", remove("members", *users[:7])).status == 403
    assert len(members_of(host_group(group))) == 9


def test_an_approved_removal_of_members_goes_through_in_other_portions(client: ScimClient) -> None:
    users = crowd(client, 9)
    group = client.create_group("Team A", *users).id
    client.patch(f"/Groups/{group}", remove("members", *users[:6]))
    approve(client.connection)
    for portion in (users[:2], users[2:6]):
        assert client.patch(f"/Groups/{group}", remove("members", *portion)).status == 200
    assert len(members_of(host_group(group))) == 3
    assert not HeldChange.objects.exists()


def test_a_replace_that_shrinks_a_group_counts_what_it_takes_out(client: ScimClient) -> None:
    users = crowd(client, 9)
    group = client.create_group("Team A", *users).id
    answer = client.patch(f"/Groups/{group}", replace("members", [{"value": users[0]}]))
    assert answer.status == 503
    assert len(members_of(host_group(group))) == 9


def test_the_deletion_of_a_group_counts_its_memberships(client: ScimClient) -> None:
    users = crowd(client, 9)
    large, small = client.create_group("Large", *users).id, client.create_group("Small", *users[:2]).id
    assert client.delete(f"/Groups/{small}").status == 204
    assert client.delete(f"/Groups/{large}").status == 503
    assert GroupResource.objects.count() == 1
    approve(client.connection)
    assert client.delete(f"/Groups/{large}").status == 204


def test_while_something_waits_nothing_more_is_taken_away(client: ScimClient) -> None:
    """The window slides on, but nobody has decided."""
    users = crowd(client, 9)
    disable_all(client, users[:6])
    let_pass(client.connection, timedelta(hours=5))
    assert client.patch(f"/Users/{users[-1]}", DISABLE).status == 503


def test_what_gives_goes_on_while_something_waits(client: ScimClient) -> None:
    users = crowd(client, 7)
    disable_all(client, users)
    assert client.post("/Groups", {"displayName": "Team A"}).status == 201
    assert client.patch(f"/Users/{users[0]}", ENABLE).status == 200
    assert client.patch(f"/Users/{users[-1]}", replace("displayName", "Ada")).status == 200
    client.create_user("eva")


def test_the_window_slides(client: ScimClient) -> None:
    users = crowd(client, 12)
    assert disable_all(client, users[:3]) == [200] * 3
    let_pass(client.connection, timedelta(minutes=70))
    assert disable_all(client, users[3:5]) == [200] * 2
    let_pass(client.connection, timedelta(minutes=70))
    assert disable_all(client, users[5:8]) == [200] * 3, "the first three have left the window"
    assert disable_all(client, users[8:9]) == [503]


def test_a_share_of_the_organization_holds_before_the_count(make_client: MakeClient) -> None:
    client = make_client("rfc", brake=True, brake_count=500, brake_share=50)
    users = crowd(client, 60)
    statuses = disable_all(client, users)
    assert statuses == [200] * 30 + [503] * 30


def test_a_share_of_few_people_is_no_mass(make_client: MakeClient) -> None:
    client = make_client("rfc", brake=True, brake_count=500, brake_share=10)
    assert disable_all(client, crowd(client, braking.FEWEST)) == [200] * braking.FEWEST


def test_off_holds_nothing(make_client: MakeClient) -> None:
    client = make_client("rfc", brake=False, brake_count=1)
    assert disable_all(client, crowd(client, 5)) == [200] * 5
    assert not Brake.objects.exists()


def test_another_policy_counts_at_once(client: ScimClient) -> None:
    users = crowd(client, 8)
    disable_all(client, users[:4])
    Connection.objects.update(brake_count=7)
    assert disable_all(client, users[4:]) == [200] * 3 + [503]


def test_a_connection_that_is_held_holds_no_other(client: ScimClient, northwind: ScimClient) -> None:
    disable_all(client, crowd(client, 7))
    assert disable_all(northwind, crowd(northwind, 2)) == [200, 200]


def test_what_is_not_asked_for_any_more_is_forgotten(client: ScimClient) -> None:
    """The scope was mended in the directory, and nobody pressed a button."""
    users = crowd(client, 9)
    disable_all(client, users[:6])
    let_pass(client.connection, braking.REMEMBERED + timedelta(hours=1))
    assert client.patch(f"/Users/{users[-1]}", DISABLE).status == 200


def test_a_rejection_lasts_as_long_as_it_is_asked_for_and_lapses_then(client: ScimClient) -> None:
    users = crowd(client, 6)
    disable_all(client, users)
    reject(client.connection)
    for _day in range(5):
        let_pass(client.connection, timedelta(days=1))
        assert client.patch(f"/Users/{users[-1]}", DISABLE).status == 403
    let_pass(client.connection, braking.REMEMBERED + timedelta(hours=1))
    assert client.patch(f"/Users/{users[-1]}", DISABLE).status == 200


def test_an_approval_lapses(client: ScimClient) -> None:
    users = crowd(client, 6)
    disable_all(client, users)
    approve(client.connection)
    HeldChange.objects.update(last_at=timezone.now() - braking.REMEMBERED - timedelta(hours=1))
    assert client.patch(f"/Users/{users[-1]}", DISABLE).status == 503
    assert HeldChange.objects.get().state == "pending"


def test_it_is_told_once(client: ScimClient) -> None:
    told: list[dict[str, Any]] = []

    def hear(**message: Any) -> None:
        told.append(message)

    signals.deprovisioning_held.connect(hear)
    try:
        users = crowd(client, 9)
        disable_all(client, users)
        disable_all(client, users)
        effects.run_due()
    finally:
        signals.deprovisioning_held.disconnect(hear)
    [message] = told
    assert message["connection_id"] == message["resource_id"] == client.connection.pk
    assert message["host_id"] == str(client.organization.pk)


def test_each_held_change_is_one_event_however_often_it_is_asked_for(client: ScimClient) -> None:
    users = crowd(client, 8)
    for _cycle in range(3):
        disable_all(client, users)
    held = Event.objects.filter(code="deprovisioning_held")
    assert held.count() == 3
    reject(client.connection)
    disable_all(client, users)
    assert not Event.objects.filter(code="deprovisioning_rejected").exists()


def test_a_bulk_request_is_held_operation_by_operation(client: ScimClient) -> None:
    users = crowd(client, 8)
    operations = [{"method": "DELETE", "path": f"/Users/{user}"} for user in users]
    answer = client.post(
        "/Bulk",
        {"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": operations},
    )
    assert [each["status"] for each in answer["Operations"]] == ["204"] * LIMIT + ["503"] * 3
    assert HeldChange.objects.count() == 3


def test_a_refused_request_is_not_counted(client: ScimClient) -> None:
    users = crowd(client, 7)
    for user in users[:3]:
        assert client.patch(f"/Users/{user}", DISABLE, replace("nonsense", 1)).status == 400
    assert disable_all(client, users) == [200] * LIMIT + [503] * 2


def test_what_takes_nothing_away_is_not_asked_about(client: ScimClient) -> None:
    client.create_user("warm")
    user = client.create_user("ada").id
    for operation in (replace("displayName", "Ada"), ENABLE):
        with CaptureQueriesContext(database) as queries:
            client.patch(f"/Users/{user}", operation)
        assert not [each["sql"] for each in queries if f'"{Brake._meta.db_table}"' in each["sql"]]


def test_the_brake_is_one_query_more(make_client: MakeClient) -> None:
    counts = []
    for on in (False, True):
        client = make_client("rfc", brake=on)
        users = crowd(client, 2)
        disable_all(client, users[:1])
        with CaptureQueriesContext(database) as queries:
            disable_all(client, users[1:])
        counts.append(len(queries))
    assert counts[1] == counts[0] + 1
