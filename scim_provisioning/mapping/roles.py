"""Role values: a grammar of the Hub's, resolved against its tables (B19 to B26)."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from django.db import models

from scim_provisioning.mapping.attributes import Attribute, near
from scim_provisioning.mapping.targets import Document, Target
from scim_provisioning.models import Connection
from scim_provisioning.protocol.errors import ScimError

if TYPE_CHECKING:
    from scim_provisioning.mapping.users import ResourceMapping


class RolePattern:
    """A form of role value with parts, such as ``departmentmanager:office:{country}:{department}`` (B20).

    :param template: parts in braces; the last part takes the rest of the value, colons included.
    :param resolve: ``resolve(mapping, **parts)`` returns the fields of the host's row for that role; it raises
        ``LookupError`` when what a part names does not exist, and ``ValueError`` when more than one thing does.
    :param offer: ``offer(mapping)`` yields (value, description) of the roles of this form that there are, for the
        setup guide and its export of app roles; without it they show the form alone.
    """

    def __init__(
        self,
        template: str,
        resolve: Callable[..., Mapping[str, Any]],
        offer: Callable[[Any], Iterable[tuple[str, str]]] | None = None,
    ) -> None:
        self.template = template
        self.resolve = resolve
        self.offer = offer
        names = re.findall(r"\{(\w+)\}", template)
        pattern = re.escape(template)
        for name in names:
            part = "(?P<{}>{})".format(name, ".+" if name == names[-1] else "[^:]+")
            pattern = pattern.replace(re.escape("{" + name + "}"), part)
        self._pattern = re.compile(pattern, re.DOTALL)

    def parts(self, value: str) -> dict[str, str] | None:
        """Return the parts of *value*, or None when it has another form."""
        match = self._pattern.fullmatch(value)
        return match.groupdict() if match else None


class Roles(Attribute):
    """The role values of a user, written to a table of the host that SCIM owns the rows of (B19 to B26).

    The values are returned as they were sent. They are exact, case-sensitive, and all or nothing. Which of them a
    connection may give is its own to say: by ``allowed_roles``, or without that by ``high_roles`` (T8).

    :param relation: the accessor on the user of the host's table of roles.
    :param value: the column that holds the role value.
    :param plain: the values without parts.
    :param patterns: the values with parts.
    :param owned: the columns that mark a row as SCIM's; others are never touched.
    :param high: the values that give power over others; an asterisk at the end stands for any continuation.
    """

    in_host = False

    def __init__(
        self,
        relation: str,
        *,
        value: str = "value",
        plain: Sequence[str] = (),
        patterns: Sequence[RolePattern] = (),
        owned: Mapping[str, Any] | None = None,
        high: Sequence[str] = (),
        required: bool = False,
    ) -> None:
        super().__init__(required=required)
        self.relation = relation
        self.value = value
        self.plain = tuple(plain)
        self.patterns = tuple(patterns)
        self.owned = dict(owned or {})
        self.high = tuple(high)

    def load(self, mapping: "ResourceMapping", target: Target, document: Document) -> Any:
        """Return the host's rows for the roles, keyed by value."""
        rows: dict[str, Mapping[str, Any]] = {}
        for entry in target.get(document) or ():
            value = entry.get("value") if isinstance(entry, dict) else None
            if not isinstance(value, str):
                raise ScimError("bad_value", field=target.path, value=entry, reason="a role has a value")
            if value in rows:
                continue
            row = self._row(mapping, value)
            if row is None:
                continue
            if not self.permits(mapping.connection, value):
                raise ScimError("role_not_allowed", field=target.path, value=value)
            rows[value] = row
        return rows

    def permits(self, connection: Connection, value: str) -> bool:
        """Return whether a connection may give a role (T8)."""
        listed = [text.strip() for text in re.split(r"[,\n]", connection.allowed_roles)]
        if any(listed):
            return _fits(value, listed)
        return connection.high_roles or not _fits(value, self.high)

    def assign_saved(self, mapping: "ResourceMapping", instance: models.Model, value: Any) -> None:
        """Make the rows that SCIM owns those of the document."""
        manager = getattr(instance, self.relation)
        owned = manager.filter(**self.owned)
        present = dict(owned.values_list(self.value, "pk"))
        gone = [pk for role, pk in present.items() if role not in value]
        if gone:
            owned.filter(pk__in=gone).delete()
        for role, fields in value.items():
            if role not in present:
                manager.create(**{**self.owned, **fields, self.value: role})

    def problems(self, model: type[models.Model]) -> Iterable[str]:
        """Yield when the model has no such relation."""
        if not hasattr(model, self.relation):
            yield f"{model._meta.label} has no relation {self.relation!r}"

    def _row(self, mapping: "ResourceMapping", value: str) -> Mapping[str, Any] | None:
        if value in self.plain:
            return {}
        for pattern in self.patterns:
            parts = pattern.parts(value)
            if parts is None:
                continue
            try:
                return pattern.resolve(mapping, **parts)
            except LookupError:
                break
            except ValueError:
                if mapping.passes_over("ambiguous_role", "roles", value):
                    return None
                raise ScimError("ambiguous_role", field="roles", value=value) from None
        if mapping.passes_over("unknown_role", "roles", value):
            return None
        raise ScimError("unknown_role", field="roles", value=value, near=near(value, self._known()))

    def _known(self) -> list[str]:
        return [*self.plain, *(pattern.template for pattern in self.patterns)]


def _fits(value: str, patterns: Iterable[str]) -> bool:
    """Return whether a role is one of those listed, or continues one that ends with an asterisk."""
    return any(
        value.startswith(pattern[:-1]) if pattern.endswith("*") else value == pattern for pattern in patterns
    )
