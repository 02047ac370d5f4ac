"""Test: the self-test of a connection, and what each step came to."""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from scim_provisioning.admin.pages import Page
from scim_provisioning.selftest import run_self_test


def test(page: Page) -> HttpResponse:
    """Run the self-test and show it; a reload of the page runs it again, which leaves nothing behind either."""
    if page.request.method != "POST":
        return page.render("test", title=_("Test"), test_url=page.url("test"))
    steps = run_self_test(page.connection, page.request.get_host(), is_secure=page.request.is_secure())
    return page.render(
        "test",
        title=_("Test"),
        steps=steps,
        failed=sum(not step.passed for step in steps),
        test_url=page.url("test"),
    )
