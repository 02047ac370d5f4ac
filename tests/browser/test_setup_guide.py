"""The setup guide from the first step to the last, by a customer through the setup link, while the simulator plays."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from playwright.sync_api import ConsoleMessage, Page, expect

from example_project.hub.models import Organization, User
from example_project.hub.seeding import seed
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.models import Connection, Observation, SetupLink, Token
from scim_provisioning.simulator import Directory, EntraApp
from scim_provisioning.simulator.mapping import MappingTable
from tests.browser.conftest import Shoot, SignIn, is_problem, with_policy

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TENANT = "8f1b2a9c-6f0e-4c8c-9d5e-0a1b2c3d4e5f"
ShootPart = Callable[..., None]
STEPS = {
    "flowcase": [
        "prerequisites", "application", "connect", "roles", "assign", "attributes", "mapping", "provision"
    ],
    "flow_connect": ["prerequisites", "application", "connect", "mapping", "assign", "provision"],
}  # fmt: skip
ORGANIZATIONS = {"flowcase": "fabrikam", "flow_connect": "contoso"}
ADMINS = {"flowcase": "Frida", "flow_connect": "Olivia"}
# The page counts for itself, and forgets it when it is loaded again.
WATCH_CLICKS = (
    "() => { window.clicks = 0; "
    "for (const kind of ['click', 'submit']) addEventListener(kind, () => { window.clicks += 1; }, true); }"
)
SEEN, WRONG, OPEN = "Done: seen", "Wrong", "Not seen yet"


@pytest.fixture
def connection(request: Any, transactional_db: None, quick_passwords: None) -> Connection:
    """Return a new connection: of the organization that has departments and roles, or of the preset asked for."""
    seed()
    preset = getattr(request, "param", "flowcase")
    return create_connection(Organization.objects.get(slug=ORGANIZATIONS[preset]), preset, TENANT)


@pytest.fixture
def admin_page(page: Page, connection: Connection, sign_in: SignIn) -> Page:
    """Return a page in which the organization's admin is signed in."""
    sign_in(page, admin_of(connection))
    page.goto(f"/admin/scim_provisioning/connection/{connection.pk}/overview/")
    return page


@pytest.fixture
def customer_page(chromium: Any, live_server: Any) -> Iterator[Page]:
    """Return a page of somebody who has no login, under the strictest content policy."""
    context = chromium.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=live_server.url)
    opened: Page = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda line: problems.append(line.text) if is_problem_of_link(line) else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.route("**/setup/**", with_policy)
    yield opened
    assert context.cookies() == []
    opened.unroute_all(behavior="wait")
    context.close()
    assert problems == []


def is_problem_of_link(line: ConsoleMessage) -> bool:
    """Leave out that an open page is told, when it next asks, that its link is gone."""
    is_gone = "404 (Not Found)" in line.text and "/setup/" in line.location["url"]
    return is_problem(line) and not is_gone


@pytest.fixture
def shoot_part() -> ShootPart:
    """Return a function that takes a screenshot of what is in view, or of one element: a guide is a long page."""

    def taken(page: Page, name: str, selector: str = "") -> None:
        folder = os.environ.get("SCIM_SCREENSHOTS")
        if folder:
            shown = page.locator(selector) if selector else page
            shown.screenshot(path=Path(folder) / f"admin-{name}.png")

    return taken


def admin_of(connection: Connection) -> User:
    """Return who administers the organization of a connection."""
    return User.objects.get(first_name=ADMINS[connection.preset], organization=connection.organization)


def create_link(page: Page) -> str:
    """Press *Create setup link*, and return the link."""
    page.get_by_role("button", name="Create setup link").click()
    page.wait_for_load_state()
    return page.get_by_label("Setup link", exact=True).input_value()


