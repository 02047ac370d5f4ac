"""The example Hub under a theme, in a process of its own: ``python -m tests.themes.serve PORT``.

DJANGO_SETTINGS_MODULE names the theme and DATABASE_URL an empty database. It is filled with a connection that has
seen users, a group and a refusal; then one line of JSON says what there is to look at.
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


def serve(port: int) -> None:
    """Fill the database, say what is there, and serve it until the process is ended."""
    django.setup()
    # What needs the models is imported once they are there.
    scene = import_module("tests.themes.scene")
    call_command("migrate", verbosity=0)
    print(json.dumps(scene.prepare()), flush=True)  # noqa: T201
    server = ThreadedWSGIServer(("127.0.0.1", port), Quiet)
    server.set_app(StaticFilesHandler(get_wsgi_application()))
    server.serve_forever()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
