"""The OpenAPI description: valid, made of what the connection really has, and complete (RFC 7644, C4, B5)."""

import json
import re
from typing import Any

import pytest
from django.urls import resolve
from openapi_spec_validator import OpenAPIV31SpecValidator

from scim_provisioning.api.description import describe_connection
from scim_provisioning.api.discovery import UnknownView
from scim_provisioning.api.urls import urlpatterns
from scim_provisioning.protocol.codes import CODES
from scim_provisioning.protocol.searches import PARAMETERS
from tests.conftest import MakeClient, MakeConnection
from tests.discovery.reading import published
from tests.docs.pages import page, rows, section
from tests.scim import ENTERPRISE, USER, ScimClient, user_body

pytestmark = pytest.mark.django_db

PRESETS = ["flow_connect", "flowcase", "rfc"]
URL = "https://hub.example/scim/c/v2"
VERBS = {"get", "post", "put", "patch", "delete"}


@pytest.fixture
def describe(make_connection: MakeConnection) -> Any:
    """Return a function that describes a connection of a preset, changed by columns."""

    def described(preset: str = "rfc", **columns: Any) -> dict[str, Any]:
        return describe_connection(make_connection(preset, **columns), URL)

    return described


def schemas(description: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = description["components"]["schemas"]
    return found


def operations(description: dict[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, verb, item[verb])
        for path, item in description["paths"].items()
        for verb in item
        if verb in VERBS
    ]


@pytest.mark.parametrize("groups", [True, False])
@pytest.mark.parametrize("preset", PRESETS)
def test_it_is_valid(describe: Any, preset: str, groups: bool) -> None:
    description = describe(preset, groups=groups)
    OpenAPIV31SpecValidator(description).validate()
    assert json.loads(json.dumps(description)) == description
    assert description["servers"] == [{"url": URL}]


def test_the_validator_finds_what_is_wrong(describe: Any) -> None:
    description = describe()
    del description["paths"]["/Users"]["get"]["responses"]["200"]["description"]
    assert list(OpenAPIV31SpecValidator(description).iter_errors())


def test_B5_without_groups_it_does_not_speak_of_them(describe: Any, settings: Any) -> None:
    assert {"/Groups", "/Groups/{id}", "/Groups/.search"} <= describe()["paths"].keys()
    off = [describe(groups=False)]
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "GROUP_MAPPING": None}
    off.append(describe())
    for description in off:
        assert not [path for path in description["paths"] if "Group" in path]
        assert not [name for name in schemas(description) if "Group" in name]
        assert schemas(description)["AnyList"]["properties"]["Resources"]["items"] == {
            "$ref": "#/components/schemas/User"
        }
        path = schemas(description)["BulkRequest"]["properties"]["Operations"]["items"]["properties"]["path"]
        assert re.match(path["pattern"], "/Users/1")
        assert not re.match(path["pattern"], "/Groups")


@pytest.mark.parametrize("status", [200, 204])
def test_a_patch_is_answered_as_the_policy_says(describe: Any, status: int) -> None:
    paths = describe(user_patch_response=status, group_patch_response=204)["paths"]
    assert [key for key in paths["/Users/{id}"]["patch"]["responses"] if key < "300"] == [str(status)]
    assert [key for key in paths["/Groups/{id}"]["patch"]["responses"] if key < "300"] == ["204"]
    assert ("content" in paths["/Users/{id}"]["patch"]["responses"][str(status)]) == (status == 200)


def test_A32_an_external_id_has_the_format_of_the_policy(describe: Any) -> None:
    for form, expected in (("guid", "uuid"), ("any", None)):
        written = schemas(describe(external_id_format=form))
        assert written["UserWrite"]["properties"]["externalId"].get("format") == expected
        assert "format" not in written["GroupWrite"]["properties"]["externalId"]


def test_what_is_not_kept_is_not_described(describe: Any) -> None:
    for name in ("User", "UserWrite"):
        kept = schemas(describe())[name]["properties"]
        assert "manager" in kept[ENTERPRISE]["properties"]
        assert "nickName" in kept
        less = schemas(describe(managers=False, unmapped_attributes="reject"))[name]["properties"]
        assert "manager" not in less.get(ENTERPRISE, {}).get("properties", {})
        assert "nickName" not in less
        assert {"userName", "active"} <= less.keys()
    assert "is refused" in schemas(describe(unmapped_attributes="reject"))["UserWrite"]["description"]
    assert "is ignored" in schemas(describe())["UserWrite"]["description"]


def test_an_answer_shows_what_schemas_publishes_and_what_microsofts_validator_refuses(
    make_client: MakeClient,
) -> None:
    client = make_client("rfc")
    shown = schemas(describe_connection(client.connection, URL))["User"]["properties"]
    own = {"schemas", "id", "externalId", "meta"}
    extensions = {name for name in shown if name.startswith("urn:")}
    on_the_wire = published(client)
    assert shown.keys() - own - extensions == on_the_wire[USER].keys()
    assert extensions == {urn for urn in on_the_wire if urn.endswith(":User")} - {USER}
    for urn in extensions:
        assert shown[urn]["properties"].keys() == on_the_wire[urn].keys()
    assert shown["emails"]["items"]["properties"].keys() == {"value", "type", "display", "primary"}


def test_a_body_has_no_read_only_attribute_and_says_what_is_required(describe: Any, settings: Any) -> None:
    plain = schemas(describe())
    assert plain["UserWrite"]["required"] == ["userName"]
    assert plain["GroupWrite"]["required"] == ["displayName"]
    assert (
        "displayName"
        not in plain["UserWrite"]["properties"][ENTERPRISE]["properties"]["manager"]["properties"]
    )
    assert "displayName" in plain["User"]["properties"][ENTERPRISE]["properties"]["manager"]["properties"]
    path = "tests.discovery.mappings.Strict"
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "USER_MAPPING": path}
    strict = schemas(describe())["UserWrite"]
    assert set(strict["required"]) == {"userName", "emails", "displayName", "name", ENTERPRISE}
    assert strict["properties"]["emails"]["minItems"] == 1
    assert strict["properties"]["name"]["required"] == ["honorificPrefix"]