def entra(connection: Connection, page: Page) -> EntraApp:
    """Return the customer's Entra, set up with what the guide says to paste."""
    domain = connection.organization.slug
    directory = Directory()
    directory.add_role("consultant")
    for name in ("ada", "bo"):
        address = f"{name}@{domain}.example"
        user = directory.add_user(address, mail=address, department="Engineering", country="NO")
        directory.assign(user, "consultant")
    directory.assign(directory.add_group("Team", [f"ada@{domain}.example"]))
    _token, secret = Token.issue(connection, created_by=admin_of(connection))
    url = page.get_by_label("Tenant URL", exact=True).input_value()
    form = page.get_by_label("Form of the secret token").input_value()
    assert (form == 'token="YOUR_TOKEN"') is url.endswith("?aadOptscim062020")
    token_form = form.partition("=")[0] if "=" in form else "bearer"
    return EntraApp(url, secret, directory, connection.preset, token_form=token_form)


def state(page: Page, step: str) -> Any:
    return page.locator(f"#scim-state-{step} > p > .scim-badge")


def expect_steps(page: Page, steps: list[str], wanted: dict[str, Any], *, otherwise: Any) -> None:
    """Expect the state of each step, without a reload: the page has a few seconds to look for itself."""
    assert page.locator(".scim-step").count() == len(steps)
    for step in steps:
        expect(state(page, step)).to_have_text(wanted.get(step, otherwise), timeout=20_000)


def let_a_cycle_pass() -> None:
    """Move what was seen 41 minutes into the past."""
    recorder.flush()
    past = timedelta(minutes=41)
    Observation.objects.update(first_at=F("first_at") - past, last_at=F("last_at") - past)


def run_right_cycles(app: EntraApp, right: MappingTable) -> None:
    """Mend the mapping, and let enough time pass for a page to believe it."""
    let_a_cycle_pass()
    app.use_mapping(right)
    app.restart()
    assert app.cycle().ok
    let_a_cycle_pass()


def assert_nobody_helped(page: Page, connection: Connection) -> None:
    """The page was never left, and nobody clicked on it or confirmed anything."""
    assert page.evaluate("window.clicks") == 0
    assert not connection.confirmations.exists()


def test_P11_a_customer_goes_from_step_1_to_8_while_the_steps_tick_by_themselves(
    admin_page: Page,
    customer_page: Page,
    connection: Connection,
    shoot: Shoot,
    shoot_part: ShootPart,
) -> None:
    link = create_link(admin_page)
    admin_page.evaluate(
        "document.querySelector('#scim-link').value = location.origin + '/scim/setup/5f0c1a52…/'"
    )
    shoot(admin_page, "setup-link")
    page = customer_page
    page.goto(link)
    steps = STEPS["flowcase"]
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up provisioning for Fabrikam")
    expect_steps(page, steps, {}, otherwise=OPEN)
    shoot_part(page, "setup-guide")
    page.evaluate(WATCH_CLICKS)
    with entra(connection, page) as app:
        assert app.test_connection().ok
        expect_steps(page, steps, {"application": SEEN, "connect": SEEN}, otherwise=OPEN)

        right = app.job.mapping
        app.use_mapping(right.with_mistake("groups_left_on"))
        assert app.cycle().quarantine == "ScimCompliance"
        expect(state(page, "mapping")).to_have_text(WRONG, timeout=20_000)
        wrong = page.locator("#scim-state-mapping")
        expect(wrong).to_contain_text("Groups were asked for.")
        expect(wrong).to_contain_text("set Enabled to No and save")
        # The first step says so as well, and where it is mended.
        first = page.locator("#scim-state-prerequisites")
        expect(first).to_contain_text("Groups were asked for.")
        expect(state(page, "prerequisites")).to_have_text(OPEN)
        shoot_part(page, "setup-guide-wrong", "#step-mapping")

        run_right_cycles(app, right)
        expect_steps(page, steps, {}, otherwise=SEEN)
        expect(page.locator("#scim-progress")).to_have_text("8 of 8 steps are done.")
    assert_nobody_helped(page, connection)
    admin_page.goto(f"/admin/scim_provisioning/connection/{connection.pk}/guide/")
    expect_steps(admin_page, steps, {}, otherwise=SEEN)
    shoot_part(admin_page, "guide")
    admin_page.get_by_role("link", name="Export").first.click()
    expect(admin_page.get_by_label("App roles as JSON")).to_contain_text("departmentmanager:dept:NO:")
    shoot(admin_page, "export")


