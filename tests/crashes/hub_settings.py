"""The example Hub with a witness: an app that writes down each effect it is told of."""

import os

from example_project.config.settings import *  # noqa: F403
from example_project.config.settings import INSTALLED_APPS, SCIM_PROVISIONING

INSTALLED_APPS = [*INSTALLED_APPS, "tests.crashes.witness"]
# A client of a test comes back in a second, not in two minutes.
SCIM_PROVISIONING = {**SCIM_PROVISIONING}
SCIM_PROVISIONING |= {"RETRY_AFTER_SECONDS": 1}  # type: ignore[dict-item]
if "HUB_CEILING" in os.environ:
    SCIM_PROVISIONING |= {"REQUESTS_PER_SECOND": int(os.environ["HUB_CEILING"])}  # type: ignore[dict-item]
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": os.environ["HUB_CACHE_URL"],
        }
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Redis redelivers what a dead worker held after this time; the outbox does not wait for it.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 30}
SECRET_KEY = os.environ.get("HUB_SECRET_KEY", "of the fault harness alone")
