"""Writers that race over a few users, groups and names, and the history of what each was answered."""

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.crashes.population import GROUP, PATCH, USER
from tests.histories import objects
from tests.histories.checker import NEVER, Call, unexplained

# Sends one request, and returns its status and its body; None where no answer came.
Send = Callable[[str, str, Any], tuple[int, Any] | None]
# What a service that is not well says; whether the request was carried out is unknown.
UNSURE = (500, 502, 503, 504)
# Stands for the number of a writer: whoever makes what is raced over, and looks at it in the end.
PREPARES = -1


@dataclass(frozen=True, slots=True)
class Size:
    """How many race over how much."""

    writers: int = 16
    rounds: int = 20
    users: int = 6
    groups: int = 2
    members: int = 30
    names: int = 3


@dataclass(slots=True)
class History:
    """The calls of each object, and what each object was before them."""

    calls: dict[str, list[Call]] = field(default_factory=lambda: defaultdict(list))
    first: dict[str, Any] = field(default_factory=dict)
    unsure: int = 0
    wrong: list[str] = field(default_factory=list)

    def anomalies(self) -> list[str]:
        """Return what no order of the requests explains."""
        found = list(self.wrong)
        for name, calls in self.calls.items():
            # Appended when they were answered; the search wants nothing of their order.
            reason = unexplained(calls, self.first[name])
            if reason:
                found.append(f"{name}: {reason}")
        return found

    @property
    def requests(self) -> int:
        """How many requests it holds."""
        return sum(len(calls) for calls in self.calls.values())


