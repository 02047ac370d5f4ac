"""The URLs that a Hub includes: ``<connection>/v2/…`` is a tenant URL, ``setup/…`` a setup link."""

from django.urls import include, path

app_name = "scim_provisioning"
urlpatterns = [
    path("<uuid:connection>/v2/", include("scim_provisioning.api.urls")),
    path("setup/", include("scim_provisioning.guide.urls")),
]
