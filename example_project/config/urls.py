"""URLs of the example Hub."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("example_project.hub.urls")),
    path("admin/", admin.site.urls),
    path("scim/", include("scim_provisioning.urls")),
]
if settings.HUB_DOMAIN:
    urlpatterns.append(path("api/scim/", include("scim_provisioning.hosts")))
