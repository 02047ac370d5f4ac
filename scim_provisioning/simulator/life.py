"""A whole life in chapters: what happens to users and a group between the first cycle and the last.

The chapters bring their own people, so that they can be played on top of any directory. After each
edit one cycle runs, and what it did is compared with what Entra's documentation promises (C1–C11).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from scim_provisioning.simulator.app import EntraApp, silent
from scim_provisioning.simulator.objects import DirectoryGroup, DirectoryUser
from scim_provisioning.simulator.paths import Document
from scim_provisioning.simulator.results import CycleResult, Progress


class Stage:
    """The application, and the people and the group that the chapters are about."""

    def __init__(self, app: EntraApp) -> None:
        """Hire the cast: Ada, Cyd and Dee are assigned directly, Bo only through the group."""
        self.app = app
        self.directory = app.directory
        self._model = next((u for u in self.directory.users.values() if u.department), None)
        self._run = uuid4().hex[:6]
        self.ada, self.bo, self.cyd, self.dee = (self._hire(name) for name in ("Ada", "Bo", "Cyd", "Dee"))
        self.group: DirectoryGroup = self.directory.add_group(f"Rehearsal {self._run}", [self.ada, self.bo])
        for principal in (self.ada, self.cyd, self.dee, self.group):
            self.directory.assign(principal)

    def _hire(self, given_name: str) -> DirectoryUser:
        domain = "contoso.example"
        if self._model is not None and not self._model.is_guest:
            domain = self._model.user_principal_name.partition("@")[2]
        name = self.address(given_name.lower(), domain)
        user = self.directory.add_user(
            name,
            mail=name,
            given_name=given_name,
            surname="Rehearsal",
            display_name=f"{given_name} Rehearsal",
        )
        if self._model is not None:
            # Values that the server is known to accept, such as an existing department (B13).
            user.department, user.country = self._model.department, self._model.country
        return user

    def address(self, alias: str, domain: str) -> str:
        """Return an address that no earlier rehearsal can have left behind."""
        return f"{alias}.{self._run}@{domain}"

    def rename(self, user: DirectoryUser) -> None:
        """Give a user another name in the same domain."""
        domain = user.user_principal_name.partition("@")[2]
        self.directory.rename(user, self.address(f"{(user.given_name or '').lower()}.renamed", domain))

    def rename_group(self) -> None:
        """Give the group another name."""
        self.directory.rename(self.group, f"{self.group.display_name} B")

    def nothing(self) -> None:
        """Leave the directory as it is."""

    def set_manager(self) -> None:
        """Make Ada the manager of Bo."""
        self.directory.change(self.bo, manager=self.ada)

    def everybody_leaves(self) -> None:
        """Delete for good who is left of the cast, and the group."""
        self.directory.hard_delete(self.ada)
        self.directory.hard_delete(self.bo)
        self.directory.delete_group(self.group)


Expected = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Chapter:
    """One edit of the directory, and what the cycle after it must come to."""

    title: str
    edit: Callable[[Stage], object]
    expected: Expected
    days: float = 0
    """Simulated days that pass before the cycle."""


@dataclass(slots=True)
class ChapterResult:
    """How a chapter ended."""

    title: str
    expected: Expected
    seen: dict[str, int]
    cycle: CycleResult
    notes: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether the cycle did what it had to and nothing failed."""
        return self.cycle.ok and not self.notes and dict(self.expected) == self.seen

    def as_dict(self) -> Document:
        """Return the chapter ready for JSON."""
        return {
            "title": self.title,
            "ok": self.ok,
            "expected": dict(self.expected),
            "seen": self.seen,
            "notes": self.notes,
            "cycle": self.cycle.as_dict(),
        }


def chapters(app: EntraApp) -> list[Chapter]:
    """Return the chapters, with what each must come to under this application's mapping."""
    return [*_attributes(), *_groups_and_references(app), *_comings_and_goings(app), *_group_life(app)]


