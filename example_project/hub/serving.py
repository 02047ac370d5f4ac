"""The example Hub under gunicorn."""

import os
import sys

from django.conf import settings

# A browser opens connections before it needs them, and each of them would hold up a worker that takes one
# request at a time; such a worker is a choice for measurements, where a client opens none in vain.
WORKER_CLASSES = ("gthread", "sync")
# A request is mostly Python, so that more threads wait for each other, each with a database connection.
THREADS = 4
KEEP_ALIVE_SECONDS = 30
LONGEST_LINE = 8190


def command(bind: str, workers: int, worker_class: str = WORKER_CLASSES[0]) -> list[str]:
    """Return the command line of gunicorn."""
    module, _separator, application = settings.WSGI_APPLICATION.rpartition(".")
    return [
        *(sys.executable, "-m", "gunicorn", f"{module}:{application}"),
        *("--bind", bind),
        *("--workers", str(workers)),
        *("--worker-class", worker_class),
        *(("--threads", str(THREADS)) if worker_class == "gthread" else ()),
        # An identity provider sends its requests over a few long-lived connections.
        *("--keep-alive", str(KEEP_ALIVE_SECONDS)),
        # The most that gunicorn reads: a filter may be nearly as long as the default of a whole line.
        *("--limit-request-line", str(LONGEST_LINE)),
        # Loaded once before the workers fork: they share most of their memory.
        "--preload",
        *("--pythonpath", str(settings.BASE_DIR.parent)),
        *("--log-level", "warning"),
    ]


def serve(bind: str, workers: int, worker_class: str) -> None:
    """Become gunicorn, so that whoever started this process stops the server with it."""
    arguments = command(bind, workers, worker_class)
    os.execv(arguments[0], arguments)  # noqa: S606
