"""Make the example organizations."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from example_project.hub import example
from example_project.hub.models import Organization
from example_project.hub.schema import migrate_where_needed
from example_project.hub.seeding import seed


class Command(BaseCommand):
    """The example organizations, their departments, groups and logins; may be run again."""

    help = "Make the example organizations, their departments, groups and logins. May be run again."
    # The tables may not be there yet.
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Offer the machine-readable form."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Seed, and print who can sign in."""
        migrate_where_needed()
        logins = {organization.slug: organization for organization in seed()}
        report = [describe(wanted, logins[wanted.slug]) for wanted in example.ORGANIZATIONS]
        if options["json"]:
            name, password = example.SUPERUSER
            superuser = {"username": name, "password": password}
            self.stdout.write(json.dumps({"superuser": superuser, "organizations": report}, indent=2))
        else:
            self.stdout.write(table(report))


def describe(wanted: example.ExampleOrganization, organization: Organization) -> dict[str, Any]:
    """Return what the example made of one organization."""
    names = [f"{user.name}@{wanted.slug}.example" for user in wanted.users]
    users = organization.users.filter(username__in=names).order_by("pk")
    return {
        "slug": wanted.slug,
        "name": organization.name,
        "preset": wanted.preset,
        "departments": organization.departments.count(),
        "groups": [{"name": group.name, "kind": group.kind} for group in example.GROUPS],
        "users": [
            {
                "username": user.username,
                "status": user.status,
                "is_staff": user.is_staff,
                "password": example.PASSWORD,
            }
            for user in users
        ],
    }


def table(report: list[dict[str, Any]]) -> str:
    """Return the logins as aligned columns."""
    name, password = example.SUPERUSER
    rows = [
        (_("organization"), _("preset"), _("user name"), _("status"), _("may"), _("password")),
        ("-", "-", name, "active", _("everything"), password),
    ]
    rows += [
        (
            organization["slug"],
            organization["preset"],
            user["username"],
            user["status"],
            _("administer") if user["is_staff"] else "-",
            user["password"],
        )
        for organization in report
        for user in organization["users"]
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)
