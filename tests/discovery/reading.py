"""Discovery documents as a client reads them, and values that fit what they announce."""

from collections.abc import Iterator
from typing import Any

from tests.factories import IS_EXAMPLE
from tests.scim import ENTERPRISE, FLOWCASE, ScimClient

Schemas = dict[str, dict[str, dict[str, Any]]]
# What a Hub judges by its own tables is given a value that is in them.
KNOWN_VALUES: dict[tuple[str, str, str], Any] = {
    (FLOWCASE, "countryCode", ""): "NO",
    (FLOWCASE, "countryName", ""): "Norway",
    ("roles", "value", ""): "consultant",
}


def published(client: ScimClient) -> Schemas:
    """Return the attributes of each published schema by their names."""
    return {
        schema["id"]: {attribute["name"]: attribute for attribute in schema["attributes"]}
        for schema in client.get("/Schemas")["Resources"]
    }


def sub_attributes(attribute: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the sub-attributes of a complex attribute by their names."""
    return {sub["name"]: sub for sub in attribute["subAttributes"]}


def every_attribute(client: ScimClient) -> Iterator[dict[str, Any]]:
    """Yield every attribute and sub-attribute of every schema."""
    for attributes in published(client).values():
        for attribute in attributes.values():
            yield attribute
            yield from attribute.get("subAttributes", [])


def value_for(attribute: dict[str, Any], urn: str = "", *, number: int = 1) -> Any:
    """Return a value that fits an announced attribute; another *number*, another value."""
    name = attribute["name"]
    if attribute["type"] == "complex":
        entry = {
            sub["name"]: value_for(sub, name, number=number)
            for sub in attribute["subAttributes"]
            if sub["mutability"] != "readOnly"
        }
        if "primary" in entry:
            entry["primary"] = number == 1
        return [entry] if attribute["multiValued"] else entry
    if (urn, name, "") in KNOWN_VALUES and (IS_EXAMPLE or urn != "roles"):
        return KNOWN_VALUES[urn, name, ""]
    if attribute["type"] == "boolean":
        return True
    if attribute["type"] == "binary":
        return ["TWFu", "bWFu"][number - 1]
    if "canonicalValues" in attribute:
        return attribute["canonicalValues"][number - 1]
    return f"{name}{number}@contoso.example" if urn in ("", "emails") else f"{name} {number}"


def user_of(schemas: Schemas, core: str, *, number: int = 1) -> dict[str, Any]:
    """Return the body of a user that has every announced attribute."""
    body = {name: value_for(attribute, number=number) for name, attribute in schemas[core].items()}
    for urn, attributes in schemas.items():
        if urn != core and urn.endswith(":User"):
            body[urn] = {
                name: value_for(attribute, urn, number=number) for name, attribute in attributes.items()
            }
    if "manager" in body.get(ENTERPRISE, {}):
        body[ENTERPRISE]["manager"] = {"value": f"manager {number}"}
    return body
