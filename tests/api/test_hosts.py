"""Tenancy by host name: ``<company>.hub.example``, and what it must never open (B1, B41, T2, T33)."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client, override_settings
from django.urls import reverse

from scim_provisioning import conf
from scim_provisioning.management.tenant_urls import tenant_url
from scim_provisioning.models import Event, Token
from scim_provisioning.selftest import run_self_test
from tests.factories import HOST, make_user
from tests.scim import Answer, ScimClient, database_digest, user_body

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.api.host_urls")]

DOMAIN = "hub.example"
BASE = "/api/v2/scim/v2"


def host_for(organization: Any) -> str:
    """Return the host of an organization; one has none of its own."""
    slug = getattr(organization, HOST.organization_slug)
    return "" if slug == "homeless" else f"{slug}.{DOMAIN}"


@pytest.fixture(autouse=True)
def hosts(settings: Any) -> None:
    """Give every organization a host."""
    settings.ALLOWED_HOSTS = [f".{DOMAIN}", "testserver"]
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "HOST_FOR": f"{__name__}.host_for"}


class HostClient(ScimClient):
    """Speaks to a connection by the host of its organization, or by another one."""

    def __init__(self, client: ScimClient, host: str = "") -> None:
        super().__init__(client.connection, client.token)
        self.base = BASE
        self.host = host or host_for(client.organization)

    def request(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Send one request to the host."""
        return super().request(method, path, body, **{"Host": self.host, **options})


@pytest.fixture
def by_host(contoso: ScimClient) -> HostClient:
    """Return a client that uses the organization's own host."""
    return HostClient(contoso)


def test_B1_a_connection_is_reached_by_the_host_of_its_organization(by_host: HostClient) -> None:
    created = by_host.create_user("ada")
    location = f"http://contoso.{DOMAIN}{BASE}/Users/{created.id}"
    assert created["meta"]["location"] == created.headers["Location"] == location
    assert by_host.get(f"/Users/{created.id}")["meta"]["location"] == location
    assert by_host.find("/Users", 'userName eq "ada@contoso.example"')["totalResults"] == 1
    assert by_host.patch(f"/Users/{created.id}", {"op": "replace", "value": {"title": "Boss"}}).status == 200
    assert by_host.get("/ResourceTypes")["Resources"][0]["meta"]["location"].startswith(
        f"http://contoso.{DOMAIN}{BASE}/"
    )
    assert by_host.delete(f"/Users/{created.id}").status == 204


def test_B1_the_flag_and_any_unknown_parameter_are_ignored_there_too(by_host: HostClient) -> None:
    assert by_host.get("/Users", aadOptscim062020="", other="1").status == 200
    made = by_host.post("/Users", user_body("ada"), query={"aadOptscim062020": ""})
    assert made.status == 201
    assert "aadOptscim062020" not in made["meta"]["location"]


def test_B1_both_forms_lead_to_the_same_resources(by_host: HostClient, contoso: ScimClient) -> None:
    user = by_host.create_user("ada").id
    path = reverse("scim_provisioning:user", kwargs={"connection": contoso.connection.pk, "uuid": user})
    assert contoso.get(f"/Users/{user}")["meta"]["location"] == f"http://testserver{path}"


def test_B1_letters_and_port_of_the_host_do_not_matter(contoso: ScimClient) -> None:
    for host in (f"CONTOSO.{DOMAIN}", f"contoso.{DOMAIN}:8443"):
        assert HostClient(contoso, host).get("/Users").status == 200


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_B41_a_key_of_one_company_on_the_host_of_another_is_401_and_never_data(
    contoso: ScimClient, northwind: ScimClient, method: str
) -> None:
    make_user(northwind.organization, "eva")
    before = database_digest()
    answer = HostClient(contoso, host_for(northwind.organization)).request(
        method, "/Users", user_body("ada") if method == "POST" else None
    )
    unknown = HostClient(contoso).request("GET", "/Users", authorization="Bearer nobodys")
    assert answer.status == 401
    assert answer.content == unknown.content
    assert database_digest() == before
    assert not Event.objects.filter(connection=northwind.connection).exists()


def test_B41_a_key_of_one_company_at_the_path_of_another_is_401(
    contoso: ScimClient, northwind: ScimClient
) -> None:
    assert ScimClient(northwind.connection, contoso.token).get("/Users").status == 401


