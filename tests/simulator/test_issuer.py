"""The simulator's issuer: OpenID Connect's authorization-code flow as Microsoft's sign-in answers it."""

import base64
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.core.management import CommandError, call_command
from joserfc import jwt
from joserfc.jwk import KeySet

from scim_provisioning.simulator import Directory, save_directory
from scim_provisioning.simulator.issuer import Issuer, Registration, SigningKey
from scim_provisioning.simulator.issuer.grants import CODE_SECONDS, challenge_of

TENANT = "8f1b2a9c-6f0e-4c8c-9d5e-0a1b2c3d4e5f"
OTHER = "11111111-2222-3333-4444-555555555555"
CALLBACK = "http://127.0.0.1:8000/callback/"
VERIFIER = "v" * 48
APPLICATION = ("hub", "s/cret")
ASKED = {
    "client_id": "hub",
    "redirect_uri": CALLBACK,
    "response_type": "code",
    "scope": "openid profile",
    "state": "of mine",
    "nonce": "n-1",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}


class Moment:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.at = 1_800_000_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def moment() -> Moment:
    return Moment()


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey()


@pytest.fixture
def issuer(moment: Moment, key: SigningKey) -> Iterator[Issuer]:
    contoso, other = Directory(), Directory()
    contoso.add_user(
        "ada@contoso.example", object_id="ada", mail="ada@contoso.example", display_name="<b>Ada"
    )
    contoso.add_user("eve@contoso.example", object_id="eve", account_enabled=False)
    contoso.soft_delete(contoso.add_user("ulf@contoso.example", object_id="ulf"))
    other.add_user("zoe@other.example", object_id="zoe")
    registration = Registration(*APPLICATION, (CALLBACK,))
    with Issuer({TENANT: contoso, OTHER: other}, registration, key=key, now=moment) as served:
        yield served


@pytest.fixture
def web(issuer: Issuer) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=issuer.url) as client:
        yield client


def authorize(web: httpx.Client, directory: str = TENANT, **changed: Any) -> httpx.Response:
    """Pick an account, Ada's without another word."""
    asked = {**ASKED, "account": f"{TENANT}/ada", **changed}
    sent = {name: value for name, value in asked.items() if value is not None}
    return web.post(f"/{directory}/oauth2/v2.0/authorize", data=sent)


def sent_back(answer: httpx.Response) -> dict[str, str]:
    assert answer.status_code == 302
    where = urlsplit(answer.headers["Location"])
    assert where._replace(query="").geturl() == CALLBACK
    return {name: value for name, (value,) in parse_qs(where.query).items()}


def redeem(web: httpx.Client, code: str, auth: Any = APPLICATION, **changed: Any) -> httpx.Response:
    data = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": CALLBACK,
        "code_verifier": VERIFIER,
    }
    return web.post(f"/{TENANT}/oauth2/v2.0/token", data={**data, **changed}, auth=auth)


def code_from(web: httpx.Client, **changed: Any) -> str:
    return sent_back(authorize(web, **changed))["code"]


def error_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]


def test_the_discovery_document_names_endpoints_that_are_there(issuer: Issuer, web: httpx.Client) -> None:
    document = web.get(f"/{TENANT}/v2.0/.well-known/openid-configuration").json()
    assert document["issuer"] == issuer.url_of(TENANT)
    assert document["id_token_signing_alg_values_supported"] == ["RS256"]
    (key,) = web.get(document["jwks_uri"]).json()["keys"]
    assert key["kty"] == "RSA"
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)
    assert web.get(document["authorization_endpoint"], params=ASKED).status_code == 200
    assert error_of(web.post(document["token_endpoint"])) == (401, "invalid_client")


def test_the_issuer_of_every_directory_is_a_template(issuer: Issuer, web: httpx.Client) -> None:
    document = web.get("/organizations/v2.0/.well-known/openid-configuration").json()
    assert document["issuer"] == issuer.url + "/{tenantid}/v2.0"


@pytest.mark.parametrize(
    "path",
    ["/", "/favicon.ico", f"/{TENANT}/", "/nobody/v2.0/.well-known/openid-configuration", f"/{TENANT}/x"],
)
def test_what_is_not_there_is_404(web: httpx.Client, path: str) -> None:
    assert web.get(path).status_code == 404
    assert web.post(path, data={"a": "b"}).status_code == 404


def test_the_page_offers_the_people_of_the_directory_and_shows_names_inert(web: httpx.Client) -> None:
    page = web.get(f"/{TENANT}/oauth2/v2.0/authorize", params={**ASKED, "state": '"><script>'})
    assert "&lt;b&gt;Ada" in page.text
    assert "ulf@contoso.example" not in page.text
    assert "zoe@other.example" not in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert "zoe@other.example" in web.get("/organizations/oauth2/v2.0/authorize", params=ASKED).text


def test_a_sign_in_becomes_a_signed_token_that_says_who_it_is(
    issuer: Issuer, web: httpx.Client, moment: Moment
) -> None:
    back = sent_back(authorize(web))
    assert back["state"] == "of mine"
    answer = redeem(web, back["code"])
    assert answer.headers["Cache-Control"] == "no-store"
    keys = KeySet.import_key_set(web.get(f"/{TENANT}/discovery/v2.0/keys").json())
    token = jwt.decode(answer.json()["id_token"], keys, algorithms=["RS256"])
    assert token.header["alg"] == "RS256"
    said = token.claims
    sub = said.pop("sub")
    assert len(sub) == 64
    assert said == {
        "ver": "2.0",
        "iss": issuer.url_of(TENANT),
        "aud": "hub",
        "exp": moment.at + 3600,
        "iat": moment.at,
        "nbf": moment.at,
        "name": "<b>Ada",
        "preferred_username": "ada@contoso.example",
        "email": "ada@contoso.example",
        "oid": "ada",
        "tid": TENANT,
        "nonce": "n-1",
    }


