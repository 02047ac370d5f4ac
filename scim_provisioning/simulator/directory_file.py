"""The directory as a JSON file.

The document has four lists, all optional::

    {"users": [{"userPrincipalName": "ada@contoso.example", "objectId": "…", "mail": "…",
                "displayName": "…", "accountEnabled": true, "manager": "<objectId>", …}],
     "groups": [{"displayName": "Team A", "objectId": "…", "members": ["<objectId>", …]}],
     "appRoles": [{"value": "consultant", "displayName": "Consultant", "id": "…"}],
     "assignments": [{"principal": "<objectId>", "role": "consultant"}]}

Attribute names are Entra's; an attribute left out is empty, an objectId left out is made up.
In `manager`, `members` and `principal` a userPrincipalName or a group's displayName works as well
as an objectId. `deletedAt` (ISO 8601) puts a user into the recycle bin.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from scim_provisioning.simulator.clock import Clock
from scim_provisioning.simulator.directory import Directory
from scim_provisioning.simulator.objects import (
    USER_FIELDS,
    AppRole,
    DirectoryGroup,
    DirectoryUser,
    entra_name,
    field_name,
)

Document = dict[str, Any]


class DirectoryFileError(ValueError):
    """The file is not a directory document; the message says where and why."""


def load_directory(path: str | Path, clock: Clock | None = None) -> Directory:
    """Read a directory from a JSON file."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as error:
        raise DirectoryFileError(f"{path} is not JSON: {error}") from error
    return directory_from_document(document, clock)


def save_directory(directory: Directory, path: str | Path) -> None:
    """Write a directory to a JSON file that `load_directory` reads back unchanged."""
    text = json.dumps(directory_to_document(directory), indent=2, ensure_ascii=False)
    Path(path).write_text(text + "\n", encoding="utf-8")


def directory_from_document(document: object, clock: Clock | None = None) -> Directory:
    """Build a directory from the decoded JSON document."""
    if not isinstance(document, dict):
        raise DirectoryFileError("the document must be an object with users, groups, appRoles, assignments")
    directory = Directory(clock)
    try:
        _read_people(directory, document)
        _read_groups(directory, document)
        for line in document.get("appRoles", []):
            role = directory.add_role(line["value"], line.get("displayName", ""))
            if "id" in line:
                directory.app_roles[role.value] = AppRole(role.value, role.display_name, line["id"])
        for line in document.get("assignments", []):
            directory.assign(line["principal"], line.get("role"))
    except KeyError as error:
        raise DirectoryFileError(f"an entry lacks {error}") from error
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        raise DirectoryFileError(str(error)) from error
    return directory


def _read_people(directory: Directory, document: Document) -> None:
    managers: dict[str, str] = {}
    for line in document.get("users", []):
        values = {field_name(name): value for name, value in line.items()}
        manager = values.pop("manager", None)
        if values.get("deleted_at"):
            values["deleted_at"] = datetime.fromisoformat(values["deleted_at"])
        if not values.get("user_principal_name"):
            raise DirectoryFileError("a user lacks 'userPrincipalName'")
        user = directory.add_user(**values)
        if manager:
            managers[user.object_id] = manager
    for object_id, manager in managers.items():
        directory.change(object_id, manager=manager)


def _read_groups(directory: Directory, document: Document) -> None:
    members: list[tuple[DirectoryGroup, list[str]]] = []
    for line in document.get("groups", []):
        group = directory.add_group(line["displayName"], object_id=line.get("objectId"))
        group.mail_nickname = line.get("mailNickname", group.mail_nickname)
        members.append((group, line.get("members", [])))
    for group, names in members:
        for name in names:
            directory.add_member(group, name)


def directory_to_document(directory: Directory) -> Document:
    """Return the directory as a document ready for JSON."""
    return {
        "users": [_user_line(user) for user in directory.users.values()],
        "groups": [
            {
                "objectId": group.object_id,
                "displayName": group.display_name,
                "mailNickname": group.mail_nickname,
                "members": list(group.members),
            }
            for group in directory.groups.values()
        ],
        "appRoles": [
            {"id": role.id, "value": role.value, "displayName": role.display_name}
            for role in directory.app_roles.values()
        ],
        "assignments": [{"principal": a.principal, "role": a.role} for a in directory.assignments],
    }


def _user_line(user: DirectoryUser) -> Mapping[str, object]:
    values = {entra_name(name): getattr(user, name) for name in USER_FIELDS}
    if user.deleted_at is not None:
        values["deletedAt"] = user.deleted_at.isoformat()
    return {name: value for name, value in values.items() if value is not None}
