"""The resource types and their attributes (RFC 7643 sections 4 and 8), on scim2-models.

A few of the library's models are subclassed, because they change what they store: e-mail addresses are
normalized and checked, ``type`` is lower-cased, and a manager must carry a ``$ref`` that no client sends.
"""

import re
from collections.abc import Sequence
from functools import lru_cache, reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field
from scim2_models import CaseExact, ExtensibleStringEnum, Extension, Mutability, Resource, Returned
from scim2_models import EnterpriseUser as LibraryEnterpriseUser
from scim2_models import Group as LibraryGroup
from scim2_models import GroupMember as LibraryGroupMember
from scim2_models import Manager as LibraryManager
from scim2_models import Photo as LibraryPhoto
from scim2_models import User as LibraryUser
from scim2_models.resources.resource import AnyExtension
from scim2_models.resources.user import Address as LibraryAddress
from scim2_models.resources.user import Email as LibraryEmail
from scim2_models.resources.user import Im as LibraryIm
from scim2_models.resources.user import PhoneNumber as LibraryPhoneNumber
from scim2_models.resources.user import Role as LibraryRole
from scim2_models.urn import URN

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

ResourceModel = type[Resource[Any]]


class Verbatim(ExtensibleStringEnum):
    """Canonical values that are suggestions: whatever is sent is kept letter by letter (RFC 7643 section 7)."""

    @classmethod
    def _missing_(cls, value: Any) -> "Verbatim":
        if not isinstance(value, str):
            raise ValueError("a string is expected")  # noqa: TRY004 - what pydantic turns into its own error
        kept = str.__new__(cls, value)
        kept._name_ = value
        kept._value_ = value
        return kept


class PlaceType(Verbatim):
    """What an e-mail or postal address is for."""

    work = "work"
    home = "home"
    other = "other"


class PhoneType(Verbatim):
    """What a phone number is for."""

    work = "work"
    home = "home"
    mobile = "mobile"
    fax = "fax"
    pager = "pager"
    other = "other"


class Email(LibraryEmail):
    """An e-mail address, stored as it was sent."""

    value: str | None = None
    type: PlaceType | None = None  # type: ignore[assignment]


class PhoneNumber(LibraryPhoneNumber):
    """A phone number."""

    type: PhoneType | None = None  # type: ignore[assignment]


class Address(LibraryAddress):
    """A postal address."""

    type: PlaceType | None = None  # type: ignore[assignment]


class Im(LibraryIm):
    """An instant-messaging address."""

    type: str | None = None  # type: ignore[assignment]


class Photo(LibraryPhoto):
    """The URL of a photo, stored as it was sent."""

    value: str | None = None  # type: ignore[assignment]
    type: str | None = None  # type: ignore[assignment]


class Role(LibraryRole):
    """A role of a user; its value is case-sensitive (B19)."""

    value: Annotated[str | None, CaseExact.true] = None


class Manager(LibraryManager):
    """The manager of a user; clients send the ``value`` alone (R10)."""

    value: Annotated[str | None, CaseExact.true] = None
    ref: Annotated[str | None, CaseExact.true] = Field(  # type: ignore[assignment]
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display_name: Annotated[str | None, Mutability.read_only] = None


class EnterpriseUser(LibraryEnterpriseUser):
    """The enterprise extension (RFC 7643 section 4.3)."""

    manager: Manager | None = None


class User(LibraryUser[AnyExtension]):
    """The User resource (RFC 7643 section 4.1)."""

    profile_url: str | None = None  # type: ignore[assignment]
    emails: list[Email] | None = None  # type: ignore[assignment]
    phone_numbers: list[PhoneNumber] | None = None  # type: ignore[assignment]
    addresses: list[Address] | None = None  # type: ignore[assignment]
    ims: list[Im] | None = None  # type: ignore[assignment]
    photos: list[Photo] | None = None  # type: ignore[assignment]
    roles: list[Role] | None = None  # type: ignore[assignment]


@lru_cache(maxsize=64)
def extension_model(urn: str, attributes: tuple[str, ...]) -> type[Extension]:
    """Return the model of a product's own extension: single-valued strings under *urn* (R12, B15).

    scim2-models keys extensions by class name and never frees a class, so a schema is built once and its name
    is made from the whole URN.
    """
    name = "Extension" + re.sub(r"\W", "_", urn)
    fields: dict[str, Any] = {
        f"attribute_{index}": Field(None, serialization_alias=attribute, validation_alias=attribute)
        for index, attribute in enumerate(attributes)
    }
    annotations = dict.fromkeys(fields, str | None)
    return type(name, (Extension,), {"__schema__": URN(urn), "__annotations__": annotations, **fields})


@lru_cache(maxsize=64)
def user_model(extensions: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> ResourceModel:
    """Return the User model with the enterprise extension and the product's own ones."""
    models: Sequence[Any] = [EnterpriseUser, *(extension_model(urn, names) for urn, names in extensions)]
    return User.__class_getitem__(reduce(or_, models))


class GroupMember(LibraryGroupMember):
    """A member of a group; how it is displayed is the service's to say, and said when it is asked for."""

    display: Annotated[str | None, Mutability.read_only, Returned.request] = None


class Group(LibraryGroup):
    """The Group resource (RFC 7643 section 4.2)."""

    members: list[GroupMember] | None = None  # type: ignore[assignment]


def group_model() -> ResourceModel:
    """Return the Group model; its members travel apart, as sets (``protocol.members``)."""
    return Group
