"""What there is to describe: the parts of a connection's face that differ from one connection to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scim_provisioning.protocol.messages import Limits

# JSON Schema, or another part of the description.
Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """One resource type, with its schemas as a client may read and write them; the first is the core schema.

    ``patch_status`` is what answers a PATCH (RFC 7644 section 3.5.2).
    """

    name: str
    schemas: Sequence[Json]
    patch_status: int

    @property
    def endpoint(self) -> str:
        """The path of the list."""
        return f"/{self.name}s"


@dataclass(frozen=True, slots=True)
class Face:
    """One connection, as an identity provider sees it.

    ``url`` is its tenant URL. With ``token_principal`` any request may be refused for the person behind the token.
    """

    title: str
    version: str
    url: str
    kinds: Sequence[Kind]
    limits: Limits
    guid_external_id: bool = False
    refuse_unmapped: bool = False
    token_principal: bool = False
