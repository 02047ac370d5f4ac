"""Each list of the reference holds what the code has, and nothing else."""

import re
from typing import Any

import pytest
from django.core.management import load_command_class
from django.core.management.base import BaseCommand
from django.dispatch import Signal

from docs._ext.tables import anchor
from scim_provisioning import conf, signals
from scim_provisioning.apps import MODEL_SETTINGS
from scim_provisioning.checks.catalogue import CHECKS, TAG
from scim_provisioning.lifecycle import effects, handlers
from scim_provisioning.management.arguments import FURTHER_COLUMNS
from scim_provisioning.models import PRESETS, Connection, Effect, Event, policy_fields
from scim_provisioning.protocol.codes import CODES
from tests.docs.pages import first_cells, page, rows, section

COMMANDS = (
    "scim_connection",
    "scim_effects",
    "scim_log",
    "scim_retention",
    "scim_simulate_entra",
    "scim_simulate_issuer",
    "scim_sweep",
    "scim_token",
)
# Django's own, which every command has.
OWN_OPTIONS = {
    option
    for action in BaseCommand().create_parser("manage.py", "any")._actions
    for option in action.option_strings
}


def test_every_error_is_there_with_its_anchor() -> None:
    text = page("reference/errors")
    assert sorted(first_cells(text)) == sorted(CODES)
    assert all(f"{{#{anchor('error', code)}}}" in text for code in CODES)


def test_every_error_has_its_status_and_its_words() -> None:
    for code, cells in rows(page("reference/errors")).items():
        row = CODES[code]
        assert cells[:2] == [str(row.status), f"`{row.scim_type}`" if row.scim_type else "–"]
        assert cells[2].replace("\\|", "|") == row.sentence


def test_every_setting_is_there_with_its_default() -> None:
    table = rows(section(page("reference/settings"), "## `SCIM_PROVISIONING`"))
    shown = {name: cells[0].strip("`").replace('"', "'") for name, cells in table.items()}
    assert shown == {name: repr(default) for name, default in conf.DEFAULTS.items()}


def test_every_model_setting_is_there() -> None:
    text = section(page("reference/settings"), "## Models of the Hub")
    assert re.findall(r"^`(\w+)`$", text, re.MULTILINE) == list(MODEL_SETTINGS)


def test_every_check_is_there_with_its_fix() -> None:
    table = rows(page("reference/checks"))
    assert sorted(table) == sorted(f"{TAG}.{name}" for name in CHECKS)
    assert all(cells[1] not in ("", "–") for cells in table.values())


def test_every_policy_column_is_there_with_what_each_preset_makes_of_it() -> None:
    table = rows(page("reference/policy"))
    assert sorted(table) == sorted(policy_fields())
    assert list(PRESETS) == re.findall(
        r"`(\w+)`", page("reference/policy").split("| column |")[1].split("\n")[0]
    )
    for name, cells in table.items():
        field: Any = Connection._meta.get_field(name)
        default = field.get_default()
        for preset, cell in zip(PRESETS.values(), cells[1:], strict=True):
            value = preset.get(name, default)
            shown = {True: "on", False: "off"}[value] if isinstance(value, bool) else str(value)
            assert cell == f"`{shown}`", name


def test_every_policy_column_says_what_it_means() -> None:
    text = page("reference/policy")
    meanings = re.findall(r"\[`(\w+)`\]\{#policy-([\w-]+)\}", text)
    assert all(target == name.replace("_", "-") for name, target in meanings)
    assert sorted(name for name, _target in meanings) == sorted([*policy_fields(), *FURTHER_COLUMNS])


def test_every_value_of_a_policy_column_is_explained() -> None:
    text = page("reference/policy").split("(policy-meaning)=")[1]
    for name in policy_fields():
        field: Any = Connection._meta.get_field(name)
        meaning = text.split(f"{{#{anchor('policy', name)}}}")[1].split("\n\n")[0]
        missing = [value for value, _label in field.flatchoices if f"`{value}`" not in meaning]
        assert missing == [], name


def test_every_signal_is_there() -> None:
    table = first_cells(page("reference/signals").split("## What a receiver is given")[0])
    declared = [name for name, item in vars(signals).items() if isinstance(item, Signal)]
    of_tokens = first_cells(section(page("reference/signals"), "## Signals of tokens"))
    told = {"connection_id", "key_id", "expires_at", "days"}
    assert sorted(table) == sorted(signals.BY_KIND)
    assert sorted([*table, *of_tokens]) == sorted([*declared, *told])


def test_a_receiver_is_given_the_arguments_that_are_listed() -> None:
    given: dict[str, Any] = {}

    def receiver(**arguments: Any) -> None:
        given.update(arguments)

    signals.user_updated.connect(receiver)
    try:
        handlers.send_signal(**effects.arguments(Effect(kind="user_updated", payload={"host_id": "1"})))
    finally:
        signals.user_updated.disconnect(receiver)
    listed = first_cells(section(page("reference/signals"), "## What a receiver is given"))
    assert sorted(listed) == sorted(set(given) - {"signal", "sender"})


def test_every_column_of_an_event_is_there() -> None:
    text = section(page("reference/endpoints"), "## Events")
    listed = [
        name
        for cell in re.findall(r"^\| (`[^|]+) \|", text, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", cell)
    ]
    columns = [field.name for field in Event._meta.concrete_fields if not field.primary_key]
    assert sorted(listed) == sorted(columns)


def parser_of(command: str) -> Any:
    """Return the parser of one of our commands."""
    return load_command_class("scim_provisioning", command).create_parser("manage.py", command)


def subcommands(command: str) -> dict[str, Any]:
    """Return the parsers of a command by what is typed: its actions, or itself."""
    parser = parser_of(command)
    for action in parser._actions:
        if isinstance(action.choices, dict):
            return {f"{command} {name}": choice for name, choice in action.choices.items()}
    return {command: parser}


def options_of(parser: Any) -> set[str]:
    """Return the options that are ours."""
    found = {option for action in parser._actions for option in action.option_strings}
    return found - OWN_OPTIONS


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_there_with_its_options(command: str) -> None:
    text = page("reference/commands")
    for typed, parser in subcommands(command).items():
        heading = f"### `{typed}`" if " " in typed else f"## `{typed}`"
        listed = [name for name in first_cells(section(text, heading)) if name.startswith("--")]
        assert sorted(listed) == sorted(options_of(parser)), typed


def test_no_other_command_is_there() -> None:
    headings = re.findall(r"^###? `([^`]+)`$", page("reference/commands"), re.MULTILINE)
    known = {name for command in COMMANDS for name in [command, *subcommands(command)]}
    assert set(headings) == known


@pytest.mark.parametrize("command", COMMANDS)
def test_every_choice_of_an_option_is_named(command: str) -> None:
    text = page("reference/commands")
    for parser in subcommands(command).values():
        for action in parser._actions:
            named = [
                str(choice) for choice in action.choices or () if action.dest not in ("verbosity", "action")
            ]
            assert [choice for choice in named if f"`{choice}`" not in text] == [], action.dest
