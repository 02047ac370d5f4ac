"""Real threads, each with its own connection to PostgreSQL, and seeds that are printed."""

import os
import random
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, connections

from tests.scim import Answer, ScimClient

Send = Callable[[], Answer]
Together = Callable[[Sequence[Send]], list[Answer]]


@pytest.fixture
def chance() -> random.Random:
    """Return the test's randomness; its seed is shown when the test fails, and SCIM_TEST_SEED repeats it."""
    seed = int(os.environ.get("SCIM_TEST_SEED") or random.SystemRandom().randrange(10**9))
    print(f"SCIM_TEST_SEED={seed}")  # noqa: T201 - pytest shows it beside the failure
    return random.Random(seed)


def run_together(sends: Sequence[Send]) -> list[Answer]:
    """Send requests at the same moment, each from its own thread and connection; answers in their order."""
    start = threading.Barrier(len(sends))

    def run(send: Send) -> Answer:
        try:
            start.wait(timeout=30)
            return send()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(sends)) as threads:
        return list(threads.map(run, sends))


@pytest.fixture
def together(transactional_db: None) -> Together:
    """Return ``run_together``, on a database whose commits are real."""
    assert connection.vendor == "postgresql"
    return run_together


@pytest.fixture
def organization(transactional_db: None, organization: Any) -> Any:
    """Return an organization whose rows other connections can see."""
    return organization


def clients(of: ScimClient, count: int) -> list[ScimClient]:
    """Return clients that share a token but no HTTP client."""
    return [ScimClient(of.connection, token=of.token) for _client in range(count)]
