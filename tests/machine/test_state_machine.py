"""Random conversations: whatever is asked, the service and a dictionary agree, and nothing answers 5xx.

The machine plays valid and invalid requests in both dialects. After each of them every user and every group is
read and compared with the model; what was refused must have changed nothing, not even a version.
"""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from scim_provisioning.lifecycle.connections import create_connection
from tests.factories import OrganizationFactory
from tests.machine import shapes
from tests.machine.model import Directory, comparable, key_of
from tests.machine.patching import Document, Refused
from tests.scim import ERROR, Answer, ScimClient

STEPS = 50
# For each of the two presets: together 5,000 steps.
CONVERSATIONS = 50


class Conversation(RuleBasedStateMachine):
    """One identity provider, one connection, one model of it."""

    preset = "rfc"

    def __init__(self) -> None:
        super().__init__()
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        connection = create_connection(OrganizationFactory.create(), self.preset)
        self.client = ScimClient(connection)
        self.model = Directory(connection)
        # What was last read: resource by id.
        self.read: dict[str, Document] = {}
        self.refused = False

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.transaction.__exit__(None, None, None)

    def expect(
        self, predict: Callable[[], Document], send: Callable[[], Answer], *statuses: int
    ) -> Answer | None:
        """Send a request and compare its answer with the prediction; return the answer if it went through."""
        try:
            predicted, wanted = predict(), statuses
        except Refused as refused:
            predicted, wanted = {}, refused.statuses
        answer = send()
        assert answer.status in wanted, (answer.status, wanted, answer.json, predicted)
        self.refused = answer.status >= 400
        if self.refused:
            assert_error(answer)
            return None
        if answer.json is not None:
            assert shown(answer.json) == comparable(predicted)
            assert answer.headers["ETag"] == answer["meta"]["version"]
        self.predicted = predicted
        return answer

    @initialize(bodies=st.lists(shapes.good_users, min_size=1, max_size=3))
    def begin(self, bodies: list[Document]) -> None:
        for body in bodies:
            self.create_user(body)
        self.refused = False

    @rule(body=shapes.users)
    def create_user(self, body: Document) -> None:
        answer = self.expect(
            lambda: self.model.created_user(body), lambda: self.client.post("/Users", body), 201
        )
        if answer:
            assert answer.headers["Location"] == answer["meta"]["location"]
            assert answer.id not in self.model.users
            self.model.users[answer.id] = self.predicted

    @precondition(lambda self: self.model.users)
    @rule(data=st.data(), body=shapes.users)
    def replace_user(self, data: st.DataObject, body: Document) -> None:
        user = self.some_user(data)
        if self.expect(
            lambda: self.model.replaced_user(user, body), lambda: self.client.put(f"/Users/{user}", body), 200
        ):
            self.model.users[user] = self.predicted

    @precondition(lambda self: self.model.users)
    @rule(data=st.data(), operations=shapes.patches)
    def patch_user(self, data: st.DataObject, operations: list[Any]) -> None:
        user = self.some_user(data)
        if self.expect(
            lambda: self.model.patched_user(user, operations),
            lambda: self.client.patch(f"/Users/{user}", *operations),
            200,
        ):
            self.model.users[user] = self.predicted

    # A second time, because changes are what clients send most.
    patch_user_again = rule(data=st.data(), operations=shapes.patches)(
        precondition(lambda self: self.model.users)(
            lambda self, data, operations: self.patch_user(data, operations)
        )
    )

    @precondition(lambda self: len(self.model.users) > 2)
    @rule(data=st.data())
    def delete_user(self, data: st.DataObject) -> None:
        user = self.some_user(data)
        assert self.client.delete(f"/Users/{user}").status == 204
        self.refused = False
        self.model.delete_user(user)
        for method in ("GET", "DELETE"):
            assert_error(self.client.request(method, f"/Users/{user}"), 404)
        assert_error(self.client.patch(f"/Users/{user}"), 404)

    @rule(data=st.data())
    def create_group(self, data: st.DataObject) -> None:
        body = data.draw(shapes.groups(list(self.model.users)))
        answer = self.expect(
            lambda: self.model.created_group(body), lambda: self.client.post("/Groups", body), 201
        )
        if answer:
            self.model.groups[answer.id] = self.predicted

    @precondition(lambda self: self.model.groups)
    @rule(data=st.data())
    def replace_group(self, data: st.DataObject) -> None:
        group, body = self.some_group(data), data.draw(shapes.groups(list(self.model.users)))
        if self.expect(
            lambda: self.model.replaced_group(group, body),
            lambda: self.client.put(f"/Groups/{group}", body),
            200,
        ):
            self.model.groups[group] = self.predicted

    @precondition(lambda self: self.model.groups)
    @rule(data=st.data())
    def patch_group(self, data: st.DataObject) -> None:
        group, operations = self.some_group(data), data.draw(shapes.group_patches(list(self.model.users)))
        if self.expect(
            lambda: self.model.patched_group(group, operations),
            lambda: self.client.patch(f"/Groups/{group}", *operations),
            self.client.connection.group_patch_response,
        ):
            self.model.groups[group] = self.predicted

    @precondition(lambda self: self.model.groups)
    @rule(data=st.data())
    def delete_group(self, data: st.DataObject) -> None:
        group = self.some_group(data)
        assert self.client.delete(f"/Groups/{group}").status == 204
        self.refused = False
        del self.model.groups[group]
        assert_error(self.client.get(f"/Groups/{group}"), 404)

    @rule(name=st.sampled_from(shapes.NAMES), negated=st.booleans())
    def find_by_name(self, name: str, negated: bool) -> None:
        self.find(
            f"userName eq {shapes.quoted(name)}",
            lambda user: key_of(user["userName"]) == key_of(name),
            negated,
        )

    @rule(word=st.sampled_from(shapes.WORDS), attribute=st.sampled_from(["displayName", "title", "nickName"]))
    def find_by_word(self, word: str, attribute: str) -> None:
        wanted = word.casefold()
        self.find(
            f"{attribute} eq {shapes.quoted(word)}",
            lambda user: user.get(attribute, "").casefold() == wanted,
            False,
        )
        self.find(
            f"{attribute} co {shapes.quoted(word)} and active eq true",
            lambda user: wanted in user.get(attribute, "").casefold() and user["active"],
            False,
        )

    @rule(mail=st.sampled_from(shapes.MAILS), negated=st.booleans())
    def find_by_mail(self, mail: str, negated: bool) -> None:
        text = f'emails[type eq "work" and value eq "{mail}"]'
        wanted = ("work", mail.lower())
        self.find(
            text,
            lambda user: wanted in [(one["type"], one["value"].lower()) for one in user.get("emails", ())],
            negated,
        )

    @rule(external_id=st.sampled_from([*shapes.GUIDS, "7"]))
    def find_by_external_id(self, external_id: str) -> None:
        self.find(f'externalId eq "{external_id}"', lambda user: user.get("externalId") == external_id, False)
        self.find("externalId pr", lambda user: "externalId" in user, True)

    def find(self, text: str, matches: Callable[[Document], bool], negated: bool) -> None:
        """Compare what a filter finds with what the model says."""
        text = f"not ({text})" if negated else text
        answer = self.client.find("/Users", text)
        assert answer.status == 200, answer.json
        expected = [user for user, document in self.model.users.items() if bool(matches(document)) != negated]
        assert [one["id"] for one in answer["Resources"]] == expected
        assert answer["totalResults"] == len(expected)
        self.refused = True

    @rule(start=st.integers(-1, 8), count=st.integers(-1, 8), kind=st.sampled_from(["Users", "Groups"]))
    def turn_pages(self, start: int, count: int, kind: str) -> None:
        answer = self.client.get(f"/{kind}", startIndex=start, count=count)
        ids = list(self.model.users if kind == "Users" else self.model.groups)
        first = max(start, 1) - 1
        assert [one["id"] for one in answer["Resources"]] == ids[first : first + max(count, 0)]
        assert (answer["totalResults"], answer["startIndex"]) == (len(ids), first + 1)
        self.refused = True

    @rule(
        data=st.data(),
        bad=st.sampled_from(["syntax", "media", "method", "endpoint", "id", "version", "list"]),
    )
    def ask_for_nonsense(self, data: st.DataObject, bad: str) -> None:
        user = next(iter(self.model.users), "nobody")
        path = f"/Users/{user}"
        answers = {
            "syntax": lambda: (self.client.put(path, data.draw(st.binary(max_size=8))), {400, 404}),
            "media": lambda: (self.client.post("/Users", {}, content_type="text/xml"), {415}),
            "method": lambda: (self.client.request("PUT", "/Users", {}), {405}),
            "endpoint": lambda: (self.client.get("/Devices"), {404}),
            "id": lambda: (self.client.patch(f"/Users/{shapes.GUIDS[0]}", {"op": "remove"}), {404}),
            "version": lambda: (self.client.delete(path, If_Match='W/"999"'), {404, 412}),
            "list": lambda: (self.client.find("/Users", data.draw(st.text(min_size=1, max_size=8))), {400}),
        }
        answer, statuses = answers[bad]()
        assert answer.status in statuses, (answer.status, answer.json)
        assert_error(answer)
        self.refused = True

    @invariant()
    def the_service_and_the_model_agree(self) -> None:
        before, self.read = self.read, {}
        for kind, documents in (("Users", self.model.users), ("Groups", self.model.groups)):
            answer = self.client.get(f"/{kind}")
            assert answer["totalResults"] == len(documents)
            found = {one["id"]: one for one in answer["Resources"]}
            assert list(found) == list(documents)
            for resource_id, document in documents.items():
                assert shown(found[resource_id]) == comparable(document)
            self.read.update(found)
        if self.refused:
            assert self.read == before
        for resource_id in self.read.keys() & before.keys():
            old, new = before[resource_id], self.read[resource_id]
            if shown(old) != shown(new) and "members" not in new:
                assert old["meta"]["version"] != new["meta"]["version"]

    def some_user(self, data: st.DataObject) -> str:
        return str(data.draw(st.sampled_from(list(self.model.users))))

    def some_group(self, data: st.DataObject) -> str:
        return str(data.draw(st.sampled_from(list(self.model.groups))))


class EntraConversation(Conversation):
    """The same with GUIDs that are unique, entries made by their path, and unknown members passed over."""

    preset = "flow_connect"


def shown(resource: Document) -> Document:
    """Return what a client sent, as an answer shows it."""
    document = {name: value for name, value in resource.items() if name not in ("id", "meta", "schemas")}
    if "members" in document:
        document["members"] = {member["value"] for member in document["members"]}
    return comparable(document)


def assert_error(answer: Answer, status: int | None = None) -> None:
    """Insist on a SCIM Error whose status is that of HTTP, below 500."""
    assert 400 <= answer.status < 500, answer.content
    assert answer["schemas"] == [ERROR]
    assert answer["status"] == str(answer.status) == str(status or answer.status)


@pytest.mark.parametrize("machine", [Conversation, EntraConversation])
def test_the_service_is_a_dictionary_whatever_is_asked(db: None, machine: type[Conversation]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=CONVERSATIONS,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
