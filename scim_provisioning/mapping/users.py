"""The mapping of users: what a Hub developer writes, with hooks that work as they are."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from scim_provisioning.mapping.attributes import Attribute, Column, PassedOver, Status
from scim_provisioning.mapping.targets import Document, Target, read_target
from scim_provisioning.models import Connection, same_letters
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.schemas import ResourceModel, user_model

WORK_EMAIL = 'emails[type eq "work"].value'


class ResourceMapping:
    """Where a Hub keeps one resource type, bound to one connection."""

    model: ClassVar[type[models.Model]]
    attributes: ClassVar[Mapping[str, str | Attribute]] = {}
    extensions: ClassVar[Mapping[str, Sequence[str]]] = {}
    exclusive: ClassVar[Sequence[tuple[str, str]]] = ()
    dependent: ClassVar[Sequence[tuple[str, str]]] = ()
    resource_type: ClassVar[str]
    # The accessor of the host's row on the SCIM resource.
    link: ClassVar[str]
    # The attribute that names the resource; kept as it was sent in a column of the SCIM resource.
    name_attribute: ClassVar[str]

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        # What one request has brought; the same twice, as when its transaction is tried again, is one.
        self.passed_over: set[PassedOver] = set()

    @property
    def organization(self) -> Any:
        """The organization of the connection."""
        return self.connection.organization

    def queryset(self) -> models.QuerySet[Any]:
        """Return the host's rows that this connection may see; it must depend on the organization alone."""
        return self.model._default_manager.filter(**{organization_field(self.model): self.organization})

    @classmethod
    def scim_model(cls) -> ResourceModel:
        """Return the scim2-models class of the resource type."""
        raise NotImplementedError

    @classmethod
    def lines(cls) -> tuple[tuple[Target, Attribute], ...]:
        """Return the mapping's lines, read once."""
        key: Any = cls
        return _lines(key)

    @classmethod
    def target(cls, path: str) -> Target:
        """Return the place in a document that *path* names."""
        key: Any = cls
        return _target(key, path)

    def passes_over(self, code: str, field: str, value: Any) -> bool:
        """Return whether the policy lets a value pass that the Hub does not know, and remember it for the guide.

        :param code: what it is refused with where the policy does not (B13, B14, B24).
        """
        if self.connection.unknown_reference == Connection.Unknown.REJECT:
            return False
        self.passed_over.add(PassedOver(code, field, str(value)))
        return True

    def check_together(self, document: Document) -> None:
        """Refuse attributes that exclude or need each other, on the resulting resource (B14 to B16)."""
        policy = self.connection
        for one, other in self.exclusive if policy.exclusive_attributes == policy.Unknown.REJECT else ():
            if self.target(one).get(document) and self.target(other).get(document):
                raise ScimError("exclusive_attributes", field=one, value=other)
        for one, other in self.dependent if policy.dependent_attributes == policy.Unknown.REJECT else ():
            if self.target(one).get(document) and not self.target(other).get(document):
                raise ScimError("dependent_attribute", field=one, value=other)


