"""Searches as a client writes them, and lists as it reads them."""

from typing import Any

from tests.scim import Answer, ScimClient

SEARCH_REQUEST = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"


def search(client: ScimClient, path: str = "/.search", **members: Any) -> Answer:
    """POST a SearchRequest."""
    return client.post(path, {"schemas": [SEARCH_REQUEST], **members})


def names_of(answer: Answer) -> list[str]:
    """Return the names in a list without the domain of the tests."""
    assert answer.status == 200, answer.json
    return [name.removesuffix("@contoso.example") for name in answer.names]
