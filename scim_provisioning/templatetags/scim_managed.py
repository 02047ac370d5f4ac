"""``{% load scim_managed %}``: what a page of the Hub shows of a user or a group that SCIM manages."""

from typing import Any

from django import template

from scim_provisioning import managed

register = template.Library()


@register.filter
def is_scim_managed(row: Any) -> bool:
    """Return whether SCIM manages a user or a group: ``{% if user|is_scim_managed %}``."""
    return managed.is_scim_managed(row)


@register.inclusion_tag("scim_provisioning/badge.html")
def scim_badge(row: Any) -> dict[str, Any]:
    """Show the badge "SCIM-managed" for a user or a group that is: ``{% scim_badge user %}``."""
    return {"managed": managed.is_scim_managed(row)}