class UserMapping(ResourceMapping):
    """Where a Hub keeps its users.

    A subclass sets ``model``, ``status`` and ``attributes``, whose left column reads like Entra's
    *Attribute mapping* screen, and overrides a hook where its defaults do not fit.
    """

    status: ClassVar[Status]
    # What the principals of tokens have to hold, in the Hub's words; a refusal names it.
    principal_role: ClassVar[str] = "active user"
    resource_type = "User"
    link = "user"
    name_attribute = "userName"

    @classmethod
    def scim_model(cls) -> ResourceModel:
        """Return the User model with the enterprise extension and the Hub's own."""
        return user_model(tuple((urn, tuple(names)) for urn, names in cls.extensions.items()))

    def new(self) -> Any:
        """Return an unsaved user of the organization, without a usable password."""
        user = self.model(**{organization_field(self.model): self.organization})
        if hasattr(user, "set_unusable_password"):
            user.set_unusable_password()
        return user

    def match(self, document: Document) -> models.QuerySet[Any]:
        """Return the organization's users that *document* may already stand for, by userName or work e-mail."""
        wanted = Q()
        for path in ("userName", WORK_EMAIL):
            column = self.column(path)
            value = self.target(path).get(document)
            if column and value:
                wanted |= same_letters(column, value)
        return self.queryset().filter(wanted) if wanted else self.queryset().none()

    def clean(self, user: Any, document: Document) -> None:
        """Check a user before it is saved; raise ``ScimError`` to refuse."""

    def activate(self, user: Any) -> Sequence[str]:
        """Make a user Active and return the changed columns."""
        setattr(user, self.status.column, self.status.active)
        return (self.status.column,)

    def deactivate(self, user: Any) -> Sequence[str]:
        """Make a user Inactive and return the changed columns."""
        setattr(user, self.status.column, self.status.inactive)
        return (self.status.column,)

    def delete(self, user: Any) -> None:
        """Delete a user."""
        user.delete()

    def drop_grants(self, user: Any) -> None:
        """Take away what SCIM has given to a user whose access ended or that was released (T14).

        It is carried out after the commit, as an effect, in a transaction that holds the user's resource. Where it
        is not overridden, nothing is owed.
        """

    def admins(self) -> models.QuerySet[Any] | None:
        """Return the organization's administrators; SCIM never ends the access of the last Active one (T9)."""
        return None

    def owners(self) -> models.QuerySet[Any] | None:
        """Return the organization's owners; SCIM never ends the access of the last Active one (T9)."""
        return None

    def verified_domains(self) -> Iterable[str]:
        """Return the domains to which an adopted user's e-mail may change (A13)."""
        return self.connection.verified_domains.lower().split()

    @classmethod
    def principals(cls, organization: Any) -> models.QuerySet[Any]:
        """Return who may stand behind a token of *organization*: those who hold ``principal_role`` (B3).

        It becomes a part of the statement that finds a token, so *organization* may be a reference to a column:
        filter by it, and read nothing of it.
        """
        inside = Q(**{organization_field(cls.model): organization})
        if any(field.name == "is_superuser" for field in cls.model._meta.concrete_fields):
            inside |= Q(is_superuser=True)
        return cls.model._default_manager.filter(inside).exclude(**{cls.status.column: cls.status.inactive})

    @classmethod
    def column(cls, path: str) -> str | None:
        """Return the host column that a path is mapped to, if it is a plain one."""
        wanted = cls.target(path)
        for target, attribute in cls.lines():
            if isinstance(attribute, Column) and _same_place(target, wanted):
                return attribute.name
        return None


def _same_place(one: Target, other: Target) -> bool:
    return (one.urn, one.attribute, one.selector, one.sub_attribute) == (
        other.urn,
        other.attribute,
        other.selector,
        other.sub_attribute,
    )


@lru_cache(maxsize=32)
def _lines(mapping: Any) -> tuple[tuple[Target, Attribute], ...]:
    return tuple(
        (mapping.target(path), Column(line) if isinstance(line, str) else line)
        for path, line in mapping.attributes.items()
    )


@lru_cache(maxsize=1024)
def _target(mapping: Any, path: str) -> Target:
    return read_target(mapping.scim_model(), path)


@lru_cache(maxsize=32)
def organization_field(model: Any) -> str:
    """Return the name of the model's foreign key to the organization.

    :raises LookupError: when there is not exactly one; then ``new`` and ``queryset`` must be overridden.
    """
    names = [
        field.name
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and field.related_model._meta.label_lower == settings.SCIM_ORGANIZATION_MODEL.lower()
    ]
    if len(names) != 1:
        raise LookupError(
            f"{model._meta.label} has {len(names)} foreign keys to {settings.SCIM_ORGANIZATION_MODEL}"
        )
    return names[0]


__all__ = ["WORK_EMAIL", "ResourceMapping", "UserMapping", "organization_field"]
