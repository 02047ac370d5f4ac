"""`scim_connection lint`, `export` and `openapi`: what a connection is and what is seen of it, from a shell."""

import sys
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning.api.description import describe_connection
from scim_provisioning.guide.app_roles import app_roles
from scim_provisioning.guide.attribute_table import attribute_rows
from scim_provisioning.guide.findings import Finding, findings_of
from scim_provisioning.guide.guides import setup_of
from scim_provisioning.management.arguments import add_action, read_connection
from scim_provisioning.management.output import as_json, as_table
from scim_provisioning.management.tenant_urls import add_base_url, printed_url

WRONG = 1
LINT_COLUMNS = {
    "state": gettext_lazy("state"),
    "requests": gettext_lazy("requests"),
    "wrong": gettext_lazy("wrong"),
    "last_wrong_at": gettext_lazy("last wrong"),
    "sentence": gettext_lazy("what was seen"),
    "sample": gettext_lazy("sample"),
    "fix": gettext_lazy("what mends it"),
}
ATTRIBUTE_COLUMNS = {
    "target": gettext_lazy("target"),
    "type": gettext_lazy("type"),
    "required": gettext_lazy("required"),
    "multi_valued": gettext_lazy("multi-value"),
    "mapping_type": gettext_lazy("mapping type"),
    "source": gettext_lazy("source or expression"),
    "precedence": gettext_lazy("precedence"),
    "note": gettext_lazy("note"),
}


def add_inspections(actions: Any) -> None:
    """Declare the actions and their options."""
    linting = add_action(actions, "lint", _("say what the identity provider's requests show of its mapping"))
    linting.add_argument("connection", metavar="ID")
    exporting = add_action(actions, "export", _("print app roles or attributes as Entra's screens take them"))
    exporting.add_argument("what", choices=["roles", "attributes"])
    exporting.add_argument("connection", metavar="ID")
    describing = add_action(
        actions, "openapi", _("print the OpenAPI description of a connection's endpoints")
    )
    describing.add_argument("connection", metavar="ID")
    add_base_url(describing)


def lint(command: BaseCommand, options: dict[str, Any]) -> None:
    """Print each finding and what it is based on; the exit code says whether something is wrong."""
    findings = findings_of(setup_of(read_connection(options["connection"])))
    rows = [lint_row(each) for each in findings]
    command.stdout.write(as_json(rows) if options["json"] else as_table(rows, LINT_COLUMNS))
    if any(each.is_wrong for each in findings):
        sys.exit(WRONG)


def lint_row(finding: Finding) -> dict[str, Any]:
    """Return one finding for JSON."""
    right, wrong = finding.right, finding.wrong
    return {
        "subject": finding.subject.name,
        "state": finding.state.value,
        "requests": finding.requests,
        "wrong": wrong.count if wrong else 0,
        "first_wrong_at": wrong and wrong.first_at,
        "last_wrong_at": wrong and wrong.last_at,
        "last_right_at": right and right.last_at,
        "sample": wrong.sample if wrong and finding.is_told else "",
        "sentence": str(finding.sentence),
        "fix": str(finding.subject.fix) if finding.is_told else "",
    }


def export(command: BaseCommand, options: dict[str, Any]) -> None:
    """Print the app roles as JSON for the manifest, or the attributes as a table."""
    setup = setup_of(read_connection(options["connection"]))
    if options["what"] == "roles":
        command.stdout.write(as_json(app_roles(setup)))
        return
    rows: Sequence[dict[str, Any]] = [row.as_dict() for row in attribute_rows(setup)]
    command.stdout.write(as_json(rows) if options["json"] else as_table(rows, ATTRIBUTE_COLUMNS))


def openapi(command: BaseCommand, options: dict[str, Any]) -> None:
    """Print the OpenAPI description, which is JSON with ``--json`` and without."""
    connection = read_connection(options["connection"])
    command.stdout.write(
        as_json(describe_connection(connection, printed_url(connection, options["base_url"])))
    )
