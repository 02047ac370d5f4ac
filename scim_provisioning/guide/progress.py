"""How far a connection is with its guide: each step ticked by what was seen, or by somebody's confirmation."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from scim_provisioning.guide.blocks import Step
from scim_provisioning.guide.findings import Finding, findings_of
from scim_provisioning.guide.guides import steps_of
from scim_provisioning.guide.setups import Setup
from scim_provisioning.models import Confirmation, Connection


class Progress(TextChoices):
    """How a step stands."""

    OPEN = "open", _("Not seen yet")
    SEEN = "seen", _("Done: seen")
    CONFIRMED = "confirmed", _("Done: confirmed")
    WRONG = "wrong", _("Wrong")


@dataclass(frozen=True, slots=True)
class Mention:
    """A finding that a step rests on, and the step that tells of it."""

    finding: Finding
    number: int
    step: Step


@dataclass(frozen=True, slots=True)
class StepProgress:
    """One step, and what is known of it."""

    number: int
    step: Step
    findings: Sequence[Finding]
    confirmation: Confirmation | None
    mentions: Sequence[Mention] = ()

    @property
    def progress(self) -> Progress:
        """How it stands: what is wrong comes before what was confirmed, and what was seen needs no confirmation."""
        if any(each.is_wrong for each in self.findings):
            return Progress.WRONG
        needed = [each for each in self.findings if each.subject.name in self.step.needs]
        needed += [each.finding for each in self.mentions]
        if needed and all(each.holds for each in needed):
            return Progress.SEEN
        return Progress.OPEN if self.confirmation is None else Progress.CONFIRMED

    @property
    def is_done(self) -> bool:
        """Whether the step needs nobody any more."""
        return self.progress in (Progress.SEEN, Progress.CONFIRMED)


def progress_of(setup: Setup, found: Iterable[Finding] | None = None) -> list[StepProgress]:
    """Return each step of a connection's guide with what is known of it.

    :param found: the findings, where they are known already.
    """
    findings = {each.subject.name: each for each in (findings_of(setup) if found is None else found)}
    confirmed = {each.step: each for each in Confirmation.objects.filter(connection=setup.connection)}
    idle = {name for name, finding in findings.items() if finding.is_idle}
    steps = list(enumerate(steps_of(setup), start=1))
    mentions = {
        name: Mention(findings[name], number, step)
        for number, step in reversed(steps)
        for name in (*step.needs, *step.watches)
        if name in findings
    }
    return [
        StepProgress(
            number,
            step,
            [findings[name] for name in _told(step, idle) if name in findings],
            confirmed.get(step.name),
            [mentions[name] for name in step.rests_on if name in mentions],
        )
        for number, step in steps
    ]


def _told(step: Step, idle: set[str]) -> list[str]:
    return [*step.needs, *(name for name in step.watches if name not in idle)]


def fingerprint(steps: Sequence[StepProgress]) -> str:
    """Return a text that changes whenever anything on the page would."""
    parts: list[Any] = []
    for each in steps:
        parts += [each.step.name, each.progress, each.confirmation and each.confirmation.pk]
        for finding in each.findings:
            parts += [finding.state, finding.requests, finding.wrong and finding.wrong.last_at]
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def status_of(setup: Setup) -> dict[str, Any]:
    """Return how each step stands, and a version that changes when the page would."""
    steps = progress_of(setup)
    return {
        "version": fingerprint(steps),
        "done": sum(each.is_done for each in steps),
        "steps": [{"step": each.step.name, "progress": each.progress.value} for each in steps],
    }


def answer(connection: Connection, form: Mapping[str, Any], who: str) -> str:
    """Take what a step's button sent; return the step, or nothing where the guide has none of that name."""
    step = str(form.get("step", ""))
    change = (
        partial(reopen, connection, step) if "reopen" in form else partial(confirm, connection, step, who)
    )
    return step if change() else ""


def confirm(connection: Connection, step: str, who: str) -> bool:
    """Note that somebody has confirmed a step; the first confirmation stays.

    :returns: whether the guide has such a step.
    """
    if not _has(connection, step):
        return False
    Confirmation.objects.get_or_create(connection=connection, step=step, defaults={"confirmed_by": who[:255]})
    return True


def reopen(connection: Connection, step: str) -> bool:
    """Take a confirmation back.

    :returns: whether the guide has such a step.
    """
    if not _has(connection, step):
        return False
    Confirmation.objects.filter(connection=connection, step=step).delete()
    return True


def _has(connection: Connection, name: str) -> bool:
    return any(step.name == name for step in steps_of(Setup(connection)))
