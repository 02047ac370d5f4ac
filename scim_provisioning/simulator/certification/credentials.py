"""T21 and T22: access tokens from the product's own token endpoint."""

from __future__ import annotations

import httpx

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.certification.bench import Bench
from scim_provisioning.simulator.certification.candidate import OAuthClient
from scim_provisioning.simulator.certification.catalogue import certification_test
from scim_provisioning.simulator.certification.outcomes import NotApplicable, TestFailed

JWT_BEARER = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SHORTEST, LONGEST = 3600, 6 * 3600


@certification_test(
    21,
    "Validate_Credentials_Test",
    f"a token valid for {SHORTEST} to {LONGEST} seconds that opens GET /Users",
)
def validate_credentials(bench: Bench) -> str:
    """T21: OAuth 2.0 client credentials, with the client's secret (S2)."""
    client = bench.candidate.oauth
    if client is None or client.secret is None:
        raise NotApplicable("a static secret token is used; no token endpoint with a client secret was given")
    lifetime = use_token(bench, client, {"client_secret": client.secret})
    if not SHORTEST <= lifetime <= LONGEST:
        raise TestFailed(f"expires_in is {lifetime}, not {SHORTEST} to {LONGEST}")
    return f"a token for {lifetime} s; GET /Users 200"


@certification_test(22, "Federated_Identity_Test", "a token for a signed assertion that opens GET /Users")
def federate_identity(bench: Bench) -> str:
    """T22: workload identity federation, with an assertion that Entra has signed (S3)."""
    client = bench.candidate.oauth
    if client is None or client.assertion is None:
        raise NotApplicable("no token endpoint with a client assertion signed by Entra was given")
    form = {"client_assertion_type": JWT_BEARER, "client_assertion": client.assertion}
    return f"a token for {use_token(bench, client, form)} s; GET /Users 200"


def use_token(bench: Bench, client: OAuthClient, proof: dict[str, str]) -> int:
    """Get an access token, read one user with it, and return for how many seconds it is valid."""
    form = {"grant_type": "client_credentials", "client_id": client.client_id, **proof}
    if client.scope:
        form["scope"] = client.scope
    candidate = bench.candidate
    try:
        with httpx.Client(timeout=candidate.timeout, transport=candidate.transport) as http:
            answer = http.post(client.token_url, data=form, headers={"Accept": "application/json"})
            body = answer.json() if answer.is_success else None
    except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
        raise TestFailed(f"the token endpoint: {error}") from error
    if not isinstance(body, dict) or not isinstance(body.get("access_token"), str):
        # Never the body of a success: it may hold the token.
        detail = "" if answer.is_success else f": {answer.text[:200]}"
        raise TestFailed(f"the token endpoint: HTTP {answer.status_code} without an access_token{detail}")
    bench.app.update_credentials(body["access_token"])
    bench.send(requests.list_users(1, 1), 200)
    expires = body.get("expires_in")
    return int(expires) if isinstance(expires, (int, str)) and str(expires).isdigit() else 0


TESTS = (validate_credentials, federate_identity)
