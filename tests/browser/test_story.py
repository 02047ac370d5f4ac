"""The whole story in a real browser: an admin sets SCIM up, a person comes and goes, and the log explains it.

The identity provider is the simulator over HTTP, its sign-in page the simulator's issuer; two people have a browser.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from playwright.sync_api import Page, expect

from example_project.hub import example
from example_project.hub.models import Group, User
from example_project.hub.seeding import seed
from scim_provisioning.models import Event
from scim_provisioning.simulator import Directory, EntraApp
from scim_provisioning.simulator.issuer import Issuer, Registration
from tests.browser.conftest import Shoot

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TENANT = "8f1b2a9c-6f0e-4c8c-9d5e-0a1b2c3d4e5f"
ADA = "ada@contoso.example"


@pytest.fixture
def directory() -> Directory:
    """Return a directory of which a team of three is assigned to the Hub."""
    directory = Directory()
    for name, surname in (("Ada", "Lovelace"), ("Grace", "Hopper"), ("Alan", "Turing")):
        address = f"{name.lower()}@contoso.example"
        directory.add_user(
            address, mail=address, given_name=name, surname=surname, display_name=f"{name} {surname}"
        )
    directory.assign(directory.add_group("Bridge builders", [*directory.users.values()]))
    return directory


@pytest.fixture
def issuer(directory: Directory, live_server: Any, settings: Any) -> Iterator[Issuer]:
    """Return where the people of the directory sign in."""
    registration = Registration("hub", "hub-secret", (f"{live_server.url}/login/microsoft/callback/",))
    with Issuer({TENANT: directory}, registration) as served:
        settings.HUB_OIDC_ISSUER = served.url_of()
        settings.HUB_DEMO_LOGIN = False
        yield served


@pytest.fixture
def person(chromium: Any, live_server: Any) -> Iterator[Page]:
    """Return the browser of somebody who was never invited."""
    context = chromium.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def set_up(page: Page, shoot: Shoot) -> tuple[str, str]:
    """Create the tenant URL and generate a token, as the organization's admin; return both as they are shown."""
    page.goto("/admin/")
    page.fill("#id_username", "olivia@contoso.example")
    page.fill("#id_password", example.PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("#user-tools")).to_contain_text("Olivia")
    page.goto("/admin/hub/organization/")
    page.get_by_role("link", name="Contoso").click()
    expect(page.get_by_role("link", name="Create Tenant URL")).to_be_visible()
    shoot(page, "organization")
    page.get_by_role("link", name="Create Tenant URL").click()
    page.get_by_label("Entra tenant ID").fill(TENANT)
    page.get_by_role("button", name="Create Tenant URL").click()
    expect(badge(page)).to_have_text("Never connected")
    url = page.get_by_label("Tenant URL", exact=True).input_value()
    page.get_by_role("button", name="Generate token").click()
    secret = page.get_by_label("Token", exact=True).input_value()
    page.get_by_role("link", name="I have saved the token").click()
    return url, secret


def badge(page: Page) -> Any:
    return page.locator("h1 .scim-badge")


def people_by_status(page: Page) -> Any:
    return page.locator(".scim-numbers").first


def sign_in(person: Page, shoot: Shoot) -> None:
    person.goto("/login/")
    shoot(person, "sign-in", of="hub")
    person.get_by_role("button", name="Sign in with Microsoft").click()
    expect(person.get_by_role("heading", name="Pick an account")).to_be_visible()
    shoot(person, "pick-an-account", of="hub")
    person.get_by_role("button", name="Ada Lovelace").click()


def add_by_hand(page: Page, user: User, group: Group) -> None:
    """Choose a group of SCIM on a user's page; the page does not offer it, so it is put among the chosen ones."""
    page.goto(f"/admin/hub/user/{user.pk}/change/")
    expect(page.locator("#id_groups_from option", has_text="Newsletter")).to_have_count(1)
    expect(page.locator("#id_groups_from option", has_text=group.name)).to_have_count(0)
    page.evaluate(
        "([value, text]) => { SelectBox.add_to_cache('id_groups_to', { value, text, displayed: 1 });"
        " SelectBox.redisplay('id_groups_to'); }",
        [str(group.pk), group.name],
    )
    page.get_by_role("button", name="Save", exact=True).click()


def test_A1_A2_A4_A6_A7_A8_A9_A10_A14_A25_from_the_tenant_url_to_who_left_and_why(
    page: Page, person: Page, issuer: Issuer, directory: Directory, shoot: Shoot
) -> None:
    seed()
    url, secret = set_up(page, shoot)
    overview = page.url
    with EntraApp(url, secret, directory, "flow_connect") as entra:
        assert entra.test_connection().ok
        assert entra.cycle().created == 4
        page.goto(overview)
        expect(badge(page)).to_have_text("Connected, first cycle")
        # The identity provider pauses.
        Event.objects.update(created_at=F("created_at") - timedelta(minutes=16))
        page.reload()
        expect(badge(page)).to_have_text("Healthy")
        expect(people_by_status(page)).to_contain_text(re.compile(r"3\s*Pending"))
        expect(people_by_status(page)).to_contain_text(re.compile(r"1\s*Groups"))

        sign_in(person, shoot)
        expect(person.get_by_role("heading", name="Hello, Ada")).to_be_visible()
        expect(person.locator(".hub-status").first).to_have_text("Active")
        expect(person.get_by_text("Bridge builders")).to_be_visible()
        shoot(person, "home", of="hub")
        page.reload()
        expect(people_by_status(page)).to_contain_text(re.compile(r"2\s*Pending"))
        shoot(page, "healthy")

        team = Group.objects.get(name="Bridge builders")
        members = set(team.members.values_list("username", flat=True))
        add_by_hand(page, User.objects.get(username="astrid@contoso.example"), team)
        expect(page.locator(".field-groups .errorlist")).to_contain_text("are managed by SCIM")
        shoot(page, "membership-refused")
        assert set(team.members.values_list("username", flat=True)) == members

        directory.remove_member("Bridge builders", ADA)
        assert entra.cycle().disabled == 1
    assert User.objects.get(username=ADA).status == "inactive"
    person.goto("/")
    expect(person.get_by_role("heading", name="Sign in")).to_be_visible()
    sign_in(person, shoot)
    expect(person.get_by_role("alert")).to_contain_text("no access here, or no longer")
    shoot(person, "refused", of="hub")
    explained(page, overview, shoot)


def explained(page: Page, overview: str, shoot: Shoot) -> None:
    """Find in the log what became of Ada, and when."""
    page.goto(overview)
    expect(people_by_status(page)).to_contain_text(re.compile(r"1\s*Inactive"))
    page.get_by_role("link", name="Provisioning log").click()
    page.get_by_label("User or group name").fill(ADA)
    page.get_by_role("button", name="Search").click()
    rows = page.locator(".scim-table tbody tr:not(.scim-cycle)")
    shoot(page, "log-of-a-user")
    for row, operation in enumerate(("Deactivate", "Activate at first login", "Create")):
        expect(rows.nth(row)).to_contain_text(operation)
    rows.first.locator("a").first.click()
    expect(page.get_by_role("heading", name="Deactivate")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile(r"active\s+true\s+false"))).to_be_visible()
    shoot(page, "deactivation")
