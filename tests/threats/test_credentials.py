"""What opens what: tokens, sessions and other people's tickets (T27, T28, T33, T35)."""

import base64
import json
import re
import uuid
from importlib.metadata import requires
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.urls import reverse

from scim_provisioning.models import Connection, Token
from tests.factories import make_user
from tests.scim import ScimClient, user_body

pytestmark = pytest.mark.django_db
ROOT = Path(__file__).resolve().parents[2]
ENDPOINTS = [
    "/Users",
    "/Groups",
    "/Schemas",
    "/ServiceProviderConfig",
    "/ResourceTypes",
    "/Bulk",
    "/.search",
    "/Me",
]


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def foreign_credentials(user: Any, client: ScimClient) -> dict[str, str]:
    """Return what opens other doors: none of it is a token of ours."""
    claims = {"iss": "https://login.microsoftonline.com/x/v2.0", "sub": str(user.pk), "admin": True}
    return {
        "a JWT": f"Bearer {part({'alg': 'RS256'})}.{part(claims)}.{part({'x': 'y'})}",
        "a JWT without a signature": f"Bearer {part({'alg': 'none'})}.{part(claims)}.",
        "an API key": f"Token {'0123456789abcdef' * 2}ab345678",
        "a name and a password": f"Basic {base64.b64encode(b'admin:admin').decode()}",
        "the key id alone": f"Bearer {client.token.split('_')[1]}",
        "the secret alone": f"Bearer {client.token.split('_')[2]}",
        "the stored digest": f"Bearer {Token.objects.get().digest}",
        "the digest in a token's form": "Bearer "
        + "_".join([*client.token.split("_")[:2], Token.objects.get().digest[:43], "000000"]),
        "the connection's id": f"Bearer {client.connection.pk}",
    }


def test_T27_nothing_but_a_token_of_the_connection_opens_scim(contoso: ScimClient) -> None:
    admin = make_user(contoso.organization, "admin", is_superuser=True, is_staff=True)
    for name, header in foreign_credentials(admin, contoso).items():
        for endpoint in ENDPOINTS:
            assert contoso.request("GET", endpoint, authorization=header).status == 401, name


def test_T27_a_session_with_its_csrf_token_opens_nothing(contoso: ScimClient) -> None:
    browser = Client(raise_request_exception=False, enforce_csrf_checks=True)
    browser.force_login(make_user(contoso.organization, "admin", is_superuser=True, is_staff=True))
    for endpoint in ENDPOINTS:
        assert browser.get(contoso.base + endpoint).status_code == 401
        assert (
            browser.post(contoso.base + endpoint, user_body(), content_type="application/json").status_code
            == 401
        )
    assert not [name for name in browser.cookies if name != django_settings.SESSION_COOKIE_NAME]


@pytest.mark.examplehub
@pytest.mark.parametrize("form", ["Bearer {}", 'Bearer token="{}"', "Token {}"])
def test_T27_a_token_opens_nothing_but_scim(contoso: ScimClient, form: str) -> None:
    browser = Client(raise_request_exception=False, headers={"Authorization": form.format(contoso.token)})
    for path in ("/", "/admin/", reverse("admin:scim_provisioning_connection_changelist")):
        answer = browser.get(path)
        assert answer.status_code == 302, path
        assert "login" in answer["Location"]
    assert "sessionid" not in browser.cookies


def test_T27_a_request_of_scim_sets_no_cookie(contoso: ScimClient) -> None:
    for answer in (contoso.get("/Users"), contoso.post("/Users", user_body()), contoso.get("/nowhere")):
        assert "Set-Cookie" not in answer.headers