def _attributes() -> list[Chapter]:
    return [
        Chapter("Nothing changes", Stage.nothing, {"requests": 0}),
        Chapter("A title changes", lambda s: s.directory.change(s.ada, jobTitle="Architect"), {"updated": 1}),
        Chapter("A user is renamed", lambda s: s.rename(s.ada), {"updated": 1}),
    ]


def _groups_and_references(app: EntraApp) -> list[Chapter]:
    mapping = app.job.mapping
    manager = {"references": 1} if mapping.maps_manager else {"requests": 0}
    members = {"references": 1} if mapping.maps_members else {"requests": 0}
    rename = {"updated": 1} if mapping.groups else {"requests": 0}
    return [
        Chapter("A manager is set", Stage.set_manager, manager),
        Chapter("A member leaves the group", lambda s: s.directory.remove_member(s.group, s.ada), members),
        Chapter("The member is back", lambda s: s.directory.add_member(s.group, s.ada), members),
        Chapter("The group is renamed", Stage.rename_group, rename),
    ]


def _comings_and_goings(app: EntraApp) -> list[Chapter]:
    flag = 1 if app.job.mapping.maps_active else 0
    off = {"disabled": flag, "deleted": 0}
    on = {"enabled": flag, "created": 0}
    return [
        Chapter("A user is unassigned", lambda s: s.directory.unassign(s.cyd), off),
        Chapter("The user is assigned again", lambda s: s.directory.assign(s.cyd), on),
        Chapter("An account is disabled", lambda s: s.directory.disable(s.cyd), off),
        Chapter("The account is enabled", lambda s: s.directory.enable(s.cyd), on),
        Chapter("A user is deleted", lambda s: s.directory.soft_delete(s.cyd), off),
        Chapter("The user is restored", lambda s: s.directory.restore(s.cyd), on),
        Chapter("The user is deleted again", lambda s: s.directory.soft_delete(s.cyd), off),
        Chapter("Thirty days pass", Stage.nothing, {"deleted": 1}, days=31),
        Chapter("Another user is unassigned", lambda s: s.directory.unassign(s.dee), off),
        Chapter("… and deleted for good", lambda s: s.directory.hard_delete(s.dee), {"requests": 0}),
    ]


def _group_life(app: EntraApp) -> list[Chapter]:
    flag = 1 if app.job.mapping.maps_active else 0
    groups = 1 if app.job.mapping.groups else 0
    gone = {"disabled": flag, "deleted": groups}
    back = {"enabled": flag, "created": groups, "references": groups}
    return [
        Chapter("The group is unassigned", lambda s: s.directory.unassign(s.group), gone),
        Chapter("The group is assigned again", lambda s: s.directory.assign(s.group), back),
        Chapter("Everybody leaves", Stage.everybody_leaves, {"deleted": 2 + groups}),
    ]


def play(app: EntraApp, progress: Progress = silent) -> Iterator[ChapterResult]:
    """Play the initial cycle and then every chapter, yielding each as it ends."""
    stage = Stage(app)
    first = app.cycle(progress)
    yield ChapterResult("The initial cycle", {}, {}, first)
    if first.quarantine:
        return
    for chapter in chapters(app):
        before = {c.source_id: c.target_id for c in app.job.connections.values()}
        chapter.edit(stage)
        app.clock.advance(days=chapter.days)
        result = app.cycle(progress)
        seen = {name: int(getattr(result, name)) for name in chapter.expected}
        yield ChapterResult(chapter.title, chapter.expected, seen, result, _changed_ids(app, before))


def _changed_ids(app: EntraApp, before: dict[str, str]) -> list[str]:
    """Name every account whose id changed although its directory object stayed: ids are immutable (C2)."""
    after = app.job.connections
    return [
        f"{after[source].name} was {target} and is now {after[source].target_id}"
        for source, target in before.items()
        if source in after and after[source].target_id != target
    ]
