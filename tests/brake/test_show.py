"""A wipe of 1,000 users by a mistaken scope, and the brake under many requests at once."""

import threading
from typing import Any

import pytest
from django.db import connections

from scim_provisioning.models import HeldChange
from tests.brake.crowd import active, approve, crowd, disable_all, reject
from tests.conftest import MakeClient
from tests.lifecycle.rows import DISABLE

USERS, LIMIT = 1000, 500


@pytest.mark.once
@pytest.mark.django_db
@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_t13_a_wipe_of_a_thousand_users_ends_as_decided(make_client: MakeClient, decision: str) -> None:
    """With the columns as they are: the threshold holds, restarts forget nothing, and the Hub is what was decided."""
    client = make_client("flow_connect", brake=True)
    users = crowd(client, USERS)
    assert disable_all(client, users) == [200] * LIMIT + [503] * (USERS - LIMIT)
    assert active(users) == USERS - LIMIT
    # The next cycle of the identity provider: nothing has moved.
    assert disable_all(client, users[LIMIT : LIMIT + 50]) == [503] * 50
    held = {str(key) for key in HeldChange.objects.values_list("resource_id", flat=True)}
    assert held == set(users[LIMIT:])
    if decision == "approve":
        approve(client.connection)
        assert disable_all(client, users[LIMIT:]) == [200] * (USERS - LIMIT)
        assert active(users) == 0
    else:
        reject(client.connection)
        assert disable_all(client, users[LIMIT:]) == [403] * (USERS - LIMIT)
        assert active(users) == USERS - LIMIT


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_t13_many_at_once_get_not_one_more_through(make_client: MakeClient) -> None:
    client = make_client("rfc", brake=True, brake_count=20, brake_share=100)
    users = crowd(client, 80)
    statuses: list[int] = []

    def work(mine: list[str]) -> None:
        try:
            statuses.extend(client.patch(f"/Users/{user}", DISABLE).status for user in mine)
        finally:
            connections.close_all()

    threads: list[Any] = [threading.Thread(target=work, args=(users[n::8],)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200] * 20 + [503] * 60
    assert active(users) == 60
    assert HeldChange.objects.count() == 60
