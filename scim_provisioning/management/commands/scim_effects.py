"""`manage.py scim_effects`: the side effects that are owed, for a host without workers and for repair."""

import logging
import signal
import sys
from threading import Event
from time import monotonic
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scim_provisioning.lifecycle import effects
from scim_provisioning.management.arguments import add_action, read_connection
from scim_provisioning.management.output import as_json, as_table
from scim_provisioning.models import Effect

logger = logging.getLogger(__name__)

LIST_LENGTH = 100
WATCH_SECONDS = 1.0
COLUMNS = {
    "id": gettext_lazy("id"),
    "kind": gettext_lazy("kind"),
    "handler": gettext_lazy("handler"),
    "resource_name": gettext_lazy("resource"),
    "state": gettext_lazy("state"),
    "attempts": gettext_lazy("attempts"),
    "next_attempt_at": gettext_lazy("next attempt at"),
    "last_error": gettext_lazy("last error"),
}


class Command(BaseCommand):
    """Run, list, retry or skip effects."""

    help = (
        "Run the effects that are due (from cron, where the Hub has no Celery worker), list them, retry "
        "those that failed or skip those that are owed. “run” exits with 1 when effects were given up."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the actions and their options."""
        actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
        run = add_action(actions, "run", _("run what is due"))
        run.add_argument("--seconds", type=float, metavar="N", help=_("take up nothing new after this time"))
        run.add_argument("--watch", action="store_true", help=_("go on, and look again every second"))
        listing = add_action(actions, "list", _("show effects, the newest first"))
        listing.add_argument("--state", choices=Effect.State.values)
        listing.add_argument("--connection", metavar="ID", help=_("only those of this connection"))
        listing.add_argument("--limit", type=int, default=LIST_LENGTH, metavar="N")
        for name, description in (
            ("retry", _("make failed effects due now")),
            ("skip", _("give up effects that are owed")),
        ):
            action = add_action(actions, name, description)
            action.add_argument("effects", nargs="*", type=int, metavar="ID")
            action.add_argument("--all", action="store_true", help=_("all that can be, without naming them"))
            action.add_argument("--connection", metavar="ID", help=_("only those of this connection"))
            if name == "skip":
                action.add_argument("--reason", required=True, help=_("is kept with the effect"))

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do one action."""
        actions = {"run": self._run, "list": self._list, "retry": self._retry, "skip": self._skip}
        actions[options["action"]](options)

    def _run(self, options: dict[str, Any]) -> None:
        dead = Effect.objects.filter(state=Effect.State.DEAD)
        dead_before = dead.count()
        taken = self._watch(options["seconds"]) if options["watch"] else effects.run_due(options["seconds"])
        given_up = max(0, dead.count() - dead_before)
        due = Effect.objects.filter(state=Effect.State.DUE).count()
        self._say(
            options,
            {"run": taken, "due": due, "given_up": given_up},
            _("%(run)d run, %(due)d still owed, %(given_up)d given up."),
        )
        if given_up:
            sys.exit(1)

    def _watch(self, seconds: float | None) -> int:
        """Run what is due again and again, until the time is over or the process is told to end."""
        end = None if seconds is None else monotonic() + seconds
        stopped = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_arguments: stopped.set())
        taken = 0
        while not stopped.is_set() and (end is None or monotonic() < end):
            close_old_connections()
            try:
                taken += effects.run_due(WATCH_SECONDS)
            except DatabaseError:
                logger.warning("Effects stay in the outbox until the next run.", exc_info=True)
            stopped.wait(WATCH_SECONDS)
        return taken

    def _list(self, options: dict[str, Any]) -> None:
        chosen = self._of_connection(options)
        if options["state"]:
            chosen = chosen.filter(state=options["state"])
        rows = [
            {
                "id": effect.pk,
                "connection": effect.connection_id,
                "kind": effect.kind,
                "handler": effect.handler,
                "resource_type": effect.resource_type,
                "resource_id": effect.resource_id,
                "resource_name": effect.resource_name,
                "resource_version": effect.resource_version,
                "state": effect.state,
                "attempts": effect.attempts,
                "next_attempt_at": effect.next_attempt_at,
                "last_error": effect.last_error,
                "created_at": effect.created_at,
                "done_at": effect.done_at,
            }
            for effect in chosen.order_by("-pk")[: options["limit"]]
        ]
        self.stdout.write(as_json(rows) if options["json"] else as_table(rows, COLUMNS))

    def _retry(self, options: dict[str, Any]) -> None:
        retried = effects.retry(self._chosen(options))
        self._say(options, {"retried": retried}, _("%(retried)d are due now."))

    def _skip(self, options: dict[str, Any]) -> None:
        skipped = effects.skip(self._chosen(options), options["reason"])
        self._say(options, {"skipped": skipped}, _("%(skipped)d are given up."))

    def _chosen(self, options: dict[str, Any]) -> QuerySet[Effect]:
        """Return the effects that were named; nothing is meant by naming none."""
        if bool(options["effects"]) == options["all"]:
            raise CommandError(_("Name the effects by their ids, or say --all."))
        chosen = self._of_connection(options)
        if options["all"]:
            return chosen
        known = set(chosen.filter(pk__in=options["effects"]).values_list("pk", flat=True))
        unknown = [str(pk) for pk in options["effects"] if pk not in known]
        if unknown:
            raise CommandError(_("There are no effects %(ids)s.") % {"ids": ", ".join(unknown)})
        return chosen.filter(pk__in=known)

    def _of_connection(self, options: dict[str, Any]) -> QuerySet[Effect]:
        if options["connection"]:
            return Effect.objects.filter(connection=read_connection(options["connection"]))
        return Effect.objects.all()

    def _say(self, options: dict[str, Any], document: dict[str, Any], sentence: str) -> None:
        self.stdout.write(as_json(document) if options["json"] else sentence % document)
