"""Deleting what a test has created, whatever became of the test."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.certification.bench import Bench
from scim_provisioning.simulator.certification.schemas import objects
from scim_provisioning.simulator.client import Exchange
from scim_provisioning.simulator.paths import parse_target
from scim_provisioning.simulator.requests import ScimRequest

NAMES = {"Users": "userName", "Groups": "displayName"}


def clean_up(bench: Bench) -> list[str]:
    """Delete every user and group that the bench created; return those that could not be deleted."""
    created = dict.fromkeys(
        resource for exchange in list(bench.exchanges) for resource in _made(bench, exchange)
    )
    deleted = {_path(e) for e in bench.exchanges if e.method == "DELETE" and e.ok}
    left = []
    # The youngest first, so that a manager outlives those who report to it.
    for kind, target_id in reversed(created):
        request = (requests.delete_user if kind == "Users" else requests.delete_group)(target_id)
        if any(path.endswith(request.path) for path in deleted):
            continue
        exchange = bench.app.job.client.send(request, bench.dialect)
        if not exchange.ok and exchange.status != 404:
            left.append(f"{request.path} (HTTP {exchange.status})")
    return left


def _made(bench: Bench, exchange: Exchange) -> Iterator[tuple[str, str]]:
    kind = _path(exchange).rpartition("/")[2]
    if exchange.method != "POST" or kind not in NAMES:
        return
    resource = exchange.resource or {}
    if exchange.ok and isinstance(resource.get("id"), str) and resource["id"]:
        yield kind, resource["id"]
    elif exchange.ok or not 400 <= exchange.status < 500:
        # No id in a success, a fault or no answer at all: it may be there all the same (C18).
        yield from _found(bench, kind, (exchange.request_body or {}).get(NAMES[kind]))


def _found(bench: Bench, kind: str, name: object) -> Iterator[tuple[str, str]]:
    if not isinstance(name, str):
        return
    text = f"{parse_target(NAMES[kind]).text} eq {requests.quoted(name)}"
    answer = bench.app.job.client.send(
        ScimRequest("R2", "GET", f"/{kind}", (("filter", text),)), bench.dialect
    )
    for resource in objects((answer.resource or {}).get("Resources")):
        # A server that ignores filters must not cost anybody else its account.
        if resource.get(NAMES[kind]) == name and isinstance(resource.get("id"), str):
            yield kind, resource["id"]


def _path(exchange: Exchange) -> str:
    return urlsplit(exchange.url).path
