"""django-unfold, with its base class for our pages."""

from example_project.config.settings import *  # noqa: F403
from example_project.config.settings import INSTALLED_APPS as STOCK
from example_project.config.settings import SCIM_PROVISIONING as EXAMPLE

INSTALLED_APPS = ["unfold", *STOCK]
SCIM_PROVISIONING = {**EXAMPLE, "ADMIN_BASE_CLASS": "unfold.admin.ModelAdmin"}
