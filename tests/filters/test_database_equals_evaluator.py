"""The database finds exactly what scim2-models' evaluator accepts (T20; RFC 7644 section 3.4.2.2).

The evaluator judges resources as answers show them. It compares text by the key given to it here, the one that
the database uses: names by ``name_key`` (T22), caseExact attributes letter by letter, all others without case.
"""

import os
from typing import Any

import pytest
from scim2_models import ScimFilter, ScimPolicy

from scim_provisioning.api.base import limits
from scim_provisioning.api.queries import find_page
from scim_provisioning.api.representations import Representations
from scim_provisioning.mapping.rows import Rows
from scim_provisioning.mapping.users import ResourceMapping
from scim_provisioning.models import folded, name_key
from scim_provisioning.protocol.messages import Page
from scim_provisioning.protocol.projection import read_projection
from scim_provisioning.protocol.searches import Search
from tests.conftest import MakeClient
from tests.factories import GROUPS, IS_EXAMPLE, USERS, seed_places
from tests.filters.expressions import Expressions
from tests.filters.people import People
from tests.scim import ScimClient

pytestmark = pytest.mark.django_db

# A longer run: SCIM_FILTER_SEEDS="1 2 3 4" SCIM_FILTERS=1000.
SEEDS = [int(seed) for seed in os.environ.get("SCIM_FILTER_SEEDS", "20250101").split()]
FILTERS = int(os.environ.get("SCIM_FILTERS", "300"))
PEOPLE, TEAMS = 130, 40
NAMES = {("userName", "User"), ("displayName", "Group")}
BASE = "https://hub.example/scim"


def key(binding: Any, value: str) -> str:
    """Return what the evaluator compares in place of a text."""
    name, _dot, sub_attribute = binding.urn.rpartition(":")[2].partition(".")
    if not sub_attribute and (name, binding.urn.rpartition(":")[0].rpartition(":")[2]) in NAMES:
        return name_key(value)
    return value if binding.case_exact else folded(value)


def everything(rows: Rows, **search: Any) -> Search:
    """Return a search for all resources."""
    asked: dict[str, Any] = {"filter": None, "cursor": None, "sort_by": None, "descending": False, **search}
    return Search(page=Page(1, 10_000), projection=read_projection({}), **asked)


def shown(rows: Rows, users: Any) -> list[dict[str, Any]]:
    """Return all resources as answers show them, members with their names."""
    found = find_page(rows, everything(rows), limits()).rows
    rendered = Representations(rows.mapping, BASE, users).render(found, read_projection({}))
    names = {str(pk): name for pk, name in Rows(users).queryset().values_list("pk", "user_name")}
    for resource in rendered:
        for member in resource.get("members", ()):
            member["display"] = names[member["value"]]
        if not resource.get("members", True):
            # No entries are the same as no attribute (RFC 7643 section 2.5).
            del resource["members"]
    return rendered


class World:
    """The resources of one type, as the database and as the evaluator have them."""

    def __init__(self, mapping: ResourceMapping, users: Any) -> None:
        self.rows = Rows(mapping)
        self.model: Any = mapping.scim_model()
        self.shown = shown(self.rows, users)
        self.resources = {found["id"]: self.model.model_validate(found) for found in self.shown}

    def found(self, text: str) -> set[str]:
        """Return the ids that the database finds."""
        page = find_page(self.rows, everything(self.rows, filter=text), limits())
        assert page.total == len(page.rows)
        return {str(row.id) for row in page.rows}

    def accepted(self, text: str) -> set[str]:
        """Return the ids that the evaluator accepts."""
        with ScimPolicy(comparison_key=key):
            wanted = ScimFilter.__class_getitem__(self.model)(text)
            return {pk for pk, resource in self.resources.items() if wanted.match(resource)}

    def divergences(self, texts: list[str]) -> list[str]:
        """Return what the two disagree on."""
        told = []
        for text in texts:
            found, accepted = self.found(text), self.accepted(text)
            for pk in sorted(found ^ accepted)[:2]:
                resource = next(one for one in self.shown if one["id"] == pk)
                told.append(f"{'found' if pk in found else 'missed'} by {text}:\n    {resource}")
        return told


@pytest.fixture
def client(make_client: MakeClient, organization: Any) -> ScimClient:
    """Return a client of preset rfc, which keeps what the Hub has no column for."""
    if IS_EXAMPLE:
        seed_places(organization)
    return make_client("rfc", organization, high_roles=True)


@pytest.mark.parametrize("seed", SEEDS)
def test_T20_the_database_finds_the_users_that_the_evaluator_accepts(client: ScimClient, seed: int) -> None:
    People(client, seed).make_users(PEOPLE)
    users = USERS(client.connection)
    world = World(users, users)
    texts = Expressions(world.shown, seed)
    assert len(world.shown) * FILTERS >= (20_000 if len(SEEDS) == 1 else 0)
    assert world.divergences([texts.filter() for _ in range(FILTERS)]) == []


@pytest.mark.parametrize("seed", SEEDS)
def test_T20_the_database_finds_the_groups_that_the_evaluator_accepts(client: ScimClient, seed: int) -> None:
    people = People(client, seed)
    people.make_users(20)
    people.make_groups(TEAMS)
    world = World(GROUPS(client.connection), USERS(client.connection))
    texts = Expressions(world.shown, seed, groups=True)
    assert world.divergences([texts.filter() for _ in range(FILTERS)]) == []
