"""Sorted lists and their pages, held against Python's own order (RFC 7644 section 3.4.2.3, RFC 9865)."""

import os
import random
from typing import Any

import pytest
from scim2_models import ScimFilter

from scim_provisioning.api.base import limits
from scim_provisioning.api.queries import find_page
from scim_provisioning.mapping.rows import Rows
from scim_provisioning.models import UserResource, folded, name_key
from scim_provisioning.protocol.filters import resolve_path, value_of
from scim_provisioning.protocol.messages import Page
from scim_provisioning.protocol.projection import read_projection
from scim_provisioning.protocol.searches import Search
from tests.conftest import MakeClient
from tests.factories import GROUPS, IS_EXAMPLE, USERS, seed_places
from tests.filters.expressions import GROUP_PATHS, USER_PATHS
from tests.filters.people import People
from tests.filters.test_database_equals_evaluator import World, everything
from tests.scim import ENTERPRISE, ScimClient, user_body

pytestmark = pytest.mark.django_db

SEED = int(os.environ.get("SCIM_SORT_SEED", "20250101"))
MOMENTS = {"meta.created": "created_at", "meta.lastModified": "modified_at"}
NOT_SORTED_BY = {"meta.resourceType", "meta.version", "name", "addresses"}


@pytest.fixture
def client(make_client: MakeClient, organization: Any) -> ScimClient:
    """Return a client of preset rfc, which keeps what the Hub has no column for."""
    if IS_EXAMPLE:
        seed_places(organization)
    return make_client("rfc", organization, high_roles=True)


class Sorted:
    """The order that Python puts resources in."""

    def __init__(self, world: World) -> None:
        self.world = world
        columns = ("pk", *MOMENTS.values())
        found = world.rows.queryset().values_list(*columns)
        self.moments = {str(pk): dict(zip(MOMENTS, moments, strict=True)) for pk, *moments in found}

    def ids(self, path: str, *, descending: bool) -> list[str]:
        """Return the ids: those without the attribute last, or first when descending, ties by id."""
        keyed = [(self.key(resource, path), resource["id"]) for resource in self.world.shown]
        ordered = sorted(keyed, key=lambda pair: (pair[0] is None, pair[0] or "", pair[1]))
        ids = [pk for _key, pk in ordered]
        return ids[::-1] if descending else ids

    def key(self, resource: dict[str, Any], path: str) -> Any:
        """Return what a resource is sorted by."""
        if path in MOMENTS:
            return self.moments[resource["id"]][path]
        text = leading(resource, path)
        if text is None or path == "id":
            return text
        if path in ("userName", self.world.rows.mapping.name_attribute):
            return name_key(text)
        return text if self.case_exact(path) else folded(text)

    def case_exact(self, path: str) -> bool:
        """Return whether the case of letters matters, in the value of an attribute that has several parts."""
        node: Any = ScimFilter(f"{path} pr").ast
        return bool(resolve_path(self.world.model, value_of(self.world.model, node.attr_path)).case_exact)


def leading(resource: dict[str, Any], path: str) -> str | None:
    """Return the text under a path: of the primary entry where there are several, or else of the first."""
    urn, _colon, name = path.rpartition(":")
    attribute, _dot, sub_attribute = name.partition(".")
    found = (resource.get(urn, {}) if urn else resource).get(attribute)
    if isinstance(found, list):
        primary = [entry for entry in found if entry.get("primary")]
        found = (primary or found)[0]
    if isinstance(found, dict):
        found = found.get(sub_attribute or "value")
    return str(found).lower() if isinstance(found, bool) else found


def sorted_ids(rows: Rows, path: str, *, descending: bool) -> list[str]:
    """Return the ids in the order of the database."""
    found = find_page(rows, everything(rows, sort_by=path, descending=descending), limits())
    return [str(row.id) for row in found.rows]


def disagreements(world: World, paths: list[str]) -> list[str]:
    """Return the attributes that the database sorts otherwise than Python."""
    expected = Sorted(world)
    return [
        f"{path} {'descending' if descending else 'ascending'}"
        for path in paths
        for descending in (False, True)
        if sorted_ids(world.rows, path, descending=descending) != expected.ids(path, descending=descending)
    ]


def test_users_are_sorted_by_any_attribute_as_python_sorts_them(client: ScimClient) -> None:
    People(client, SEED).make_users(80)
    users = USERS(client.connection)
    paths = [path for path in dict.fromkeys(USER_PATHS) if path not in NOT_SORTED_BY]
    assert len(paths) > 60
    assert disagreements(World(users, users), paths) == []


