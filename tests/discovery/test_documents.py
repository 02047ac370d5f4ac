"""ResourceTypes and ServiceProviderConfig, and what all discovery endpoints have in common (RFC 7644 section 4)."""

from typing import Any

import pytest

from scim_provisioning.protocol.discovery import CURSOR_SECONDS
from tests.conftest import MakeClient
from tests.scim import CONTENT_TYPE, ENTERPRISE, GROUP, USER, ScimClient, user_body

ENDPOINTS = ["/Schemas", "/ResourceTypes", "/ServiceProviderConfig"]
DOCUMENTS = [f"/Schemas/{USER}", "/ResourceTypes/User"]


def documents(client: ScimClient) -> list[dict[str, Any]]:
    """Return every document of the three endpoints."""
    return [
        client.get("/ServiceProviderConfig").json,
        *client.get("/Schemas")["Resources"],
        *client.get("/ResourceTypes")["Resources"],
    ]


@pytest.mark.parametrize("preset", ["rfc", "flow_connect", "flowcase"])
def test_every_location_leads_to_its_document(make_client: MakeClient, preset: str) -> None:
    client = make_client(preset)
    for document in documents(client):
        location = document["meta"]["location"]
        assert location.startswith(f"http://testserver{client.base}/")
        answer = client.get(location.partition(client.base)[2])
        assert answer.status == 200
        assert answer.headers["Content-Type"] == CONTENT_TYPE
        assert answer.json == document


@pytest.mark.urls("tests.discovery.urls")
def test_locations_are_right_where_the_hubs_own_urls_have_a_version(rfc: ScimClient) -> None:
    assert rfc.base.startswith("/api/v2/scim/")
    created = rfc.create_user("ada")
    for document in (created.json, *documents(rfc)):
        path = document["meta"]["location"].removeprefix("http://testserver").removeprefix(rfc.base)
        assert rfc.get(path).json == document


def test_every_extension_of_a_resource_type_is_a_schema(rfc: ScimClient) -> None:
    schemas = {schema["id"] for schema in rfc.get("/Schemas")["Resources"]}
    named = set()
    for kind in rfc.get("/ResourceTypes")["Resources"]:
        assert kind["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"]
        assert kind["endpoint"].startswith("/")
        assert rfc.get(kind["endpoint"]).status == 200
        named |= {kind["schema"], *(one["schema"] for one in kind.get("schemaExtensions", ()))}
    assert named == schemas
    assert {USER, ENTERPRISE, GROUP} <= named


def test_a_resource_says_which_schemas_it_follows(rfc: ScimClient) -> None:
    user = rfc.create_user("ada", **{ENTERPRISE: {"costCenter": "C"}})
    assert user["schemas"] == [USER, ENTERPRISE]
    assert rfc.create_user("grace")["schemas"] == [USER]
    assert rfc.create_group("Team A")["schemas"] == [GROUP]


@pytest.mark.parametrize("path", [*ENDPOINTS, *DOCUMENTS])
def test_a_filter_is_forbidden(rfc: ScimClient, path: str) -> None:
    for text in ('name eq "User"', "", "nonsense("):
        answer = rfc.get(path, filter=text)
        assert (answer.status, answer["status"]) == (403, "403")


@pytest.mark.parametrize("path", ENDPOINTS)
@pytest.mark.parametrize(
    "query",
    [
        {"startIndex": 2},
        {"count": 1},
        {"count": 0},
        {"sortBy": "name"},
        {"attributes": "id"},
        {"cursor": "x"},
    ],
    ids=str,
)
def test_paging_order_and_projection_are_ignored(rfc: ScimClient, path: str, query: dict[str, Any]) -> None:
    assert rfc.get(path, **query).json == rfc.get(path).json


@pytest.mark.parametrize("path", [*ENDPOINTS, *DOCUMENTS])
def test_letters_and_a_slash_at_the_end_are_tolerated(rfc: ScimClient, path: str) -> None:
    document = rfc.get(path).json
    assert rfc.get(f"{path}/").json == document
    name, *rest = path[1:].split("/")
    assert rfc.get("/".join(["", name.lower(), *rest])).json == document
    assert rfc.get("/".join(["", name.upper(), *rest])).json == document


