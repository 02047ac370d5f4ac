"""Sign in with Microsoft at the example Hub, through a running issuer (A2, A8, A10, T12, T14)."""

import base64
import hmac
import json
import re
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from django.test import Client
from django.urls import reverse
from joserfc import jwt

from example_project.hub import microsoft
from example_project.hub.models import Organization, User
from scim_provisioning.models import Connection, Event, Token
from scim_provisioning.simulator import Directory, EntraApp
from scim_provisioning.simulator.issuer import Issuer, Registration, SigningKey
from scim_provisioning.simulator.issuer.grants import Grant
from tests.factories import make_user
from tests.lifecycle.rows import DISABLE
from tests.scim import ScimClient

TENANT, OTHER = str(uuid.UUID(int=7)), str(uuid.UUID(int=8))
ADA, ZOE = str(uuid.UUID(int=1)), str(uuid.UUID(int=2))
CALLBACK = "/login/microsoft/callback/"
UNSIGNED = b'{"alg": "none", "typ": "JWT"}'
Claims = dict[str, Any]


class ForgingIssuer(Issuer):
    """An issuer whose tokens a test can spoil."""

    spoil: Callable[[Claims], Claims] = staticmethod(lambda claims: claims)
    sign: Callable[[Claims], str] | None = None

    def id_token(self, grant: Grant) -> str:
        claims = self.spoil(self.claims_of(grant))
        return self.key.sign(claims) if self.sign is None else self.sign(claims)


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey()


@pytest.fixture
def directory() -> Directory:
    directory = Directory()
    directory.add_user("ada@contoso.example", object_id=ADA, mail="ada@contoso.example", display_name="Ada")
    return directory


@pytest.fixture
def issuer(key: SigningKey, directory: Directory, settings: Any) -> Iterator[ForgingIssuer]:
    """Return an issuer of two directories that the Hub is registered with."""
    other = Directory()
    # The same address as in the first directory, as anybody can write into a directory of one's own.
    other.add_user("ada@contoso.example", object_id=ZOE, mail="ada@contoso.example")
    registration = Registration("hub", "hub-secret", (f"http://testserver{CALLBACK}",))
    with ForgingIssuer({TENANT: directory, OTHER: other}, registration, key=key) as served:
        settings.HUB_OIDC_ISSUER = served.url_of()
        yield served


@pytest.fixture
def entra(make_client: Any) -> ScimClient:
    client: ScimClient = make_client("flow_connect", tenant_id=TENANT)
    return client


@pytest.fixture
def ada(entra: ScimClient) -> User:
    """Return a user that was provisioned and has not signed in."""
    entra.create_user("ada", externalId=ADA)
    return User.objects.get(username="ada@contoso.example")


def begin(browser: Client, **data: str) -> str:
    """Press the button, and return where the browser is sent."""
    answer = browser.post("/login/microsoft/", data)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def pick(where: str, account: str) -> str:
    """Pick an account at the issuer, and return where the browser is sent back to."""
    address = urlsplit(where)
    asked = {name: value for name, (value,) in parse_qs(address.query).items()}
    answer = httpx.post(address._replace(query="").geturl(), data={**asked, "account": account})
    return str(answer.headers["Location"]).removeprefix("http://testserver")


def sign_in(browser: Client, account: str = f"{TENANT}/{ADA}", **data: str) -> Any:
    """Go the whole way, and return the Hub's answer."""
    return browser.get(pick(begin(browser, **data), account))


def is_refused(browser: Client, answer: Any, reason: object) -> bool:
    told = str(reason) in answer.text and 'role="alert"' in answer.text
    return answer.status_code in (403, 503) and told and "_auth_user_id" not in browser.session


def test_A8_A10_who_is_provisioned_signs_in_and_becomes_active(
    client: Client, issuer: ForgingIssuer, ada: User
) -> None:
    answer = sign_in(client, next="/admin/")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/admin/")
    assert client.session["_auth_user_id"] == str(ada.pk)
    ada.refresh_from_db()
    assert ada.status == "active"
    assert "ada@contoso.example" in client.get("/").text
    assert Event.objects.filter(operation="activate").count() == 1


