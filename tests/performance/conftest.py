"""Counting the queries of a request."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from scim_provisioning.lifecycle.observing import recorder
from tests.scim import Answer

Count = Callable[..., list[str]]
# A transaction's own statements: sent in a round trip on PostgreSQL, but no query of ours.
FRAME = ("SAVEPOINT", "RELEASE SAVEPOINT", "BEGIN", "COMMIT", "ROLLBACK")
# Time limits travel in the message of the statement that they are for.
LIMITS = re.compile(r"^(SET LOCAL \w+ = \d+; )+")


@pytest.fixture
def queries(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Return a function that sends a request twice removed from first-time work, and returns its queries.

    The token's throttled last-used stamp is excluded: whoever calls has sent a request before. Observations are
    written after the answer is sent, a few times a minute; tests/observations bounds what that costs.
    """
    monkeypatch.setattr(recorder, "flush_if_due", lambda: None)

    def count(send: Callable[[], Answer], status: int) -> list[str]:
        with CaptureQueriesContext(connection) as context:
            answer = send()
        assert answer.status == status, answer.json
        found = [LIMITS.sub("", query["sql"]) for query in context.captured_queries]
        return [sql for sql in found if not sql.startswith(FRAME)]

    return count
