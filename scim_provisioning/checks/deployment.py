"""Checks of what is around the app: the database, the URLs, and what a deployment adds."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.cache import DEFAULT_CACHE_ALIAS, caches
from django.core.checks import CheckMessage
from django.db import connections, router
from django.urls import NoReverseMatch, reverse

from scim_provisioning import conf
from scim_provisioning.api.tenancy import HOST_FORM, PATH_FORM
from scim_provisioning.checks.catalogue import CHECKS
from scim_provisioning.checks.settings import is_readable
from scim_provisioning.models import Connection

HOST_MIDDLEWARE = "scim_provisioning.middleware.ScimHostMiddleware"
REFUSING_HOSTS = frozenset(
    {"django.middleware.common.CommonMiddleware", "django.middleware.security.SecurityMiddleware"}
)
UNSHARED_CACHES = frozenset({"LocMemCache", "DummyCache"})


def check_databases(**_kwargs: Any) -> list[CheckMessage]:
    """Check how transactions begin, without connecting."""
    alias = router.db_for_write(Connection)
    connection = connections[alias]
    mode = connection.settings_dict.get("OPTIONS", {}).get("transaction_mode") or ""
    if connection.vendor == "sqlite" and mode.upper() != "IMMEDIATE":
        return [CHECKS["W004"].message(alias=alias)]
    return []


def check_urls(**_kwargs: Any) -> list[CheckMessage]:
    """Check that there are tenant URLs, and that those by host know whose each host is."""
    if not (getattr(settings, "ROOT_URLCONF", None) and is_readable()):
        return []
    by_host = _is_mounted(HOST_FORM)
    if by_host and conf.value("HOST_FOR") is None:
        return [CHECKS["W009"].message()]
    if by_host or _is_mounted(PATH_FORM, connection=Connection().pk):
        return []
    return [CHECKS["W005"].message()]


def _is_mounted(name: str, **kwargs: Any) -> bool:
    try:
        reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return False
    return True


def check_deployment(**_kwargs: Any) -> list[CheckMessage]:
    """Check what matters where real identity providers call (``check --deploy``)."""
    return list(_deployment()) if is_readable() else []


def _deployment() -> Iterator[CheckMessage]:
    base_url = str(conf.value("BASE_URL") or "")
    if not (base_url.startswith("https://") if base_url else settings.SECURE_SSL_REDIRECT):
        yield CHECKS["W006"].message()
    size: Any = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    limit = conf.value("MAX_BODY_BYTES")
    if size is not None and isinstance(limit, int) and size < limit:
        yield CHECKS["W007"].message(size=size, limit=limit)
    backend = type(caches[DEFAULT_CACHE_ALIAS]).__name__
    if conf.value("REQUESTS_PER_SECOND") is not None and backend in UNSHARED_CACHES:
        yield CHECKS["W008"].message(backend=backend)
    # Ours must be asked before the first one that refuses a host.
    asked = [name for name in settings.MIDDLEWARE if name in {HOST_MIDDLEWARE, *REFUSING_HOSTS}]
    if asked and asked[0] != HOST_MIDDLEWARE:
        yield CHECKS["W010"].message(middleware=HOST_MIDDLEWARE)
