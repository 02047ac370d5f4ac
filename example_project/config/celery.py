"""The Celery app of the example Hub, for when CELERY_BROKER_URL names a broker.

``celery -A example_project.config worker --queues scim`` runs effects and notices, and
``celery -A example_project.config beat`` the schedule.
"""

import os
from typing import Any

from celery import Celery
from celery.app.amqp import AMQP
from kombu import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "example_project.config.settings")

LONGEST_WAIT = 4


class PatientConnection(Connection):
    """Looks for a broker that is away every four seconds at least.

    Celery has no setting for it: its workers and its beat look after 2, 4, 6 and at last 30 seconds, and so long
    effects would wait when the broker is back already.
    """

    def ensure_connection(self, *args: Any, **kwargs: Any) -> Any:
        """Connect, trying again until it works."""
        return super().ensure_connection(*args, **{"interval_max": LONGEST_WAIT, **kwargs})


class PatientAMQP(AMQP):
    """Celery's producers and consumers on such connections."""

    Connection = PatientConnection


app = Celery("hub", set_as_current=False, amqp=PatientAMQP)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
