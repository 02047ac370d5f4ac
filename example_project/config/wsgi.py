"""WSGI entry point of the example Hub."""

import os

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.config.settings")

# The handler serves the admin's style sheets straight from the apps: no collectstatic before a demonstration.
application = StaticFilesHandler(get_wsgi_application())
