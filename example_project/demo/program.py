"""What is played, where, and with whom: the rules of each section, and the directories to begin with."""

from __future__ import annotations

from dataclasses import dataclass

from example_project.demo import (
    flow_connect,
    flow_connect_adoption,
    flow_connect_groups,
    flow_connect_members,
    flow_connect_users,
    flowcase,
    flowcase_places,
    flowcase_roles,
    flowcase_users,
)
from example_project.demo.common import LIFE, TENANCY
from example_project.demo.rules import Rule
from example_project.demo.scene import domain_of
from example_project.demo.stage import FLOW_CONNECT, FLOWCASE, Product
from scim_provisioning.simulator import Dialect, Directory, Recipe, generate_directory


@dataclass(frozen=True, slots=True)
class Act:
    """The rules of one section of the table, in the order of the story."""

    section: str
    product: Product
    rules: tuple[Rule, ...]


ACTS = (
    Act(
        "Flow Connect · organization contoso",
        FLOW_CONNECT,
        (
            *LIFE,
            *flow_connect.RULES,
            *flow_connect_users.RULES,
            *flow_connect_adoption.RULES,
            *flow_connect_groups.RULES,
            *flow_connect_members.RULES,
        ),
    ),
    Act(
        "Flowcase · organization fabrikam",
        FLOWCASE,
        (*LIFE, *flowcase.RULES, *flowcase_users.RULES, *flowcase_places.RULES, *flowcase_roles.RULES),
    ),
    Act("Between organizations", FLOW_CONNECT, tuple(TENANCY)),
)

# Fabrikam's people work where the example Hub has a department of that name (B13).
RECIPES = {
    FLOW_CONNECT: {"seed": 3},
    FLOWCASE: {"seed": 4, "departments": ("Finance",), "places": (("DK", "København", "da-DK"),)},
}
USERS = 25
GROUPS = 3


def opening(product: Product, dialect: Dialect) -> Directory:
    """Return the directory that a scene begins with, the same at every rehearsal."""
    domain = domain_of(product.organization, dialect)
    recipe = Recipe(users=USERS, groups=GROUPS, domain=domain, **RECIPES[product])  # type: ignore[arg-type]
    return generate_directory(recipe)
