"""URLs of the second Hub; SCIM hangs somewhere else than in the example."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("provisioning/scim/", include("scim_provisioning.urls")),
]
