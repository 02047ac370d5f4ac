"""What Celery beat runs and when; imports no model, so that the Hub's settings can name it."""

from typing import Any

from celery.schedules import crontab

QUEUE = "scim"
TASK = "scim_provisioning.run_effects"
PRUNE_TASK = "scim_provisioning.prune_log"
NOTIFY_TASK = "scim_provisioning.notify_expiring"
VISIBILITY_TASK = "scim_provisioning.sweep_users"
RETENTION_TASK = "scim_provisioning.remove_departed_users"
SWEEP_SECONDS = 10.0
NOTIFY_SECONDS = 3600.0
VISIBILITY_SECONDS = 3600.0


def every(seconds: float, task: str) -> dict[str, Any]:
    """Return an entry of the schedule; a message that nobody took up in time is worth nothing after it."""
    return {"task": task, "schedule": seconds, "options": {"queue": QUEUE, "expires": seconds}}


BEAT_SCHEDULE = {
    "scim-provisioning-effects": every(SWEEP_SECONDS, TASK),
    "scim-provisioning-log": {
        "task": PRUNE_TASK,
        "schedule": crontab(hour="3", minute="17"),
        "options": {"queue": QUEUE},
    },
    "scim-provisioning-expiry": every(NOTIFY_SECONDS, NOTIFY_TASK),
    "scim-provisioning-visibility": every(VISIBILITY_SECONDS, VISIBILITY_TASK),
    "scim-provisioning-retention": {
        "task": RETENTION_TASK,
        "schedule": crontab(hour="4", minute="7"),
        "options": {"queue": QUEUE},
    },
}
