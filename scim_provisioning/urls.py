"""The URLs that a Hub includes: ``<connection>/v2/…`` is a tenant URL."""

from django.urls import include, path

app_name = "scim_provisioning"
urlpatterns = [path("<uuid:connection>/v2/", include("scim_provisioning.api.urls"))]
