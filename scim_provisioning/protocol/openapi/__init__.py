"""The SCIM face of a connection as an OpenAPI 3.1 document, made of what the protocol knows already."""

from scim_provisioning.protocol.openapi.document import describe
from scim_provisioning.protocol.openapi.face import Face, Kind

__all__ = ["Face", "Kind", "describe"]