def test_groups_are_sorted_by_any_attribute_as_python_sorts_them(client: ScimClient) -> None:
    people = People(client, SEED)
    people.make_users(5)
    people.make_groups(40)
    world = World(GROUPS(client.connection), USERS(client.connection))
    paths = [
        path for path in dict.fromkeys(GROUP_PATHS) if path not in NOT_SORTED_BY and "members" not in path
    ]
    assert disagreements(world, paths) == []


@pytest.mark.parametrize(
    "path",
    ["nowhere", "name", "addresses", "members", "meta.location", "emails.nowhere", 'emails[type eq "work"]'],
)
def test_what_cannot_be_sorted_by_is_refused(client: ScimClient, path: str) -> None:
    answer = client.get("/Users", sortBy=path)
    assert (answer.status, answer["scimType"]) == (400, "invalidPath")


SORTED_BY = [None, "userName", "title", "emails", "active", "meta.lastModified", f"{ENTERPRISE}:department"]


@pytest.mark.parametrize("path", SORTED_BY)
def test_pages_by_index_and_by_cursor_are_the_whole_list(client: ScimClient, path: str | None) -> None:
    People(client, SEED).make_users(30)
    for order in ("ascending", "descending"):
        asked = {"sortBy": path, "sortOrder": order} if path else {}
        whole = [found["id"] for found in client.get("/Users", count="200", **asked)["Resources"]]
        assert len(whole) > 25
        for size in (1, 7, 50):
            assert by_index(client, size, **asked) == whole
            assert by_cursor(client, size, **asked) == whole


def by_index(client: ScimClient, size: int, **asked: Any) -> list[str]:
    """Return the ids of all pages; each says how many there are in all."""
    ids: list[str] = []
    total = 1
    while len(ids) < total:
        page = client.get("/Users", startIndex=str(len(ids) + 1), count=str(size), **asked)
        assert 0 < len(page["Resources"]) <= size
        assert total in (1, page["totalResults"])
        total = page["totalResults"]
        ids += [found["id"] for found in page["Resources"]]
    return ids


def by_cursor(client: ScimClient, size: int, between: Any = None, **asked: Any) -> list[str]:
    """Return the ids of all pages, nobody's twice; *between* is called between two of them."""
    ids: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get("/Users", cursor=cursor, count=str(size), **asked)
        assert page.status == 200, page.json
        assert len(page["Resources"]) <= size
        ids += [found["id"] for found in page["Resources"]]
        assert len(ids) == len(set(ids))
        cursor = page.json.get("nextCursor")
        if between:
            between(ids)
    return ids


@pytest.mark.parametrize("order", ["ascending", "descending"])
@pytest.mark.parametrize(("seed", "path"), list(enumerate(SORTED_BY)))
def test_a_cursor_misses_and_repeats_nobody_while_others_come_and_go(
    client: ScimClient, path: str | None, order: str, seed: int
) -> None:
    people = People(client, SEED + seed)
    people.make_users(40)
    chance = random.Random(seed)
    throughout = set(map(str, UserResource.objects.values_list("pk", flat=True)))

    def between(seen: list[str]) -> None:
        nonlocal throughout
        for _ in range(chance.randrange(3)):
            # Now and then the very user that the cursor names.
            gone = seen[-1] if seen and chance.random() < 0.3 else chance.choice(sorted(throughout))
            if gone in throughout:
                assert client.delete(f"/Users/{gone}").status == 204
                throughout.remove(gone)
        if len(seen) < 100:
            name = f"new-{chance.random()}"
            body = user_body(name, title=people.text(), emails=[{"type": "work", "value": people.text()}])
            assert client.post("/Users", body).status == 201

    asked = {"sortBy": path, "sortOrder": order} if path else {}
    assert throughout <= set(by_cursor(client, 5, between, **asked))


def test_a_page_loads_no_more_rows_than_it_returns(
    client: ScimClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    People(client, SEED).make_users(30)
    loaded: list[int] = []
    select = Rows.select

    def counted(rows: Rows, queryset: Any) -> Any:
        found = select(rows, queryset)
        loaded.append(len(found))
        return found

    monkeypatch.setattr(Rows, "select", counted)
    rows = Rows(USERS(client.connection))
    for cursor in (None, ""):
        search = Search(
            filter="userName pr",
            page=Page(1, 7),
            cursor=cursor,
            sort_by="title",
            descending=False,
            projection=read_projection({}),
        )
        assert len(find_page(rows, search, limits()).rows) == 7
    assert loaded == [7, 7]
