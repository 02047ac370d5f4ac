"""The URL that an administrator pastes into the identity provider."""

from urllib.parse import urlsplit

from django.urls import NoReverseMatch, reverse

from scim_provisioning import conf
from scim_provisioning.models import Connection

DEFAULT_BASE_URL = "http://127.0.0.1:8000"


def tenant_url(connection: Connection, base_url: str | None = None) -> str:
    """Return a connection's tenant URL (A1, B1).

    :param base_url: ``https://hub.example``, to which the path is added where the host includes our URLs, or
        with a path, what stands before the connection's id; the setting ``BASE_URL`` (which is always complete)
        without it.
    :raises NoReverseMatch: when the host does not include ``scim_provisioning.urls``.
    """
    given = base_url or conf.value("BASE_URL")
    if given and (not base_url or urlsplit(base_url).path.strip("/")):
        return f"{given.rstrip('/')}/{connection.pk}/v2"
    path = reverse("scim_provisioning:unknown", kwargs={"connection": connection.pk})
    return f"{(given or DEFAULT_BASE_URL).rstrip('/')}{path}".rstrip("/")


__all__ = ["DEFAULT_BASE_URL", "NoReverseMatch", "tenant_url"]
