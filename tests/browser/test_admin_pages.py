"""An organization admin sets provisioning up alone, in a real browser, with the mouse and without."""

import re
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.db.models import F
from playwright.sync_api import Page, expect

from example_project.hub.models import User
from example_project.hub.seeding import seed
from scim_provisioning.admin import numbers
from scim_provisioning.models import Connection, Event, Token
from tests.browser.conftest import MASK, Shoot, SignIn
from tests.scim import user_body

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TENANT = "8f1b2a9c-6f0e-4c8c-9d5e-0a1b2c3d4e5f"


@pytest.fixture
def idp() -> Iterator[httpx.Client]:
    """Return the identity provider."""
    with httpx.Client() as client:
        yield client


@pytest.fixture
def signed_in(page: Page, transactional_db: None, quick_passwords: None, sign_in: SignIn) -> Page:
    """Return a page in which the organization's admin is signed in."""
    seed()
    sign_in(page, User.objects.get(username="olivia@contoso.example"))
    return page


def create(page: Page) -> None:
    page.goto("/admin/hub/organization/")
    page.get_by_role("link", name="Contoso").click()
    page.get_by_role("link", name="Create Tenant URL").click()
    page.get_by_label("Entra tenant ID").fill(TENANT)


def let_the_cycle_end() -> None:
    """Move what has happened into the past, so that a pause follows it."""
    Event.objects.update(created_at=F("created_at") - timedelta(minutes=16))


def badge(page: Page) -> Any:
    return page.locator("h1 .scim-badge")


def test_from_nothing_to_a_healthy_connection(signed_in: Page, shoot: Shoot, idp: httpx.Client) -> None:
    page = signed_in
    create(page)
    shoot(page, "create-tenant-url")
    page.get_by_text("Policy: what differs from the preset").click()
    initial = page.get_by_label("Initial status")
    expect(initial.locator("option").first).to_have_text("As the preset says: Pending")
    page.get_by_label("Preset").select_option("rfc")
    expect(initial.locator("option").first).to_have_text("As the preset says: Active")
    page.get_by_label("Preset").select_option("flow_connect")
    page.get_by_role("button", name="Create Tenant URL").click()
    expect(badge(page)).to_have_text("Never connected")
    url = page.get_by_label("Tenant URL", exact=True).input_value()
    assert url.endswith(f"/scim/{Connection.objects.get().pk}/v2")

    page.get_by_role("button", name="Generate token").click()
    expect(page.get_by_label("Token", exact=True)).to_be_visible()
    page.wait_for_load_state()
    secret = page.get_by_label("Token", exact=True).input_value()
    assert page.get_by_label("Token in the form").input_value() == f'token="{secret}"'
    copy = page.get_by_role("button", name="Copy").first
    copy.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    page.evaluate(MASK)
    shoot(page, "token")

    idp.headers["Authorization"] = f'Bearer token="{secret}"'
    assert idp.get(f"{url}/Users", params={"filter": f'userName eq "{uuid.uuid4()}"'}).status_code == 200
    page.get_by_role("link", name="I have saved the token").click()
    expect(badge(page)).to_have_text("Connected, first cycle")
    for name in ("ada", "grace", "alan"):
        assert idp.post(f"{url}/Users", json=user_body(name)).status_code == 201
    assert idp.post(f"{url}/Users", json=user_body("kurt", externalId="kurt")).status_code == 400
    page.reload()
    expect(badge(page)).to_have_text("Connected, first cycle")
    let_the_cycle_end()
    page.reload()
    expect(badge(page)).to_have_text("Healthy")
    expect(page.locator(".scim-numbers")).to_contain_text(re.compile(r"3\s*Pending"))
    expect(page.get_by_text("set the source attribute of externalId to objectId")).to_be_visible()
    assert page.locator(".scim-chart rect").count() == 2
    shoot(page, "overview")
    page.get_by_role("link", name="Provisioning log").click()
    expect(page.locator(".scim-table tbody tr:not(.scim-cycle)")).to_have_count(4)
    shoot(page, "log")
    page.get_by_label("Outcome").select_option("refused")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".scim-table tbody tr:not(.scim-cycle)")).to_have_count(1)
    page.locator(".scim-table tr:not(.scim-cycle) a").click()
    expect(page.get_by_text("What mends it:")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Show everything").click()
    page.locator(".scim-table tr:not(.scim-cycle) a").last.click()
    expect(page.get_by_role("heading", name="Changed attributes")).to_be_visible()
    shoot(page, "event")
    page.goto("/admin/scim_provisioning/connection/")
    expect(page.locator("#result_list .scim-badge")).to_have_text("Healthy")
    shoot(page, "connections")


def test_many_users_are_counted_after_the_page(
    signed_in: Page, idp: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = signed_in
    create(page)
    page.get_by_role("button", name="Create Tenant URL").click()
    url = page.get_by_label("Tenant URL", exact=True).input_value()
    _token, secret = Token.issue(Connection.objects.get())
    idp.headers["Authorization"] = f"Bearer {secret}"
    for name in ("ada", "grace"):
        assert idp.post(f"{url}/Users", json=user_body(name)).status_code == 201
    monkeypatch.setattr(numbers, "AT_A_GLANCE", 1)
    page.route("**/numbers/", lambda route: route.fulfill(body="<p>Log in again</p>"))
    page.reload()
    expect(page.locator(".scim-numbers")).to_contain_text(re.compile(r"1\+\s*Users"))
    expect(page.get_by_role("link", name="Count users by status")).to_be_visible()
    page.unroute("**/numbers/")
    page.reload()
    expect(page.locator(".scim-numbers")).to_contain_text(re.compile(r"2\s*Pending"))
    expect(page.get_by_role("link", name="Count users by status")).to_have_count(0)


def test_a_reload_of_the_token_shows_no_token_and_makes_none(signed_in: Page) -> None:
    page = signed_in
    create(page)
    page.get_by_role("button", name="Create Tenant URL").click()
    page.get_by_role("button", name="Generate token").click()
    expect(page.get_by_label("Token", exact=True)).to_be_visible()
    page.wait_for_load_state()
    secret = page.get_by_label("Token", exact=True).input_value()
    page.once("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("not shown again")
    assert secret not in page.content()
    assert Token.objects.count() == 1
    page.go_back()
    assert secret not in page.content()


def test_everything_works_without_a_mouse(signed_in: Page) -> None:
    page = signed_in
    create(page)
    page.keyboard.press("Enter")
    expect(badge(page)).to_have_text("Never connected")
    page.get_by_role("button", name="Generate token").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Token", exact=True)).to_be_visible()
    page.wait_for_load_state()
    page.get_by_role("button", name="Copy").first.focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.get_by_role("link", name="I have saved the token").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Disconnect").focus()
    page.keyboard.press("Enter")
    page.get_by_label("They stay as they are").focus()
    page.keyboard.press("Space")
    page.get_by_label("The tenant URL and its tokens end for good").focus()
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("is disconnected")
    assert not Connection.objects.exists()
