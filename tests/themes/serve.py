"""The example Hub under a theme, in a process of its own: ``python -m tests.themes.serve fill``, or ``… serve``.

DJANGO_SETTINGS_MODULE names the theme and DATABASE_URL the database. Filling an empty one makes a connection that has
seen users, a group and a refusal, and prints one line of JSON that says what there is to look at; serving prints the
port.
"""

import json
import sys
from importlib import import_module

import django
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.management import call_command
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application


class Quiet(WSGIRequestHandler):
    """Logs nothing, and lets no packet wait for another."""

    disable_nagle_algorithm = True

    def log_message(self, *arguments: object) -> None:
        """Pass over one request."""


def fill() -> None:
    """Fill the database and say what is there."""
    # What needs the models is imported once they are there.
    scene = import_module("tests.themes.scene")
    call_command("migrate", verbosity=0)
    print(json.dumps(scene.prepare()), flush=True)  # noqa: T201


def serve() -> None:
    """Serve until the process is ended."""
    server = ThreadedWSGIServer(("127.0.0.1", 0), Quiet)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    print(server.server_port, flush=True)  # noqa: T201
    server.serve_forever()


if __name__ == "__main__":
    django.setup()
    {"fill": fill, "serve": serve}[sys.argv[1]]()
