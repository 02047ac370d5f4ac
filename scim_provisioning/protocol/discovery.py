"""What the service says about itself (RFC 7643 sections 5 to 7)."""

from typing import Any

from scim2_models import Resource

from scim_provisioning.protocol.messages import Limits
from scim_provisioning.protocol.schemas import ENTERPRISE, ResourceModel

CONFIG_SCHEMA = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"
# How long a cursor can be used (RFC 9865 section 4).
CURSOR_SECONDS = 3600
# Refused by Microsoft's validator, or never kept.
UNPUBLISHED = frozenset({"password", "groups", "x509Certificates"})
# A user always has it: it can be changed but not taken away.
ALWAYS_THERE = frozenset({"active"})
UNPUBLISHED_SUB_ATTRIBUTES = {"emails": frozenset({"display", "primary"})}


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


def published_schemas(model: ResourceModel, *, managers: bool) -> list[dict[str, Any]]:
    """Return the schemas of a resource type and its extensions (RFC 7643 section 7, T15)."""
    base: Any = next(
        cls
        for cls in model.__mro__
        if issubclass(cls, Resource) and not hasattr(cls, "__scim_extension_metadata__")
    )
    schemas = [
        base.to_schema(),
        *(extension.to_schema() for extension in model.get_extension_models().values()),
    ]
    documents = [schema.model_dump() for schema in schemas]
    for document in documents:
        hidden = UNPUBLISHED | ({"manager"} if document["id"] == ENTERPRISE and not managers else set())
        document["attributes"] = [
            _published(attribute) for attribute in document["attributes"] if attribute["name"] not in hidden
        ]
        if document["name"] == "User":
            document["description"] = "User Account"
    return documents


def _published(attribute: dict[str, Any]) -> dict[str, Any]:
    if attribute["name"] in ALWAYS_THERE:
        return {**attribute, "required": True}
    hidden = UNPUBLISHED_SUB_ATTRIBUTES.get(attribute["name"], frozenset())
    if hidden and "subAttributes" in attribute:
        kept = [sub for sub in attribute["subAttributes"] if sub["name"] not in hidden]
        return {**attribute, "subAttributes": kept}
    return attribute