@pytest.mark.parametrize("one_directory", [True, False])
def test_A2_the_issuer_may_be_of_one_directory_or_of_every_one(
    client: Client, issuer: ForgingIssuer, ada: User, settings: Any, one_directory: bool
) -> None:
    settings.HUB_OIDC_ISSUER = issuer.url_of(TENANT) if one_directory else issuer.url_of()
    assert sign_in(client).status_code == 302
    assert client.session["_auth_user_id"] == str(ada.pk)


def test_the_question_carries_state_nonce_and_a_code_challenge(
    client: Client, issuer: ForgingIssuer, ada: User
) -> None:
    one, two = (parse_qs(urlsplit(begin(client)).query) for _sign_in in range(2))
    assert one["code_challenge_method"] == ["S256"]
    assert one["scope"] == ["openid profile email"]
    for name in ("state", "nonce", "code_challenge"):
        assert len(one[name][0]) >= 20
        assert one[name] != two[name]


def test_A2_the_same_person_of_another_directory_is_nobody(
    client: Client, issuer: ForgingIssuer, ada: User
) -> None:
    """Neither the address nor the name of the provisioned user opens its account."""
    answer = sign_in(client, f"{OTHER}/{ZOE}")
    assert is_refused(client, answer, microsoft.NO_ACCESS)
    ada.refresh_from_db()
    assert ada.status == "pending"


def test_A2_who_is_known_by_address_alone_is_nobody(
    client: Client, issuer: ForgingIssuer, entra: ScimClient
) -> None:
    make_user(entra.organization, "ada")
    assert is_refused(client, sign_in(client), microsoft.NO_ACCESS)


def test_T14_an_unknown_person_is_refused_and_nobody_is_made(
    client: Client, issuer: ForgingIssuer, entra: ScimClient
) -> None:
    before = User.objects.count()
    assert is_refused(client, sign_in(client), microsoft.NO_ACCESS)
    assert User.objects.count() == before


def test_T14_an_inactive_user_is_refused_and_stays_inactive(
    client: Client, issuer: ForgingIssuer, entra: ScimClient, ada: User
) -> None:
    entra.patch(f"/Users/{ada.scim_resources.get().pk}", DISABLE)
    events = Event.objects.count()
    assert is_refused(client, sign_in(client), microsoft.NO_ACCESS)
    ada.refresh_from_db()
    assert ada.status == "inactive"
    assert Event.objects.count() == events


def test_T14_a_deleted_user_is_refused_and_not_made_again(
    client: Client, issuer: ForgingIssuer, entra: ScimClient, ada: User
) -> None:
    entra.delete(f"/Users/{ada.scim_resources.get().pk}")
    assert is_refused(client, sign_in(client), microsoft.NO_ACCESS)
    assert not User.objects.filter(username="ada@contoso.example").exists()


def test_T12_a_session_that_microsoft_opened_ends_with_the_status(
    client: Client, issuer: ForgingIssuer, entra: ScimClient, ada: User
) -> None:
    sign_in(client)
    assert client.get("/").status_code == 200
    entra.patch(f"/Users/{ada.scim_resources.get().pk}", DISABLE)
    assert client.get("/").status_code == 302


def test_T2_a_person_of_two_organizations_chooses_one(
    client: Client, issuer: ForgingIssuer, ada: User, make_client: Any, other_organization: Any
) -> None:
    make_client("flow_connect", other_organization, tenant_id=TENANT).create_user("ada", externalId=ADA)
    assert is_refused(client, sign_in(client), microsoft.NO_ACCESS)
    page = client.get("/login/", {"organization": "contoso"})
    assert '<input type="hidden" name="organization" value="contoso">' in page.text
    assert sign_in(client, organization="contoso").status_code == 302
    assert client.session["_auth_user_id"] == str(ada.pk)


