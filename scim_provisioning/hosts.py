"""The URLs that a Hub includes whose organizations have hosts of their own: ``<company>.hub.example/…/v2/…`` (B1).

The setting ``HOST_FOR`` says which host is whose; the token says which connection of the organization is meant.
"""

from django.urls import include, path

app_name = "scim_provisioning_hosts"
urlpatterns = [
    path("v2/", include("scim_provisioning.api.urls")),
    path("setup/", include("scim_provisioning.guide.urls")),
]
