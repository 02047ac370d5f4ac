"""Where a connection is reached: by its id in the path, or by the host of its organization (B1, B41)."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.http.request import split_domain_port
from django.urls import NoReverseMatch, reverse
from rest_framework.request import Request

from scim_provisioning import conf
from scim_provisioning.models import Connection

PATH_FORM, HOST_FORM = "scim_provisioning:unknown", "scim_provisioning_hosts:unknown"


@dataclass(frozen=True, slots=True)
class Address:
    """The place of a connection's endpoints; without a host it is the Hub's own."""

    path: str
    host: str = ""


def host_of(organization: Any) -> str:
    """Return the host of an organization, or nothing where it has none of its own."""
    hook: Callable[[Any], str] | None = conf.imported("HOST_FOR")
    return hook(organization) if hook is not None else ""


def tenant_address(connection: Connection) -> Address:
    """Return where a connection is reached, as the Hub's ``urls.py`` mounts it.

    :raises NoReverseMatch: when it mounts neither form.
    """
    host = host_of(connection.organization)
    if host:
        with suppress(NoReverseMatch):
            return Address(reverse(HOST_FORM).rstrip("/"), host)
    return Address(reverse(PATH_FORM, kwargs={"connection": connection.pk}).rstrip("/"))


def is_reached(request: Request, connection: Connection) -> bool:
    """Return whether a request was sent to a connection's own address; a token opens no other (T2, B41)."""
    wanted = request.parser_context["kwargs"].get("connection")
    if wanted is not None:
        return bool(wanted == connection.pk)
    host = host_of(connection.organization)
    return bool(host) and _is_host(request.get_host(), host)


def tenant_root(request: Request, connection: Connection) -> str:
    """Return the tenant URL that a request was sent to, without a slash at its end."""
    base = urlsplit(conf.value("BASE_URL") or "")
    if "connection" not in request.parser_context["kwargs"]:
        match: Any = request.resolver_match
        kept = {
            name: each for name, each in match.captured_kwargs.items() if name not in {"uuid", "endpoint"}
        }
        root = reverse(f"{match.namespace}:unknown", kwargs=kept).rstrip("/")
        return f"{base.scheme or request.scheme}://{request.get_host()}{root}"
    if base.scheme:
        return f"{base.geturl().rstrip('/')}/{connection.pk}/v2"
    path = request.path
    root = f"/{connection.pk}/v2"
    # The Hub's own URLs may have a version too: what counts is the one behind the connection.
    return str(request.build_absolute_uri(path[: path.index(root) + len(root)]))


def _is_host(sent: str, host: str) -> bool:
    """Return whether a Host header names a host; its port counts where the Hub names one."""
    (domain, port), (wanted, wanted_port) = split_domain_port(sent), split_domain_port(host)
    return domain == wanted and wanted_port in ("", port)
