"""The Django app of the peer."""

from django.apps import AppConfig


class PeerConfig(AppConfig):
    """Users and groups with the mixins of django-scim2."""

    name = "benchmarks.peer"
    label = "peer"
    default_auto_field = "django.db.models.BigAutoField"