@pytest.mark.parametrize(
    "change",
    [
        {"exp": 1_700_000_000},
        {"exp": None},
        {"nbf": 4_000_000_000},
        {"iat": 4_000_000_000},
        {"aud": "another application"},
        {"aud": ["another application"], "azp": "hub"},
        {"aud": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"tid": OTHER},
        {"tid": None},
        {"tid": [TENANT]},
        {"tid": ""},
        {"oid": None},
        {"oid": {"a": 1}},
        {"iss": "https://login.microsoftonline.com/common/v2.0"},
        {"iss": None},
    ],
    ids=str,
)
def test_T14_a_token_that_is_not_what_it_should_be_signs_nobody_in(
    client: Client, issuer: ForgingIssuer, ada: User, change: Claims
) -> None:
    def spoil(claims: Claims) -> Claims:
        return {name: value for name, value in {**claims, **change}.items() if value is not None}

    issuer.spoil = spoil
    assert is_refused(client, sign_in(client), microsoft.UNCONFIRMED)
    ada.refresh_from_db()
    assert ada.status == "pending"
    issuer.spoil = lambda claims: claims
    assert sign_in(client).status_code == 302


def in_base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


def by_another_key(issuer: Issuer, claims: Claims) -> str:
    forged = SigningKey()
    return jwt.encode({"alg": "RS256", "kid": issuer.key.key.kid}, claims, forged.key)


def by_an_unknown_key(issuer: Issuer, claims: Claims) -> str:
    return SigningKey().sign(claims)


