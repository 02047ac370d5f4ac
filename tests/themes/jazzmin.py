"""django-jazzmin."""

from example_project.config.settings import *  # noqa: F403
from example_project.config.settings import INSTALLED_APPS as STOCK

INSTALLED_APPS = ["jazzmin", *STOCK]
