"""The Django app."""

import re
from importlib import import_module
from types import ModuleType

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _

MODEL_SETTINGS = {
    "SCIM_ORGANIZATION_MODEL": "the model whose rows are organizations",
    "SCIM_GROUP_MODEL": "the model whose rows are groups of users",
}


class ScimProvisioningConfig(AppConfig):
    """A SCIM 2.0 service provider for a multi-tenant product."""

    name = "scim_provisioning"
    label = "scim_provisioning"
    verbose_name = _("SCIM provisioning")
    default_auto_field = "django.db.models.BigAutoField"

    def __init__(self, app_name: str, app_module: ModuleType | None) -> None:
        super().__init__(app_name, app_module)
        # The foreign keys of the tables are built from these, long before a system check could speak.
        for setting, meaning in MODEL_SETTINGS.items():
            label = getattr(settings, setting, None)
            if not isinstance(label, str) or not re.fullmatch(r"\w+\.\w+", label):
                raise ImproperlyConfigured(
                    f'{setting} is {label!r}; name {meaning} as "app_label.ModelName", '
                    f'for example {setting} = "hub.{setting.split("_")[1].title()}".'
                )

    def ready(self) -> None:
        """Connect receivers, checks and the handlers of effects, once the host's models are there."""
        import_module("scim_provisioning.receivers")
        import_module("scim_provisioning.protection").protect_memberships()
        import_module("scim_provisioning.checks")
        import_module("scim_provisioning.tasks").connect()
        import_module("scim_provisioning.revocation")
        import_module("scim_provisioning.notices")
        autodiscover_modules(import_module("scim_provisioning.effects").MODULE)
