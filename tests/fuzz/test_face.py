"""schemathesis on the OpenAPI description: every endpoint answers as it is described (F22, T29)."""

import os
from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, connections

from scim_provisioning.api.description import describe_connection
from tests.conftest import MakeClient
from tests.fuzz.face import CHECKS, Verdict, brief, hold
from tests.scim import ScimClient

pytestmark = [
    pytest.mark.django_db,
    # It does so to every large body, and takes its time.
    pytest.mark.filterwarnings("ignore:Generating overly large repr"),
]
# SCIM_TEST_FACE=100 for the long form: so many examples of each operation, nothing left out.
EXAMPLES = int(os.environ.get("SCIM_TEST_FACE") or 0)
SIGNALS = request_started, request_finished
SEED = int(os.environ.get("SCIM_TEST_SEED") or 1)


class InProcess:
    """A WSGI application whose every thread has the test's connections of the database, and so its transaction."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.shared = {connection.alias: connection for connection in connections.all()}
        for connection in self.shared.values():
            connection.inc_thread_sharing()
        # As Django's own client of tests does: the end of a request is not that of the transaction.
        for signal in SIGNALS:
            signal.disconnect(close_old_connections)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer a request; the test waits meanwhile."""
        for alias, connection in self.shared.items():
            connections[alias] = connection
        return self.app(environ, start_response)

    def close(self) -> None:
        """Let the connections belong to one thread again."""
        for connection in self.shared.values():
            connection.dec_thread_sharing()
        for signal in SIGNALS:
            signal.connect(close_old_connections)


@pytest.fixture
def hub() -> Iterator[InProcess]:
    """Return the Hub."""
    app = InProcess(WSGIHandler())
    yield app
    app.close()


def described(client: ScimClient) -> dict[str, Any]:
    """Return the description of the client's connection, for the test alone."""
    return deepcopy(describe_connection(client.connection, f"http://testserver{client.base}"))


def judged(client: ScimClient, hub: InProcess, *left_out: str) -> Verdict:
    """Hold the Hub to its description."""
    description = described(client)
    if EXAMPLES:
        return hold(description, client.token, examples=EXAMPLES, seed=SEED, app=hub)
    return hold(brief(description), client.token, examples=5, seed=SEED, app=hub, left_out=left_out)


def test_F22_T29_every_answer_is_as_it_is_described(make_client: MakeClient, hub: InProcess) -> None:
    verdict = judged(make_client("rfc"), hub)
    assert verdict.faults == []
    # Neither all refused nor all accepted, and each endpoint has really done something.
    assert {200, 400, 401, 405} <= verdict.statuses("GET /Users")
    for name in ("User", "Group"):
        assert {201, 400, 415} <= verdict.statuses(f"POST /{name}s")
        assert {200, 400, 404, 412} <= verdict.statuses(f"PUT /{name}s/{{id}}")
        assert {200, 400, 404, 412} <= verdict.statuses(f"PATCH /{name}s/{{id}}")
        assert {204, 404, 412} <= verdict.statuses(f"DELETE /{name}s/{{id}}")
    assert {200, 400, 413} <= verdict.statuses("POST /Bulk")
    assert verdict.statuses("POST /Me") == {401, 405, 501}


@pytest.mark.parametrize("preset", ["flow_connect", "flowcase"])
def test_F22_T29_every_answer_is_as_the_policy_has_it_described(
    make_client: MakeClient, hub: InProcess, preset: str
) -> None:
    verdict = judged(make_client(preset), hub, "coverage")
    assert verdict.faults == []
    assert verdict.requests > 80
    assert bool(verdict.statuses("POST /Groups")) == (preset == "flow_connect")


def only(description: dict[str, Any], path: str) -> dict[str, Any]:
    """Return a description of one path, which is read."""
    return {**description, "paths": {path: description["paths"]["/ServiceProviderConfig"]}}


def spoiled(description: dict[str, Any], check: str) -> dict[str, Any]:
    """Return a description that one check has to find wrong."""
    answers = description["paths"]["/ServiceProviderConfig"]["get"]["responses"]
    if check == "not_a_server_error":
        answers["501"] = answers["500"]
        return only(description, "/me")
    if check == "status_code_conformance":
        del answers["200"]
    elif check == "content_type_conformance":
        answers["200"]["content"] = {"application/json": answers["200"]["content"]["application/scim+json"]}
    elif check == "response_schema_conformance":
        del description["components"]["schemas"]["ServiceProviderConfig"]["properties"]["patch"]
    elif check == "response_headers_conformance":
        description["components"]["headers"]["SCIM-Request-Id"]["schema"] = {"type": "integer"}
    elif check == "unsupported_method":
        return {**description, "paths": {"/Me": {"get": description["paths"]["/Me"]["get"]}}}
    return only(description, "/ServiceProviderConfig")


@pytest.mark.parametrize("check", CHECKS[:6])
def test_what_is_not_as_described_is_found(make_client: MakeClient, hub: InProcess, check: str) -> None:
    client = make_client("rfc")
    token = client.token
    sound = hold(only(described(client), "/ServiceProviderConfig"), token, examples=3, seed=SEED, app=hub)
    assert sound.faults == []
    assert sound.requests > 10
    verdict = hold(spoiled(described(client), check), token, examples=3, seed=SEED, app=hub)
    assert any(f": {check}: " in fault for fault in verdict.faults)
