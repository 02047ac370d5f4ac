"""The example Hub under gunicorn."""

import os
import sys

from django.conf import settings

# A request is mostly Python, so that a second thread helps only while the database works; each of them
# may hold a connection of its own to the database.
THREADS = 4
KEEP_ALIVE_SECONDS = 30


def serve(bind: str, workers: int, threads: int = THREADS) -> None:
    """Become gunicorn, so that whoever started this process stops the server with it."""
    module, _separator, application = settings.WSGI_APPLICATION.rpartition(".")
    command = [
        *(sys.executable, "-m", "gunicorn", f"{module}:{application}"),
        *("--bind", bind),
        *("--workers", str(workers)),
        *("--worker-class", "gthread", "--threads", str(threads)),
        # An identity provider sends its requests over a few long-lived connections.
        *("--keep-alive", str(KEEP_ALIVE_SECONDS)),
        # Loaded once before the workers fork: they share most of their memory.
        "--preload",
        *("--pythonpath", str(settings.BASE_DIR.parent)),
        *("--log-level", "warning"),
    ]
    os.execv(sys.executable, command)  # noqa: S606
