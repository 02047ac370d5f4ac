"""The URLs that a Hub includes."""

from django.urls import URLPattern, URLResolver

app_name = "scim_provisioning"
urlpatterns: list[URLPattern | URLResolver] = []
