"""Two organizations with users and groups, and a check that a refusal changed neither."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.scim import ERROR, Answer, ScimClient, database_digest


@dataclass(frozen=True)
class World:
    """What there is before a bad request."""

    client: ScimClient
    user: str
    other_user: str
    group: str
    foreign_user: str
    foreign_group: str

    def fill(self, text: str) -> str:
        """Return a path with the ids put in."""
        return text.format(
            user=self.user,
            other=self.other_user,
            group=self.group,
            foreign=self.foreign_user,
            foreign_group=self.foreign_group,
        )


@pytest.fixture
def world(contoso: ScimClient, northwind: ScimClient) -> World:
    """Return two organizations, each with a user in a group."""
    user = contoso.create_user("ada", title="Eng").id
    other = contoso.create_user("grace").id
    foreign = northwind.create_user("eve").id
    return World(
        contoso,
        user,
        other,
        contoso.create_group("Team A", user).id,
        foreign,
        northwind.create_group("Spies", foreign).id,
    )


@pytest.fixture
def refused(world: World) -> Callable[..., Answer]:
    """Return a function that sends a bad request and insists on a SCIM Error and on unchanged tables."""

    def send(
        method: str, path: str, body: Any = None, *, status: int, scim_type: str | None = None, **options: Any
    ) -> Answer:
        before = database_digest()
        answer = world.client.request(method, world.fill(path), body, **options)
        assert answer.status == status, answer.content[:300]
        assert_is_error(answer, scim_type)
        assert database_digest() == before
        return answer

    return send


def assert_is_error(answer: Answer, scim_type: str | None = None) -> None:
    """Insist that an answer is a SCIM Error with nothing in it that is ours alone (RFC 7644 section 3.12)."""
    assert answer.headers["Content-Type"] == "application/scim+json"
    assert answer.json.keys() <= {"schemas", "status", "detail", "scimType"}
    assert answer["schemas"] == [ERROR]
    assert answer["status"] == str(answer.status)
    assert answer.json.get("scimType") == scim_type
    assert isinstance(answer["detail"], str)
    for inside in ("Traceback", "scim_provisioning_", "UNIQUE", "pydantic", "https://", "<class", "psycopg"):
        assert inside not in answer["detail"]
