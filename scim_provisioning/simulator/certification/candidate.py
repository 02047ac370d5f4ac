"""The server under test: where it is, how to get in, and what is mapped to it."""

from __future__ import annotations

from dataclasses import dataclass, field

import httpx

from scim_provisioning.simulator.app import EntraApp
from scim_provisioning.simulator.certification.specimens import Specimens
from scim_provisioning.simulator.client import TokenForm
from scim_provisioning.simulator.dialects import Dialect
from scim_provisioning.simulator.mapping import MappingTable


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """What T21 and T22 need: a token endpoint, and a client's secret or its signed assertion."""

    token_url: str
    client_id: str
    secret: str | None = field(default=None, repr=False)
    assertion: str | None = field(default=None, repr=False)
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A server that wants to be certified."""

    url: str
    token: str = field(repr=False)
    mapping: MappingTable
    specimens: Specimens = field(default_factory=Specimens)
    oauth: OAuthClient | None = None
    token_form: TokenForm | str = TokenForm.BEARER
    timeout: float = 30.0
    transport: httpx.BaseTransport | None = None

    def application(self, dialect: Dialect) -> EntraApp:
        """Return a new enterprise application with an empty directory."""
        return EntraApp(
            self.url,
            self.token,
            mapping=self.mapping,
            dialect=dialect,
            token_form=self.token_form,
            timeout=self.timeout,
            transport=self.transport,
        )
