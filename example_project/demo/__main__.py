"""`python -m example_project.demo`: rehearse whole provisioning lives against the example Hub."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import django
from django.utils.module_loading import import_string

from example_project.demo.options import read_options

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Choose the database, wake Django up, and rehearse; return the exit code."""
    options = read_options(arguments)
    with TemporaryDirectory(prefix="hub-demo-") as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.config.settings")
        # A fresh database for each rehearsal, unless one is named.
        os.environ["DATABASE_URL"] = (
            os.environ.get("DATABASE_URL") or f"sqlite:///{Path(folder, 'hub.sqlite3')}"
        )
        django.setup()
        # Models can be imported only now: settings wait for the database, and models for settings.
        run = import_string("example_project.demo.run.run")
        return int(run(options, Path(folder)))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
