"""Who sees which page: every page and every action, for everybody who might try (A3, T26)."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from example_project.hub.models import Organization, User
from scim_provisioning.admin import access
from scim_provisioning.checks.settings import check_settings
from scim_provisioning.models import Connection, Event, Token
from tests.admin.conftest import SignIn, url_of
from tests.admin.pages import address, page_names, parts_of
from tests.scim import ScimClient, database_digest, user_body

# What a form of ours, or of Django's, might take: enough for each of them to do what it does.
SENT = {"days": "30", "latest": "", "users": "keep", "sure": "on", "post": "yes", "reason": "none"}
WHO_MAY = ["superuser", "admin"]
WHO_MAY_NOT = ["foreign", "staff", "anonymous"]


@pytest.fixture
def used(connection: Connection) -> ScimClient:
    """Return the client of a connection with a user, a refusal and a token."""
    client = ScimClient(connection)
    client.create_user("grace")
    assert client.post("/Users", user_body("heidi", externalId="no-guid")).status == 400
    return client


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
    return client.get(url) if method == "get" else client.post(url, SENT)


def text_of(answer: Any) -> str:
    """Return the body of an answer, and where it leads."""
    body = b"".join(answer) if answer.streaming else answer.content
    return f"{body.decode()} {answer.headers}"


@pytest.mark.parametrize("who", WHO_MAY_NOT)
@pytest.mark.parametrize("name", page_names())
def test_T26_nobody_else_sees_a_byte_or_changes_a_row(
    name: str, who: str, used: ScimClient, people: dict[str, Any], sign_in: SignIn
) -> None:
    """Each page there is, for each person who may not; the answer for an absent connection is the same."""
    connection, browser = used.connection, sign_in(people[who])
    own, absent = address(name, connection), address(name, connection, uuid4())
    hidden = [trace for trace in traces(connection) if trace not in own]
    before, tokens = database_digest(), list(Token.objects.values_list("key_id", "revoked_at"))
    for method in ("get", "post"):
        answer, other = ask(browser, method, own), ask(browser, method, absent)
        assert answer.status_code == other.status_code == expected(name, who), method
        text = text_of(answer).replace(own, "")
        assert [trace for trace in hidden if trace in text] == [], method
        assert who != "anonymous" or answer["Location"].startswith("/admin/login/")
    assert database_digest() == before
    assert list(Token.objects.values_list("key_id", "revoked_at")) == tokens


def expected(name: str, who: str) -> int:
    if who == "anonymous":
        return 302
    if parts_of(name):
        return 404
    return 403 if who == "staff" else 200


@pytest.mark.parametrize("who", WHO_MAY)
@pytest.mark.parametrize("name", page_names())
def test_those_who_may_see_every_page(
    name: str, who: str, used: ScimClient, people: dict[str, Any], sign_in: SignIn
) -> None:
    browser, url = sign_in(people[who]), address(name, used.connection)
    assert browser.get(url, follow=True).status_code in (200, 405)
    assert ask(browser, "post", url).status_code < 500


@pytest.mark.parametrize("name", page_names())
def test_a_session_that_ended_sees_nothing(
    name: str, used: ScimClient, people: dict[str, Any], sign_in: SignIn
) -> None:
    """Expired, signed out, or its person made Inactive: as anonymous."""
    url = address(name, used.connection)
    browser = sign_in(people["admin"])
    for end in (expire, leave, deactivate):
        browser = sign_in(people["admin"])
        end(browser, people["admin"])
        for method in ("get", "post"):
            answer = ask(browser, method, url)
            assert answer.status_code == 302, (end.__name__, method)
            assert answer["Location"].startswith("/admin/login/")
    assert not Connection.objects.exclude(pk=used.connection.pk).exists()


def expire(browser: Client, person: Any) -> None:
    Session.objects.all().update(expire_date=timezone.now() - timedelta(seconds=1))


def leave(browser: Client, person: Any) -> None:
    browser.logout()


def deactivate(browser: Client, person: Any) -> None:
    type(person).objects.filter(pk=person.pk).update(status="inactive")


@pytest.mark.parametrize("name", page_names())
def test_a_post_without_the_csrf_token_is_refused(
    name: str, used: ScimClient, people: dict[str, Any]
) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(people["admin"])
    before = database_digest()
    assert browser.post(address(name, used.connection), SENT).status_code == 403
    assert database_digest() == before


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
