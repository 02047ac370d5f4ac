"""Settings of the example Hub, with Django REST framework's tokens, knox, django-oauth-toolkit and social-auth."""

import os

from example_project.config.settings import *  # noqa: F403 - it is that Hub and a few apps more
from example_project.config.settings import INSTALLED_APPS as OF_THE_EXAMPLE

INSTALLED_APPS = [
    *OF_THE_EXAMPLE,
    "rest_framework.authtoken",
    "knox",
    "oauth2_provider",
    "social_django",
]
AUTHENTICATION_BACKENDS = [
    "example_project.hub.backends.HubBackend",
    "tests.hubs.tokenhub.provider.LoopbackProvider",
]
OAUTH2_PROVIDER = {"PKCE_REQUIRED": True}
SOCIAL_AUTH_LOOPBACK_KEY = "client"
SOCIAL_AUTH_LOOPBACK_SECRET = "for tests only"
SOCIAL_AUTH_LOOPBACK_REVOKE_TOKEN_URL = os.environ.get("LOOPBACK_URL", "")
