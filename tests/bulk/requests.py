"""Bulk requests as a client writes them."""

from typing import Any

from tests.scim import Answer, ScimClient, group_body, user_body

BULK_REQUEST = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
BULK_RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"

Operation = dict[str, Any]


def bulk(client: ScimClient, *operations: Any, **members: Any) -> Answer:
    """Send a bulk request; *members* stand beside the operations."""
    return client.post("/Bulk", {"schemas": [BULK_REQUEST], "Operations": list(operations), **members})


def results(client: ScimClient, *operations: Operation, **members: Any) -> list[dict[str, Any]]:
    """Send a bulk request that is answered, and return what it says of each operation."""
    answer = bulk(client, *operations, **members)
    assert answer.status == 200, answer.json
    assert answer["schemas"] == [BULK_RESPONSE]
    found: list[dict[str, Any]] = answer["Operations"]
    return found


def statuses(client: ScimClient, *operations: Operation, **members: Any) -> list[str]:
    """Send a bulk request that is answered, and return the status of each operation."""
    return [result["status"] for result in results(client, *operations, **members)]


def post_user(bulk_id: str, name: str = "", /, **attributes: Any) -> Operation:
    """Return the operation that creates a user."""
    data = user_body(name or bulk_id, **attributes)
    return {"method": "POST", "path": "/Users", "bulkId": bulk_id, "data": data}


def post_group(bulk_id: str, *members: str) -> Operation:
    """Return the operation that creates a group with members."""
    data = group_body(f"Group {bulk_id}", members=[{"value": member} for member in members])
    return {"method": "POST", "path": "/Groups", "bulkId": bulk_id, "data": data}


def patch(path: str, *operations: Operation, **members: Any) -> Operation:
    """Return the operation that changes a resource."""
    return {"method": "PATCH", "path": path, "data": {"Operations": list(operations)}, **members}


def retitle(path: str, title: str = "Boss", **members: Any) -> Operation:
    """Return the operation that changes a user's title."""
    return patch(path, {"op": "replace", "path": "title", "value": title}, **members)
