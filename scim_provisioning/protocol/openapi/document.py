"""The whole description."""

from scim2_models import ResourceType, Schema, ServiceProviderConfig

from scim_provisioning.protocol.codes import CODES
from scim_provisioning.protocol.openapi import attributes, messages
from scim_provisioning.protocol.openapi.face import Face, Json
from scim_provisioning.protocol.openapi.messages import rows_of
from scim_provisioning.protocol.openapi.parameters import parameters
from scim_provisioning.protocol.openapi.paths import Paths
from scim_provisioning.protocol.openapi.responses import (
    HEADERS,
    error_answers,
    error_name,
    error_statuses,
)

OPENAPI = "3.1.0"
DESCRIPTION = """\
SCIM 2.0 (RFC 7643, RFC 7644) of one connection, as its policy and the mapping of the Hub make it.

Names of endpoints and attributes are read in any letter case. Query parameters that nobody knows are ignored.
Answers are application/scim+json whatever Accept says. Every refusal is a SCIM Error whose detail ends with a stable
code in square brackets."""


def describe(face: Face) -> Json:
    """Return the OpenAPI 3.1 document of a face."""
    return {
        "openapi": OPENAPI,
        "info": {"title": face.title, "version": face.version, "description": DESCRIPTION},
        "servers": [{"url": face.url}],
        "security": [{"bearer": []}],
        "paths": Paths(face).all(),
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A token of the connection (RFC 6750).",
                }
            },
            "parameters": parameters(face.limits),
            "headers": HEADERS,
            "responses": error_answers(),
            "schemas": schemas(face),
        },
    }


def schemas(face: Face) -> dict[str, Json]:
    """Return every schema by its name."""
    made: dict[str, Json] = {}
    for kind in face.kinds:
        made[kind.name] = attributes.shown(kind)
        made[f"{kind.name}Write"] = attributes.written(kind, face)
        made[f"{kind.name}List"] = messages.list_of(messages.reference(kind.name))
    made["AnyList"] = messages.list_of(
        messages.either([messages.reference(kind.name) for kind in face.kinds])
    )
    for model in (ServiceProviderConfig, ResourceType, Schema):
        schema = model.to_schema().model_dump()
        made[model.__name__] = attributes.document(schema)
        if model is not ServiceProviderConfig:
            made[f"{model.__name__}List"] = messages.list_of(messages.reference(model.__name__))
    return {
        **made,
        "PatchOp": messages.patch(face.limits),
        "SearchRequest": messages.search_request(face.limits),
        "BulkRequest": messages.bulk_request(face.kinds, face.limits),
        "BulkResponse": messages.bulk_response(),
        "Error": messages.error(CODES.values()),
        **{error_name(status): messages.error(rows_of(status)) for status in error_statuses()},
    }
