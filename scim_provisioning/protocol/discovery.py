"""What the service says about itself (RFC 7643 sections 5 to 7)."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from scim2_models import Resource

from scim_provisioning.protocol.messages import Limits
from scim_provisioning.protocol.schemas import ResourceModel

CONFIG_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
# How long a cursor can be used (RFC 9865 section 4).
CURSOR_SECONDS = 3600
# Extension URN or "" for the core schema, and the attribute.
Place = tuple[str, str]
# Never kept; a password is refused by Microsoft's validator as well.
UNPUBLISHED = frozenset({"password", "groups"})
# A user always has it: it can be changed but not taken away.
ALWAYS_THERE = frozenset({"active"})
# Refused by Microsoft's validator.
UNPUBLISHED_SUB_ATTRIBUTES: Mapping[str, AbstractSet[str]] = {"emails": frozenset({"display", "primary"})}
# What the models leave open; the members of a group are users alone.
CORRECTIONS: dict[tuple[str, str], dict[str, Any]] = {
    ("members", "$ref"): {"referenceTypes": ["User"]},
    ("members", "type"): {"canonicalValues": ["User"]},
    ("manager", "$ref"): {"type": "reference", "referenceTypes": ["User"]},
}


def service_provider_config(limits: Limits, location: str) -> dict[str, Any]:
    """Return the features as they are, with the limits as they are enforced (RFC 7643 section 5)."""
    return {
        "schemas": [CONFIG_SCHEMA],
        "documentationUri": "https://datatracker.ietf.org/doc/html/rfc7644",
        "patch": {"supported": True},
        "bulk": {"supported": True, "maxOperations": limits.operations, "maxPayloadSize": limits.body_bytes},
        "filter": {"supported": True, "maxResults": limits.page},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "pagination": {
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": limits.page,
            "maxPageSize": limits.page,
            "cursorTimeout": CURSOR_SECONDS,
        },
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "OAuth Bearer Token",
                "description": "A bearer token of the connection, sent in the Authorization header.",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": location},
    }


@dataclass(frozen=True, slots=True)
class Offer:
    """What a connection has of a resource type, beyond what the model says.

    ``kept`` is None where every attribute of the model is kept. In ``required``, the last name is that of a
    sub-attribute, or empty.
    """

    kept: AbstractSet[Place] | None = None
    hidden: AbstractSet[Place] = frozenset()
    required: AbstractSet[tuple[str, str, str]] = frozenset()
    unique: AbstractSet[Place] = frozenset()

    def has(self, place: Place) -> bool:
        """Return whether an attribute is kept, and returned."""
        if place[1] in UNPUBLISHED or place in self.hidden:
            return False
        return self.kept is None or place in self.kept


def published_schemas(
    model: ResourceModel,
    offer: Offer,
    unpublished: Mapping[str, AbstractSet[str]] = UNPUBLISHED_SUB_ATTRIBUTES,
) -> list[dict[str, Any]]:
    """Return the schemas of a resource type and its extensions (RFC 7643 section 7, T15).

    An extension of which nothing is kept has no schema.

    :param unpublished: sub-attributes that are kept and not spoken of.
    """
    base: Any = next(
        cls
        for cls in model.__mro__
        if issubclass(cls, Resource) and not hasattr(cls, "__scim_extension_metadata__")
    )
    core = base.to_schema().model_dump()
    core["description"] = "User Account" if core["name"] == "User" else core["name"]
    documents = [_kept(core, "", offer, unpublished)]
    for urn, extension in model.get_extension_models().items():
        document = extension.to_schema().model_dump()
        document["name"] = _schema_name(urn)
        document["description"] = f"{document['name']} extension"
        documents.append(_kept(document, urn, offer, unpublished))
    return [document for document in documents if document["attributes"]]


def schema_extensions(schemas: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return how a resource type names the extensions among its published schemas (RFC 7643 section 6)."""
    return [
        {
            "schema": schema["id"],
            "required": any(attribute["required"] for attribute in schema["attributes"]),
        }
        for schema in schemas[1:]
    ]


def _schema_name(urn: str) -> str:
    """Return a name for people: ``EnterpriseUser`` for ``urn:…:enterprise:2.0:User``."""
    parts = [part for part in urn.split(":") if part.isidentifier()]
    return "".join(part[:1].upper() + part[1:] for part in parts[-2:])


def _kept(
    document: dict[str, Any], urn: str, offer: Offer, unpublished: Mapping[str, AbstractSet[str]]
) -> dict[str, Any]:
    attributes = [
        _published(attribute, urn, offer, unpublished.get(attribute["name"], frozenset()))
        for attribute in document["attributes"]
        if offer.has((urn, attribute["name"]))
    ]
    return {**document, "attributes": attributes}


def _published(attribute: dict[str, Any], urn: str, offer: Offer, hidden: AbstractSet[str]) -> dict[str, Any]:
    name = attribute["name"]
    required = (urn, name, "") in offer.required or (not urn and name in ALWAYS_THERE)
    published = {**attribute, "required": attribute["required"] or required}
    if (urn, name) in offer.unique:
        published["uniqueness"] = "server"
    if "subAttributes" in attribute:
        published["subAttributes"] = [
            {
                **sub,
                "required": sub["required"] or (urn, name, sub["name"]) in offer.required,
                **CORRECTIONS.get((name, sub["name"]), {}),
            }
            for sub in attribute["subAttributes"]
            if sub["name"] not in hidden
        ]
    return published
