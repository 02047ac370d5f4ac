"""The dictionary model: users and groups as documents, and what a request makes of them."""

import copy
import unicodedata
import uuid
from dataclasses import dataclass, field
from typing import Any

from scim_provisioning.models import Connection
from tests.machine.patching import LISTS, NAME_PARTS, Document, Refused, apply, boolean, without_empties
from tests.scim import ENTERPRISE

KNOWN = {"userName", "displayName", "title", "nickName", "locale", "externalId"}


def key_of(name: str) -> str:
    """Return the form in which two names are equal."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", name).casefold())


def is_guid(text: str) -> bool:
    """Return whether a text is a GUID with its hyphens."""
    try:
        return str(uuid.UUID(text)) == text.lower()
    except ValueError:
        return False


@dataclass
class Directory:
    """The users and groups of one connection, in the order of their creation."""

    policy: Connection
    users: dict[str, Document] = field(default_factory=dict)
    groups: dict[str, Document] = field(default_factory=dict)

    def created_user(self, body: Document) -> Document:
        """Return the user that a POST makes."""
        document = self._read_user(body)
        document.setdefault("active", True)
        self._check(document, "userName", None)
        return document

    def replaced_user(self, user: str, body: Document) -> Document:
        """Return the user that a PUT makes."""
        document = self._read_user(body)
        for name in ("active", "externalId"):
            if name in self.users[user]:
                document.setdefault(name, self.users[user][name])
        self._check(document, "userName", user)
        return document

    def patched_user(self, user: str, operations: Any) -> Document:
        """Return the user that a PATCH makes."""
        document = copy.deepcopy(self.users[user])
        for operation in operations:
            apply(document, operation, creates=self.policy.unmatched_path_filter == "create")
        self._check(document, "userName", user)
        return document

    def delete_user(self, user: str) -> None:
        """Delete a user, and its memberships."""
        del self.users[user]
        for group in self.groups.values():
            group["members"].discard(user)

    def _read_user(self, body: Document) -> Document:
        """Return what a POST or PUT body says, without what it leaves empty or the service does not know."""
        document: Document = {}
        for key, value in body.items():
            if value in (None, "", [], {}):
                continue
            if key in KNOWN:
                if not isinstance(value, str):
                    raise Refused(400)
                document[key] = value
            elif key == "active":
                document[key] = boolean(value)
            elif key == "name":
                parts = {part: value[part] for part in NAME_PARTS if value.get(part)}
                document.update({"name": parts} if parts else {})
            elif key in LISTS:
                if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
                    raise Refused(400)
                entries = [entry for one in value if (entry := without_empties(one))]
                document.update({key: entries} if entries else {})
            elif key == ENTERPRISE:
                document.update(self._read_extension(value))
        if "userName" not in document:
            raise Refused(400)
        return document

    def _read_extension(self, value: Document) -> Document:
        extension = {name: text for name, text in value.items() if text and name != "manager"}
        manager = value.get("manager")
        if isinstance(manager, dict):
            manager = manager.get("value")
        if manager:
            extension["manager"] = {"value": manager}
        return {ENTERPRISE: extension} if extension else {}

    def _check(self, document: Document, attribute: str, own: str | None) -> None:
        """Refuse what breaks a rule; which of several broken rules is named is not the model's to say."""
        name, external_id = document[attribute], document.get("externalId")
        others = [
            one for key, one in (self.users if attribute == "userName" else self.groups).items() if key != own
        ]
        statuses = set()
        if name != name.strip():
            statuses.add(400)
        if external_id and self.policy.external_id_format == "guid" and not is_guid(external_id):
            statuses.add(400)
        if any(key_of(one[attribute]) == key_of(name) for one in others):
            statuses.add(409)
        if external_id and self.policy.external_id_unique:
            statuses |= {409 for one in others if one.get("externalId") == external_id}
        if attribute == "userName" and own is None:
            if self.policy.external_id_format == "guid" and not external_id:
                statuses.add(400)
            if self.policy.existing_users != "reject" and (mail := work_mail(document).lower()):
                statuses |= {409 for one in others if work_mail(one).lower() == mail}
        if attribute == "displayName" and not document["members"] <= self.users.keys():
            statuses |= {400} if self.policy.unknown_members == "reject" else set()
        if statuses:
            raise Refused(*statuses)

    def created_group(self, body: Document) -> Document:
        """Return the group that a POST makes."""
        return self._read_group(body, None)

    def replaced_group(self, group: str, body: Document) -> Document:
        """Return the group that a PUT makes."""
        return self._read_group({"externalId": self.groups[group].get("externalId"), **body}, group)

    def _read_group(self, body: Document, own: str | None) -> Document:
        document: Document = {key: body[key] for key in ("displayName", "externalId") if body.get(key)}
        if not isinstance(document.get("displayName"), str):
            raise Refused(400)
        document["members"] = set(ids_in(body.get("members") or []))
        return self._checked_group(document, own)

    def patched_group(self, group: str, operations: Any) -> Document:
        """Return the group that a PATCH makes."""
        document = copy.deepcopy(self.groups[group])
        for operation in operations:
            path, value = operation.get("path"), operation.get("value")
            changes = {path: value} if path else value
            if not isinstance(changes, dict):
                raise Refused(400)
            for name, item in changes.items():
                self._put_group(
                    document, operation["op"].lower(), name, item, removes_all="value" not in operation
                )
        return self._checked_group(document, group)

    def _put_group(self, document: Document, kind: str, name: str, value: Any, *, removes_all: bool) -> None:
        if name.startswith("members["):
            document["members"].discard(name.split('"')[1])
        elif name == "members":
            ids = ids_in(value or [])
            if kind == "remove":
                document["members"] = set() if removes_all else document["members"] - ids
            elif kind == "replace" and self.policy.members_replace == "replace":
                document["members"] = ids
            else:
                document["members"] = document["members"] | ids
        elif name in ("displayName", "externalId"):
            if kind == "remove" or value in (None, ""):
                document.pop(name, None)
            elif isinstance(value, str):
                document[name] = value
            else:
                raise Refused(400)
            if "displayName" not in document:
                raise Refused(400)
        else:
            raise Refused(400)

    def _checked_group(self, document: Document, own: str | None) -> Document:
        self._check(document, "displayName", own)
        document["members"] &= self.users.keys()
        return document


def ids_in(value: Any) -> set[str]:
    """Return the ids that a value of ``members`` names."""
    entries = value if isinstance(value, list) else [value]
    named = [entry.get("value") if isinstance(entry, dict) else entry for entry in entries]
    ids = {one for one in named if isinstance(one, str) and one}
    if len(ids) != len(set(map(repr, named))):
        raise Refused(400)
    return ids


def work_mail(document: Document) -> str:
    """Return the work e-mail of a user, or the empty text."""
    for entry in document.get("emails", ()):
        if entry.get("type") == "work":
            return str(entry.get("value", ""))
    return ""


def comparable(document: Document) -> Document:
    """Return a document in a form in which the order of its entries does not count."""
    return {
        name: sorted(value, key=repr) if isinstance(value, list) and name in LISTS else value
        for name, value in ((name, ordered(value)) for name, value in document.items())
    }


def ordered(value: Any) -> Any:
    """Return a value whose objects have their keys in order."""
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    return [ordered(item) for item in value] if isinstance(value, list) else value
