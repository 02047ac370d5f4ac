"""What a bulk request may cost, and what is refused before any work (RFC 7644 section 3.7.4, T31)."""

import gc
import json
import tracemalloc
from typing import Any

import pytest

from tests.bulk.requests import BULK_REQUEST, bulk, post_user, results, retitle
from tests.conftest import MakeClient
from tests.scim import ScimClient, database_digest

MEBIBYTE = 1024 * 1024


def test_no_operations_are_no_error(rfc: ScimClient) -> None:
    assert results(rfc) == []


def test_more_operations_than_announced_are_413(rfc: ScimClient) -> None:
    limit = rfc.get("/ServiceProviderConfig")["bulk"]["maxOperations"]
    assert limit == 1000
    before = database_digest()
    answer = bulk(rfc, *({"method": "DELETE", "path": f"/Users/{number}"} for number in range(limit + 1)))
    assert (answer.status, answer["status"]) == (413, "413")
    assert "1000" in answer["detail"]
    assert database_digest() == before


def test_as_many_operations_as_announced_are_run(make_client: MakeClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "MAX_OPERATIONS": 3}
    client = make_client("rfc")
    assert client.get("/ServiceProviderConfig")["bulk"]["maxOperations"] == 3
    assert len(results(client, *(post_user(f"u{number}") for number in range(3)))) == 3
    assert bulk(client, *(post_user(f"v{number}") for number in range(4))).status == 413


def test_a_larger_payload_than_announced_is_413(rfc: ScimClient) -> None:
    limit = rfc.get("/ServiceProviderConfig")["bulk"]["maxPayloadSize"]
    assert limit == MEBIBYTE
    body = json.dumps({"schemas": [BULK_REQUEST], "Operations": [post_user("a")]}).encode()
    fitting = body + b" " * (limit - len(body))
    assert rfc.post("/Bulk", fitting + b" ").status == 413
    assert rfc.get("/Users")["totalResults"] == 0
    assert rfc.post("/Bulk", fitting).status == 200
    assert rfc.get("/Users")["totalResults"] == 1


USER = "/Users/00000000-0000-4000-8000-000000000000"
UNREADABLE: list[tuple[str, Any]] = [
    ("no object", "x"),
    ("null", None),
    ("a list", [1]),
    ("no method", {"path": "/Users", "bulkId": "a", "data": {}}),
    ("a read", {"method": "GET", "path": USER}),
    ("a number for a method", {"method": 7, "path": USER}),
    ("no path", {"method": "DELETE"}),
    ("an empty path", {"method": "DELETE", "path": ""}),
    ("a number for a path", {"method": "DELETE", "path": 7}),
    ("a path of no endpoint", {"method": "DELETE", "path": "/Devices/7"}),
    ("a path outside", {"method": "DELETE", "path": f"/Users/../Groups{USER}"}),
    ("an absolute URL", {"method": "DELETE", "path": f"https://elsewhere.example{USER}"}),
    ("a path with a query", {"method": "DELETE", "path": f"{USER}?x=1"}),
    ("discovery", {"method": "POST", "path": "/Schemas", "bulkId": "a", "data": {}}),
    ("itself", {"method": "POST", "path": "/Bulk", "bulkId": "a", "data": {}}),
    ("a POST to a resource", {"method": "POST", "path": USER, "bulkId": "a", "data": {}}),
    ("a PUT to a list", {"method": "PUT", "path": "/Users", "data": {}}),
    ("a DELETE of a list", {"method": "DELETE", "path": "/Users"}),
    ("a POST without bulkId", {"method": "POST", "path": "/Users", "data": {}}),
    ("an empty bulkId", {"method": "POST", "path": "/Users", "bulkId": "", "data": {}}),
    ("a number for a bulkId", {"method": "POST", "path": "/Users", "bulkId": 7, "data": {}}),
    ("a POST without data", {"method": "POST", "path": "/Users", "bulkId": "a"}),
    ("a PUT without data", {"method": "PUT", "path": USER}),
    ("a text for data", {"method": "PATCH", "path": USER, "data": "x"}),
    ("a list for a resource", {"method": "PUT", "path": USER, "data": []}),
    ("a number for a version", {"method": "DELETE", "path": USER, "version": 1}),
]


