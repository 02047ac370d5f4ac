"""The steps of a self-test: what an identity provider does, what it must see, and what it saw."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from scim_provisioning.models import Connection
from scim_provisioning.selftest.calls import Answer, Caller
from scim_provisioning.selftest.specimens import Specimens

PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
TITLES = {
    "endpoints": _("The endpoints are mounted"),
    "configuration": _("The service describes itself"),
    "wrong_token": _("A wrong token is refused"),
    "no_match": _("A search that matches nobody is answered with an empty list"),
    "create_user": _("A user is created"),
    "find_user": _("The user is found by its user name"),
    "change_user": _("An attribute of the user is changed"),
    "create_group": _("A group is created"),
    "add_member": _("The user becomes a member of the group"),
    "delete_group": _("The group is deleted"),
    "no_groups": _("Groups are off, so there are none"),
    "deactivate_user": _("The user is deactivated"),
    "delete_user": _("The user is deleted"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One step, as it was expected and as it came out."""

    name: str
    request: str
    expected: str
    seen: str
    detail: str = ""

    @property
    def passed(self) -> bool:
        """Whether it came out as expected."""
        return self.seen == self.expected

    @property
    def title(self) -> Any:
        """What was tried, in words."""
        return TITLES[self.name]


def step(name: str, answers: list[Answer], expected: str, seen: str) -> Step:
    """Return a step that came out; one that failed keeps what the service said of it."""
    made = Step(name, answers[0].request, expected, seen)
    said = next((each.detail for each in answers if each.detail), "")
    return made if made.passed else replace(made, detail=said)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What the steps share."""

    connection: Connection
    call: Caller
    specimens: Specimens
    wrong_token: str
    groups_on: bool

    def steps(self) -> Iterator[Step]:
        """Take one step after the other; what needs a user is left out where none could be created."""
        yield from (self.configuration(), self.refusal(), self.no_match())
        created = self.call("POST", "/Users", self.specimens.user())
        yield step("create_user", [created], "201, active true", f"{created.status}, {_active(created.body)}")
        user_id = created.body.get("id")
        if created.status != 201 or not user_id:
            return
        yield self.find_user()
        yield self.change_user(f"/Users/{user_id}")
        yield from self.groups(user_id)
        yield self.deactivate_user(f"/Users/{user_id}")
        yield self.delete("delete_user", f"/Users/{user_id}")

    def configuration(self) -> Step:
        """Ask what the service can (RFC 7644 section 4)."""
        answer = self.call("GET", "/ServiceProviderConfig")
        return step("configuration", [answer], "200", str(answer.status))

    def refusal(self) -> Step:
        """Come with a token that nobody was given (T18)."""
        answer = self.call("GET", "/Users", token=self.wrong_token)
        return step("wrong_token", [answer], "401", str(answer.status))

    def no_match(self) -> Step:
        """Search as Entra's *Test connection* does (R1)."""
        return self._found("no_match", f'userName eq "{self.specimens.mark}"', 0)

    def find_user(self) -> Step:
        """Find the user as a match filter does (R2)."""
        return self._found("find_user", f'userName eq "{self.specimens.user_name}"', 1)

    def _found(self, name: str, condition: str, wanted: int) -> Step:
        answer = self.call("GET", "/Users", filter=condition)
        seen = f"{answer.status}, {answer.body.get('totalResults', '–')} found"
        return step(name, [answer], f"200, {wanted} found", seen)

    def change_user(self, path: str) -> Step:
        """Write one attribute and read it back."""
        attribute, value = self.specimens.changed
        target = self.specimens.mapping.target(attribute)
        written = {"op": "replace", "path": attribute, "value": value}
        return self._changed("change_user", path, written, lambda body: str(target.get(body)), value)

    def groups(self, user_id: str) -> Iterator[Step]:
        """Make a group with the user in it and delete it, or see that there are no groups (B5)."""
        if not self.groups_on:
            answer = self.call("GET", "/Groups")
            yield step("no_groups", [answer], "404", str(answer.status))
            return
        created = self.call("POST", "/Groups", self.specimens.group())
        yield step("create_group", [created], "201", str(created.status))
        if created.status != 201:
            return
        path = f"/Groups/{created.body['id']}"
        added = {"op": "add", "path": "members", "value": [{"value": user_id}]}
        yield self._changed("add_member", path, added, _members, "1 member")
        yield self.delete("delete_group", path)

    def deactivate_user(self, path: str) -> Step:
        """Deactivate the user and read it back (A14)."""
        written = {"op": "replace", "path": "active", "value": False}
        return self._changed("deactivate_user", path, written, _active, "active false")

    def _changed(
        self, name: str, path: str, operation: dict[str, Any], read: Callable[[Any], str], wanted: str
    ) -> Step:
        policy = self.connection
        of_group = path.startswith("/Groups")
        status = policy.group_patch_response if of_group else policy.user_patch_response
        patched = self.call("PATCH", path, {"schemas": [PATCH_OP], "Operations": [operation]})
        after = self.call("GET", path)
        seen = f"{patched.status}, then {read(after.body)}"
        return step(name, [patched, after], f"{status}, then {wanted}", seen)

    def delete(self, name: str, path: str) -> Step:
        """Delete a resource and look for it (A16, A23)."""
        deleted, after = self.call("DELETE", path), self.call("GET", path)
        return step(name, [deleted], "204, then 404", f"{deleted.status}, then {after.status}")


def _members(body: Any) -> str:
    return f"{len(body.get('members', ()))} member"


def _active(body: Any) -> str:
    return f"active {str(body.get('active')).lower()}"