@pytest.mark.parametrize("host", [DOMAIN, f"nobody.{DOMAIN}", f"x.contoso.{DOMAIN}", "testserver"])
def test_B41_a_host_that_is_nobodys_opens_nothing(contoso: ScimClient, host: str) -> None:
    assert HostClient(contoso, host).get("/Users").status == 401


@pytest.mark.parametrize("host", ["contoso.evil.example", "contoso.hub.example.evil.example", "a b"])
def test_T33_a_host_that_the_hub_does_not_answer_to_is_400(contoso: ScimClient, host: str) -> None:
    client = Client(raise_request_exception=False)
    headers = {"Host": host, "Authorization": f"Bearer {contoso.token}"}
    answer = client.get(f"{BASE}/Users", headers=headers)
    assert answer.status_code == 400
    assert b"Resources" not in answer.content


def test_B41_an_organization_without_a_host_is_reached_by_path_alone(
    make_client: Any, organization: Any
) -> None:
    setattr(organization, HOST.organization_slug, "homeless")
    organization.save()
    client = make_client("rfc")
    assert client.get("/Users").status == 200
    for host in (DOMAIN, f"homeless.{DOMAIN}", "testserver"):
        assert HostClient(client, host).get("/Users").status == 401
    assert f"/scim/{client.connection.pk}/v2" in tenant_url(client.connection)


def test_B41_without_the_hook_no_host_opens_anything(contoso: ScimClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "HOST_FOR": None}
    assert HostClient(contoso, f"contoso.{DOMAIN}").get("/Users").status == 401
    assert contoso.get("/Users").status == 200


def test_B1_two_connections_of_one_organization_share_its_host(make_client: Any) -> None:
    one, other = HostClient(make_client("rfc")), HostClient(make_client("rfc"))
    user = one.create_user("ada").id
    assert one.get(f"/Users/{user}").status == 200
    assert other.get(f"/Users/{user}").status == 404


def test_B1_unknown_and_unimplemented_endpoints_answer_alike(by_host: HostClient) -> None:
    assert by_host.get("/Nothing").status == 404
    assert by_host.get("/Me").status == 501
    assert by_host.request("GET", "/Nothing", authorization="").status == 401


@pytest.mark.parametrize(
    ("base_url", "given", "expected"),
    [
        (None, None, f"http://contoso.{DOMAIN}:8000"),
        ("https://hub.example/scim", None, f"https://contoso.{DOMAIN}"),
        (None, "https://hub.example", f"https://contoso.{DOMAIN}"),
        (None, "https://hub.example:8443/scim", f"https://contoso.{DOMAIN}:8443"),
    ],
)
def test_B1_the_tenant_url_to_paste_is_the_one_by_host(
    contoso: ScimClient, base_url: str | None, given: str | None, expected: str
) -> None:
    with override_settings(SCIM_PROVISIONING={**conf.given(), "BASE_URL": base_url}):
        assert tenant_url(contoso.connection, given) == f"{expected}{BASE}"


def test_B1_the_command_prints_it(organization: Any, capsys: Any) -> None:
    name = getattr(organization, HOST.organization_slug)
    call_command("scim_connection", "create", "--organization", name, "--preset", "rfc", "--json")
    assert json.loads(capsys.readouterr().out)["tenant_url"] == f"http://contoso.{DOMAIN}:8000{BASE}"
    call_command("scim_connection", "list", "--json", "--base-url", "https://hub.example")
    assert json.loads(capsys.readouterr().out)[0]["tenant_url"] == f"https://contoso.{DOMAIN}{BASE}"


def test_B1_base_url_gives_locations_their_scheme(by_host: HostClient, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "BASE_URL": "https://hub.example/scim"}
    assert by_host.create_user("ada")["meta"]["location"].startswith(f"https://contoso.{DOMAIN}{BASE}/Users/")


def test_B1_the_self_test_goes_by_the_host_as_well(contoso: ScimClient) -> None:
    steps = run_self_test(contoso.connection, "testserver")
    assert [step for step in steps if not step.passed] == []
    assert len(steps) > 5


def test_B1_no_query_is_added(by_host: HostClient, django_assert_num_queries: Any) -> None:
    user = by_host.create_user("ada").id
    with django_assert_num_queries(2):
        assert by_host.get(f"/Users/{user}").status == 200


def test_B2_each_form_of_the_header_opens_the_host(by_host: HostClient) -> None:
    token = Token.issue(by_host.connection)[1]
    for form in ("Bearer {}", 'Bearer token="{}"', 'Token token="{}"', "Token {}"):
        assert by_host.request("GET", "/Users", authorization=form.format(token)).status == 200
