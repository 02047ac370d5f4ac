"""`scim_connection test`: what a self-test came to, for people and for programs."""

from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning import conf
from scim_provisioning.management.output import as_json, as_table
from scim_provisioning.models import Connection
from scim_provisioning.selftest import Step, run_self_test

COLUMNS = {
    "passed": gettext_lazy("passed"),
    "title": gettext_lazy("step"),
    "expected": gettext_lazy("expected"),
    "seen": gettext_lazy("seen"),
    "detail": gettext_lazy("detail"),
}
KEYS = ("name", "request", "expected", "seen", "passed", "detail")


def tested(connection: Connection, base_url: str | None) -> list[Step]:
    """Run the self-test of a connection as it is reached from outside."""
    parts = urlsplit(base_url or conf.value("BASE_URL") or "")
    return run_self_test(connection, parts.netloc, is_secure=parts.scheme != "http")


def report(connection: Connection, steps: list[Step], *, json: bool) -> str:
    """Return what a command prints of a self-test."""
    if json:
        shown = [{key: getattr(step, key) for key in KEYS} for step in steps]
        return as_json({"connection": connection.pk, "passed": has_passed(steps), "steps": shown})
    table = as_table([{key: getattr(step, key) for key in COLUMNS} for step in steps], COLUMNS)
    passed = sum(step.passed for step in steps)
    return f"{table}\n" + _("%(passed)d of %(all)d steps passed.") % {"passed": passed, "all": len(steps)}


def has_passed(steps: list[Step]) -> bool:
    """Return whether every step came out as expected."""
    return all(step.passed for step in steps)
