"""/Schemas lists what a connection keeps, and nothing else (RFC 7643 section 7, RFC 7644 section 4, T15)."""

import re
from typing import Any

import pytest

from scim_provisioning.simulator.certification.schemas import derived_names, wanted_name
from scim_provisioning.simulator.mapping_presets import DEFAULT
from scim_provisioning.simulator.mapping_presets import FLOWCASE as FLOWCASE_TABLE
from tests.conftest import MakeClient
from tests.discovery.mappings import OWN
from tests.discovery.reading import every_attribute, published, sub_attributes
from tests.factories import USERS
from tests.scim import ENTERPRISE, FLOWCASE, GROUP, USER, ScimClient

CORE = {
    "userName", "name", "displayName", "nickName", "profileUrl", "title", "userType", "preferredLanguage",
    "locale", "timezone", "active", "emails", "phoneNumbers", "ims", "photos", "addresses", "entitlements",
    "roles", "x509Certificates",
}  # fmt: skip
EXTENSION = {"employeeNumber", "costCenter", "organization", "division", "department", "manager"}
SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:Schema"


def names(client: ScimClient) -> dict[str, set[str]]:
    return {urn: set(attributes) for urn, attributes in published(client).items()}


def mapped(urn: str) -> set[str]:
    return {target.attribute for target, _line in USERS.lines() if (target.urn or USER) == urn}


def with_mapping(settings: Any, name: str) -> None:
    path = f"tests.discovery.mappings.{name}"
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "USER_MAPPING": path}


def test_all_that_is_kept_is_announced_where_everything_is_kept(rfc: ScimClient) -> None:
    found = names(rfc)
    assert found[USER] == CORE
    assert found[ENTERPRISE] == EXTENSION
    assert found[GROUP] == {"displayName", "members"}
    assert found.keys() == {USER, ENTERPRISE, GROUP, *USERS.extensions}


@pytest.mark.parametrize("unmapped", ["ignore", "reject"])
def test_an_attribute_without_a_place_is_not_announced(make_client: MakeClient, unmapped: str) -> None:
    found = names(make_client("rfc", unmapped_attributes=unmapped))
    assert found[USER] == mapped(USER) | {"userName", "active"}
    assert found.get(ENTERPRISE, set()) == mapped(ENTERPRISE)
    assert found[GROUP] == {"displayName", "members"}


@pytest.mark.parametrize(("unmapped", "kept"), [("keep", {"colour", "number"}), ("ignore", {"colour"})])
def test_of_an_extension_what_is_kept_is_announced(
    make_client: MakeClient, settings: Any, unmapped: str, kept: set[str]
) -> None:
    with_mapping(settings, "Badges")
    client = make_client("rfc", unmapped_attributes=unmapped)
    assert names(client)[OWN] == kept
    assert client.get(f"/Schemas/{OWN}")["name"] == "BadgeUser"


def test_an_extension_of_which_nothing_is_kept_has_no_schema(make_client: MakeClient, settings: Any) -> None:
    with_mapping(settings, "Badges")
    client = make_client("rfc", unmapped_attributes="ignore")
    assert names(client).keys() == {USER, OWN, GROUP}
    assert client.get(f"/Schemas/{ENTERPRISE}").status == 404
    assert client.get("/ResourceTypes/User")["schemaExtensions"] == [{"schema": OWN, "required": False}]


def test_a_connection_without_managers_announces_none(make_client: MakeClient) -> None:
    assert names(make_client("rfc", managers=False))[ENTERPRISE] == EXTENSION - {"manager"}


def test_a_connection_without_groups_announces_no_group(make_client: MakeClient) -> None:
    assert GROUP not in names(make_client("rfc", groups=False))


@pytest.mark.examplehub
def test_the_hubs_own_extension_is_announced(fabrikam: ScimClient) -> None:
    assert names(fabrikam)[FLOWCASE] == {"countryCode", "countryName"}
    schema = fabrikam.get(f"/Schemas/{FLOWCASE}")
    assert (schema["name"], schema["description"]) == ("FlowcaseUser", "FlowcaseUser extension")


@pytest.mark.parametrize("preset", ["rfc", "flow_connect", "flowcase"])
def test_what_microsofts_validator_rejects_is_not_announced(make_client: MakeClient, preset: str) -> None:
    found = published(make_client(preset))
    assert "password" not in found[USER]
    assert sub_attributes(found[USER]["emails"]).keys() == {"value", "type"}


@pytest.mark.parametrize("preset", ["rfc", "flow_connect", "flowcase"])
def test_every_attribute_has_its_characteristics(make_client: MakeClient, preset: str) -> None:
    for attribute in every_attribute(make_client(preset)):
        assert {"name", "type", "multiValued", "required", "mutability", "returned"} <= attribute.keys()
        assert re.fullmatch(r"\$?[a-z][A-Za-z0-9]*", attribute["name"]), attribute
        assert None not in attribute.values()
        assert ("subAttributes" in attribute) == (attribute["type"] == "complex")
        assert ("referenceTypes" in attribute) == (attribute["type"] == "reference")
        assert attribute["mutability"] in ("readWrite", "readOnly", "immutable")
        assert attribute["returned"] in ("default", "request")
        assert attribute["uniqueness"] in ("none", "server")


