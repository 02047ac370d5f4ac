"""The URL that an administrator pastes into the identity provider."""

from urllib.parse import urlsplit

from django.core.management.base import CommandError, CommandParser
from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.translation import gettext as _

from scim_provisioning import conf
from scim_provisioning.api.tenancy import host_of, tenant_address
from scim_provisioning.models import Connection

DEFAULT_BASE_URL = "http://127.0.0.1:8000"


def tenant_url(connection: Connection, base_url: str | None = None) -> str:
    """Return a connection's tenant URL, by path or by the host of its organization (A1, B1).

    :param base_url: ``https://hub.example``, to which the path is added where the host includes our URLs, or
        with a path, what stands before the connection's id; the setting ``BASE_URL`` (which is always complete)
        without it. An organization with a host of its own takes scheme and port from it.
    :raises NoReverseMatch: when the host includes neither ``scim_provisioning.urls`` nor ``….hosts``.
    """
    given = base_url or conf.value("BASE_URL")
    host = host_of(connection.organization)
    address = tenant_address(connection) if host else None
    if address is not None and address.host:
        parts = urlsplit(given or DEFAULT_BASE_URL)
        port = f":{parts.port}" if parts.port and ":" not in address.host else ""
        return f"{parts.scheme}://{address.host}{port}{address.path}"
    if given and (not base_url or urlsplit(base_url).path.strip("/")):
        return f"{given.rstrip('/')}/{connection.pk}/v2"
    path = tenant_address(connection).path
    return f"{(given or DEFAULT_BASE_URL).rstrip('/')}{path}"


def add_base_url(parser: CommandParser) -> None:
    """Declare ``--base-url``."""
    parser.add_argument(
        "--base-url",
        metavar="URL",
        help=_("where the Hub is reached; default: the setting BASE_URL, or %(url)s")
        % {"url": DEFAULT_BASE_URL},
    )


def printed_url(connection: Connection, base_url: str | None) -> str:
    """Return a connection's tenant URL for a command.

    :raises CommandError: when the host includes none of our URLs.
    """
    try:
        return tenant_url(connection, base_url)
    except NoReverseMatch:
        raise CommandError(
            _("The Hub's urls.py does not include scim_provisioning.urls (see manage.py check).")
        ) from None


def shown_tenant_url(request: HttpRequest, connection: Connection) -> str:
    """Return the tenant URL to paste, or nothing where the Hub does not include the endpoints."""
    try:
        base_url = None if conf.value("BASE_URL") else request.build_absolute_uri("/")
        return tenant_url(connection, base_url)
    except NoReverseMatch:
        return ""


__all__ = [
    "DEFAULT_BASE_URL",
    "NoReverseMatch",
    "add_base_url",
    "printed_url",
    "shown_tenant_url",
    "tenant_url",
]