@pytest.mark.parametrize(
    "operation", [one for _name, one in UNREADABLE], ids=[name for name, _ in UNREADABLE]
)
def test_an_operation_that_cannot_be_read_refuses_all_before_any_work(
    rfc: ScimClient, operation: Any
) -> None:
    before = database_digest()
    answer = bulk(rfc, post_user("fine"), operation)
    assert (answer.status, answer["status"], answer["scimType"]) == (400, "400", "invalidSyntax")
    assert "number 2" in answer["detail"]
    assert database_digest() == before


def test_a_delete_needs_no_data_and_reads_none(rfc: ScimClient) -> None:
    user = rfc.create_user("a").id
    [result] = results(rfc, {"method": "DELETE", "path": f"/Users/{user}", "data": "x", "bulkId": "b"})
    assert (result["status"], result["bulkId"]) == ("204", "b")


def test_a_bulk_id_that_occurs_twice_refuses_all(rfc: ScimClient) -> None:
    answer = bulk(rfc, post_user("a"), post_user("a", "b"))
    assert (answer.status, answer["scimType"]) == (400, "invalidSyntax")
    assert "'a' occurs twice" in answer["detail"]
    assert rfc.get("/Users")["totalResults"] == 0


BODIES: list[tuple[Any, str]] = [
    ({}, "invalidSyntax"),
    ({"Operations": []}, "invalidSyntax"),
    ({"schemas": [], "Operations": []}, "invalidSyntax"),
    ({"schemas": BULK_REQUEST, "Operations": []}, "invalidSyntax"),
    ({"schemas": [{}], "Operations": []}, "invalidSyntax"),
    ({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": []}, "invalidSyntax"),
    ({"schemas": [BULK_REQUEST]}, "invalidSyntax"),
    ({"schemas": [BULK_REQUEST], "Operations": {}}, "invalidSyntax"),
    ({"schemas": [BULK_REQUEST], "Operations": "x"}, "invalidSyntax"),
    ([], "invalidSyntax"),
    (b"", "invalidSyntax"),
    (b"{", "invalidSyntax"),
]


@pytest.mark.parametrize(("body", "scim_type"), BODIES, ids=str)
def test_a_body_that_is_no_bulk_request_is_400(rfc: ScimClient, body: Any, scim_type: str) -> None:
    answer = rfc.post("/Bulk", body)
    assert (answer.status, answer["scimType"]) == (400, scim_type)


@pytest.mark.parametrize("number", [0, -1, 1.5, "1", True, [], {}])
def test_the_number_of_accepted_errors_is_a_whole_one_above_zero(rfc: ScimClient, number: Any) -> None:
    answer = bulk(rfc, post_user("a"), failOnErrors=number)
    assert (answer.status, answer["scimType"]) == (400, "invalidValue")
    assert "failOnErrors" in answer["detail"]
    assert rfc.get("/Users")["totalResults"] == 0


def test_no_number_of_accepted_errors_is_none(rfc: ScimClient) -> None:
    assert len(results(rfc, post_user("a"), failOnErrors=None)) == 1


@pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
def test_only_post_is_a_verb_of_bulk(rfc: ScimClient, method: str) -> None:
    assert rfc.request(method, "/Bulk", {}).status == 405


def test_bulk_of_another_media_type_is_415(rfc: ScimClient) -> None:
    assert rfc.post("/Bulk", {"schemas": [BULK_REQUEST]}, content_type="text/plain").status == 415


@pytest.mark.once
def test_a_thousand_operations_stay_under_64_mebibytes(rfc: ScimClient) -> None:
    """The whole request: its body, its answer and everything in between."""
    results(rfc, post_user("warm"))
    operations = [post_user(f"u{number}", title="Eng") for number in range(600)]
    operations += [retitle(f"/Users/bulkId:u{number}") for number in range(400)]
    gc.collect()
    tracemalloc.start()
    try:
        answered = results(rfc, *operations)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [result["status"] for result in answered] == ["201"] * 600 + ["200"] * 400
    assert peak < 64 * MEBIBYTE