@pytest.mark.parametrize(
    "path", ["/Schemas/User", "/Schemas/urn:nobody", "/ResourceTypes/Users", "/ResourceTypes/Me"]
)
def test_what_there_is_not_is_404(rfc: ScimClient, path: str) -> None:
    assert rfc.get(path).status == 404


@pytest.mark.parametrize("path", [*ENDPOINTS, *DOCUMENTS])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_nothing_can_be_written(rfc: ScimClient, path: str, method: str) -> None:
    assert rfc.request(method, path, {}).status == 405


def test_two_connections_of_one_hub_announce_different_things(make_client: MakeClient) -> None:
    one, other = make_client("rfc"), make_client("rfc", groups=False, managers=False)
    assert [kind["name"] for kind in one.get("/ResourceTypes")["Resources"]] == ["User", "Group"]
    assert [kind["name"] for kind in other.get("/ResourceTypes")["Resources"]] == ["User"]
    assert other.get("/ResourceTypes/Group").status == 404
    assert one.get("/ResourceTypes/Group").status == 200


def test_me_is_announced_nowhere_and_answered_501(rfc: ScimClient) -> None:
    for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
        for path in ("/Me", "/me/", "/Me/x"):
            answer = rfc.request(method, path)
            assert (answer.status, answer["status"]) == (501, "501")


LIMITS: list[tuple[str, tuple[str, str], int]] = [
    ("MAX_OPERATIONS", ("bulk", "maxOperations"), 1000),
    ("MAX_BODY_BYTES", ("bulk", "maxPayloadSize"), 1024 * 1024),
    ("MAX_PAGE", ("filter", "maxResults"), 200),
    ("MAX_PAGE", ("pagination", "maxPageSize"), 200),
    ("MAX_PAGE", ("pagination", "defaultPageSize"), 200),
]


@pytest.mark.parametrize(("setting", "place", "default"), LIMITS, ids=str)
def test_the_limits_are_those_of_the_settings(
    rfc: ScimClient, settings: Any, setting: str, place: tuple[str, str], default: int
) -> None:
    feature, name = place
    assert rfc.get("/ServiceProviderConfig")[feature][name] == default
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, setting: 7}
    assert rfc.get("/ServiceProviderConfig")[feature][name] == 7


def test_the_page_limit_is_kept_to_by_index_and_by_cursor(rfc: ScimClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "MAX_PAGE": 2}
    for name in ("a", "b", "c"):
        rfc.create_user(name)
    for query in ({}, {"count": 3}, {"cursor": ""}, {"cursor": "", "count": 100}):
        assert rfc.get("/Users", **query)["itemsPerPage"] == 2


def test_every_feature_is_announced_as_it_works(rfc: ScimClient) -> None:
    config = rfc.get("/ServiceProviderConfig").json
    assert config["schemas"] == ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]
    supported = {name for name, one in config.items() if isinstance(one, dict) and one.get("supported")}
    assert supported == {"patch", "bulk", "filter", "sort", "etag"}
    assert config["changePassword"] == {"supported": False}
    pagination = config["pagination"]
    assert (pagination["cursor"], pagination["index"]) == (True, True)
    assert (pagination["defaultPaginationMethod"], pagination["cursorTimeout"]) == ("index", CURSOR_SECONDS)
    [scheme] = config["authenticationSchemes"]
    assert (scheme["type"], scheme["primary"]) == ("oauthbearertoken", True)
    assert "startIndex" in rfc.get("/Users").json


def test_a_password_that_cannot_be_changed_is_never_kept(rfc: ScimClient) -> None:
    created = rfc.post("/Users", user_body("ada", password="correct horse"))
    assert created.status == 201
    assert b"correct horse" not in created.content
    assert rfc.patch(
        f"/Users/{created.id}", {"op": "replace", "path": "password", "value": "battery"}
    ).status in (200, 400)
    assert b"battery" not in rfc.get(f"/Users/{created.id}", attributes="password,userName").content
