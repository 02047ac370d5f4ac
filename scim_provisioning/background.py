"""Effects on ``django.tasks`` (Django 6.0, or the package django-tasks): for a Hub without Celery's broker.

Set ``"EFFECT_DISPATCHER": "scim_provisioning.background.DjangoTasks"``. Nothing else imports this module, which
makes a task on the default back end of the setting ``TASKS``.
"""

from typing import Any

from scim_provisioning.dispatching import Dispatcher
from scim_provisioning.lifecycle import effects

task: Any
try:
    from django.tasks import task
except ImportError:
    from django_tasks import task

RUN_SECONDS = 30.0


@task  # type: ignore[untyped-decorator]
def run_effects() -> int:
    """Run the effects that are due; what fails stays in the outbox for a later run."""
    return effects.run_due(RUN_SECONDS)


class DjangoTasks(Dispatcher):
    """Enqueues a task; where the back end is the immediate one, effects run in process."""

    def is_available(self) -> bool:
        """Return True: the module could be imported."""
        return True

    def wake(self) -> None:
        """Enqueue the task that runs what is due."""
        run_effects.enqueue()
