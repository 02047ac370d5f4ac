"""SCIM schemas (RFC 7643 section 7) as JSON Schema: what an answer shows, and what a body may hold."""

from collections.abc import Iterable
from typing import Any

from scim_provisioning.protocol.discovery import ALWAYS_THERE
from scim_provisioning.protocol.members import MEMBERS
from scim_provisioning.protocol.openapi.face import Face, Json, Kind

_TYPES: dict[str, Json] = {
    "string": {"type": "string"},
    "boolean": {"type": "boolean"},
    "decimal": {"type": "number"},
    "integer": {"type": "integer"},
    "dateTime": {"type": "string", "format": "date-time"},
    # Kept letter by letter, so not each one is a URI.
    "reference": {"type": "string"},
    "binary": {"type": "string", "contentEncoding": "base64"},
}
_NOT_EMPTY: dict[str, Json] = {"string": {"minLength": 1}, "array": {"minItems": 1}}
UUID: Json = {"type": "string", "format": "uuid"}


def texts(*allowed: str) -> Json:
    """Return the schema of ``schemas``: URNs of these."""
    return {"type": "array", "items": {"enum": list(allowed)}, "minItems": 1}


def shown(kind: Kind) -> Json:
    """Return a resource as it is answered; ``attributes`` may leave nothing of it but its id (RFC 7644 section 3.9)."""
    core, *extensions = kind.schemas
    return {
        "type": "object",
        "required": ["schemas", "id"],
        "properties": {
            "schemas": texts(*(schema["id"] for schema in kind.schemas)),
            "id": UUID,
            "externalId": {"type": "string"},
            **_properties(core["attributes"]),
            **{schema["id"]: _object(schema["attributes"]) for schema in extensions},
            "meta": meta(kind.name),
        },
    }


def written(kind: Kind, face: Face) -> Json:
    """Return the body of a POST or PUT; what is read-only is ignored there (RFC 7644 sections 3.3 and 3.5.1)."""
    core, *extensions = kind.schemas
    unknown = "refused" if face.refuse_unmapped else "ignored"
    body = _object(core["attributes"], is_body=True)
    parts = {schema["id"]: _object(schema["attributes"], is_body=True) for schema in extensions}
    if MEMBERS in body["properties"]:
        body["properties"][MEMBERS] |= {"maxItems": face.limits.members}
    is_guid = face.guid_external_id and kind.name == "User"
    return {
        **body,
        "description": f"Names are read in any letter case; an attribute that is not listed is {unknown}.",
        "required": [*body["required"], *(urn for urn, part in parts.items() if part["required"])],
        "properties": {
            "schemas": {"type": "array", "items": {"type": "string"}},
            "externalId": UUID if is_guid else {"type": "string"},
            **body["properties"],
            **parts,
        },
    }


def document(schema: Json) -> Json:
    """Return a document of discovery as it is answered (RFC 7644 section 4)."""
    return {
        "type": "object",
        "required": ["schemas"],
        "properties": {
            "schemas": texts(schema["id"]),
            **_properties(schema["attributes"]),
            "meta": meta(schema["name"], is_versioned=False),
        },
    }


def meta(name: str, *, is_versioned: bool = True) -> Json:
    """Return ``meta`` of a resource (RFC 7643 section 3.1)."""
    properties: Json = {"resourceType": {"const": name}, "location": {"type": "string", "format": "uri"}}
    if is_versioned:
        moments = {"created": _TYPES["dateTime"], "lastModified": _TYPES["dateTime"]}
        properties = {**properties, **moments, "version": {"type": "string"}}
    return {"type": "object", "properties": properties}


def _properties(attributes: Iterable[Json], *, is_body: bool = False) -> dict[str, Json]:
    """Return attributes by their names; an answer holds none that is never returned, a body none that is read-only."""
    left_out = ("mutability", "readOnly") if is_body else ("returned", "never")
    return {
        attribute["name"]: _attribute(attribute, is_body=is_body)
        for attribute in attributes
        if attribute[left_out[0]] != left_out[1]
    }


def _object(attributes: Iterable[Json], *, is_body: bool = False) -> Json:
    """Return what is made of attributes. Of a body, those that are required; what is always there need not be sent."""
    listed = list(attributes)
    made: dict[str, Any] = {"type": "object", "properties": _properties(listed, is_body=is_body)}
    if is_body:
        required = [one["name"] for one in listed if one["required"] and one["name"] in made["properties"]]
        made["required"] = [name for name in required if name not in ALWAYS_THERE]
    return made


def _attribute(attribute: Json, *, is_body: bool) -> Json:
    if attribute["type"] == "complex":
        single = _object(attribute.get("subAttributes") or (), is_body=is_body)
    else:
        single = dict(_TYPES[attribute["type"]])
    if values := attribute.get("canonicalValues"):
        # Suggestions: other values are kept as well (RFC 7643 section 7).
        single["examples"] = list(values)
    described: Json = {"type": "array", "items": single} if attribute["multiValued"] else single
    if is_body and attribute["required"]:
        # What is empty counts as not sent (R4).
        described |= _NOT_EMPTY.get(described["type"], {})
    if text := attribute.get("description"):
        described["description"] = text
    return described
