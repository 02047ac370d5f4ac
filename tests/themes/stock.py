"""Django's own admin."""

from example_project.config.settings import *  # noqa: F403
