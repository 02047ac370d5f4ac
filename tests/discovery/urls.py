"""A Hub whose own URLs have a version, as the tenant URLs below them do."""

from django.urls import include, path

urlpatterns = [path("api/v2/scim/", include("scim_provisioning.urls"))]
