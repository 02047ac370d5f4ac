"""One connection as its setup guide sees it: the policy, the Hub's mapping, and what to paste."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from scim_provisioning import conf
from scim_provisioning.mapping.groups import has_groups
from scim_provisioning.mapping.references import Reference
from scim_provisioning.mapping.roles import Roles
from scim_provisioning.mapping.targets import Target
from scim_provisioning.mapping.users import UserMapping
from scim_provisioning.models import Connection

FLAG = "?aadOptscim062020"


@dataclass(frozen=True)
class Setup:
    """What a guide is made from.

    :param tenant_url: the tenant URL, or nothing where the Hub does not include the endpoints.
    :param flag: whether the guide asks for Entra's newer request format.
    :param quoted_token: whether the guide asks for the token as ``token="…"``.
    """

    connection: Connection
    tenant_url: str = ""
    flag: bool = False
    quoted_token: bool = False

    @cached_property
    def mapping(self) -> UserMapping:
        """The Hub's mapping of users, bound to the connection."""
        mapping: UserMapping = conf.imported("USER_MAPPING")(self.connection)
        return mapping

    @property
    def groups(self) -> bool:
        """Whether the connection provisions groups."""
        return has_groups(self.connection)

    @property
    def pasted_url(self) -> str:
        """The tenant URL as it is pasted into the identity provider."""
        return f"{self.tenant_url}{FLAG}" if self.flag and self.tenant_url else self.tenant_url

    @property
    def token_form(self) -> str:
        """How the token is pasted."""
        return 'token="YOUR_TOKEN"' if self.quoted_token else "YOUR_TOKEN"

    @property
    def roles(self) -> Roles | None:
        """The mapping's line of roles, if it has one."""
        return next((line for _target, line in self.mapping.lines() if isinstance(line, Roles)), None)

    @property
    def references(self) -> list[tuple[Target, Reference]]:
        """The mapping's lines whose values must exist in the Hub."""
        return [(target, line) for target, line in self.mapping.lines() if isinstance(line, Reference)]

    def has(self, kind: type[Any]) -> bool:
        """Return whether the mapping has a line of a kind."""
        return any(isinstance(line, kind) for _target, line in self.mapping.lines())

    @property
    def reports_unknown(self) -> bool:
        """Whether a value that does not exist in the Hub is refused."""
        return self.connection.unknown_reference == Connection.Unknown.REJECT

    @property
    def excludes(self) -> bool:
        """Whether two attributes that exclude each other are refused."""
        refused = self.connection.exclusive_attributes == Connection.Unknown.REJECT
        return refused and bool(self.mapping.exclusive)

    @property
    def depends(self) -> bool:
        """Whether an attribute without the one it belongs to is refused."""
        refused = self.connection.dependent_attributes == Connection.Unknown.REJECT
        return refused and bool(self.mapping.dependent)

    @property
    def wants_guid(self) -> bool:
        """Whether externalId must be an objectId (A32)."""
        return self.connection.external_id_format == Connection.ExternalIdFormat.GUID

    @property
    def lower_case(self) -> bool:
        """Whether capital letters in the identifiers are refused (B7)."""
        return self.connection.letter_case == Connection.LetterCase.REJECT
