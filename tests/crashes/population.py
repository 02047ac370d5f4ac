"""A directory with a memory: what an identity provider has asked for, and so what the Hub has to hold in the end.

The client does as Entra does after a failure: it looks before it creates, and repeats what was not acknowledged.
"""

import random
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import httpx

PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
# How long one request may fail before the client gives the object up.
PATIENCE = 60.0
PAUSE = 0.1
ACCEPTED = (200, 201, 204)
# What a client tries again: nothing was said, the Hub is not well, or it is too busy.
PASSING = (429, 500, 502, 503, 504)


class GivenUp(Exception):
    """A request that did not come through within the client's patience, or was refused."""


@dataclass(slots=True)
class Person:
    """A user of the directory."""

    name: str
    external_id: str
    display_name: str
    active: bool = True
    deleted: bool = False
    id: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """One answer, or what came in place of it."""

    status: str
    started: float
    seconds: float

    @property
    def ended(self) -> float:
        """When it came."""
        return self.started + self.seconds


@dataclass(slots=True)
class Answers:
    """What came back, over all threads."""

    noted: list[Noted] = field(default_factory=list)
    # 503 that does not say when to come back.
    without_retry_after: int = 0

    def note(self, status: str, started: float) -> None:
        """Count an answer, and when and how quickly it came; appending is one step for all threads."""
        self.noted.append(Noted(status, started, time.monotonic() - started))

    def count(self, status: str) -> int:
        """Return how many answers had a status."""
        return sum(1 for each in self.noted if each.status == status)

    @property
    def failed(self) -> set[str]:
        """What came in place of a success."""
        return {each.status for each in self.noted} - {str(status) for status in ACCEPTED}

    def percentile(self, share: float) -> float:
        """Return how many seconds a share of the requests took at most."""
        taken = sorted(each.seconds for each in self.noted)
        return taken[min(len(taken) - 1, int(share * len(taken)))] if taken else 0.0

    def recovery(self, back_at: float) -> float:
        """Return how many seconds after a moment the first request succeeded that was sent after it."""
        served = [
            each.ended for each in self.noted if each.started >= back_at and each.status.startswith("2")
        ]
        return min(served, default=back_at) - back_at


