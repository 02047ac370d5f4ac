"""The user and the group of a self-test: marked, unlike any other, and such that the policy accepts them."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from scim_provisioning.mapping.attributes import Choice
from scim_provisioning.mapping.references import Reference
from scim_provisioning.mapping.roles import Roles
from scim_provisioning.mapping.users import WORK_EMAIL, UserMapping
from scim_provisioning.models import Connection

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
# RFC 2606: no mail reaches anybody there.
DOMAIN = "scim-self-test.invalid"
NAME = "SCIM self-test"
CONSIDERED = 200
# What a PATCH writes, where the Hub keeps it; an externalId has a place with every Hub.
CHANGED = ("displayName", "title", "name.familyName", "externalId")


@dataclass(frozen=True, slots=True)
class Specimens:
    """Names for one self-test."""

    mapping: UserMapping
    mark: str = field(default_factory=lambda: uuid4().hex)

    @property
    def connection(self) -> Connection:
        """The connection that is tested."""
        return self.mapping.connection

    @property
    def user_name(self) -> str:
        """The name of the user, in small letters, in a domain of the organization where it names any."""
        domain = next(iter(self.mapping.verified_domains()), DOMAIN)
        return f"scim-self-test-{self.mark[:12]}@{domain}"

    @property
    def group_name(self) -> str:
        """The name of the group."""
        return f"{NAME} {self.mark[:12]}"

    @property
    def changed(self) -> tuple[str, str]:
        """The path that a PATCH writes, and what."""
        path = next(path for path in CHANGED if path == "externalId" or self.mapping.column(path))
        return path, str(uuid4()) if path == "externalId" else f"{NAME} 2"

    def user(self) -> dict[str, Any]:
        """Return the body that creates the user; what the Hub requires of everybody is filled in."""
        body: dict[str, Any] = {"schemas": [USER], "externalId": str(uuid4()), "active": True}
        values = {"userName": self.user_name, WORK_EMAIL: self.user_name, "displayName": NAME}
        for path, value in values.items():
            self.mapping.target(path).set(body, value)
        for target, attribute in self.mapping.lines():
            if attribute.required and target.get(body) is None:
                target.set(body, specimen(self.mapping, attribute))
        body["schemas"] += [name for name in body if name.startswith("urn:")]
        return body

    def group(self) -> dict[str, Any]:
        """Return the body that creates the group."""
        return {"schemas": [GROUP], "externalId": str(uuid4()), "displayName": self.group_name}


def specimen(mapping: UserMapping, attribute: Any) -> Any:
    """Return a value that the Hub accepts for a line of its mapping, or None where it has none."""
    if isinstance(attribute, Reference):
        names = Counter(attribute.candidates(mapping).values_list(attribute.by, flat=True)[:CONSIDERED])
        # One that occurs once needs no country beside it (B14).
        return min(names, key=lambda name: names[name], default=None)
    if isinstance(attribute, Choice):
        choices = attribute.choices(mapping) if callable(attribute.choices) else attribute.choices
        return next(iter(choices), None)
    if isinstance(attribute, Roles):
        plain = [value for value in attribute.plain if attribute.permits(mapping.connection, value)]
        return [{"value": value} for value in plain[:1]]
    return NAME
