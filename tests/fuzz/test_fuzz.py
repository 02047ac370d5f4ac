"""Random requests: no fault of the server, every refusal a SCIM Error, none takes long (F22, T29, T30)."""

import os
import random
from urllib.parse import quote

import pytest

from tests.conftest import MakeClient
from tests.fuzz.requests import Request, Requests
from tests.fuzz.run import LONGEST_SECONDS, Outcome, run
from tests.scim import ScimClient

pytestmark = pytest.mark.django_db
# SCIM_TEST_FUZZ=100000 for the long form.
COUNT = int(os.environ.get("SCIM_TEST_FUZZ") or 5000)
SEED = int(os.environ.get("SCIM_TEST_SEED") or random.SystemRandom().randrange(10**9))


def fuzz(client: ScimClient, count: int) -> Outcome:
    """Send requests inside the process."""
    django = client._client

    def send(request: Request) -> tuple[int, bytes]:
        # The client of the tests wants a path as it is before it is percent-encoded.
        answer = django.generic(
            request.method,
            client.base + request.path.replace("%25", "%"),
            request.body,
            content_type=request.headers["Content-Type"],
            headers=request.headers,
            QUERY_STRING=quote(request.query, safe="%&=+"),
        )
        return answer.status_code, answer.content

    return run(Requests(SEED, client.token), send, count, Outcome(SEED))


@pytest.mark.parametrize("preset", ["flow_connect", "rfc"])
def test_F22_T29_T30_no_request_is_answered_with_a_fault(make_client: MakeClient, preset: str) -> None:
    outcome = fuzz(make_client(preset), COUNT // 2)
    print(outcome.summary())  # noqa: T201 - pytest shows it beside the failure
    assert outcome.faults == []
    # The requests are not all refused at the door, nor all accepted.
    assert {200, 201, 400, 404} <= set(outcome.statuses)
    assert outcome.slowest < LONGEST_SECONDS * 5


def test_the_same_seed_makes_the_same_requests() -> None:
    one, two, other = Requests(7, "t"), Requests(7, "t"), Requests(8, "t")
    first = [str(one.next()) for _request in range(50)]
    assert first == [str(two.next()) for _request in range(50)]
    assert first != [str(other.next()) for _request in range(50)]
