"""T23 and T24: pages of five."""

from __future__ import annotations

from collections.abc import Callable

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.certification.bench import Bench
from scim_provisioning.simulator.certification.catalogue import Needs, certification_test
from scim_provisioning.simulator.certification.direct import created, created_group
from scim_provisioning.simulator.certification.outcomes import TestFailed
from scim_provisioning.simulator.certification.schemas import objects
from scim_provisioning.simulator.paths import Document
from scim_provisioning.simulator.requests import ScimRequest

ENOUGH = 11
COUNT = 5
PAGES = 3

Listing = Callable[[int, int], ScimRequest]


def page(bench: Bench, listing: Listing, start: int) -> tuple[Document, int]:
    """Read one page; `totalResults` must be a number."""
    body = bench.send(listing(start, COUNT), 200).resource or {}
    total = body.get("totalResults")
    if not isinstance(total, int) or isinstance(total, bool):
        raise TestFailed(f"totalResults is {total!r} at startIndex {start}")
    return body, total


def walk(bench: Bench, listing: Listing) -> str:
    """Read three pages, which must be full, distinct and say where they start."""
    seen: set[str] = set()
    for number in range(PAGES):
        start = number * COUNT + 1
        body, total = page(bench, listing, start)
        if body.get("startIndex") != start or isinstance(body.get("startIndex"), bool):
            raise TestFailed(f"startIndex is {body.get('startIndex')!r}, not {start}")
        ids = {str(resource.get("id")) for resource in objects(body.get("Resources"))}
        wanted = min(COUNT, total - start + 1)
        if len(ids - seen) != wanted:
            raise TestFailed(
                f"the page at {start} has {len(ids - seen)} new resources, not {wanted} of {total}"
            )
        seen |= ids
    return f"{PAGES} pages of {COUNT}, {len(seen)} resources"


@certification_test(
    23,
    "SCIM_User_Pagination_Test",
    f"at least {ENOUGH} users; every page 200 with startIndex = page × {COUNT} + 1",
)
def page_users(bench: Bench) -> str:
    """T23: users are paged by five (R23)."""
    _, total = page(bench, requests.list_users, 1)
    for number in range(ENOUGH - total):
        created(bench, bench.person(f"page{number}"))
    return walk(bench, requests.list_users)


@certification_test(
    24,
    "SCIM_Group_Pagination_Test",
    f"at least {ENOUGH} groups; every page 200 with startIndex = page × {COUNT} + 1",
    needs=Needs.GROUPS,
    optional=True,
)
def page_groups(bench: Bench) -> str:
    """T24: groups are paged by five."""
    _, total = page(bench, requests.list_groups, 1)
    for number in range(ENOUGH - total):
        created_group(bench, bench.team(f"Page {number}"))
    return walk(bench, requests.list_groups)


TESTS = (page_users, page_groups)
