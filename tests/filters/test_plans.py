"""What filters, pages and writes cost among 100,000 users: indexes, and no more rows than are returned."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from scim_provisioning.api.base import limits
from scim_provisioning.api.ordering import write_cursor
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.mapping.rows import Rows
from scim_provisioning.models import UserResource
from scim_provisioning.protocol.searches import read_search
from tests.factories import USERS, OrganizationFactory
from tests.filters.crowd import Plan, plans, populate
from tests.scim import ScimClient, add_members, user_body

# The example Hub has indexes on UPPER of what is matched by; the other host has not.
pytestmark = [pytest.mark.postgres, pytest.mark.django_db, pytest.mark.examplehub]


@pytest.fixture(scope="module")
def crowd(django_db_setup: None, django_db_blocker: Any) -> Iterator[ScimClient]:
    """Return a client of a large organization; all of it lives in one transaction that is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        organization: Any = OrganizationFactory.create(slug="crowd")
        client = ScimClient(
            create_connection(
                organization, "rfc", existing_users="link", external_id_unique=True, protect_groups=False
            )
        )
        populate(client)
        # Once, and not again at the end of each test.
        connection.check_constraints()
        assert client.get("/Users", count="0")["totalResults"] == 100_001
        yield client
        transaction.set_rollback(True)


def scans(found: list[Plan]) -> list[Plan]:
    """Return the plans that read a large table from end to end."""
    return [plan for plan in found if plan.scanned]


@pytest.mark.parametrize(
    ("collection", "text"),
    [
        ("Users", 'userName eq "USER77777@contoso.example"'),
        ("Users", 'externalId eq "external-77777"'),
        ("Users", 'emails[type eq "work"].value eq "User77777@contoso.example"'),
        ("Users", 'emails[type eq "work" and value eq "User77777@contoso.example" and primary eq true]'),
        ("Users", 'active eq true and emails[type eq "work"].value eq "user77777@contoso.example"'),
        ("Groups", 'displayName eq "TEAM 4321"'),
        ("Groups", 'externalId eq "group-4321"'),
    ],
)
def test_a_match_filter_uses_an_index(crowd: ScimClient, collection: str, text: str) -> None:
    assert crowd.find(f"/{collection}", text)["totalResults"] == 1
    found = plans(lambda: crowd.find(f"/{collection}", text))
    assert scans(found) == []
    assert max(plan.buffers for plan in found) < 200


def test_a_match_filter_that_finds_nobody_uses_an_index_too(crowd: ScimClient) -> None:
    found = plans(lambda: crowd.find("/Users", 'emails[type eq "work"].value eq "nobody@contoso.example"'))
    assert scans(found) == []


def test_an_id_is_looked_up(crowd: ScimClient) -> None:
    user = UserResource.objects.order_by("-created_at").values_list("pk", flat=True)[0]
    for send in (
        lambda: crowd.get(f"/Users/{user}"),
        lambda: crowd.find("/Users", f'id eq "{user}"'),
        lambda: crowd.find("/Users", f'id eq "{user}" and manager eq "{user}"'),
    ):
        assert scans(plans(send)) == []


def test_members_are_resolved_by_index(crowd: ScimClient) -> None:
    group = crowd.find("/Groups", 'displayName eq "Team 0"')["Resources"][0]["id"]
    users = [
        str(pk) for pk in UserResource.objects.order_by("-created_at").values_list("pk", flat=True)[:100]
    ]
    added = plans(lambda: crowd.patch(f"/Groups/{group}", add_members(*users)))
    removal = {"op": "remove", "path": f'members[value eq "{users[0]}"]'}
    removed = plans(lambda: crowd.patch(f"/Groups/{group}", removal))
    checked = plans(
        lambda: crowd.find("/Groups", f'id eq "{group}" and members eq "{users[1]}"', attributes="id")
    )
    assert scans(added) == scans(removed) == scans(checked) == []


def test_a_create_matches_by_index(crowd: ScimClient) -> None:
    statements: list[Plan] = []
    for name in ("nobody@contoso.example", "user99@contoso.example"):
        body = user_body(name, externalId=str(uuid.uuid4()))
        statements += plans(lambda body=body: crowd.post("/Users", body))  # type: ignore[misc]
    assert scans(statements) == []


def test_the_first_page_by_index_reads_what_it_returns(crowd: ScimClient) -> None:
    found = plans(lambda: crowd.get("/Users", startIndex="1", count="100"))
    page = next(plan for plan in found if "LIMIT" in plan.sql)
    assert (page.scanned, page.rows) == (set(), 100)
    assert "scim_user_order" in page.indexes
    assert page.buffers < 2_000
    # The total is one number, counted where the rows are.
    assert [plan.rows for plan in found if "COUNT(" in plan.sql] == [1]


def test_a_cursor_page_costs_the_same_first_and_last(crowd: ScimClient) -> None:
    first = plans(lambda: crowd.get("/Users", cursor="", count="100"))
    cursor = late_cursor(crowd)
    last = plans(lambda: crowd.get("/Users", cursor=cursor, count="100"))
    for found in (first, last):
        assert scans(found) == []
        # The ids of the page and one more, then the rows of the page.
        assert [plan.rows for plan in found if "_userresource" in plan.sql] == [101, 100]
    assert last[-2].indexes == first[-2].indexes
    assert last[-1].shape == first[-1].shape
    assert sum(plan.buffers for plan in last) <= 1.5 * sum(plan.buffers for plan in first)


def late_cursor(crowd: ScimClient) -> str:
    """Return a cursor near the end, written as the service writes it."""
    rows = Rows(USERS(crowd.connection))
    place = UserResource.objects.order_by("-created_at", "-id").values_list("created_at", "id")[150]
    return write_cursor(rows, read_search({"cursor": ""}, limits()), place)
