"""Two administrators who are deactivated at one moment: one stays (T9)."""

from functools import partial

import pytest

from tests.concurrency.conftest import Together, clients
from tests.conftest import MakeClient
from tests.factories import status_of
from tests.guards.admins import make_admin
from tests.lifecycle.rows import DISABLE, ENABLE, host_user

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

ROUNDS = 200


def test_T9_of_two_admins_deactivated_at_once_one_stays(make_client: MakeClient, together: Together) -> None:
    client = make_client("flow_connect", initial_status="active")
    users = [client.create_user(name).id for name in ("ada", "grace")]
    admins = [make_admin(host_user(user)) for user in users]
    pair = clients(client, 2)
    for number in range(ROUNDS):
        answers = together(
            [partial(one.patch, f"/Users/{user}", DISABLE) for one, user in zip(pair, users, strict=True)]
        )
        assert sorted(answer.status for answer in answers) == [200, 403], number
        left = [status_of(admin) for admin in admins]
        assert sorted(left) == ["active", "inactive"], number
        for user in users:
            client.patch(f"/Users/{user}", ENABLE)


def test_T9_an_admin_deleted_while_another_is_deactivated_leaves_one(
    make_client: MakeClient, together: Together
) -> None:
    client = make_client("flow_connect", initial_status="active")
    [ada] = [client.create_user("ada").id]
    make_admin(host_user(ada))
    first, second = clients(client, 2)
    for number in range(20):
        grace = client.create_user(f"grace{number}").id
        make_admin(host_user(grace))
        answers = together(
            [partial(first.patch, f"/Users/{ada}", DISABLE), partial(second.delete, f"/Users/{grace}")]
        )
        assert sorted(answer.status for answer in answers) in ([200, 403], [204, 403])
        client.patch(f"/Users/{ada}", ENABLE)
        client.delete(f"/Users/{grace}")
