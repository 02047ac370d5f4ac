"""Who sees which page: every page and every action, for everybody who might try (A3, T26)."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.admin import site
from django.db.models import QuerySet
from django.http import HttpRequest
from django.test import Client, RequestFactory

from example_project.hub.models import Organization, User
from scim_provisioning.admin import access
from scim_provisioning.checks.settings import check_settings
from scim_provisioning.models import Connection, Event, Token
from tests.admin.conftest import SignIn, url_of
from tests.scim import ScimClient, database_digest, user_body

PREFIX = "scim_provisioning_connection_"
# Pages that are about no single connection.
WITHOUT_CONNECTION = {"changelist", "add"}


def page_names() -> list[str]:
    """Return every page there is, Django's own among them, so that a new one is in the matrix at once."""
    patterns: list[Any] = site._registry[Connection].get_urls()
    return sorted(each.name.removeprefix(PREFIX) for each in patterns if each.name)


@pytest.fixture
def used(connection: Connection) -> ScimClient:
    """Return the client of a connection with a user, a refusal and a token."""
    client = ScimClient(connection)
    client.create_user("grace")
    assert client.post("/Users", user_body("heidi", externalId="no-guid")).status == 400
    return client


def address(name: str, connection_id: Any, token: Token, event: Event) -> str:
    if name in WITHOUT_CONNECTION:
        return url_of(name)
    of_page: dict[str, list[Any]] = {"revoke_token": [token.key_id], "event": [event.pk]}
    further = of_page.get(name, [])
    return url_of(name, connection_id, *further)


def traces(connection: Connection) -> list[str]:
    """Return what gives a connection away."""
    names = Event.objects.filter(connection=connection).exclude(resource_name="")
    return [
        str(connection.pk),
        connection.name,
        str(connection.tenant_id),
        connection.tokens.get().key_id,
        names.values_list("resource_name", flat=True)[0],
    ]


def ask(client: Client, method: str, url: str) -> Any:
    return (
        client.get(url)
        if method == "get"
        else client.post(url, {"days": "30", "users": "keep", "sure": "on"})
    )


@pytest.mark.parametrize("name", page_names())
def test_T26_nobody_else_sees_a_byte(
    name: str, used: ScimClient, people: dict[str, Any], sign_in: SignIn
) -> None:
    connection, event = used.connection, Event.objects.order_by("-pk")[0]
    token = connection.tokens.get()
    browsers = {who: sign_in(people[who]) for who in ("foreign", "staff", "anonymous")}
    before = database_digest()
    for who, browser in browsers.items():
        for method in ("get", "post"):
            answer = ask(browser, method, address(name, connection.pk, token, event))
            absent = ask(browser, method, address(name, uuid4(), token, event))
            text = b"".join(answer).decode() if answer.streaming else answer.content.decode()
            shown = [trace for trace in traces(connection) if trace in text]
            assert not shown, who
            assert answer.status_code == absent.status_code == expected(name, who), (who, method)
            assert who != "anonymous" or answer["Location"].startswith("/admin/login/")
    assert database_digest() == before


def expected(name: str, who: str) -> int:
    if who == "anonymous":
        return 302
    if name not in WITHOUT_CONNECTION:
        return 404
    return 403 if who == "staff" else 200


@pytest.mark.parametrize("who", ["superuser", "admin"])
@pytest.mark.parametrize("name", page_names())
def test_those_who_may_see_every_page(
    name: str, who: str, used: ScimClient, people: dict[str, Any], sign_in: SignIn
) -> None:
    event = Event.objects.order_by("-pk")[0]
    url = address(name, used.connection.pk, used.connection.tokens.get(), event)
    assert sign_in(people[who]).get(url, follow=True).status_code in (200, 405)


def test_the_index_lists_connections_for_those_who_may(people: dict[str, Any], sign_in: SignIn) -> None:
    shown = {
        who for who, person in people.items() if "SCIM provisioning" in sign_in(person).get("/admin/").text
    }
    assert shown == {"superuser", "admin", "foreign"}


def request_of(person: Any) -> HttpRequest:
    request = RequestFactory().get("/")
    request.user = person
    return request


def nobody(request: HttpRequest) -> QuerySet[Any]:
    return Organization.objects.none()


def test_without_a_hook_only_superusers_have_organizations(people: dict[str, Any], settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "ORGANIZATIONS_FOR": None}
    assert access.permitted_organizations(request_of(people["superuser"])).count() == 2
    for who in ("admin", "foreign", "staff"):
        assert not access.permitted_organizations(request_of(people[who])).exists()


def test_the_hook_binds_superusers_too(people: dict[str, Any], settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "ORGANIZATIONS_FOR": f"{__name__}.nobody"}
    assert not access.permitted_organizations(request_of(people["superuser"])).exists()


class Backend:
    """Grants the permission on one organization alone, as object-aware backends do."""

    def has_perm(self, user: Any, permission: str, obj: Any = None) -> bool:
        return permission == "hub.edit_organization_metadata" and getattr(obj, "slug", None) == "fabrikam"

    def get_user(self, user_id: Any) -> Any:
        return User.objects.get(pk=user_id)


def everything(request: HttpRequest) -> QuerySet[Any]:
    return Organization.objects.all()


def test_a_permission_on_one_organization_opens_that_one(people: dict[str, Any], settings: Any) -> None:
    settings.AUTHENTICATION_BACKENDS = [f"{__name__}.Backend"]
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "ORGANIZATIONS_FOR": f"{__name__}.everything"}
    granted = access.permitted_organizations(request_of(people["staff"]))
    assert [each.slug for each in granted] == ["fabrikam"]


def test_an_inactive_person_has_nothing(people: dict[str, Any], settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "ORGANIZATIONS_FOR": f"{__name__}.everything"}
    people["admin"].status = "inactive"
    assert not access.permitted_organizations(request_of(people["admin"])).exists()


def test_another_permission_can_be_set(people: dict[str, Any], settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "PERMISSION": "hub.no_such_permission"}
    assert not access.may_configure_any(request_of(people["admin"]))
    assert access.may_configure_any(request_of(people["superuser"]))


def test_the_tools_are_on_the_organizations_page(
    connection: Connection, client: Client, people: dict[str, Any], sign_in: SignIn
) -> None:
    page = f"/admin/hub/organization/{connection.organization_id}/change/"
    overview, add = url_of("overview", connection.pk), f"{url_of('add')}?organization="
    for browser in (client, sign_in(people["superuser"])):
        text = browser.get(page).text
        assert overview in text
        assert add in text
    text = sign_in(people["staff"]).get(page).text
    assert "Contoso" in text
    assert overview not in text
    assert add not in text


@pytest.mark.parametrize("path", ["absent.module.hook", "NoDots", 7, f"{__name__}.PREFIX"])
def test_a_hook_that_cannot_be_called_is_found_by_the_checks(path: Any, settings: Any) -> None:
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "ORGANIZATIONS_FOR": path}
    (message,) = check_settings()
    assert message.id == "scim_provisioning.E009"
    assert "ORGANIZATIONS_FOR" in message.msg