@pytest.mark.parametrize("connection", ["flow_connect"], indirect=True)
def test_P11_flow_connects_own_steps_tick_by_themselves_as_well(
    admin_page: Page, customer_page: Page, connection: Connection, shoot_part: ShootPart
) -> None:
    page, steps = customer_page, STEPS["flow_connect"]
    page.goto(create_link(admin_page))
    expect_steps(page, steps, {}, otherwise=OPEN)
    page.evaluate(WATCH_CLICKS)
    with entra(connection, page) as app:
        assert app.test_connection().ok
        expect_steps(page, steps, {"application": SEEN, "connect": SEEN}, otherwise=OPEN)

        right = app.job.mapping
        app.use_mapping(right.with_mistake("external_id_from_mail_nickname"))
        assert app.cycle().failures
        expect(state(page, "mapping")).to_have_text(WRONG, timeout=20_000)
        expect(page.locator("#scim-state-mapping")).to_contain_text("set its source attribute to objectId")

        run_right_cycles(app, right)
        expect_steps(page, steps, {}, otherwise=SEEN)
        expect(page.locator("#scim-progress")).to_have_text("6 of 6 steps are done.")
    assert_nobody_helped(page, connection)
    shoot_part(page, "setup-guide-ignored", "#step-mapping")


def test_P11_a_revoked_link_is_gone_from_an_open_page_as_well(
    admin_page: Page, customer_page: Page, connection: Connection
) -> None:
    link = create_link(admin_page)
    customer_page.goto(link)
    admin_page.get_by_role("link", name="Back to the overview").click()
    admin_page.get_by_role("button", name=f"Revoke {SetupLink.objects.get().pk}").click()
    expect(admin_page.locator(".messagelist")).to_contain_text("is revoked")
    assert customer_page.request.get(link).status == 404
    # The open page finds out when it next asks.
    expect(customer_page.locator("[data-scim-poll]")).to_have_count(0, timeout=20_000)


def test_P6_the_guide_works_without_a_mouse_and_keeps_the_focus(
    admin_page: Page, connection: Connection
) -> None:
    page = admin_page
    page.get_by_role("link", name="Setup guide").focus()
    page.keyboard.press("Enter")
    button = page.get_by_role("button", name="Confirm before continuing Create app roles")
    button.focus()
    page.keyboard.press("Enter")
    expect(state(page, "roles")).to_have_text("Done: confirmed")
    back = page.get_by_role("button", name="Take the confirmation back Create app roles")
    back.focus()
    version = page.locator("[data-scim-poll]").get_attribute("data-scim-version")
    connection.confirmations.create(step="assign", confirmed_by="somebody else")
    expect(state(page, "assign")).to_have_text("Done: confirmed", timeout=20_000)
    assert page.locator("[data-scim-poll]").get_attribute("data-scim-version") != version
    expect(back).to_be_focused()


def test_P6_without_javascript_a_reload_shows_it(
    chromium: Any, live_server: Any, admin_page: Page, connection: Connection
) -> None:
    link = create_link(admin_page)
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button", name="Confirm before continuing Prerequisites").click()
    expect(state(page, "prerequisites")).to_have_text("Done: confirmed")
    context.close()


def test_P6_what_is_printed_has_no_buttons(admin_page: Page, connection: Connection) -> None:
    admin_page.goto(f"/admin/scim_provisioning/connection/{connection.pk}/guide/")
    admin_page.emulate_media(media="print")
    expect(admin_page.get_by_role("button", name="Confirm before continuing").first).to_be_hidden()
    expect(admin_page.get_by_role("heading", name="Create app roles")).to_be_visible()