def test_every_schema_says_that_it_is_one(rfc: ScimClient) -> None:
    for schema in rfc.get("/Schemas")["Resources"]:
        assert schema["schemas"] == [SCHEMA]
        assert schema["meta"]["resourceType"] == "Schema"
        assert schema["name"]
        assert schema["description"]
        assert not schema["name"].startswith("Extension")


def test_the_names_of_resources_are_required_and_unique(rfc: ScimClient) -> None:
    found = published(rfc)
    for attribute in (found[USER]["userName"], found[GROUP]["displayName"]):
        assert (attribute["required"], attribute["uniqueness"], attribute["caseExact"]) == (
            True,
            "server",
            False,
        )
    rfc.create_user("ada")
    rfc.create_group("Team A")
    assert rfc.post("/Users", {"userName": "ADA@contoso.example"})["scimType"] == "uniqueness"
    assert rfc.post("/Groups", {"displayName": "TEAM A"})["scimType"] == "uniqueness"


def test_the_characteristics_are_those_that_are_kept_to(rfc: ScimClient) -> None:
    found = published(rfc)
    members = sub_attributes(found[GROUP]["members"])
    assert (members["value"]["mutability"], members["display"]["mutability"]) == ("immutable", "readOnly")
    assert members["display"]["returned"] == "request"
    assert members["$ref"]["referenceTypes"] == members["type"]["canonicalValues"] == ["User"]
    manager = sub_attributes(found[ENTERPRISE]["manager"])
    assert manager["displayName"]["mutability"] == "readOnly"
    assert (manager["$ref"]["type"], manager["$ref"]["referenceTypes"]) == ("reference", ["User"])
    assert found[USER]["active"]["required"]
    assert sub_attributes(found[USER]["roles"])["value"]["caseExact"]
    assert [name for name, one in found[USER].items() if one["required"]] == ["userName", "active"]
    assert not any(one["required"] for one in found[ENTERPRISE].values())


def test_what_the_mapping_requires_is_announced_as_required(make_client: MakeClient, settings: Any) -> None:
    with_mapping(settings, "Strict")
    client = make_client("rfc")
    found = published(client)
    assert {name for name, one in found[USER].items() if one["required"]} == {
        "userName", "active", "emails", "displayName", "name",
    }  # fmt: skip
    assert [name for name, one in found[ENTERPRISE].items() if one["required"]] == ["department"]
    parts = sub_attributes(found[USER]["name"])
    assert [name for name, part in parts.items() if part["required"]] == ["honorificPrefix"]
    assert not any(part["required"] for part in sub_attributes(found[USER]["emails"]).values())
    assert client.get("/ResourceTypes/User")["schemaExtensions"] == [{"schema": ENTERPRISE, "required": True}]
    full = {
        "userName": "ada",
        "displayName": "Ada",
        "name": {"honorificPrefix": "Dr."},
        "emails": [{"type": "work", "value": "ada@contoso.example"}],
        ENTERPRISE: {"department": "Sales"},
    }
    for name in full:
        lacking = {key: value for key, value in full.items() if key != name}
        assert client.post("/Users", lacking).status == 400, name
    user = client.post("/Users", full)
    assert user.status == 201
    for path in ("displayName", "name.honorificPrefix", "emails", f"{ENTERPRISE}:department"):
        assert client.patch(f"/Users/{user.id}", {"op": "remove", "path": path}).status == 400, path
    assert client.get(f"/Users/{user.id}").json == user.json


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("emails", ["work", "home", "other"]),
        ("addresses", ["work", "home", "other"]),
        ("phoneNumbers", ["work", "home", "mobile", "fax", "pager", "other"]),
        ("roles", None),
        ("ims", None),
        ("photos", None),
        ("entitlements", None),
    ],
)
def test_T15_types_are_enumerated_where_entra_needs_them(
    rfc: ScimClient, name: str, values: list[str] | None
) -> None:
    kind = sub_attributes(published(rfc)[USER][name])["type"]
    assert kind.get("canonicalValues") == values


@pytest.mark.parametrize("preset", ["rfc", "flow_connect"])
def test_T15_every_attribute_of_entras_default_mapping_is_derived(
    make_client: MakeClient, preset: str
) -> None:
    schemas = {schema["id"]: schema for schema in make_client(preset).get("/Schemas")["Resources"]}
    users, groups = derived_names(schemas)
    lacking = {wanted_name(line) for line in DEFAULT.users if wanted_name(line).lower() not in users}
    # A common attribute is part of no schema (RFC 7643 section 3.1).
    assert lacking == {"externalId"}
    assert {line.target_text for line in DEFAULT.groups if line.target_text.lower() not in groups} == {
        "externalId"
    }


@pytest.mark.examplehub
def test_T15_every_attribute_of_the_other_products_mapping_is_derived(fabrikam: ScimClient) -> None:
    schemas = {schema["id"]: schema for schema in fabrikam.get("/Schemas")["Resources"]}
    users, _groups = derived_names(schemas)
    wanted = {wanted_name(line) for line in FLOWCASE_TABLE.users}
    assert {name for name in wanted if name.lower() not in users} == {"externalId"}
