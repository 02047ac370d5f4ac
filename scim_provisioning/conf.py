"""The settings of the app: one dict, ``SCIM_PROVISIONING``, read when a value is used."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

SETTING = "SCIM_PROVISIONING"
DEFAULTS: Mapping[str, Any] = {
    "USER_MAPPING": None,
    "GROUP_MAPPING": None,
    "PRESETS": {},
    "BASE_URL": None,
    "PERMISSION": "edit_organization_metadata",
    "ORGANIZATIONS_FOR": None,
    "HOST_FOR": None,
    "NOTIFY": None,
    "ADMIN_BASE_CLASS": "django.contrib.admin.ModelAdmin",
    "EFFECT_DISPATCHER": None,
    "TOKEN_PREFIX": "scim",
    "TOKEN_PEPPERS": (),
    "SETUP_LINK_DAYS": 3,
    "RETRY_AFTER_SECONDS": 120,
    "REQUESTS_PER_SECOND": None,
    "FAILED_AUTHENTICATIONS_PER_MINUTE": 600,
    "TRUSTED_PROXIES": None,
    "LOCK_TIMEOUT_SECONDS": 3,
    "STATEMENT_TIMEOUT_SECONDS": 5,
    "EVENT_VALUES": True,
    "EVENT_DAYS": None,
    "MAX_EVENT_BODY": 4000,
    "MAX_BODY_BYTES": 1024 * 1024,
    "MAX_JSON_DEPTH": 32,
    "MAX_OPERATIONS": 1000,
    "MAX_MEMBERS": 10_000,
    "MAX_FILTER_CHARACTERS": 4096,
    "MAX_FILTER_DEPTH": 20,
    "MAX_FILTER_TERMS": 50,
    "MAX_PAGE": 200,
}


def given() -> Mapping[str, Any]:
    """Return the dict as the host wrote it."""
    return getattr(settings, SETTING, {})


def value(name: str) -> Any:
    """Return one setting, or its default.

    :raises KeyError: when there is no such setting.
    """
    return given().get(name, DEFAULTS[name])


def imported(name: str) -> Any:
    """Return what a dotted-path setting names, or None when it is not set."""
    path = value(name)
    return import_string(path) if path else None
