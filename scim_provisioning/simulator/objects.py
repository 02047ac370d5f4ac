"""The objects of an Entra directory and the names of their attributes."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass, field
from datetime import datetime
from uuid import uuid4


def new_object_id() -> str:
    """Return a fresh objectId, a random GUID as Entra's are."""
    return str(uuid4())


@dataclass(slots=True)
class DirectoryUser:
    """A user with the attributes that Entra offers as mapping sources."""

    user_principal_name: str
    object_id: str = field(default_factory=new_object_id)
    mail: str | None = None
    mail_nickname: str | None = None
    given_name: str | None = None
    surname: str | None = None
    display_name: str | None = None
    job_title: str | None = None
    department: str | None = None
    employee_id: str | None = None
    company_name: str | None = None
    physical_delivery_office_name: str | None = None
    street_address: str | None = None
    city: str | None = None
    state: str | None = None
    postal_code: str | None = None
    country: str | None = None
    telephone_number: str | None = None
    mobile: str | None = None
    facsimile_telephone_number: str | None = None
    preferred_language: str | None = None
    locale: str | None = None
    user_type: str = "Member"
    account_enabled: bool = True
    deleted_at: datetime | None = None
    manager: str | None = None
    """objectId of the manager."""

    def __post_init__(self) -> None:
        """Fill mailNickname from the name, as Entra does on creation."""
        if self.mail_nickname is None:
            self.mail_nickname = self.user_principal_name.split("@")[0].replace("#EXT#", "_EXT")

    @property
    def is_soft_deleted(self) -> bool:
        """Whether the user lies in the recycle bin."""
        return self.deleted_at is not None

    @property
    def is_guest(self) -> bool:
        """Whether this is a B2B guest, whose userPrincipalName carries `#EXT#` (C24)."""
        return "#EXT#" in self.user_principal_name

    def names(self) -> list[str]:
        """Return every text by which an admin would look this user up."""
        return [text for text in (self.user_principal_name, self.mail, self.display_name) if text]


@dataclass(slots=True)
class DirectoryGroup:
    """A group; its members are objectIds of users and of nested groups, in order of joining."""

    display_name: str
    object_id: str = field(default_factory=new_object_id)
    mail_nickname: str | None = None
    members: dict[str, None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Fill mailNickname from the name, as Entra does on creation."""
        if self.mail_nickname is None:
            self.mail_nickname = re.sub(r"\W+", "", self.display_name)


@dataclass(frozen=True, slots=True)
class AppRole:
    """A role defined on the application's registration (R13)."""

    value: str
    display_name: str
    id: str = field(default_factory=new_object_id)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A line of the application's *Users and groups* page: who, and with which role's value."""

    principal: str
    role: str | None = None


USER_FIELDS = tuple(f.name for f in dataclasses.fields(DirectoryUser))
_BY_BARE_NAME = {name.replace("_", ""): name for name in (*USER_FIELDS, "is_soft_deleted")}


def field_name(name: str) -> str:
    """Turn an Entra attribute name in any letter case (`jobTitle`, `employeeid`) into the field's name."""
    try:
        return _BY_BARE_NAME[name.replace("_", "").lower()]
    except KeyError:
        raise AttributeError(f"{name!r} is not an attribute of a directory user") from None


def entra_name(name: str) -> str:
    """Turn a field's name into Entra's spelling (`job_title` → `jobTitle`)."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
