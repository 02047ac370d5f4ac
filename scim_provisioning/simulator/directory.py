"""The Entra directory: users, groups, the application's roles and its assignments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta

from scim_provisioning.simulator.clock import Clock
from scim_provisioning.simulator.objects import AppRole, Assignment, DirectoryGroup, DirectoryUser, field_name

RECYCLE_BIN = timedelta(days=30)

Principal = DirectoryUser | DirectoryGroup


class UnknownObject(LookupError):
    """Nothing in the directory has the name or objectId that was asked for."""


class Directory:
    """An Entra tenant as the provisioning service reads it, with every edit an admin can make.

    Edits only change the directory; a provisioning cycle finds them later, as in Entra.
    Objects are found by objectId, userPrincipalName, mail or displayName.
    """

    def __init__(self, clock: Clock | None = None) -> None:
        """Start empty; *clock* is shared with the applications that provision from here."""
        self.clock = clock or Clock()
        self.users: dict[str, DirectoryUser] = {}
        self.groups: dict[str, DirectoryGroup] = {}
        self.app_roles: dict[str, AppRole] = {}
        self.assignments: list[Assignment] = []

    # Lookups

    def user(self, name: str | DirectoryUser) -> DirectoryUser:
        """Return the user with this objectId, userPrincipalName, mail or displayName."""
        if isinstance(name, DirectoryUser):
            return name
        if name in self.users:
            return self.users[name]
        wanted = name.casefold()
        for user in self.users.values():
            if wanted in {text.casefold() for text in user.names()}:
                return user
        raise UnknownObject(f"no user {name!r} in the directory")

    def group(self, name: str | DirectoryGroup) -> DirectoryGroup:
        """Return the group with this objectId or displayName."""
        if isinstance(name, DirectoryGroup):
            return name
        if name in self.groups:
            return self.groups[name]
        for group in self.groups.values():
            if group.display_name.casefold() == name.casefold():
                return group
        raise UnknownObject(f"no group {name!r} in the directory")

    def principal(self, name: str | Principal) -> Principal:
        """Return the user or group of this name, users first."""
        if not isinstance(name, str):
            return name
        try:
            return self.user(name)
        except UnknownObject:
            return self.group(name)

    def members(self, group: str | DirectoryGroup) -> list[DirectoryUser]:
        """Return a group's direct user members; nested groups do not cascade (A33, B27)."""
        return [self.users[i] for i in self.group(group).members if i in self.users]

    def roles_of(self, user: DirectoryUser) -> list[AppRole]:
        """Return the app roles a user holds, directly or through a group assigned with a role."""
        found: dict[str, AppRole] = {}
        for assignment in self.assignments:
            if assignment.role is not None and self._covers(assignment, user):
                role = self.app_roles[assignment.role]
                found[role.id] = role
        return list(found.values())

    def _covers(self, assignment: Assignment, user: DirectoryUser) -> bool:
        group = self.groups.get(assignment.principal)
        if group is not None:
            return user.object_id in group.members
        return assignment.principal == user.object_id

    # Building

    def add_user(self, user_principal_name: str, **attributes: object) -> DirectoryUser:
        """Create a user; attributes go by their Entra name or by its snake_case form."""
        values = {field_name(name): value for name, value in attributes.items()}
        manager = values.pop("manager", None)
        user = DirectoryUser(user_principal_name=user_principal_name, **values)  # type: ignore[arg-type]
        if user.object_id in self.users:
            raise ValueError(f"objectId {user.object_id} is taken")
        self.users[user.object_id] = user
        if isinstance(manager, (str, DirectoryUser)):
            user.manager = self.user(manager).object_id
        return user

    def add_group(
        self, display_name: str, members: Iterable[str | Principal] = (), object_id: str | None = None
    ) -> DirectoryGroup:
        """Create a group with the given members, users or other groups."""
        group = DirectoryGroup(display_name=display_name)
        if object_id:
            group.object_id = object_id
        if group.object_id in self.groups:
            raise ValueError(f"objectId {group.object_id} is taken")
        self.groups[group.object_id] = group
        for member in members:
            self.add_member(group, member)
        return group

    def add_role(self, value: str, display_name: str = "") -> AppRole:
        """Create an app role on the application's registration."""
        role = AppRole(value=value, display_name=display_name or value)
        self.app_roles[value] = role
        return role

    # Edits of attributes

    def change(self, user: str | DirectoryUser, **attributes: object) -> DirectoryUser:
        """Change attributes of a user, by Entra name or snake_case; `manager` may be a name or None."""
        found = self.user(user)
        for name, value in attributes.items():
            field = field_name(name)
            named = value if field == "manager" and isinstance(value, (str, DirectoryUser)) else None
            setattr(found, field, value if named is None else self.user(named).object_id)
        return found

    def rename(self, principal: str | Principal, new_name: str) -> Principal:
        """Give a user a new userPrincipalName and mail, or a group a new displayName (R7, R20)."""
        found = self.principal(principal)
        if isinstance(found, DirectoryGroup):
            found.display_name = new_name
        else:
            found.user_principal_name = new_name
            found.mail = new_name if found.mail else found.mail
        return found

    def disable(self, user: str | DirectoryUser) -> DirectoryUser:
        """Set accountEnabled to false (C6)."""
        return self.change(user, account_enabled=False)

    def enable(self, user: str | DirectoryUser) -> DirectoryUser:
        """Set accountEnabled to true again."""
        return self.change(user, account_enabled=True)

    # Edits of life and death

    def soft_delete(self, user: str | DirectoryUser) -> DirectoryUser:
        """Move a user to the recycle bin, from where it vanishes after 30 days (C6)."""
        return self.change(user, deleted_at=self.clock.now)

    def restore(self, user: str | DirectoryUser) -> DirectoryUser:
        """Take a user out of the recycle bin (C7)."""
        return self.change(user, deleted_at=None)

    def hard_delete(self, user: str | DirectoryUser) -> None:
        """Delete a user for good, with its memberships and assignments."""
        gone = self.users.pop(self.user(user).object_id).object_id
        self._forget(gone)

    def delete_group(self, group: str | DirectoryGroup) -> None:
        """Delete a group with its assignments (C10)."""
        gone = self.groups.pop(self.group(group).object_id).object_id
        self._forget(gone)

    def purge(self) -> list[str]:
        """Delete for good who has been in the recycle bin for 30 days; return the objectIds."""
        gone = [user.object_id for user in self.users.values() if self._expired(user)]
        for object_id in gone:
            self.hard_delete(object_id)
        return gone

    def _expired(self, user: DirectoryUser) -> bool:
        return user.deleted_at is not None and self.clock.now - user.deleted_at >= RECYCLE_BIN

    def _forget(self, object_id: str) -> None:
        self.assignments = [a for a in self.assignments if a.principal != object_id]
        for group in self.groups.values():
            group.members.pop(object_id, None)
        for user in self.users.values():
            if user.manager == object_id:
                user.manager = None

    # Edits of groups and assignments

    def add_member(self, group: str | DirectoryGroup, member: str | Principal) -> None:
        """Put a user or a group into a group."""
        self.group(group).members[self.principal(member).object_id] = None

    def remove_member(self, group: str | DirectoryGroup, member: str | Principal) -> None:
        """Take a user or a group out of a group."""
        self.group(group).members.pop(self.principal(member).object_id, None)

    def assign(self, principal: str | Principal, role: str | None = None) -> None:
        """Assign a user or group to the application, with an app role if one is named."""
        if role is not None and role not in self.app_roles:
            raise UnknownObject(f"the application has no app role {role!r}")
        assignment = Assignment(self.principal(principal).object_id, role)
        if assignment not in self.assignments:
            self.assignments.append(assignment)

    def unassign(self, principal: str | Principal, role: str | None = None) -> None:
        """Withdraw an assignment: that of one role, or without a role all of them."""
        target = self.principal(principal).object_id
        self.assignments = [
            a for a in self.assignments if a.principal != target or (role is not None and a.role != role)
        ]

    def assigned(self) -> Iterator[str]:
        """Yield the objectId of every principal assigned to the application, once each."""
        yield from dict.fromkeys(assignment.principal for assignment in self.assignments)
