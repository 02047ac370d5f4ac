"""A host project that mounts both forms of tenant URLs, the one by host below a version of its own."""

from django.urls import include, path

urlpatterns = [
    path("scim/", include("scim_provisioning.urls")),
    path("api/v2/scim/", include("scim_provisioning.hosts")),
]
