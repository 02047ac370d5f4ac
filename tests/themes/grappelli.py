"""django-grappelli, which has URLs of its own."""

from example_project.config.settings import *  # noqa: F403
from example_project.config.settings import INSTALLED_APPS as STOCK

INSTALLED_APPS = ["grappelli", *STOCK]
ROOT_URLCONF = "tests.themes.grappelli_urls"