def test_the_endpoints_of_every_directory_sign_with_the_persons_own(
    issuer: Issuer, web: httpx.Client
) -> None:
    code = sent_back(authorize(web, "organizations", account=f"{OTHER}/zoe"))["code"]
    payload = redeem(web, code).json()["id_token"].split(".")[1]
    claims = json.loads(base64.urlsafe_b64decode(payload + "=="))
    assert (claims["iss"], claims["tid"], "email" in claims) == (issuer.url_of(OTHER), OTHER, False)


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "other"}, {"client_id": None}, {"redirect_uri": CALLBACK + "x"}, {"redirect_uri": None}],
)
def test_nobody_is_sent_to_where_no_registration_says(web: httpx.Client, changed: Any) -> None:
    answer = authorize(web, **changed)
    assert answer.status_code == 400
    assert "AADSTS" in answer.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"scope": "profile"}, "invalid_scope"),
        ({"state": None}, "invalid_request"),
        ({"nonce": None}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_a_request_that_lacks_something_is_sent_back_with_the_error(
    web: httpx.Client, changed: Any, error: str
) -> None:
    assert sent_back(authorize(web, **changed))["error"] == error


@pytest.mark.parametrize(
    "account", [f"{TENANT}/eve", f"{TENANT}/ulf", f"{TENANT}/nobody", f"{OTHER}/zoe", "x"]
)
def test_who_is_disabled_or_deleted_or_anothers_does_not_get_in(web: httpx.Client, account: str) -> None:
    assert authorize(web, account=account).status_code == 403


def test_a_code_is_good_once(web: httpx.Client) -> None:
    code = code_from(web)
    assert redeem(web, code).status_code == 200
    assert error_of(redeem(web, code)) == (400, "invalid_grant")


def test_a_code_ends(web: httpx.Client, moment: Moment) -> None:
    code = code_from(web)
    moment.at += CODE_SECONDS
    assert error_of(redeem(web, code)) == (400, "invalid_grant")


def test_a_code_of_who_is_gone_is_worth_nothing(web: httpx.Client, issuer: Issuer) -> None:
    code = code_from(web)
    issuer.directories[TENANT].hard_delete("ada")
    assert error_of(redeem(web, code)) == (400, "invalid_grant")


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_verifier": "w" * 48}, "invalid_grant"),
        ({"redirect_uri": CALLBACK + "x"}, "invalid_grant"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({"auth": ("hub", "wrong")}, "invalid_client"),
        ({"auth": ("other", "s/cret")}, "invalid_client"),
        ({"auth": None}, "invalid_client"),
    ],
)
def test_a_code_is_for_who_asked_for_it(web: httpx.Client, changed: Any, error: str) -> None:
    assert error_of(redeem(web, code_from(web), **changed))[1] == error


def test_credentials_may_come_in_the_body(web: httpx.Client) -> None:
    in_body = {"client_id": APPLICATION[0], "client_secret": APPLICATION[1]}
    assert redeem(web, code_from(web), auth=None, **in_body).status_code == 200


@pytest.mark.parametrize("header", ["Basic !", "Basic /w==", "Basic", "Bearer x"])
def test_odd_credentials_are_wrong_ones(web: httpx.Client, header: str) -> None:
    answer = web.post(f"/{TENANT}/oauth2/v2.0/token", data={"a": "b"}, headers={"Authorization": header})
    assert error_of(answer) == (401, "invalid_client")


@pytest.mark.parametrize("length", ["", "x", "99999999", "-1"])
def test_a_body_is_read_within_a_limit(issuer: Issuer, length: str) -> None:
    # httpx would write the length itself.
    host, port = issuer.url.removeprefix("http://").split(":")
    sent = f"POST /{TENANT}/oauth2/v2.0/token HTTP/1.1\r\nHost: {host}\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection((host, int(port)), timeout=5) as line:
        line.sendall(sent.encode())
        answer = b"".join(iter(lambda: line.recv(1024), b""))
    assert b" 413 " in answer


def test_the_command_serves_a_directory_file(tmp_path: Path) -> None:
    directory = Directory()
    directory.add_user("ada@contoso.example", object_id="ada")
    save_directory(directory, tmp_path / "directory.json")
    command = [sys.executable, "example_project/manage.py", "scim_simulate_issuer", "--json"]
    command += ["--directory", str(tmp_path / "directory.json"), "--tenant-id", TENANT]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            lines = "".join(process.stdout.readline() for _line in range(4))
            served = json.loads(lines)
            document = httpx.get(served["issuer"] + "/.well-known/openid-configuration").json()
            assert document["issuer"].endswith("/{tenantid}/v2.0")
            assert served["client_id"] == "hub"
        finally:
            process.terminate()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"directory": "nowhere.json"}, "nowhere.json"),
        ({"tenant_id": "no GUID"}, "not a GUID"),
        ({"port": 70_000}, "port must be"),
    ],
)
def test_the_command_says_what_it_cannot_serve(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    file = tmp_path / "directory.json"
    save_directory(Directory(), file)
    given = {"directory": str(file), "tenant_id": TENANT, "port": 0, **options}
    arguments = [f"--{name.replace('_', '-')}={value}" for name, value in given.items()]
    with pytest.raises(CommandError, match=said):
        call_command("scim_simulate_issuer", *arguments)
