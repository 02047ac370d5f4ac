"""A connection that owes effects, and a receiver that sees all of them."""

from collections.abc import Iterator

import pytest

from scim_provisioning.models import Connection
from tests.conftest import MakeConnection
from tests.tasks.outbox import Seen, listening


@pytest.fixture
def connection(make_connection: MakeConnection) -> Connection:
    """Return a connection of preset rfc."""
    return make_connection("rfc")


@pytest.fixture
def seen() -> Iterator[Seen]:
    """Return a receiver of all signals."""
    receiver = Seen()
    with listening(receiver):
        yield receiver
