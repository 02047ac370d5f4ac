"""The endpoints below one tenant URL; letters of either case and a slash at the end are tolerated."""

from django.urls import URLPattern, re_path

from scim_provisioning.api.bulk import BulkView
from scim_provisioning.api.discovery import (
    NotImplementedView,
    ResourceTypesView,
    SchemasView,
    ServiceProviderConfigView,
    UnknownView,
)
from scim_provisioning.api.resources import GroupsView, UsersView
from scim_provisioning.api.searching import RootSearchView


def in_any_case(word: str) -> str:
    """Return a pattern of *word* in any letter case; an inline flag would end every ``reverse()`` of the Hub."""
    return "".join(f"[{letter}{letter.swapcase()}]" for letter in word)


USERS, GROUPS = in_any_case("Users"), in_any_case("Groups")
CONFIG, TYPES, SCHEMAS = map(in_any_case, ("ServiceProviderConfig", "ResourceTypes", "Schemas"))
ONE = r"/(?P<uuid>[^/]+)/?$"

urlpatterns: list[URLPattern] = [
    re_path(rf"^{USERS}/?$", UsersView.as_view(), name="users"),
    re_path(rf"^{USERS}{ONE}", UsersView.as_view(), name="user"),
    re_path(rf"^{GROUPS}/?$", GroupsView.as_view(), name="groups"),
    re_path(rf"^{GROUPS}{ONE}", GroupsView.as_view(), name="group"),
    re_path(rf"^{CONFIG}/?$", ServiceProviderConfigView.as_view(), name="config"),
    re_path(rf"^{TYPES}/?$", ResourceTypesView.as_view(), name="resource-types"),
    re_path(rf"^{TYPES}{ONE}", ResourceTypesView.as_view(), name="resource-type"),
    re_path(rf"^{SCHEMAS}/?$", SchemasView.as_view(), name="schemas"),
    re_path(rf"^{SCHEMAS}{ONE}", SchemasView.as_view(), name="schema"),
    re_path(rf"^{in_any_case('Bulk')}/?$", BulkView.as_view(), name="bulk"),
    re_path(r"^(?:\.search)?/?$", RootSearchView.as_view(), name="search"),
    re_path(
        rf"^(?P<endpoint>{in_any_case('Me')})(?:/.*)?$", NotImplementedView.as_view(), name="not-implemented"
    ),
    re_path(r"", UnknownView.as_view(), name="unknown"),
]
