"""One rehearsal: an Entra application in one dialect, its connection of the Hub, and a look into both ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from example_project.demo.visitor import Visitor, Welcome
from example_project.demo.wire import Answer, Tally, Wire
from example_project.hub.models import Group, Organization, User
from scim_provisioning.models import Connection, Event, GroupResource, UserResource
from scim_provisioning.simulator import (
    CycleResult,
    Dialect,
    Directory,
    DirectoryGroup,
    DirectoryUser,
    EntraApp,
    JobSettings,
    MappingTable,
    TokenForm,
)
from scim_provisioning.simulator.dialects import Change
from scim_provisioning.simulator.paths import CORE_GROUP, CORE_USER, parse_target

Principal = DirectoryUser | DirectoryGroup


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What "Create Tenant URL" and "Generate token" gave for one connection."""

    hub_url: str
    organization: Organization
    connection: Connection
    url: str
    token: str = field(repr=False)
    mapping: str
    token_form: TokenForm


class Scene:
    """What the looks of the rules are played on."""

    def __init__(
        self,
        endpoint: Endpoint,
        dialect: Dialect,
        directory: Directory,
        tally: Tally,
        *,
        mapping: MappingTable | None = None,
        settings: JobSettings | None = None,
    ) -> None:
        """Configure the enterprise application of this scene."""
        self.endpoint = endpoint
        self.dialect = dialect
        self.directory = directory
        self.tally = tally
        self.domain = domain_of(endpoint.organization.slug, dialect)
        self.app = EntraApp(
            endpoint.url,
            endpoint.token,
            directory,
            mapping or endpoint.mapping,
            dialect,
            settings=settings,
            token_form=endpoint.token_form,
        )
        self.wire = Wire(self.app.job.client.credentials.url, endpoint.token, tally)
        self.neighbour: Scene | None = None
        self._besides: list[Scene] = []

    def close(self) -> None:
        """Close what is open, and count the requests of the application."""
        for beside in self._besides:
            beside.close()
        self.tally.requests += len(self.app.log)
        self.wire.close()
        self.app.close()

    def beside(self, mapping: MappingTable | None = None, settings: JobSettings | None = None) -> Scene:
        """Return a second application on the same connection, with nobody in its directory."""
        scene = Scene(
            self.endpoint, self.dialect, Directory(), self.tally, mapping=mapping, settings=settings
        )
        self._besides.append(scene)
        return scene

    @property
    def organization(self) -> Organization:
        """The organization of the Hub."""
        return self.endpoint.organization

    @property
    def connection(self) -> Connection:
        """The connection of the Hub."""
        return self.endpoint.connection

    @property
    def other(self) -> Scene:
        """The scene of the other organization, in the same dialect."""
        if self.neighbour is None:
            raise LookupError("this scene has no neighbour")
        return self.neighbour

    # The directory

    def address(self, name: str) -> str:
        """Return an address in the domain of this scene."""
        return f"{name.lower()}@{self.domain}"

    def hire(
        self, name: str, *, assigned: bool = True, role: str | None = None, **attributes: Any
    ) -> DirectoryUser:
        """Make a user in the directory and assign it to the application."""
        principal_name = attributes.pop("principal_name", self.address(name))
        filled = {"mail": self.address(name), "given_name": name, "surname": "Rehearsal"}
        filled["display_name"] = f"{name} Rehearsal"
        user = self.directory.add_user(principal_name, **{**filled, **attributes})
        if assigned:
            self.assign(user, role)
        return user

    def assign(self, principal: Principal, role: str | None = None) -> None:
        """Assign a user or group to the application, with an app role if one is named."""
        if role is not None and role not in self.directory.app_roles:
            self.directory.add_role(role)
        self.directory.assign(principal, role)

    def dismiss(self, *users: DirectoryUser) -> None:
        """Take users out of the directory whom the Hub refused, so that nobody tries again."""
        for user in users:
            self.directory.hard_delete(user)

    def team(self, name: str, *members: Principal) -> DirectoryGroup:
        """Make a group in the directory and assign it to the application."""
        group = self.directory.add_group(name, members)
        self.directory.assign(group)
        return group

    def cycle(self, *, days: float = 0) -> CycleResult:
        """Let time pass and run a cycle."""
        self.app.clock.advance(days=days)
        return self.app.cycle()

    def writes(self, cycle: CycleResult, *principals: Principal) -> str:
        """Return what a cycle wrote for these objects, such as "POST 201, PATCH 204"."""
        exchanges = [
            exchange
            for principal in principals
            for action in cycle.actions
            if action.source_id == principal.object_id
            for exchange in action.exchanges
            if exchange.method != "GET"
        ]
        return ", ".join(f"{e.method} {e.status}" for e in exchanges) or "no write"

    def refusal(self, cycle: CycleResult, user: DirectoryUser) -> Answer:
        """Return the answer that a cycle failed with for a user."""
        last = next(row for row in cycle.failures if row.source_id == user.object_id).exchanges[-1]
        return Answer(last.status, last.response_text, last.response_headers)

    # The wire

    def target(self, principal: Principal | str) -> str:
        """Return the SCIM id that Entra has cached for an object or its objectId (C2)."""
        connection = self.app.connection_of(principal)
        if connection is None:
            raise LookupError(f"{principal} is not provisioned")
        return connection.target_id

    def read(self, principal: Principal | str) -> Answer:
        """Read a resource by its id."""
        kind = "Groups" if isinstance(principal, DirectoryGroup) else "Users"
        return self.wire.get(f"/{kind}/{principal if isinstance(principal, str) else self.target(principal)}")

    def active(self, user: DirectoryUser) -> str:
        """Return whether the wire calls a user active."""
        return str(self.read(user).body["active"]).lower()

    def change(self, target: str, values: Mapping[str, str], dialect: Dialect | None = None) -> Answer:
        """Replace attributes of a user in one PATCH, written as the dialect writes it."""
        changes = [Change("replace", parse_target(path), value) for path, value in values.items()]
        return self.wire.patch(f"/Users/{target}", (dialect or self.dialect).user_patch(changes))

    def change_members(self, group: str, verb: str, *ids: str) -> Answer:
        """Add members to a group or remove them, as the dialect writes it."""
        return self.wire.patch(f"/Groups/{group}", self.dialect.members_patch(verb, ids))

    def person(self, name: str, **attributes: Any) -> dict[str, Any]:
        """Return the body that creates a user."""
        address = self.address(name)
        body: dict[str, Any] = {
            "schemas": [CORE_USER],
            "externalId": str(uuid4()),
            "userName": address,
            "active": True,
            "emails": [{"primary": True, "type": "work", "value": address}],
        }
        return {**body, **attributes}

    def crew(self, name: str) -> dict[str, Any]:
        """Return the body that creates a group."""
        return {"schemas": [CORE_GROUP], "displayName": name, "externalId": str(uuid4())}

    # The Hub

    def resident(self, name: str, **columns: Any) -> User:
        """Make a user of the Hub, as an administrator of the organization would."""
        address = self.address(name)
        wanted = {"username": address, "email": address, "first_name": name, "status": User.Status.ACTIVE}
        return User.objects.create_user(organization=self.organization, **{**wanted, **columns})

    def sign_in(self, user: User) -> Welcome:
        """Sign a user in at the Hub's own page."""
        with Visitor(self.endpoint.hub_url, self.tally) as visitor:
            return visitor.sign_in(self.organization.slug, user.username)

    def visitor(self) -> Visitor:
        """Return a browser."""
        return Visitor(self.endpoint.hub_url, self.tally)

    def users_named(self, name: str) -> int:
        """Return how many users of the organization have this name in this scene."""
        return User.objects.filter(
            organization=self.organization, username__iexact=self.address(name)
        ).count()

    def link(self, user: DirectoryUser | str) -> UserResource:
        """Return the resource row of a user."""
        target = user if isinstance(user, str) else self.target(user)
        return UserResource.objects.select_related("user").get(connection=self.connection, pk=target)

    def account(self, user: DirectoryUser | str) -> User:
        """Return the Hub's row of a user."""
        return User.objects.select_related("department__country").get(pk=self.link(user).user_id)

    def group(self, group: DirectoryGroup | str) -> Group:
        """Return the Hub's row of a group."""
        target = group if isinstance(group, str) else self.target(group)
        link = GroupResource.objects.get(connection=self.connection, pk=target)
        return Group.objects.get(pk=link.group_id)

    def events(self, **conditions: Any) -> int:
        """Return how many lines of the log fit."""
        return Event.objects.filter(connection_key=self.connection.pk, **conditions).count()


def domain_of(slug: str, dialect: Dialect) -> str:
    """Return the domain of everybody who belongs to a scene, so that scenes never share a name."""
    return f"{dialect.name}.{slug}.example"
