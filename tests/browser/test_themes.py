"""Every page of ours under the admin themes that Hubs use, in a real browser.

``SCIM_SCREENSHOTS`` names a folder that screenshots under unfold are written to.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from example_project.hub import example
from tests.browser.conftest import MASK, picture

pytestmark = pytest.mark.browser
THEMES = ["stock", "unfold", "jazzmin", "grappelli"]
PREFIX = "scim_provisioning_connection_"
# Pages whose pictures in the stock admin come from a story with more in it.
TOLD_ELSEWHERE = {"overview", "log", "event", "token", "organization"}
# Django's own pages, which a theme renders in its way, and those that are no pages.
NOT_OURS = {"changelist", "change", "history", "delete"}
# Inline code and styles are what a strict content policy forbids; a theme's own are its own.
INLINE = """
  page => [...page.querySelectorAll('*')].flatMap(each => [
    ...(['SCRIPT', 'STYLE'].includes(each.tagName) ? [each.outerHTML] : []),
    ...[...each.attributes].filter(one => one.name === 'style' || one.name.startsWith('on'))
      .map(one => `${each.tagName} ${one.name}`)])
"""
# A button that is seen as one: a box with words in it, apart from its neighbours, in colours that differ.
AS_SEEN = """
  button => {
    const style = getComputedStyle(button), box = button.getBoundingClientRect();
    return {text: button.innerText.trim(), width: box.width, height: box.height,
      border: parseFloat(style.borderTopWidth), padding: parseFloat(style.paddingLeft),
      differs: style.color !== style.backgroundColor}
  }
"""


# Fields that nobody can tell by ear.
NAMELESS = """
  fields => fields.filter((each) => !each.labels.length && !each.ariaLabel).map((each) => each.outerHTML)
"""


@dataclass
class Hub:
    """The example Hub under one theme."""

    theme: str
    url: str
    pages: dict[str, str]
    organization: str


def environment(theme: str, database: Path) -> dict[str, str]:
    return {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": f"tests.themes.{theme}",
        "DATABASE_URL": f"sqlite:///{database}",
        "HUB_ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    }


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a filled database, which each theme gets a copy of, and what there is to look at."""
    database = tmp_path_factory.mktemp("scene") / "hub.sqlite3"
    command = [sys.executable, "-m", "tests.themes.serve", "fill"]
    filled = subprocess.run(
        command, env=environment("stock", database), stdout=subprocess.PIPE, text=True, check=True
    )
    return database, json.loads(filled.stdout)


