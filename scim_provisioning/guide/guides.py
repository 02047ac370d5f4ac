"""Which guide a connection has: the texts of a product by the name of its preset, or the general one."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from scim_provisioning.guide import flow_connect, flowcase, general
from scim_provisioning.guide.blocks import Step
from scim_provisioning.guide.setups import Setup
from scim_provisioning.models import Connection


@dataclass(frozen=True, slots=True)
class Guide:
    """A product's steps, and how it wants the tenant URL and the token pasted.

    :param flag: whether the URL gets Entra's flag; a product that does not insist works with and without.
    """

    steps: Callable[[Setup], Iterable[Step]]
    flag: bool = False
    quoted_token: bool = False


GENERAL = Guide(general.steps)
GUIDES: Mapping[str, Guide] = {
    "flow_connect": Guide(flow_connect.steps),
    "flowcase": Guide(flowcase.steps, flag=True, quoted_token=True),
}


def guide_of(connection: Connection) -> Guide:
    """Return the guide of a connection."""
    return GUIDES.get(connection.preset, GENERAL)


def setup_of(connection: Connection, tenant_url: str = "") -> Setup:
    """Return a connection as its guide sees it."""
    guide = guide_of(connection)
    return Setup(connection, tenant_url, guide.flag, guide.quoted_token)


def steps_of(setup: Setup) -> list[Step]:
    """Return the steps of a connection's guide."""
    return list(guide_of(setup.connection).steps(setup))
