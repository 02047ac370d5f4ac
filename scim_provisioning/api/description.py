"""The OpenAPI description of one connection: discovery, limits and policy, handed to ``protocol.openapi``."""

from importlib.metadata import version
from typing import Any

from scim_provisioning.api.base import limits
from scim_provisioning.api.discovery import mappings_of, offer_of
from scim_provisioning.models import Connection
from scim_provisioning.protocol.discovery import published_schemas
from scim_provisioning.protocol.openapi import Face, Kind, describe

DISTRIBUTION = "django-scim-provisioning"


def describe_connection(connection: Connection, url: str) -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of a connection, as it is now.

    :param url: its tenant URL.
    """
    tolerance = connection.tolerance()
    return describe(
        Face(
            title=f"SCIM 2.0 of {connection}",
            version=version(DISTRIBUTION),
            url=url,
            kinds=kinds_of(connection),
            limits=limits(),
            guid_external_id=connection.external_id_format == Connection.ExternalIdFormat.GUID,
            refuse_unmapped=tolerance.refuse_unmapped,
            token_principal=connection.token_principal,
        )
    )


def kinds_of(connection: Connection) -> list[Kind]:
    """Return the resource types of a connection, with all that is kept, also what Microsoft's validator refuses."""
    statuses = {"User": connection.user_patch_response, "Group": connection.group_patch_response}
    return [
        Kind(
            mapping.resource_type,
            published_schemas(mapping.scim_model(), offer_of(mapping), unpublished={}),
            statuses[mapping.resource_type],
        )
        for mapping in mappings_of(connection)
    ]