@pytest.fixture(scope="module", params=THEMES)
def hub(
    request: pytest.FixtureRequest,
    scene: tuple[Path, dict[str, Any]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Hub]:
    """Start the Hub in a process of its own: a theme is an installed app, and those are fixed."""
    theme, (filled, what) = request.param, scene
    database = tmp_path_factory.mktemp(theme) / filled.name
    shutil.copyfile(filled, database)
    command = [sys.executable, "-m", "tests.themes.serve", "serve"]
    with subprocess.Popen(
        command, env=environment(theme, database), stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        port = server.stdout.readline().strip()
        assert port, f"the Hub did not start under {theme}"
        yield Hub(theme, f"http://127.0.0.1:{port}", **what)
        server.kill()


@pytest.fixture(scope="module")
def signed_in(chromium: Any, hub: Hub) -> Iterator[Page]:
    """Return a page in which the organization's admin is signed in, and what went wrong in its console."""
    context = chromium.new_context(
        base_url=hub.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    context.set_default_timeout(15_000)
    page: Page = context.new_page()
    page.goto("/admin/")
    page.fill("[name=username]", "olivia@contoso.example")
    page.fill("[name=password]", example.PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{hub.url}/admin/")
    yield page
    context.close()


@pytest.fixture
def page(signed_in: Page) -> Iterator[Page]:
    """Return the page; an error of ours in its console fails the test."""
    problems: list[str] = []

    def heard(line: Any) -> None:
        if line.type == "error" and "scim_provisioning/scim" in f"{line.location} {line.text}":
            problems.append(line.text)

    def failed(error: Any) -> None:
        if "scim_provisioning/scim" in (error.stack or ""):
            problems.append(str(error))

    signed_in.on("console", heard)
    signed_in.on("pageerror", failed)
    yield signed_in
    signed_in.remove_listener("console", heard)
    signed_in.remove_listener("pageerror", failed)
    assert problems == []


def shoot(page: Page, hub: Hub, name: str) -> None:
    folder = os.environ.get("SCIM_SCREENSHOTS")
    if folder and (hub.theme != "stock" or name not in TOLD_ELSEWHERE):
        theme = "" if hub.theme == "stock" else f"-{hub.theme}"
        picture(page, Path(folder) / f"admin-{name}{theme}.png")


def check_ours(page: Page, name: str) -> None:
    """See that a page of ours has its heading, and buttons that are seen and read as such."""
    ours = page.locator(".scim-page")
    expect(ours.locator("h1.scim-title"), name).to_be_visible()
    assert ours.evaluate(INLINE) == [], name
    for seen in ours.locator(".scim-btn:visible").evaluate_all(f"buttons => buttons.map({AS_SEEN})"):
        assert seen["text"], name
        assert seen["width"] > 30, (name, seen)
        assert seen["height"] > 20, (name, seen)
        assert seen["border"] >= 1, (name, seen)
        assert seen["padding"] >= 8, (name, seen)
        assert seen["differs"], (name, seen)
        of_links = ours.get_by_role("link", name=seen["text"])
        expect(ours.get_by_role("button", name=seen["text"]).or_(of_links).first).to_be_visible()
    assert ours.locator("input:not([type=hidden]), select, textarea").evaluate_all(NAMELESS) == [], name


def test_every_page_is_right(page: Page, hub: Hub) -> None:
    opened = 0
    for full_name, path in hub.pages.items():
        name = full_name.removeprefix(PREFIX)
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, name
        opened += 1
        if name not in NOT_OURS:
            check_ours(page, name)
        shoot(page, hub, name.replace("_", "-"))
    assert opened >= 8


def test_the_list_has_its_badge_its_banner_and_its_button(page: Page, hub: Hub) -> None:
    page.goto(hub.pages[f"{PREFIX}changelist"])
    expect(page.locator(".scim-badge").first).to_be_visible()
    expect(page.get_by_text("Tokens expire soon").first).to_be_visible()
    expect(page.get_by_role("link", name="Create Tenant URL").first).to_be_visible()


def test_A1_the_tools_are_on_the_organizations_page(page: Page, hub: Hub) -> None:
    page.goto(hub.organization)
    expect(page.get_by_text("Tokens expire soon").first).to_be_visible()
    for tool in ("Create Tenant URL", "Generate token", "Overview"):
        shown = page.get_by_role("link", name=tool).first
        expect(shown).to_be_visible()
        seen = shown.evaluate(AS_SEEN)
        assert seen["padding"] >= 6, (tool, seen)
        assert seen["differs"], (tool, seen)
    shoot(page, hub, "organization")
    page.get_by_role("link", name="Generate token").first.click()
    expect(page.get_by_role("button", name="Generate token")).to_be_visible()


def test_the_policy_can_be_changed(page: Page, hub: Hub) -> None:
    page.goto(hub.pages[f"{PREFIX}change"])
    save = page.locator("[name=_save]").locator("visible=true").first
    save.click()
    expect(page.locator("h1.scim-title")).to_contain_text("Contoso directory")


def test_copy_test_and_token_work(page: Page, hub: Hub) -> None:
    page.goto(hub.pages[f"{PREFIX}overview"])
    url = page.get_by_label("Tenant URL", exact=True).input_value()
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == url
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("Every step came out as it must")).to_be_visible()
    check_ours(page, "test result")
    shoot(page, hub, "test")
    page.goto(hub.pages[f"{PREFIX}overview"])
    page.get_by_role("button", name="Generate token").click()
    expect(page.get_by_label("Token", exact=True)).to_be_visible()
    secret = page.get_by_label("Token", exact=True).input_value()
    page.get_by_role("button", name="Copy").first.click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    check_ours(page, "token")
    page.evaluate(MASK)
    shoot(page, hub, "token")
