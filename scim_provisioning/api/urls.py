"""The endpoints below one tenant URL; letters of either case and a slash at the end are tolerated."""

from django.urls import URLPattern, re_path

from scim_provisioning.api.discovery import (
    NotImplementedView,
    ResourceTypesView,
    SchemasView,
    ServiceProviderConfigView,
    UnknownView,
)
from scim_provisioning.api.resources import GroupsView, UsersView

urlpatterns: list[URLPattern] = [
    re_path(r"^(?i:users)/?$", UsersView.as_view(), name="users"),
    re_path(r"^(?i:users)/(?P<uuid>[^/]+)/?$", UsersView.as_view(), name="user"),
    re_path(r"^(?i:groups)/?$", GroupsView.as_view(), name="groups"),
    re_path(r"^(?i:groups)/(?P<uuid>[^/]+)/?$", GroupsView.as_view(), name="group"),
    re_path(r"^(?i:serviceproviderconfig)/?$", ServiceProviderConfigView.as_view(), name="config"),
    re_path(r"^(?i:resourcetypes)/?$", ResourceTypesView.as_view(), name="resource-types"),
    re_path(r"^(?i:resourcetypes)/(?P<uuid>[^/]+)/?$", ResourceTypesView.as_view(), name="resource-type"),
    re_path(r"^(?i:schemas)/?$", SchemasView.as_view(), name="schemas"),
    re_path(r"^(?i:schemas)/(?P<uuid>[^/]+)/?$", SchemasView.as_view(), name="schema"),
    re_path(r"^(?P<endpoint>(?i:me|bulk))(?:/.*)?$", NotImplementedView.as_view(), name="not-implemented"),
    re_path(r"", UnknownView.as_view(), name="unknown"),
]
