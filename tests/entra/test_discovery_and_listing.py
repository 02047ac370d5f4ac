"""R22 and R23: discovery, and the full listing of users."""

from typing import Any

import pytest

from tests.scim import CONTENT_TYPE, ENTERPRISE, GROUP, LIST_RESPONSE, USER, ScimClient


def schemas(client: ScimClient) -> dict[str, dict[str, Any]]:
    """Return the published schemas by their URN."""
    return {schema["id"]: schema for schema in client.get("/Schemas")["Resources"]}


def nulls(value: Any) -> bool:
    """Return whether there is a null anywhere in a document."""
    if isinstance(value, dict):
        return any(nulls(item) for item in value.values())
    return any(nulls(item) for item in value) if isinstance(value, list) else value is None


@pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes"])
def test_R22_discovery_answers_a_list_response_without_nulls(contoso: ScimClient, path: str) -> None:
    answer = contoso.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    assert answer["schemas"] == [LIST_RESPONSE]
    assert answer["totalResults"] == len(answer["Resources"]) == answer["itemsPerPage"]
    assert answer["startIndex"] == 1
    assert not nulls(answer.json)


def test_R22_the_schemas_are_those_that_are_kept(contoso: ScimClient) -> None:
    assert {USER, ENTERPRISE, GROUP} <= schemas(contoso).keys()
    for urn, schema in schemas(contoso).items():
        assert contoso.get(f"/Schemas/{urn}").json == schema


def test_R22_the_features_are_announced_as_they_are(contoso: ScimClient) -> None:
    answer = contoso.get("/ServiceProviderConfig")
    assert answer.status == 200
    assert answer["patch"] == {"supported": True}
    assert answer["filter"]["supported"] is True
    assert answer["etag"] == {"supported": True}
    assert answer["authenticationSchemes"][0]["type"] == "oauthbearertoken"


def test_R22_resource_types_name_relative_endpoints(contoso: ScimClient) -> None:
    types = {kind["name"]: kind for kind in contoso.get("/ResourceTypes")["Resources"]}
    assert {name: kind["endpoint"] for name, kind in types.items()} == {"User": "/Users", "Group": "/Groups"}
    assert ENTERPRISE in [one["schema"] for one in types["User"]["schemaExtensions"]]
    for name, kind in types.items():
        assert contoso.get(f"/ResourceTypes/{name}").json == kind


def test_R22_groups_are_not_advertised_where_there_are_none(make_client: Any) -> None:
    client = make_client("flow_connect", groups=False)
    assert GROUP not in schemas(client)
    assert [kind["name"] for kind in client.get("/ResourceTypes")["Resources"]] == ["User"]
    assert client.get("/ResourceTypes/Group").status == 404
    assert client.get(f"/Schemas/{GROUP}").status == 404
    for method, path in (
        ("GET", "/Groups"),
        ("POST", "/Groups"),
        ("GET", "/Groups/7"),
        ("DELETE", "/Groups/7"),
    ):
        answer = client.request(method, path, {"displayName": "x"} if method == "POST" else None)
        assert answer.status == 404
        assert "group mapping" in answer["detail"]


def test_R22_an_unknown_schema_is_404(contoso: ScimClient) -> None:
    assert contoso.get("/Schemas/urn:nobody").status == 404


def test_R22_a_filter_on_discovery_is_403(contoso: ScimClient) -> None:
    assert contoso.find("/Schemas", 'id eq "x"').status == 403


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize("path", ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"])
def test_R22_discovery_is_read_only(contoso: ScimClient, path: str, method: str) -> None:
    assert contoso.request(method, path, {}).status == 405


def test_R23_pages_hold_every_user_once_in_a_stable_order(contoso: ScimClient) -> None:
    names = [f"user{number:02}@contoso.example" for number in range(12)]
    for name in names:
        contoso.create_user(name)
    seen: list[str] = []
    for start in (1, 6, 11):
        page = contoso.get("/Users", startIndex=start, count=5)
        assert (page.status, page["startIndex"], page["totalResults"]) == (200, start, 12)
        assert page["itemsPerPage"] == len(page["Resources"]) == min(5, 13 - start)
        assert all(type(page[name]) is int for name in ("startIndex", "itemsPerPage", "totalResults"))
        seen += page.names
    assert seen == names
    assert contoso.get("/Users", startIndex=1, count=12).names == names
