"""Time that passes, and what a guide says of a connection."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db.models import F

from scim_provisioning.guide.findings import Finding, findings_of
from scim_provisioning.guide.guides import setup_of
from scim_provisioning.guide.progress import Progress, progress_of
from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.models import Connection, Observation

Pass = Callable[[int], None]


def findings(connection: Connection) -> dict[str, Finding]:
    """Return what the guide finds, by subject."""
    recorder.flush()
    return {each.subject.name: each for each in findings_of(setup_of(connection))}


def steps(connection: Connection) -> dict[str, Progress]:
    """Return how each step stands."""
    recorder.flush()
    return {each.step.name: each.progress for each in progress_of(setup_of(connection))}


def named(connection: Connection) -> set[str]:
    """Return the subjects that the guide says are wrong."""
    return {name for name, finding in findings(connection).items() if finding.is_wrong}


@pytest.fixture
def let_pass() -> Pass:
    """Return a function that lets minutes pass, by moving what was seen into the past."""

    def moved(minutes: int) -> None:
        recorder.flush()
        past = timedelta(minutes=minutes)
        Observation.objects.update(first_at=F("first_at") - past, last_at=F("last_at") - past)

    return moved
