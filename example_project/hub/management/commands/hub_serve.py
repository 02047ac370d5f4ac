"""Serve the example Hub."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from example_project.hub.schema import migrate_where_needed
from example_project.hub.serving import WORKER_CLASSES, serve


class Command(BaseCommand):
    """The example Hub under gunicorn, its tables made ready."""

    help = "Serve the example Hub with gunicorn, after applying missing migrations."
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Ask for the port."""
        parser.add_argument("--port", type=int, required=True)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--workers", type=int, default=2)
        parser.add_argument("--worker-class", choices=WORKER_CLASSES, default=WORKER_CLASSES[0])

    def handle(self, *_args: Any, **options: Any) -> None:
        """Migrate and serve until stopped."""
        migrate_where_needed()
        bind = f"{options['host']}:{options['port']}"
        self.stdout.write(_("The example Hub is at %(url)s") % {"url": f"http://{bind}/"})
        self.stdout.flush()
        serve(bind, options["workers"], options["worker_class"])
