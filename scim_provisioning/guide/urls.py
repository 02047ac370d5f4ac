"""The URLs of setup links."""

from django.urls import path

from scim_provisioning.guide.views import setup_guide, setup_status

urlpatterns = [
    path("<str:link>/", setup_guide, name="setup"),
    path("<str:link>/status.json", setup_status, name="setup_status"),
]
