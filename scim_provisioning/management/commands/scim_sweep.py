"""`manage.py scim_sweep`: brings what connections see in step with the users of their organizations."""

from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning.lifecycle.visibility import sweep
from scim_provisioning.management.arguments import read_connection
from scim_provisioning.management.output import as_json, as_table
from scim_provisioning.models import Connection

COLUMNS = {
    "organization": gettext_lazy("organization"),
    "connection": gettext_lazy("connection"),
    "linked": gettext_lazy("linked"),
    "renamed": gettext_lazy("renamed"),
    "unlinked": gettext_lazy("unlinked"),
    "ambiguous": gettext_lazy("ambiguous"),
}


class Command(BaseCommand):
    """Sweep one connection, or all."""

    help = "Link users that the Hub made, renamed or moved by a way that sends no signal, such as bulk_create or SQL."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the options."""
        parser.add_argument("--connection", metavar="ID", help=_("only this connection"))
        parser.add_argument("--json", action="store_true", help=_("print JSON"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Sweep."""
        if options["connection"]:
            chosen = [read_connection(options["connection"])]
        else:
            chosen = list(Connection.objects.select_related("organization").order_by("created_at"))
        rows = [
            {"organization": str(each.organization), "connection": each.pk, **asdict(sweep(each))}
            for each in chosen
        ]
        self.stdout.write(as_json(rows) if options["json"] else as_table(rows, COLUMNS))