class Race:
    """Random requests of many writers at once, over one connection that answers a PATCH with the resource.

    :param send_for: returns how a writer sends its requests.
    :param seed: what each writer does depends on it alone.
    """

    def __init__(self, send_for: Callable[[int], Send], size: Size, seed: int) -> None:
        self.send_for = send_for
        self.size = size
        self.seed = seed
        self.history = History()
        self.users: list[str] = []
        self.groups: list[str] = []
        self.members: list[str] = []
        self.names = [f"contested{number}-{seed}@contoso.example" for number in range(size.names)]

    def run(self, close: Callable[[], None] = lambda: None) -> History:
        """Make what is raced over, race, and read everything once more.

        :param close: is called by each writer when it is done.
        """
        send = self.send_for(PREPARES)
        self._prepare(send)
        writers = [Writer(self, number, self.send_for(number)) for number in range(self.size.writers)]
        failures: list[BaseException] = []

        def write(writer: Writer) -> None:
            try:
                writer.run()
            except BaseException as error:  # noqa: BLE001 - raised again below
                failures.append(error)
            finally:
                close()

        threads = [threading.Thread(target=write, args=(writer,)) for writer in writers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if failures:
            raise failures[0]
        last = Writer(self, self.size.writers, send)
        for user in self.users:
            last.read_user(user)
        for group in self.groups:
            last.read_members(group)
        for name in self.names:
            last.find(name)
        return self.history

    def _prepare(self, send: Send) -> None:
        for number in range(self.size.users):
            name = f"User {number}"
            self.users.append(
                _made(send("POST", "/Users", _user(f"raced{number}-{self.seed}@contoso.example", name)))
            )
            self.history.first[f"user {self.users[-1]}"] = (True, name, None)
        for number in range(self.size.members):
            name = f"member{number}-{self.seed}@contoso.example"
            self.members.append(_made(send("POST", "/Users", _user(name, name))))
        for number in range(self.size.groups):
            body = {"schemas": [GROUP], "displayName": f"Raced {number}-{self.seed}"}
            self.groups.append(_made(send("POST", "/Groups", body)))
            self.history.first[f"members {self.groups[-1]}"] = frozenset()
        for name in self.names:
            self.history.first[f"name {name}"] = None


class Writer:
    """One client with a connection and a chance of its own."""

    def __init__(self, race: Race, number: int, send: Send) -> None:
        self.race = race
        self.number = number
        self.send = send
        self.chance = random.Random(f"{race.seed}/{number}")
        # The last holder that this writer saw of each name: what it deletes.
        self.holders: dict[str, str] = {}

    def run(self) -> None:
        """Send one request after the other."""
        moves = [
            self.switch,
            self.rename,
            self.retitle,
            self.look_at_user,
            self.add,
            self.remove,
            self.replace,
        ]
        moves += [self.look_at_members, self.take_name, self.free_name, self.look_for_name]
        weights = [3, 2, 2, 2, 4, 3, 1, 1, 2, 2, 1]
        for move in self.chance.choices(moves, weights, k=self.race.size.rounds):
            move()

    # A user is (active, displayName, title).

    def switch(self) -> None:
        """Activate or deactivate a user, as Entra writes it."""
        active = self.chance.random() < 0.5
        self._assign("active", 0, active, str(active))

    def rename(self) -> None:
        """Change a user's displayName."""
        name = f"by {self.number} {self.chance.randrange(10**6)}"
        self._assign("displayName", 1, name, name)

    def retitle(self) -> None:
        """Change another attribute of a user."""
        title = f"title {self.number} {self.chance.randrange(10**6)}"
        self._assign("title", 2, title, title)

    def look_at_user(self) -> None:
        """Read a user."""
        self.read_user(self.chance.choice(self.race.users))

    def read_user(self, user: str) -> None:
        """Read one user."""
        self._call(
            f"user {user}",
            "GET",
            f"/Users/{user}",
            None,
            {200: lambda body: objects.shown(_attributes(body))},
        )

    def _assign(self, attribute: str, place: int, value: Any, sent: str) -> None:
        user = self.chance.choice(self.race.users)
        operation = {"op": "Replace", "path": attribute, "value": sent}
        self._modify(f"user {user}", f"/Users/{user}", operation, objects.assigned(place, value), _attributes)

    # The members of a group are a set.

    def add(self) -> None:
        """Add a few members."""
        chosen = self._chosen(4)
        self._change("add", chosen, objects.added(chosen))

    def remove(self) -> None:
        """Remove a few members, or one by a filter."""
        chosen = self._chosen(4)
        if len(chosen) > 1:
            self._change("remove", chosen, objects.removed(chosen))
            return
        [member] = chosen
        operation = {"op": "remove", "path": f'members[value eq "{member}"]'}
        self._change_by(operation, objects.removed(chosen))

    def replace(self) -> None:
        """Name all the members."""
        chosen = self._chosen(len(self.race.members))
        self._change("replace", chosen, objects.replaced(chosen))

    def look_at_members(self) -> None:
        """Read the members of a group."""
        self.read_members(self.chance.choice(self.race.groups))

    def read_members(self, group: str) -> None:
        """Read the members of one group."""
        answers = {200: lambda body: objects.shown(_members(body))}
        self._call(f"members {group}", "GET", f"/Groups/{group}", None, answers)

    def _chosen(self, most: int) -> frozenset[str]:
        return frozenset(self.chance.sample(self.race.members, self.chance.randint(1, most)))

    def _change(self, op: str, chosen: frozenset[str], change: objects.Step) -> None:
        value = [{"value": member} for member in sorted(chosen)]
        self._change_by({"op": op, "path": "members", "value": value}, change)

    def _change_by(self, operation: Mapping[str, Any], change: objects.Step) -> None:
        group = self.chance.choice(self.race.groups)
        self._modify(f"members {group}", f"/Groups/{group}", operation, change, _members)

    # A name is nobody's, or that of one user.

    def take_name(self) -> None:
        """Create a user of a name that others want as well, in any case of its letters."""
        name = self.chance.choice(self.race.names)
        spelled = self.chance.choice([name, name.upper(), name.capitalize()])

        def created(body: Any) -> objects.Step:
            self.holders[name] = body["id"]
            return objects.taken_by(body["id"])

        self._call(
            f"name {name}",
            "POST",
            "/Users",
            _user(spelled, "Contested"),
            {201: created, 409: lambda _body: objects.taken},
            unsure=objects.perhaps_taken,
        )

    def free_name(self) -> None:
        """Delete the user that was seen to hold a name."""
        name = self.chance.choice(self.race.names)
        holder = self.holders.pop(name, None)
        if holder is None:
            self.find(name)
            return
        self._call(
            f"name {name}",
            "DELETE",
            f"/Users/{holder}",
            None,
            {204: lambda _body: objects.freed_by(holder), 404: lambda _body: objects.not_of(holder)},
            unsure=objects.perhaps_freed_by(holder),
        )

    def look_for_name(self) -> None:
        """Look whose a name is."""
        self.find(self.chance.choice(self.race.names))

    def find(self, name: str) -> None:
        """Look whose one name is."""

        def found(body: Any) -> objects.Step:
            ids = [each["id"] for each in body["Resources"]]
            if len(ids) > 1:
                self.race.history.wrong.append(f"name {name}: is that of {len(ids)} users")
            if ids:
                self.holders[name] = ids[0]
            return objects.held_by(ids[0] if ids else None)

        self._call(f"name {name}", "GET", f"/Users?filter=userName eq %22{name}%22", None, {200: found})

    def _modify(
        self,
        subject: str,
        path: str,
        operation: Mapping[str, Any],
        change: objects.Step,
        state: Callable[[Any], Any],
    ) -> None:
        """Send a PATCH.

        :param state: reads what the object is from the answer.
        """
        answers = {200: lambda body: objects.changed(change, state(body))}
        self._call(subject, "PATCH", path, _patch(operation), answers, unsure=objects.perhaps(change))

    def _call(
        self,
        subject: str,
        method: str,
        path: str,
        body: Any,
        answers: Mapping[int, Callable[[Any], objects.Step]],
        *,
        unsure: objects.Step | None = None,
    ) -> None:
        """Send a request and write down what it says about an object.

        :param answers: for each status that may be, what the answer means.
        :param unsure: what it would have done if nothing is known of it; None for a read.
        """
        history = self.race.history
        text = (
            f"{self.number}: {method} {'' if body is None else body.get('Operations', body.get('userName'))}"
        )
        started = time.monotonic()
        answer = self.send(method, path, body)
        ended = time.monotonic()
        if answer is None or answer[0] in UNSURE:
            history.unsure += 1
            if unsure is not None:
                history.calls[subject].append(Call(f"{text} -> ?", started, NEVER, unsure))
            return
        status, content = answer
        if status not in answers:
            history.wrong.append(f"{subject}: {text} was answered {status} {content}")
            return
        step = answers[status](content)
        history.calls[subject].append(Call(f"{text} -> {status}", started, ended, step))


def _made(answer: tuple[int, Any] | None) -> str:
    assert answer is not None
    assert answer[0] == 201, answer
    return str(answer[1]["id"])


def _user(name: str, display_name: str) -> dict[str, Any]:
    emails = [{"type": "work", "value": name, "primary": True}]
    return {
        "schemas": [USER],
        "userName": name,
        "displayName": display_name,
        "active": True,
        "emails": emails,
    }


def _patch(operation: Mapping[str, Any]) -> dict[str, Any]:
    return {"schemas": [PATCH], "Operations": [operation]}


def _attributes(body: Any) -> tuple[Any, ...]:
    return body["active"], body["displayName"], body.get("title")


def _members(body: Any) -> frozenset[str]:
    return frozenset(member["value"] for member in body.get("members", ()))
