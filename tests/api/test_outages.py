"""A database that is not there: 503 with Retry-After, as a SCIM Error, whatever the request (F7, F11)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import OperationalError, connection

from tests.scim import ERROR, ScimClient

pytestmark = pytest.mark.django_db


@contextmanager
def outage() -> Iterator[None]:
    """Refuse every statement, as a server does that is shutting down."""

    def refuse(*_arguments: Any) -> Any:
        raise OperationalError("terminating connection due to administrator command")

    with connection.execute_wrapper(refuse):
        yield


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/Users", None),
        ("POST", "/Users", {"userName": "ada"}),
        ("PATCH", "/Users/x", {"Operations": []}),
        ("DELETE", "/Users/x", None),
        ("GET", "/ServiceProviderConfig", None),
    ],
    ids=str,
)
def test_F7_a_request_during_an_outage_is_503_before_anything_else(
    rfc: ScimClient, method: str, path: str, body: Any
) -> None:
    with outage():
        answer = rfc.request(method, path, body)
    assert (answer.status, answer["schemas"], answer["status"]) == (503, [ERROR], "503")
    assert int(answer.headers["Retry-After"]) > 0
    assert "administrator" not in answer.content.decode()
    assert rfc.get("/Users").status == 200
