"""URLs of a Hub whose organizations have hosts of their own, and no other form."""

from django.urls import include, path

urlpatterns = [path("scim/", include("scim_provisioning.hosts"))]
