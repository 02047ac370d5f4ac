"""The Django app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ScimProvisioningConfig(AppConfig):
    """A SCIM 2.0 service provider for a multi-tenant product."""

    name = "scim_provisioning"
    label = "scim_provisioning"
    verbose_name = _("SCIM provisioning")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Connect the receivers and register the checks, once the host's models are there."""
        import_module("scim_provisioning.receivers")
        import_module("scim_provisioning.checks")