class Client:
    """One connection of an identity provider that does not give up easily."""

    def __init__(self, urls: list[str], token: str, answers: Answers) -> None:
        self.urls = urls
        self.answers = answers
        self.http = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=15)
        self._turn = 0

    def __enter__(self) -> Self:
        """Keep connections open while the block runs."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close them."""
        self.http.close()

    def send(self, method: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Send a request until it is answered.

        :raises GivenUp: when that takes too long.
        """
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            started = time.monotonic()
            # Replicas take turns, as behind a load balancer, and one that fails is left out the next time.
            url = self.urls[self._turn % len(self.urls)]
            self._turn += 1
            try:
                answer = self.http.request(method, url + path, json=body)
            except httpx.TransportError as error:
                self.answers.note(type(error).__name__, started)
                time.sleep(PAUSE)
                continue
            self.answers.note(str(answer.status_code), started)
            if answer.status_code == 503 and not answer.headers.get("Retry-After", "").isdigit():
                self.answers.without_retry_after += 1
            if answer.status_code not in PASSING:
                return answer
            time.sleep(PAUSE)
        raise GivenUp(f"{method} {path} was not answered within {PATIENCE:.0f} s")

    def find(self, kind: str, attribute: str, value: str) -> str | None:
        """Return the id of the resource that has a name, or None (R2)."""
        answer = self.send("GET", f"/{kind}?filter={attribute} eq %22{value}%22&excludedAttributes=members")
        if answer.status_code != 200:
            raise GivenUp(answer.text)
        found = answer.json()["Resources"]
        return found[0]["id"] if found else None

    def create(self, kind: str, attribute: str, body: dict[str, Any]) -> str:
        """Create a resource, unless an earlier attempt has done it already."""
        for _attempt in range(5):
            found = self.find(kind, attribute, body[attribute])
            if found:
                return found
            answer = self.send("POST", f"/{kind}", body)
            if answer.status_code == 201:
                return str(answer.json()["id"])
            # 409: an attempt that was not answered has been carried out.
            if answer.status_code != 409:
                raise GivenUp(answer.text)
        raise GivenUp(f"{body[attribute]} is taken and cannot be found")

    def patch(self, path: str, *operations: dict[str, Any]) -> None:
        """Change a resource."""
        answer = self.send("PATCH", path, {"schemas": [PATCH], "Operations": list(operations)})
        if answer.status_code not in ACCEPTED:
            raise GivenUp(answer.text)

    def delete(self, path: str) -> None:
        """Delete a resource; one that is gone was deleted by an attempt that was not answered."""
        answer = self.send("DELETE", path)
        if answer.status_code not in (204, 404):
            raise GivenUp(answer.text)


class Population:
    """People and teams, and the cycle that provisions them: create, change, group, disable, restore, delete."""

    def __init__(self, people: int, teams: int, seed: int) -> None:
        self.seed = seed
        chance = random.Random(seed)
        self.people = [
            Person(
                f"person{n:05d}-{seed}@contoso.example",
                str(uuid.UUID(int=chance.getrandbits(128))),
                f"Person {n}",
            )
            for n in range(people)
        ]
        self.teams: dict[str, set[int]] = {
            f"Team {n}-{seed}": set(chance.sample(range(people), min(people, max(2, people // 10))))
            for n in range(teams)
        }
        self.team_ids: dict[str, str] = {}
        self.disabled = set(chance.sample(range(people), people // 4))
        self.restored = set(chance.sample(sorted(self.disabled), len(self.disabled) // 4))
        self.deleted = set(chance.sample(sorted(self.disabled - self.restored), len(self.disabled) // 4))

    def steps(self) -> Iterator[tuple[str, list[Callable[[Client], None]]]]:
        """Yield the phases of the cycle, each with steps that may be done in any order."""
        yield "create users", [self._creates(person) for person in self.people]
        yield "change users", [self._renames(person) for person in self.people]
        yield "create groups", [self._groups(name) for name in self.teams]
        yield "disable users", [self._switches(self.people[n], active=False) for n in sorted(self.disabled)]
        yield "restore users", [self._switches(self.people[n], active=True) for n in sorted(self.restored)]
        yield "shrink groups", [self._shrinks(name) for name in self.teams]
        yield "delete users", [self._deletes(self.people[n]) for n in sorted(self.deleted)]

    def _creates(self, person: Person) -> Callable[[Client], None]:
        def step(client: Client) -> None:
            body = {
                "schemas": [USER],
                "userName": person.name,
                "externalId": person.external_id,
                "displayName": person.display_name,
                "active": True,
                "emails": [{"type": "work", "value": person.name, "primary": True}],
            }
            person.id = client.create("Users", "userName", body)

        return step

    def _renames(self, person: Person) -> Callable[[Client], None]:
        def step(client: Client) -> None:
            renamed = f"{person.display_name} the second"
            client.patch(f"/Users/{person.id}", {"op": "Replace", "path": "displayName", "value": renamed})
            person.display_name = renamed

        return step

    def _groups(self, name: str) -> Callable[[Client], None]:
        def step(client: Client) -> None:
            self.team_ids[name] = client.create(
                "Groups", "displayName", {"schemas": [GROUP], "displayName": name}
            )
            members = [{"value": self.people[n].id} for n in sorted(self.teams[name])]
            for first in range(0, len(members), 100):
                batch = members[first : first + 100]
                client.patch(
                    f"/Groups/{self.team_ids[name]}", {"op": "Add", "path": "members", "value": batch}
                )

        return step

    def _switches(self, person: Person, *, active: bool) -> Callable[[Client], None]:
        def step(client: Client) -> None:
            client.patch(f"/Users/{person.id}", {"op": "Replace", "path": "active", "value": str(active)})
            person.active = active

        return step

    def _shrinks(self, name: str) -> Callable[[Client], None]:
        def step(client: Client) -> None:
            leaving = sorted(self.teams[name])[::3]
            for n in leaving:
                path = f'members[value eq "{self.people[n].id}"]'
                client.patch(f"/Groups/{self.team_ids[name]}", {"op": "remove", "path": path})
            self.teams[name] -= set(leaving)

        return step

    def _deletes(self, person: Person) -> Callable[[Client], None]:
        def step(client: Client) -> None:
            client.delete(f"/Users/{person.id}")
            person.deleted = True

        return step

    def expected_members(self, name: str) -> set[str]:
        """Return the ids of the members that a team has in the end."""
        return {self.people[n].id for n in self.teams[name] if not self.people[n].deleted}