def test_T28_a_fresh_install_opens_nothing(organization: Any) -> None:
    assert not Connection.objects.exists()
    stranger = Client(raise_request_exception=False)
    for connection in (uuid.uuid4(), uuid.UUID(int=0)):
        base = reverse("scim_provisioning:users", kwargs={"connection": connection}).removesuffix("/Users")
        for endpoint in ENDPOINTS:
            for method in ("get", "post", "put", "patch", "delete", "options"):
                for header in ({}, {"Authorization": "Bearer x"}, {"Authorization": "Bearer "}):
                    answer = getattr(stranger, method)(base + endpoint, headers=header)
                    assert answer.status_code == 401, (method, endpoint)
        assert stranger.get(base.replace(str(connection), "")).status_code == 404


def test_T28_a_connection_without_a_token_opens_to_nobody(contoso: ScimClient) -> None:
    Token.objects.all().delete()
    assert contoso.get("/Users").status == 401
    assert contoso.request("GET", "/Users", authorization="").status == 401


def locations(client: ScimClient, **headers: Any) -> set[str]:
    """Return every address that answers hold."""
    made = client.request("POST", "/Users", user_body(f"user{uuid.uuid4().hex[:8]}"), **headers)
    found = client.request("GET", "/Users", **headers)
    types = client.request("GET", "/ResourceTypes", **headers)
    named = [made.headers["Location"], made["meta"]["location"]]
    named += [each["meta"]["location"] for each in [*found["Resources"], *types["Resources"]]]
    return {"{0.scheme}://{0.netloc}".format(urlsplit(location)) for location in named}


SPOOFS = [
    {"Host": "evil.example"},
    {"Host": "testserver.evil.example"},
    {"Host": "testserver@evil.example"},
    {"Host": "evil.example:80"},
]
FORWARDED = [
    {"X_Forwarded_Host": "evil.example"},
    {"Forwarded": "host=evil.example"},
    {"X_Forwarded_Server": "evil.example"},
    {"X_Original_URL": "http://evil.example/"},
    {"X_Forwarded_Proto": "javascript"},
]


@pytest.mark.parametrize("spoof", SPOOFS, ids=str)
def test_T33_a_forged_host_is_refused(rfc: ScimClient, settings: Any, spoof: dict[str, str]) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    headers = {"Authorization": f"Bearer {rfc.token}", **spoof}
    answer = rfc._client.get(rfc.base + "/Users", headers=headers)
    assert answer.status_code == 400
    assert b"evil" not in answer.content


@pytest.mark.parametrize("spoof", FORWARDED, ids=str)
def test_T33_a_forwarded_host_is_not_believed(rfc: ScimClient, settings: Any, spoof: dict[str, str]) -> None:
    settings.ALLOWED_HOSTS = ["testserver"]
    assert locations(rfc, **spoof) == {"http://testserver"}


@pytest.mark.parametrize(
    "spoof", [*(each for each in SPOOFS if "@" not in each["Host"]), *FORWARDED], ids=str
)
def test_T33_with_a_base_url_no_host_is_asked(rfc: ScimClient, settings: Any, spoof: dict[str, str]) -> None:
    settings.ALLOWED_HOSTS = ["*"]
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASE_URL": "https://hub.example/scim"}
    assert locations(rfc, **spoof) == {"https://hub.example"}


def test_T35_whatever_is_installed_is_pinned_so_that_an_audit_looks_at_it() -> None:
    text = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    pinned = {name.lower() for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
    # Django itself is chosen by the environment: the newest patch release of a supported series.
    wanted = {
        re.split(r"[\s<>=!;\[]", requirement)[0].lower()
        for requirement in requires("django-scim-provisioning") or []
    } - {"django"}
    assert wanted
    assert {name.replace("_", "-") for name in wanted} <= {name.replace("_", "-") for name in pinned}


def test_T35_the_audit_runs_in_ci_and_fails_where_it_cannot_look() -> None:
    workflow = (ROOT / ".github/workflows/audit.yml").read_text(encoding="utf-8")
    assert "tox run -e audit" in workflow
    environment = (ROOT / "tox.ini").read_text(encoding="utf-8").partition("[testenv:audit]")[2]
    # Without --strict a package whose advisories cannot be fetched is skipped, which looks like an all-clear.
    assert "--strict" in environment
    assert "--requirement constraints.txt" in environment
