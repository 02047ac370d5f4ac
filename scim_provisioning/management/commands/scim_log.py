"""`manage.py scim_log`: the provisioning log, and how long it is kept."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning import conf
from scim_provisioning.lifecycle.retention import count_old, end_of, prune
from scim_provisioning.management.arguments import add_action
from scim_provisioning.management.output import as_json, as_table

COLUMNS = {
    "connection_key": gettext_lazy("connection"),
    "events": gettext_lazy("events"),
    "oldest": gettext_lazy("oldest"),
    "newest": gettext_lazy("newest"),
}


class Command(BaseCommand):
    """Remove old events."""

    help = "Remove events of the provisioning log that are older than a number of days."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions and their options."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        pruning = add_action(actions, "prune", _("remove events that are too old"))
        pruning.add_argument(
            "--days", type=int, metavar="N", help=_("keep so many days; the setting EVENT_DAYS by default")
        )
        pruning.add_argument("--dry-run", action="store_true", help=_("say what would go, and keep it"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do the action."""
        days = options["days"] if options["days"] is not None else conf.value("EVENT_DAYS")
        if days is None:
            raise CommandError(_("Say --days, or set EVENT_DAYS in SCIM_PROVISIONING."))
        if days < 1:
            raise CommandError(_("--days must be above 0."))
        before = end_of(days)
        rows = list(count_old(before))
        removed = 0 if options["dry_run"] else self._prune(before)
        if options["json"]:
            found = {"before": before, "dry_run": options["dry_run"], "removed": removed, "connections": rows}
            self.stdout.write(as_json(found))
            return
        self.stdout.write(as_table(rows, COLUMNS))
        if options["dry_run"]:
            found_events = sum(row["events"] for row in rows)
            self.stdout.write(_("%(count)d events would be removed.") % {"count": found_events})
        else:
            self.stdout.write(_("%(count)d events are removed.") % {"count": removed})

    def _prune(self, before: Any) -> int:
        removed = 0
        for batch in prune(before):
            removed += batch
            if sys.stderr.isatty():
                self.stderr.write(f"\r{removed}", ending="")
        return removed
