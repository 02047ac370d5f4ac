"""Checks of the settings."""

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage
from django.core.exceptions import ValidationError
from django.utils.module_loading import import_string

from scim_provisioning import conf
from scim_provisioning.apps import MODEL_SETTINGS
from scim_provisioning.checks.catalogue import CHECKS
from scim_provisioning.models import Connection, policy_fields

CALLED = ("ORGANIZATIONS_FOR", "HOST_FOR", "NOTIFY", "ADMIN_BASE_CLASS", "EFFECT_DISPATCHER")
NUMBERS = tuple(name for name, default in conf.DEFAULTS.items() if type(default) is int)
# Numbers that may be left out.
OPTIONAL_NUMBERS = ("EVENT_DAYS", "REQUESTS_PER_SECOND", "TRUSTED_PROXIES")
# What Entra asks of a service provider (C17).
LEAST_REQUESTS_PER_SECOND = 25


def is_readable() -> bool:
    """Return whether the settings are a dict, so that the other checks can read them."""
    return isinstance(conf.given(), Mapping)


def check_settings(**_kwargs: Any) -> list[CheckMessage]:
    """Check the settings by themselves."""
    if not is_readable():
        return [CHECKS["E001"].message(), *_models()]
    return [*_names(), *_numbers(), *_ceiling(), *_texts(), *_hooks(), *_presets(), *_models()]


def _names() -> Iterator[CheckMessage]:
    for name in conf.given():
        if name not in conf.DEFAULTS:
            near = difflib.get_close_matches(str(name), conf.DEFAULTS, n=1)
            yield CHECKS["E002"].message(
                name=name, near=f" (did you mean {near[0]}?)" if near else "", known=", ".join(conf.DEFAULTS)
            )


def _numbers() -> Iterator[CheckMessage]:
    for name in (*NUMBERS, *OPTIONAL_NUMBERS):
        value = conf.value(name)
        if value is None and name in OPTIONAL_NUMBERS:
            continue
        if type(value) is not int or value < 1:
            yield CHECKS["E003"].message(name=name, value=repr(value), default=conf.DEFAULTS[name])


def _ceiling() -> Iterator[CheckMessage]:
    value = conf.value("REQUESTS_PER_SECOND")
    if type(value) is int and 1 <= value < LEAST_REQUESTS_PER_SECOND:
        yield CHECKS["E030"].message(value=value, least=LEAST_REQUESTS_PER_SECOND)


def _texts() -> Iterator[CheckMessage]:
    base_url = conf.value("BASE_URL")
    if base_url is not None and not _is_base_url(base_url):
        yield CHECKS["E004"].message(value=repr(base_url))
    prefix = conf.value("TOKEN_PREFIX")
    if not isinstance(prefix, str) or not re.fullmatch(r"[A-Za-z0-9]+", prefix):
        yield CHECKS["E005"].message(value=repr(prefix))
    peppers = conf.value("TOKEN_PEPPERS")
    if (
        isinstance(peppers, str)
        or not isinstance(peppers, Sequence)
        or not all(_is_text(one) for one in peppers)
    ):
        yield CHECKS["E006"].message()


def _hooks() -> Iterator[CheckMessage]:
    for name in CALLED:
        path = conf.value(name)
        if path is None:
            continue
        try:
            reason = "" if callable(import_string(path)) else "it cannot be called"
        except (ImportError, AttributeError) as error:
            reason = str(error).rstrip(".")
        if reason:
            yield CHECKS["E009"].message(name=name, value=repr(path), reason=reason)


def _presets() -> Iterator[CheckMessage]:
    """A preset is checked here, and not by the first person who chooses it."""
    presets = conf.value("PRESETS")
    if not (isinstance(presets, Mapping) and all(isinstance(each, Mapping) for each in presets.values())):
        yield CHECKS["E028"].message()
        return
    for preset, columns in presets.items():
        for column, value in columns.items():
            reason = _fault_of(column, value)
            if reason:
                yield CHECKS["E029"].message(
                    preset=repr(preset), column=column, value=repr(value), reason=reason
                )


def _fault_of(column: Any, value: Any) -> str:
    """Return why a policy column cannot have a value, or nothing."""
    if column not in policy_fields():
        near = difflib.get_close_matches(str(column), policy_fields(), n=1)
        return f"there is no such column (did you mean {near[0]}?)" if near else "there is no such column"
    field: Any = Connection._meta.get_field(column)
    try:
        field.clean(value, None)
    except ValidationError as error:
        return " ".join(error.messages).rstrip(".")
    return ""


def _is_base_url(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    parts = urlsplit(value)
    return (
        parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.query and not parts.fragment
    )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _models() -> Iterator[CheckMessage]:
    for name in MODEL_SETTINGS:
        label = getattr(settings, name)
        try:
            apps.get_model(label)
        except (LookupError, ValueError):
            yield CHECKS["E007"].message(name=name, value=repr(label))
