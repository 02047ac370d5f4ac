"""Several workers on one outbox, on PostgreSQL."""

import threading
import uuid
from collections import defaultdict
from time import sleep
from typing import Any

import pytest
from django.db import connections

from scim_provisioning.lifecycle import effects
from scim_provisioning.models import Connection, Effect
from tests.conftest import MakeConnection
from tests.tasks.outbox import listening, owe

WORKERS = 4
RESOURCES = 25
EFFECTS_OF_EACH = 4


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_f6_each_effect_is_run_once_and_those_of_a_resource_in_order(make_connection: MakeConnection) -> None:
    connection: Connection = make_connection("rfc")
    resources = [uuid.uuid4() for _ in range(RESOURCES)]
    for version in range(EFFECTS_OF_EACH):
        for resource in resources:
            owe(connection, "user_updated", resource, resource_version=version)
    told: dict[uuid.UUID, list[int]] = defaultdict(list)

    def note(resource_id: uuid.UUID, effect_id: int, **_told: Any) -> None:
        sleep(0.002)
        told[resource_id].append(effect_id)

    def work() -> None:
        try:
            while Effect.objects.filter(state=Effect.State.DUE).exists():
                effects.run_due()
        finally:
            connections.close_all()

    with listening(note, "user_updated"):
        threads = [threading.Thread(target=work) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert Effect.objects.filter(state=Effect.State.DONE, attempts=1).count() == RESOURCES * EFFECTS_OF_EACH
    assert sorted(map(len, told.values())) == [EFFECTS_OF_EACH] * RESOURCES
    assert all(ids == sorted(ids) for ids in told.values())
