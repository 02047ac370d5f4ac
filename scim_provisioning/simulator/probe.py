"""*Test connection*: random lookups that must find nothing (R1)."""

from __future__ import annotations

from uuid import uuid4

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.client import Exchange
from scim_provisioning.simulator.faults import JobStopped, ProvisioningFault
from scim_provisioning.simulator.job import Job
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
