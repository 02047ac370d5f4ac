"""A real Chromium in front of the example Hub; pages are served under the strictest content policy.

``SCIM_SCREENSHOTS`` names a folder that screenshots are written to.
"""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import ConsoleMessage, Page, Route, expect, sync_playwright

CHROMIUM = Path("/usr/bin/chromium")
# Without these Chromium asks for updates and models in the background.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SLOWEST_MS = 30_000
POLICY = "default-src 'self'"
IS_EXAMPLE = settings.AUTH_USER_MODEL == "hub.User"
collect_ignore_glob = [] if IS_EXAMPLE else ["test_*.py"]
Shoot = Callable[..., None]
SignIn = Callable[[Page, Any], None]
# Hides the secret of a shown token from a picture; the key id is public.
MASK = """
  document.querySelectorAll('#scim-token, #scim-token-quoted').forEach((each) => {
    each.value = each.value.replace(/_(\\w{12})_\\w+/, '_$1_' + '•'.repeat(24));
  })
"""


def is_ci() -> bool:
    return os.environ.get("CI", "").lower() not in {"", "0", "false"}


@pytest.fixture(scope="package")
def chromium(django_db_setup: None) -> Iterator[Any]:
    """Start Chromium; without one a run in CI fails, and any other skips with the reason.

    Playwright runs an event loop in this thread for as long, and Django would refuse the database for that.
    """
    reason = f"needs Chromium at {CHROMIUM} (Debian: apt-get install chromium)"
    if not CHROMIUM.exists():
        if is_ci():
            pytest.fail(reason)
        pytest.skip(reason)
    with pytest.MonkeyPatch.context() as patched, sync_playwright() as playwright:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # A busy machine is slow, not wrong.
        expect.set_options(timeout=SLOWEST_MS)
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Any, live_server: Any) -> Iterator[Page]:
    """Return a page that fails the test on any error in its console, a broken content policy among them."""
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 1280, "height": 900}, reduced_motion="reduce"
    )
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened: Page = context.new_page()
    problems: list[str] = []
    opened.on("console", lambda line: problems.append(line.text) if is_problem(line) else None)
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.route("**/admin/**", with_policy)
    yield opened
    opened.unroute_all(behavior="wait")
    context.close()
    assert problems == []


def is_problem(line: ConsoleMessage) -> bool:
    """Leave out the icon that Chromium asks every site for, and the status of a page that is a refusal."""
    expected = line.location["url"].endswith("/favicon.ico") or "409 (Conflict)" in line.text
    return line.type == "error" and not expected


def with_policy(route: Route) -> None:
    """Serve a page under the policy."""
    answer = route.fetch(max_redirects=0)
    route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": POLICY})


@pytest.fixture
def shoot() -> Shoot:
    """Return a function that takes a screenshot where screenshots are asked for, *of* the admin or the Hub."""

    def taken(page: Page, name: str, of: str = "admin") -> None:
        folder = os.environ.get("SCIM_SCREENSHOTS")
        if folder:
            picture(page, Path(folder) / f"{of}-{name}.png")

    return taken


def picture(page: Page, path: Path) -> None:
    """Take a picture of a whole page, in a window as high as it is: what sticks to the window covers nothing then."""
    page.wait_for_load_state()
    before = page.viewport_size
    assert before is not None
    height = max(before["height"], page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": before["width"], "height": height})
    page.screenshot(path=path)
    page.set_viewport_size(before)


@pytest.fixture
def quick_passwords(settings: Any) -> None:
    """Hash passwords in no time, where no page shows how they are."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def sign_in(live_server: Any) -> SignIn:
    """Return a function that gives a page somebody's session; the form itself is filled in elsewhere."""

    def signed_in(page: Page, user: Any) -> None:
        browser = Client()
        browser.force_login(user)
        session = browser.cookies["sessionid"].value
        page.context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])

    return signed_in