def test_a_required_text_is_not_empty(describe: Any, rfc: ScimClient) -> None:
    """What schemathesis found: an empty text counts as not sent, so the description may not allow it."""
    assert rfc.post("/Users", user_body(userName="")).status == 400
    written = schemas(describe())["UserWrite"]["properties"]
    assert written["userName"]["minLength"] == 1
    assert "minLength" not in written["title"]
    assert rfc.post("/Users", user_body(title="")).status == 201


def test_the_limits_are_those_of_the_settings(describe: Any, settings: Any) -> None:
    limits = {"MAX_PAGE": 7, "MAX_OPERATIONS": 8, "MAX_MEMBERS": 9, "MAX_FILTER_CHARACTERS": 10}
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, **limits}
    description = describe()
    parameters = description["components"]["parameters"]
    found = schemas(description)
    assert parameters["count"]["schema"]["default"] == 7
    assert parameters["filter"]["schema"]["maxLength"] == 10
    assert found["GroupWrite"]["properties"]["members"]["maxItems"] == 9
    for name in ("PatchOp", "BulkRequest"):
        assert found[name]["properties"]["Operations"]["maxItems"] == 8


def test_a_list_takes_every_parameter_that_is_read(describe: Any) -> None:
    description = describe()
    listed = [each["$ref"].rpartition("/")[2] for each in description["paths"]["/Users"]["get"]["parameters"]]
    assert listed == list(PARAMETERS)
    assert schemas(description)["SearchRequest"]["properties"].keys() == {"schemas", *PARAMETERS}


def test_every_code_stands_under_its_status(describe: Any) -> None:
    description = describe()
    for row in CODES.values():
        answer = description["components"]["responses"][f"Error{row.status}"]
        assert f"- `{row.code}`: {row.sentence}" in answer["description"]
        assert ("Retry-After" in answer["headers"]) == (row.status in (429, 503))
        error = schemas(description)[f"Error{row.status}"]["properties"]
        assert error["status"] == {"enum": [str(row.status)]}
        assert re.search(error["detail"]["pattern"], f"It is refused. [{row.code}]")
        assert not re.search(error["detail"]["pattern"], "It is refused. [no_code]")
        assert row.scim_type is None or row.scim_type in error["scimType"]["enum"]


def test_B3_with_principals_every_request_may_be_forbidden(describe: Any) -> None:
    for principals in (True, False):
        get = describe(token_principal=principals)["paths"]["/Users"]["get"]
        assert ("403" in get["responses"]) == principals


def test_every_endpoint_is_described_and_no_other(rfc: ScimClient) -> None:
    description = describe_connection(rfc.connection, URL)
    found = set()
    for path in description["paths"]:
        match = resolve(rfc.base + re.sub(r"\{\w+\}", "x", path))
        assert match.func.cls is not UnknownView, path  # type: ignore[attr-defined]
        found.add(match.url_name)
    assert found == {pattern.name for pattern in urlpatterns} - {"unknown"}


@pytest.mark.parametrize("verb", ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_verb_that_is_not_described_is_405_and_allow_names_those_that_are(
    rfc: ScimClient, verb: str
) -> None:
    user, group = rfc.create_user("ada").id, rfc.create_group("Team").id
    for path, item in describe_connection(rfc.connection, URL)["paths"].items():
        known = {name.upper() for name in item if name in VERBS}
        known |= {"HEAD"} if "GET" in known else set()
        place = path.replace("{id}", group if "Group" in path else user)
        place = place.replace("{name}", "User").replace("{urn}", USER)
        answer = rfc.request(verb, place)
        assert (answer.status == 405) == (verb not in known), (path, answer.status)
        assert set(answer.headers["Allow"].split(", ")) == known, path


def test_every_operation_has_a_name_of_its_own(describe: Any) -> None:
    names = [operation["operationId"] for _path, _verb, operation in operations(describe())]
    assert len(names) == len(set(names))
    assert {"createUser", "getUser", "replaceUser", "patchUser", "deleteUser", "listUsers"} <= set(names)


def test_a_created_resource_links_to_its_verbs(describe: Any) -> None:
    description = describe()
    names = {operation["operationId"] for _path, _verb, operation in operations(description)}
    for kind in ("User", "Group"):
        links = description["paths"][f"/{kind}s"]["post"]["responses"]["201"]["links"]
        assert {link["operationId"] for link in links.values()} <= names
        assert len(links) == 4


def test_the_table_of_the_reference_names_the_same_verbs(describe: Any) -> None:
    text = page("reference/endpoints")
    listed: dict[str, set[str]] = {}
    table = text.split("| endpoint | methods |")[1].split("\n\n")[0]
    for cell, verbs in re.findall(r"^\| ((?:`[^`]+`(?:, )?)+) \| ([A-Z*][^|]*) \|", table, re.MULTILINE):
        for path in re.findall(r"`([^`]+)`", cell):
            listed[path] = set(re.findall(r"[A-Z]{3,}", verbs))
    described: dict[str, set[str]] = {}
    for path, verb, _operation in operations(describe()):
        described.setdefault(path, set()).add(verb.upper())
    described["/Me"] = set()
    assert listed == described
    statuses = rows(section(text, "## Answers"))
    assert {name.partition(" ")[2] for name in statuses} == {
        path for path, _verb, _one in operations(describe())
    }
