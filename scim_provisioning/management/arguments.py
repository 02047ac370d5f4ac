"""What an operator types, read: an organization, a connection, a policy column with its value."""

import uuid
from argparse import SUPPRESS
from collections.abc import Iterable, Sequence
from contextlib import suppress
from inspect import signature
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.core.management.base import CommandError, CommandParser
from django.db import models
from django.utils.translation import gettext as _

from scim_provisioning.models import Connection, policy_fields

# One name on the command line for columns that usually go together.
ALIASES = {"patch_response": ("user_patch_response", "group_patch_response")}
FURTHER_COLUMNS = ("verified_domains", "allowed_roles", "allowed_networks")
BOOLEANS = {"on": True, "true": True, "yes": True, "off": False, "false": False, "no": False}


def add_action(actions: Any, name: str, description: str) -> CommandParser:
    """Add one action to a command; it takes ``--json``, and Django's own options after it as well as before."""
    parser: CommandParser = actions.add_parser(name, help=description, description=description)
    parser.add_argument("--json", action="store_true", help=_("print JSON"))
    for option in ("--settings", "--pythonpath"):
        parser.add_argument(option, default=SUPPRESS, help=SUPPRESS)
    parser.add_argument("-v", "--verbosity", type=int, choices=range(4), default=SUPPRESS, help=SUPPRESS)
    for option in ("--traceback", "--no-color", "--force-color"):
        parser.add_argument(option, action="store_true", default=SUPPRESS, help=SUPPRESS)
    return parser


def read_organization(text: str) -> Any:
    """Return the host's organization that *text* names: by slug, by primary key, or by natural key.

    :raises CommandError: when there is none.
    """
    model = apps.get_model(settings.SCIM_ORGANIZATION_MODEL)
    manager: Any = model._default_manager
    for name in [*_slug_fields(model), "pk"]:
        try:
            found = manager.filter(**{name: text}).first()
        except (ValueError, ValidationError):
            continue
        if found is not None:
            return found
    by_natural_key = getattr(manager, "get_by_natural_key", None)
    # A natural key of several parts is nothing that one argument can name.
    if by_natural_key is not None and len(signature(by_natural_key).parameters) == 1:
        with suppress(ObjectDoesNotExist):
            return by_natural_key(text)
    raise CommandError(_("There is no organization “%(name)s”.") % {"name": text})


def _slug_fields(model: type[models.Model]) -> list[str]:
    fields = [field for field in model._meta.concrete_fields if field.unique or field.name == "slug"]
    slugs = [field.name for field in fields if field.name == "slug" or isinstance(field, models.SlugField)]
    return sorted(slugs, key=lambda name: name != "slug")


def read_connection(text: str) -> Connection:
    """Return the connection of an id.

    :raises CommandError: when there is none.
    """
    try:
        found = Connection.objects.select_related("organization").filter(pk=uuid.UUID(text)).first()
    except ValueError:
        found = None
    if found is None:
        raise CommandError(
            _("There is no connection “%(id)s”; “scim_connection list” shows them.") % {"id": text}
        )
    return found


def read_columns(assignments: Iterable[str]) -> dict[str, Any]:
    """Return policy columns and their values from ``COLUMN=VALUE`` texts.

    :raises CommandError: for an unknown column or value; it names the choices.
    """
    known = [*policy_fields(), *FURTHER_COLUMNS]
    columns: dict[str, Any] = {}
    for assignment in assignments:
        name, separator, value = assignment.partition("=")
        names = ALIASES.get(name, (name,))
        if not separator or not set(names) <= set(known):
            raise CommandError(
                _("“%(given)s” is not COLUMN=VALUE of a policy; the columns are: %(choices)s.")
                % {"given": assignment, "choices": ", ".join(sorted([*known, *ALIASES]))}
            )
        for column in names:
            columns[column] = _read_value(column, value)
    return columns


def _read_value(column: str, text: str) -> Any:
    field: Any = Connection._meta.get_field(column)
    known: dict[str, Any] = {str(value): value for value, _label in field.flatchoices}
    if isinstance(field, models.BooleanField):
        known, text = BOOLEANS, text.lower()
    if known:
        if text not in known:
            raise _bad_value(column, text, list(known))
        return known[text]
    try:
        return field.clean(text, None)
    except ValidationError as error:
        raise _bad_value(column, text, error.messages) from None


def _bad_value(column: str, text: str, choices: Sequence[str]) -> CommandError:
    return CommandError(
        _("“%(value)s” is no value of %(column)s: %(choices)s.")
        % {"value": text, "column": column, "choices": ", ".join(choices).rstrip(".")}
    )


def messages_of(error: ValidationError) -> str:
    """Return what a model's ``full_clean`` found wrong, in one line that names the fields."""
    return " ".join(f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items())