def by_the_public_key_as_a_secret(issuer: Issuer, claims: Claims) -> str:
    # By hand, for the library refuses to sign so.
    parts = [{"alg": "HS256", "kid": issuer.key.key.kid}, claims]
    text = ".".join(in_base64(json.dumps(part).encode()) for part in parts)
    digest = hmac.digest(issuer.key.key.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{in_base64(digest)}"


def by_nobody(issuer: Issuer, claims: Claims) -> str:
    return f"{in_base64(UNSIGNED)}.{in_base64(json.dumps(claims).encode())}."


def tampered_with(issuer: Issuer, claims: Claims) -> str:
    head, _payload, signature = issuer.key.sign(claims).split(".")
    other = issuer.key.sign({**claims, "oid": ADA, "name": "somebody else"}).split(".")[1]
    return f"{head}.{other}.{signature}"


def no_token(issuer: Issuer, claims: Claims) -> str:
    return "no token"


@pytest.mark.parametrize(
    "sign",
    [
        by_another_key,
        by_an_unknown_key,
        by_the_public_key_as_a_secret,
        by_nobody,
        tampered_with,
        no_token,
    ],
)
@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
def test_T14_a_forged_token_signs_nobody_in(
    client: Client, issuer: ForgingIssuer, ada: User, sign: Callable[[Issuer, Claims], str]
) -> None:
    issuer.sign = lambda claims: sign(issuer, claims)
    assert is_refused(client, sign_in(client), microsoft.UNCONFIRMED)


def test_a_key_that_is_changed_is_fetched_anew(client: Client, issuer: ForgingIssuer, ada: User) -> None:
    sign_in(client)
    client.logout()
    issuer.key = SigningKey()
    assert sign_in(client).status_code == 302


def test_T14_an_answer_is_good_once(client: Client, issuer: ForgingIssuer, ada: User) -> None:
    back = pick(begin(client), f"{TENANT}/{ADA}")
    assert client.get(back).status_code == 302
    client.logout()
    assert is_refused(client, client.get(back), microsoft.UNCONFIRMED)


def test_T14_an_answer_is_for_the_browser_that_asked(
    client: Client, issuer: ForgingIssuer, ada: User
) -> None:
    """Somebody else's code must not sign this browser in, nor a code that was caught another one (RFC 6749 10.12)."""
    back = pick(begin(client), f"{TENANT}/{ADA}")
    victim = Client()
    assert is_refused(victim, victim.get(back), microsoft.UNCONFIRMED)
    begin(victim)
    assert is_refused(victim, victim.get(back), microsoft.UNCONFIRMED)
    state = parse_qs(urlsplit(begin(victim)).query)["state"][0]
    swapped = re.sub(r"state=[^&]+", f"state={state}", back)
    assert is_refused(victim, victim.get(swapped), microsoft.UNCONFIRMED)


@pytest.mark.parametrize(
    "query", ["", "?code=x", "?state=x", "?code=x&state=x", "?error=access_denied&state=x"]
)
def test_an_answer_that_nobody_asked_for_is_refused(
    client: Client, issuer: ForgingIssuer, db: None, query: str
) -> None:
    assert is_refused(client, client.get(CALLBACK + query), microsoft.UNCONFIRMED)


def test_what_an_answer_says_is_shown_inert(client: Client, issuer: ForgingIssuer, db: None) -> None:
    answer = client.get(CALLBACK, {"error": "<script>", "error_description": "<img onerror=x>"})
    assert answer.status_code == 403
    assert "<script>" not in answer.text
    assert "<img" not in answer.text


def test_an_issuer_that_is_down_is_said_to_be(
    client: Client, issuer: ForgingIssuer, ada: User, settings: Any
) -> None:
    back = pick(begin(client), f"{TENANT}/{ADA}")
    issuer.__exit__(None, None, None)
    assert is_refused(client, client.get(back), microsoft.UNREACHABLE)
    settings.HUB_OIDC_ISSUER = issuer.url_of(OTHER)
    answer = client.post("/login/microsoft/")
    assert answer.status_code == 503
    assert str(microsoft.UNREACHABLE) in answer.text


def test_signing_in_leads_to_no_foreign_page(client: Client, issuer: ForgingIssuer, ada: User) -> None:
    assert sign_in(client, next="https://evil.example/").headers["Location"] == "/"


def test_without_an_issuer_there_is_no_such_way(client: Client, db: None) -> None:
    assert client.post("/login/microsoft/").status_code == 404
    assert client.get(CALLBACK).status_code == 404
    assert 'action="/login/microsoft/"' not in client.get("/login/").text


def test_with_an_issuer_the_page_without_password_may_be_off(
    client: Client, issuer: ForgingIssuer, ada: User, settings: Any
) -> None:
    settings.HUB_DEMO_LOGIN = False
    page = client.get("/login/")
    assert 'action="/login/microsoft/"' in page.text
    assert "ada@contoso.example" not in page.text
    assert client.post("/login/", {"organization": "contoso", "username": ada.username}).status_code == 404
    assert sign_in(client).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_A10_from_the_assignment_to_the_home_page_over_http(
    live_server: Any, issuer: ForgingIssuer, directory: Directory, settings: Any
) -> None:
    """The simulator provisions, the issuer signs in, the Hub is a server: no part is called as a function."""
    issuer.grants.registration = issuer.registration = Registration(
        "hub", "hub-secret", (live_server.url + CALLBACK,)
    )
    organization = Organization.objects.create(slug="contoso", name="Contoso")
    connection = Connection.objects.create(
        organization=organization, preset="flow_connect", tenant_id=TENANT, initial_status="pending"
    )
    directory.assign(ADA)
    path = reverse("scim_provisioning:users", kwargs={"connection": connection.pk}).removesuffix("/Users")
    with EntraApp(live_server.url + path, Token.issue(connection)[1], directory, "flow_connect") as app:
        assert app.cycle().created == 1
        user = User.objects.get(username="ada@contoso.example")
        assert user.status == "pending"
        with httpx.Client(base_url=live_server.url, follow_redirects=True) as browser:
            assert sign_in_as_a_browser_does(browser).status_code == 200
            user.refresh_from_db()
            assert user.status == "active"
            directory.unassign(ADA)
            app.cycle()
            assert "Hello" not in browser.get("/").text
            assert sign_in_as_a_browser_does(browser).status_code == 403
    assert User.objects.get(pk=user.pk).status == "inactive"


def sign_in_as_a_browser_does(browser: httpx.Client) -> httpx.Response:
    """Fill in the forms of the pages, and follow where they lead."""
    page = browser.get("/login/")
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', page.text)
    assert token
    picker = browser.post("/login/microsoft/", data={"csrfmiddlewaretoken": token[1]})
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', picker.text))
    return browser.post(str(picker.url), data={**hidden, "account": f"{TENANT}/{ADA}"})
