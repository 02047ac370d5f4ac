"""The Celery app of the example Hub, for when CELERY_BROKER_URL names a broker.

``celery -A example_project.config worker --queues scim`` runs effects and notices, and
``celery -A example_project.config beat`` the schedule.
"""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.config.settings")

app = Celery("hub", set_as_current=False)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
