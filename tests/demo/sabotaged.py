"""Run the rehearsal with a part of it changed: `python -m tests.demo.sabotaged WHAT [options of the demo]`."""

from __future__ import annotations

import dataclasses
import os
import sys
from collections.abc import Callable
from pathlib import Path

import django
from django.utils.module_loading import import_string

from example_project.demo.options import read_options


def flipped(number: str) -> list[object]:
    """Expect of one rule what cannot be."""
    acts = import_string("example_project.demo.program.ACTS")
    return [
        dataclasses.replace(
            act,
            rules=tuple(
                dataclasses.replace(rule, tables=f"not {rule.tables}") if rule.number == number else rule
                for rule in act.rules
            ),
        )
        for act in acts
    ]


def another_preset(preset: str) -> list[object]:
    """Make both connections with a preset that neither product wants."""
    presets: dict[str, object] = import_string("scim_provisioning.models.PRESETS")
    for name in ("flow_connect", "flowcase"):
        presets[name] = presets[preset]
    return list(import_string("example_project.demo.program.ACTS"))


CHANGES: dict[str, Callable[[str], list[object]]] = {"flip": flipped, "preset": another_preset}


def main() -> int:
    """Change what the first argument names, as "flip:A9", and rehearse."""
    change, _, argument = sys.argv[1].partition(":")
    folder = Path(os.environ["DEMO_FOLDER"])
    os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'hub.sqlite3'}"
    os.environ["DJANGO_SETTINGS_MODULE"] = "example_project.config.settings"
    django.setup()
    run = import_string("example_project.demo.run.run")
    return int(run(read_options(sys.argv[2:]), folder, CHANGES[change](argument)))


if __name__ == "__main__":
    sys.exit(main())
