"""What the observations of a connection come to: one finding for each thing that its guide asks for."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from scim_provisioning.guide.setups import Setup
from scim_provisioning.guide.subjects import SUBJECTS, Subject
from scim_provisioning.models import Observation

# Entra's cycle (A34, B31): what was wrong in the last one is not settled before the next is over.
CYCLE = timedelta(minutes=40)


class State(TextChoices):
    """What is known of one thing that the guide asks for."""

    UNSEEN = "unseen", _("Not seen yet")
    WATCHED = "watched", _("So far; a cycle must pass")
    RIGHT = "right", _("Right")
    WRONG = "wrong", _("Wrong")
    MENDED = "mended", _("Right again, wrong in the last cycle")
    IGNORED = "ignored", _("Ignored")


@dataclass(frozen=True, slots=True)
class Finding:
    """One subject, and the requests that speak for and against it.

    :param passes: whether the policy passes over what is wrong with it.
    """

    subject: Subject
    state: State
    right: Observation | None = None
    wrong: Observation | None = None
    passes: bool = False

    @property
    def is_wrong(self) -> bool:
        """Whether it was wrong within the last cycle, or has not been right since."""
        return self.state in (State.WRONG, State.MENDED)

    @property
    def is_ignored(self) -> bool:
        """Whether something was wrong with it that the policy passes over."""
        return self.state == State.IGNORED

    @property
    def is_told(self) -> bool:
        """Whether there is something to mend: what was seen, how often, and where."""
        return self.is_wrong or self.is_ignored

    @property
    def holds(self) -> bool:
        """Whether it ticks a step: it was right, and what else there was harms nothing."""
        return self.state == State.RIGHT or (self.is_ignored and self.right is not None)

    @property
    def is_idle(self) -> bool:
        """Whether there is nothing to say of it: nothing came, and nothing of it would be refused."""
        return self.passes and self.state == State.UNSEEN

    @property
    def sentence(self) -> Any:
        """What is to be said of it."""
        if self.is_ignored:
            return self.subject.ignored
        return self.subject.wrong if self.is_wrong else self.subject.right

    @property
    def requests(self) -> int:
        """The number of requests that it is based on."""
        return sum(each.count for each in (self.right, self.wrong) if each is not None)


def judge(
    subject: Subject,
    right: Observation | None,
    wrong: Observation | None,
    now: datetime,
    *,
    passes: bool = False,
) -> State:
    """Return the state of one subject.

    :param passes: whether the policy passes over what is wrong.
    """
    if wrong is not None and passes:
        # However long ago: what was taken is not sent again, so that nothing would tell of it a second time.
        return State.IGNORED
    if wrong is not None:
        if right is None or right.last_at <= wrong.last_at:
            return State.WRONG
        return State.RIGHT if now - wrong.last_at >= CYCLE else State.MENDED
    if right is None:
        return State.UNSEEN
    if subject.by_absence and now - right.first_at < CYCLE:
        # The groups of a cycle come after its users, the managers in its second pass.
        return State.WATCHED
    return State.RIGHT


def findings_of(setup: Setup) -> list[Finding]:
    """Return a finding for each subject that matters to a connection: one query."""
    rows = {(row.subject, row.verdict): row for row in _observations(setup)}
    now = timezone.now()
    findings = []
    for subject in SUBJECTS.values():
        if subject.applies(setup):
            right = rows.get((subject.name, Observation.Verdict.OK))
            wrong = rows.get((subject.name, Observation.Verdict.WRONG))
            passes = bool(subject.ignored) and not setup.reports_unknown
            state = judge(subject, right, wrong, now, passes=passes)
            findings.append(Finding(subject, state, right, wrong, passes))
    return findings


def _observations(setup: Setup) -> Iterable[Observation]:
    return Observation.objects.filter(connection=setup.connection)
