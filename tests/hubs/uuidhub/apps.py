"""The second Hub's app."""

from django.apps import AppConfig


class UuidHubConfig(AppConfig):
    """A Hub whose keys are UUIDs."""

    name = "tests.hubs.uuidhub"
    label = "uuidhub"
    default_auto_field = "django.db.models.BigAutoField"
