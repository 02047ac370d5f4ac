"""The bench on which one test is run: an application of its own, and what it saw."""

from __future__ import annotations

from uuid import uuid4

from scim_provisioning.simulator import requests
from scim_provisioning.simulator.certification.candidate import Candidate
from scim_provisioning.simulator.certification.outcomes import TestFailed
from scim_provisioning.simulator.client import Exchange
from scim_provisioning.simulator.dialects import Change, Dialect
from scim_provisioning.simulator.faults import deserialized, found_in
from scim_provisioning.simulator.mapping import Mapped
from scim_provisioning.simulator.objects import DirectoryGroup, DirectoryUser
from scim_provisioning.simulator.paths import MANAGER, Document, Target, parse_target
from scim_provisioning.simulator.requests import ScimRequest
from scim_provisioning.simulator.results import CycleResult, OnDemandResult
from scim_provisioning.simulator.sources import GroupSource, UserSource

MANAGER_VALUE = parse_target(f"{MANAGER}.value")


class Bench:
    """An enterprise application with nobody in its directory yet, for one test in one dialect."""

    def __init__(self, candidate: Candidate, dialect: Dialect, number: int = 0) -> None:
        """Set up the application; *number* is the test's and becomes part of every name."""
        self.candidate = candidate
        self.dialect = dialect
        self.app = candidate.application(dialect)
        self.directory = self.app.directory
        self.mapping = candidate.mapping
        self._mark = f"t{number:02}-{uuid4().hex[:8]}"
        self._hired = 0

    @property
    def exchanges(self) -> list[Exchange]:
        """Every request so far, with its answer."""
        return self.app.log

    # Specimens

    def person(self, label: str = "ada") -> DirectoryUser:
        """Put a new person with every attribute into the directory, not yet assigned."""
        # Lower-case, for servers that refuse capitals.
        user = self.directory.add_user(f"{label}.{self._mark}@{self.candidate.specimens.domain}")
        place = self.candidate.specimens.place(self.mapping, self._hired)
        self.candidate.specimens.fill(user, place, self._hired)
        self._hired += 1
        return user

    def assigned(self, label: str = "ada") -> DirectoryUser:
        """Put a new person into the directory and assign it to the application."""
        user = self.person(label)
        self.directory.assign(user)
        return user

    def team(self, label: str, *members: DirectoryUser) -> DirectoryGroup:
        """Put a new group into the directory and assign it to the application."""
        group = self.directory.add_group(f"{label} {self._mark}", members)
        self.directory.assign(group)
        return group

    def turn_into(self, user: DirectoryUser) -> None:
        """Change every attribute of a person except for its names."""
        place = self.candidate.specimens.place(self.mapping, self._hired)
        self.candidate.specimens.fill(user, place, self._hired)
        self._hired += 1

    def values(self, user: DirectoryUser) -> Mapped:
        """Return what the mapping makes of a person."""
        return self.mapping.user_values(UserSource(user, self.directory), creating=True)

    def group_values(self, group: DirectoryGroup) -> Mapped:
        """Return what the mapping makes of a group."""
        return self.mapping.group_values(GroupSource(group), creating=True)

    # What the provisioning service does

    def cycle(self) -> CycleResult:
        """Run a provisioning cycle in which nothing may fail."""
        result = self.app.cycle()
        if result.failures:
            row = result.failures[0]
            raise TestFailed(f"{row.action} {row.name} failed: {row.code}, {row.detail}")
        if result.quarantine:
            raise TestFailed(f"the job is in quarantine: {result.quarantine_detail}")
        return result

    def on_demand(self, principal: DirectoryUser | DirectoryGroup) -> OnDemandResult:
        """Provision somebody on demand; that may not fail."""
        result = self.app.provision_on_demand(principal)
        if not result.ok:
            raise TestFailed("; ".join(f"{title}: {text}" for title, text in result.steps))
        return result

    def id_of(self, principal: DirectoryUser | DirectoryGroup) -> str:
        """Return the server's id of somebody who was provisioned."""
        connection = self.app.connection_of(principal)
        if connection is None:
            raise TestFailed("the provisioning service did not provision it")
        return connection.target_id

    # What the test itself asks

    def send(self, request: ScimRequest, *statuses: int) -> Exchange:
        """Send a request whose answer must have one of these statuses."""
        exchange = self.app.job.client.send(request, self.dialect)
        if exchange.status not in statuses:
            wanted = " or ".join(map(str, statuses))
            seen = {0: "no answer", -1: "no answer in time"}.get(exchange.status, f"HTTP {exchange.status}")
            detail = f": {exchange.detail}" if exchange.detail else ""
            raise TestFailed(f"{request.method} {request.path}: {seen} instead of {wanted}{detail}")
        return exchange

    def user(self, target_id: str) -> Document:
        """Read a user by id."""
        return deserialized(self.send(requests.read_user(target_id), 200).response_body)

    def group(self, target_id: str) -> Document:
        """Read a group by id, with its members."""
        return deserialized(self.send(requests.read_group_with_members(target_id), 200).response_body)

    def patch(self, target_id: str, *changes: Change) -> Exchange:
        """Write changes of a user in the dialect of the bench."""
        return self.send(requests.update_user(target_id, changes, self.dialect), 200, 204)

    def look_up(self, principal: DirectoryUser | DirectoryGroup) -> Document | None:
        """Look for somebody by the mapping's first matching attribute, as the provisioning service does."""
        if isinstance(principal, DirectoryGroup):
            line = self.mapping.matching(self.mapping.groups)[0]
            value = line.value(GroupSource(principal))
            request = requests.find_group(line.target, str(value), self.dialect)
        else:
            line = self.mapping.matching(self.mapping.users)[0]
            value = line.value(UserSource(principal, self.directory))
            request = requests.find_user(line.target, str(value))
        return found_in(self.send(request, 200))

    def found(self, principal: DirectoryUser | DirectoryGroup) -> Document:
        """Look for somebody who must be there."""
        document = self.look_up(principal)
        if document is None:
            raise TestFailed("the filter does not find it")
        return document

    def gone(self, principal: DirectoryUser | DirectoryGroup, target_id: str) -> None:
        """Make sure that somebody is found neither by id nor by filter."""
        is_group = isinstance(principal, DirectoryGroup)
        self.send(requests.read_group(target_id) if is_group else requests.read_user(target_id), 404)
        if self.look_up(principal) is not None:
            raise TestFailed("the filter still finds it")


def manager_of(document: Document) -> str:
    """Return the id of a user's manager, empty when it has none."""
    return str(MANAGER_VALUE.read(document) or "")


def members_of(document: Document) -> set[str]:
    """Return the ids of a group's members."""
    members = document.get("members")
    return {str(m["value"]) for m in members or () if isinstance(m, dict) and "value" in m}


def differing(values: Mapped, document: Document) -> str:
    """Say which values a document does not hold, empty when it holds them all."""
    wrong = [
        f"{target.text} is {shown(target, document)}, not {value!r}"
        for target, value in values.items()
        if isinstance(value, str) and str(target.read(document)) != value
    ]
    return "; ".join(wrong)


def shown(target: Target, document: Document) -> str:
    """Return what a document holds at a path, for a message."""
    value = target.read(document)
    return "absent" if value is None else repr(value)
