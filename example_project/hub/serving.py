"""The example Hub under gunicorn."""

from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.db import connections
from gunicorn.app.base import BaseApplication

from example_project.config.wsgi import application

# A request is mostly Python, so that a second thread helps only while the database works; more of them
# hold more idle connections open for clients that keep theirs alive.
THREADS = 4
KEEP_ALIVE_SECONDS = 30


class HubServer(BaseApplication):
    """Gunicorn with the Hub loaded once before the workers fork: they share most of their memory."""

    def __init__(self, bind: str, workers: int, threads: int = THREADS) -> None:
        self.options: dict[str, Any] = {
            "bind": bind,
            "workers": workers,
            "worker_class": "gthread",
            "threads": threads,
            # An identity provider sends its requests over a few long-lived connections.
            "keepalive": KEEP_ALIVE_SECONDS,
            "preload_app": True,
            "loglevel": "warning",
        }
        super().__init__()

    def load_config(self) -> None:
        """Take the options; read neither the command line nor a file."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIHandler:
        """Return the Hub, with no database connection for the workers to inherit."""
        connections.close_all()
        return application
