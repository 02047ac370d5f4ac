"""`manage.py scim_retention`: removes users that left long ago and that no DELETE will ever come for (C6)."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning.lifecycle.departed import departed, remove_departed
from scim_provisioning.management.arguments import add_action, read_connection
from scim_provisioning.management.output import as_json, as_table
from scim_provisioning.models import Connection

MOST_DAYS = 3650
COLUMNS = {
    "organization": gettext_lazy("organization"),
    "connection": gettext_lazy("connection"),
    "user_name": gettext_lazy("user name"),
    "id": gettext_lazy("SCIM id"),
    "deactivated_at": gettext_lazy("deactivated at"),
    "outcome": gettext_lazy("what becomes of it"),
}


class Command(BaseCommand):
    """Report the users that are due, and remove them."""

    help = "Report or remove users that were deactivated long ago and never deleted."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions and their options."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        report = add_action(actions, "report", _("show who would be removed, and remove nobody"))
        apply = add_action(actions, "apply", _("show who is removed, ask, and remove them"))
        apply.add_argument("--no-input", action="store_false", dest="ask", help=_("do not ask"))
        for action in (report, apply):
            action.add_argument("--connection", metavar="ID", help=_("only the users of this connection"))
            action.add_argument(
                "--days",
                type=int,
                metavar="N",
                help=_("deactivated so many days ago or more; default: each connection's retention_days"),
            )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do one action."""
        days = options["days"]
        if days is not None and not 1 <= days <= MOST_DAYS:
            raise CommandError(_("--days must be 1 to %(most)d.") % {"most": MOST_DAYS})
        wanted = [(each, days or each.retention_days) for each in _connections(options, days)]
        rows = [row for connection, age in wanted for row in _rows(connection, age)]
        if options["action"] == "report":
            self.stdout.write(as_json({"users": rows}) if options["json"] else as_table(rows, COLUMNS))
            return
        if rows and options["ask"]:
            # The report first, whatever form the result will have.
            self.stderr.write(as_table(rows, COLUMNS))
            if not _agrees(len(rows)):
                raise CommandError(_("Nobody was removed."))
        removed = sum(1 for connection, age in wanted for _name in remove_departed(connection, age))
        if options["json"]:
            self.stdout.write(as_json({"users": rows, "removed": removed}))
        else:
            if not options["ask"]:
                self.stdout.write(as_table(rows, COLUMNS))
            self.stdout.write(_("%(count)d users are removed.") % {"count": removed})


def _connections(options: dict[str, Any], days: int | None) -> Iterable[Connection]:
    """Return the connections that are asked for; without a number of days, those that have one themselves."""
    if options["connection"]:
        chosen = [read_connection(options["connection"])]
    else:
        chosen = list(Connection.objects.select_related("organization").order_by("created_at"))
    return [each for each in chosen if days is not None or each.retention_days]


def _rows(connection: Connection, days: int) -> Iterable[dict[str, Any]]:
    for resource in departed(connection, days):
        yield {
            "organization": str(connection.organization),
            "connection": connection.pk,
            "user_name": resource.user_name,
            "id": resource.pk,
            "deactivated_at": resource.deactivated_at,
            "outcome": connection.user_deletion,
        }


def _agrees(count: int) -> bool:
    try:
        return input(_("Remove these %(count)d users? [yes/no] ") % {"count": count}).strip() == "yes"
    except EOFError:
        return False
