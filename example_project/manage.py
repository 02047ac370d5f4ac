#!/usr/bin/env python
"""Run a management command of the example Hub, from any working directory."""

import os
import sys
from pathlib import Path

from django.core.management import execute_from_command_line

REPOSITORY = Path(__file__).resolve().parent.parent


def main() -> None:
    """Make the repository importable, so that the Hub runs from a plain clone, and hand over to Django."""
    sys.path.insert(0, str(REPOSITORY))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.config.settings")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
