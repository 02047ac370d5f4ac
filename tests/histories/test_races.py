"""Sixteen writers race over users, groups and names; some order explains every answer (F2, F3, F4, T11, T15, T17).

`SCIM_TEST_SEED` repeats a race. The long form, over HTTP against web workers that are killed meanwhile, is the run
`races` of `tox run -e faults`.
"""

import os
import random
from typing import Any

import pytest
from django.db import connections

from tests.conftest import MakeClient
from tests.histories.races import Race, Send, Size
from tests.scim import ScimClient

ROUNDS = 12 * int(os.environ.get("SCIM_TEST_ROUNDS") or 1)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_F2_F3_F4_T11_T15_T17_some_order_explains_whatever_racing_writers_are_answered(
    make_client: MakeClient,
) -> None:
    seed = int(os.environ.get("SCIM_TEST_SEED") or random.SystemRandom().randrange(10**6))
    print(f"SCIM_TEST_SEED={seed}")  # noqa: T201 - pytest shows it beside the failure
    client = make_client("rfc")

    def send_for(_writer: int) -> Send:
        mine = ScimClient(client.connection, token=client.token)

        def send(method: str, path: str, body: Any) -> tuple[int, Any]:
            answer = mine.request(method, path, body)
            return answer.status, answer.json

        return send

    history = Race(send_for, Size(rounds=ROUNDS), seed).run(connections.close_all)
    assert history.anomalies() == []
    assert history.unsure == 0
    assert history.requests > 16 * ROUNDS
