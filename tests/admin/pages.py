"""Every page of ours on the admin site, discovered, so that a new one is in every matrix at once."""

from typing import Any

from django.contrib.admin import site
from django.urls import URLPattern, reverse
from django.urls.resolvers import RoutePattern

from scim_provisioning.models import Connection, Event

# How a route calls the connection's id.
OF_CONNECTION = ("connection_id", "object_id")


def patterns() -> dict[str, URLPattern]:
    """Return the named pages of all our models, Django's own among them."""
    ours = [page for model, page in site._registry.items() if model._meta.app_label == "scim_provisioning"]
    named: dict[str, URLPattern] = {}
    for page in ours:
        named |= {each.name: each for each in page.get_urls() if each.name}
    return named


def page_names() -> list[str]:
    """Return the names of all pages."""
    return sorted(patterns())


def parts_of(name: str) -> list[str]:
    """Return what a page's address is made of: none for one that is about no single connection."""
    pattern = patterns()[name].pattern
    assert isinstance(pattern, RoutePattern), name
    return list(pattern.converters)


def address(name: str, connection: Connection, connection_id: Any = None) -> str:
    """Return the address of a page, with the newest rows of the connection for what it takes beside its id.

    :param connection_id: another id in its place.
    :raises KeyError: for a part that nobody said what to put for: a page that brings one is added here.
    """
    newest = Event.objects.filter(connection_key=connection.pk).order_by("-pk")
    rows: dict[str, Any] = {
        **dict.fromkeys(OF_CONNECTION, connection_id or connection.pk),
        "key_id": connection.tokens.order_by("-pk").values_list("key_id", flat=True)[0],
        "event_id": newest.values_list("pk", flat=True)[0],
    }
    return reverse(f"admin:{name}", kwargs={part: rows[part] for part in parts_of(name)})
