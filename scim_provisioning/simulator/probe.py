"""*Test connection* (R1), and Account Discovery's walk through every account (R23)."""

from __future__ import annotations

from uuid import uuid4

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.client import Exchange
from scim_provisioning.simulator.faults import BAD_RESPONSE, JobStopped, ProvisioningFault, deserialized
from scim_provisioning.simulator.job import Job
from scim_provisioning.simulator.paths import Document
from scim_provisioning.simulator.results import ConnectionTest


def check_credentials(job: Job) -> None:
    """Look for a random user and, with groups mapped, a random group; only an empty 200 will do (R1)."""
    mapping = job.mapping
    lines = mapping.matching(mapping.users)
    if not lines:
        raise JobStopped("InvalidMapping", "no attribute of the user mapping is used for matching")
    _expect_nothing(_looked_up(job, requests.find_user(lines[0].target, str(uuid4()), "R1")))
    for line in mapping.matching(mapping.groups)[:1]:
        _expect_nothing(_looked_up(job, requests.find_group(line.target, str(uuid4()), job.dialect, "R1")))


def run_connection_test(job: Job) -> ConnectionTest:
    """Press *Test connection* and say what came of it."""
    first = len(job.client.log)
    try:
        check_credentials(job)
    except JobStopped as stop:
        return ConnectionTest(ok=False, message=stop.detail, exchanges=job.client.log[first:])
    message = "The supplied credentials are authorized to enable provisioning"
    return ConnectionTest(ok=True, message=message, exchanges=job.client.log[first:])


def discover_accounts(job: Job, count: int = 100) -> list[Document]:
    """Page through all users, as Account Discovery does; bad paging makes its report wrong (C21, R23, T23)."""
    found: dict[str, Document] = {}
    total = 1
    while len(found) < total:
        start = len(found) + 1
        page = job.send(requests.list_users(start, count)).resource or {}
        resources = page.get("Resources") or []
        total = page.get("totalResults", 0)
        if page.get("startIndex") != start or not isinstance(total, int):
            raise ProvisioningFault(BAD_RESPONSE, f"page {start}: startIndex is {page.get('startIndex')!r}")
        before = len(found)
        found.update((resource["id"], resource) for resource in map(deserialized, resources))
        if len(found) - before != min(count, total - before):
            raise ProvisioningFault(
                BAD_RESPONSE, f"page {start}: {len(found) - before} new users of {total} in all"
            )
    return list(found.values())


def _looked_up(job: Job, request: requests.ScimRequest) -> Exchange:
    try:
        return job.send(request)
    except ProvisioningFault as fault:
        raise JobStopped("InvalidCredentials", fault.detail, fault.code) from fault


def _expect_nothing(exchange: Exchange) -> None:
    body = exchange.resource
    if exchange.status != 200 or body is None or not isinstance(body.get("Resources", []), list):
        raise JobStopped(
            "ScimCompliance", f"the answer to a filter is not a ListResponse: {exchange.response_text}"
        )
    if body.get("Resources") or body.get("totalResults", 0) != 0:
        raise JobStopped(
            "ScimCompliance", "a filter for a random value found something: is the filter ignored?"
        )
