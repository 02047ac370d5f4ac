"""The settings of the app: one dict, ``SCIM_PROVISIONING``, read when a value is used."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from scim_provisioning.protocol.messages import Limits

SETTING = "SCIM_PROVISIONING"
LIMITS = {
    "MAX_BODY_BYTES": "body_bytes",
    "MAX_JSON_DEPTH": "json_depth",
    "MAX_OPERATIONS": "operations",
    "MAX_MEMBERS": "members",
    "MAX_FILTER_CHARACTERS": "filter_characters",
    "MAX_FILTER_DEPTH": "filter_depth",
    "MAX_FILTER_TERMS": "filter_terms",
    "MAX_PAGE": "page",
}
DEFAULTS: Mapping[str, Any] = {
    "USER_MAPPING": None,
    "GROUP_MAPPING": None,
    "BASE_URL": None,
    "TOKEN_PREFIX": "scim",
    "TOKEN_PEPPERS": (),
    "RETRY_AFTER_SECONDS": 120,
    "EVENT_VALUES": True,
    **{name: getattr(Limits(), field) for name, field in LIMITS.items()},
}


def given() -> Mapping[str, Any]:
    """Return the dict as the host wrote it."""
    return getattr(settings, SETTING, {})


def value(name: str) -> Any:
    """Return one setting, or its default.

    :raises KeyError: when there is no such setting.
    """
    return given().get(name, DEFAULTS[name])


def limits() -> Limits:
    """Return what a request may cost."""
    return Limits(**{field: value(name) for name, field in LIMITS.items()})


def imported(name: str) -> Any:
    """Return the class that a dotted-path setting names, or None when it is not set."""
    path = value(name)
    return import_string(path) if path else None
