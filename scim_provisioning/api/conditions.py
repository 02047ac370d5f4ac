"""From a filter's syntax tree to conditions of the ORM, with the truth of RFC 7644 section 3.4.2.2.

Nothing is narrowed in Python. An attribute is compared where it is kept: in a column of the SCIM resource, in a
column of the host, or in the JSON of attributes that the host does not hold; some live in two of these.
"""

from functools import partial
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    Not,
    Present,
    ValuePath,
)
from scim2_models.path.visitor import FilterVisitor

from scim_provisioning.api.entries import EntryConditions, joined, negated, sought
from scim_provisioning.api.operands import ALWAYS, NEVER, Constant, Identifier, Operand, positive, text
from scim_provisioning.api.places import Names, Places
from scim_provisioning.mapping.groups import GroupMapping
from scim_provisioning.mapping.rows import Rows
from scim_provisioning.mapping.users import ResourceMapping, UserMapping
from scim_provisioning.models import UserResource
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.filters import declares, is_complex, resolve_path, value_of


class Conditions(FilterVisitor[Q]):
    """The conditions of one connection's resources of one type."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.mapping = rows.mapping
        self.places = Places(rows)
        self.model = self.places.model

    def narrow(self, node: FilterNode) -> QuerySet[Any]:
        """Return the connection's rows for which *node* is true."""
        return self.rows.queryset().filter(self.visit(node))

    def visit(self, node: FilterNode) -> Q:
        """Return a node's condition; an attribute that only another type declares is false (section 3.4.2.1)."""
        if isinstance(node, (Comparison, Present, ValuePath)) and not declares(self.model, node.attr_path):
            return NEVER
        return super().visit(node)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        """Join conditions."""
        return joined(node, self.visit)

    def visit_not(self, node: Not) -> Q:
        """Negate a condition; unknown (NULL) counts as false before it is negated."""
        return negated(self.visit(node.expr))

    def visit_comparison(self, node: Comparison) -> Q:
        """Compare an attribute wherever it is kept; ``ne`` holds when no value equals (as scim2-models reads it)."""
        condition = self._compare(node.attr_path, positive(node.op, node.value), node.value)
        return negated(condition) if node.op == CompareOperator.ne else condition

    def visit_present(self, node: Present) -> Q:
        """Test that an attribute has a value."""
        binding = resolve_path(self.model, node.attr_path)
        names = self.places.names(binding)
        _urn, attribute, sub_attribute = names
        if self._has_members(attribute):
            return Q(Exists(self._members()))
        if attribute == "meta" or self._is_status(attribute):
            return ALWAYS
        own = self.places.own_column(names)
        if own is not None:
            return own.present()
        if binding.is_multivalued:
            present = Present(AttrPath(sub_attribute)) if sub_attribute else None
            return self._any_entry(binding, names, present)
        condition = self.places.kept(names).present()
        for lookup in self.places.host_lookups(names):
            condition |= self.places.host(lookup).present()
        return condition

    def visit_value_path(self, node: ValuePath) -> Q:
        """Test that one entry satisfies the inner filter: one of the host's columns, or one of the JSON."""
        binding = resolve_path(self.model, node.attr_path)
        names = self.places.names(binding)
        if self._has_members(names[1]):
            return Q(Exists(self._members().filter(self._on_entry(binding, names, node.val_filter, _member))))
        wanted = sought(node.val_filter, self.places.slots(names))
        if wanted is None:
            return self._any_entry(binding, names, node.val_filter)
        lookup = self.places.slot_lookup(names, wanted.slot, wanted.sub_attribute)
        found = self.places.indexed(
            lookup, wanted.value, wanted.in_json(self.places.entries(binding, names).kept)
        )
        if wanted.alone and not self._exact(names, wanted.sub_attribute):
            return found
        return found & self._any_entry(binding, names, node.val_filter)

    def _compare(self, path: AttrPath, op: CompareOperator, value: Any) -> Q:
        if value is not None or resolve_path(self.model, path).is_multivalued:
            path = value_of(self.model, path)
        binding = resolve_path(self.model, path)
        names = self.places.names(binding)
        _urn, attribute, sub_attribute = names
        if self._has_members(attribute) or binding.is_multivalued:
            return self._compare_entries(binding, names, op, value)
        if self._is_status(attribute):
            return self._is_active(op, value)
        own = self.places.own_column(names)
        if own is not None:
            return own.compare(op, value, bool(binding.case_exact))
        if attribute == "meta":
            raise ScimError("unknown_filter_attribute", field=f"meta.{sub_attribute or ''}")
        if is_complex(binding):
            # A whole attribute equals nothing that a filter can write, but null.
            return negated(self.visit_present(Present(path))) if value is None else NEVER
        exact = bool(binding.case_exact)
        lookups = self.places.host_lookups(names)
        if len(lookups) == 1 and op == CompareOperator.eq and value and not exact:
            kept = ~self.places.host(lookups[0]).present() & self.places.kept(names).compare(op, value, exact)
            return self.places.indexed(lookups[0], str(value), kept)
        return self.places.shown(names).compare(op, value, exact)

    def _compare_entries(self, binding: AttributeBinding, names: Names, op: CompareOperator, value: Any) -> Q:
        """Compare a sub-attribute of any entry; equal to null is that of an entry, and where there is none."""
        urn, attribute, sub_attribute = names
        whole: Names = (urn, attribute, None)
        has_entries = (
            Q(Exists(self._members()))
            if self._has_members(attribute)
            else self._any_entry(binding, whole, None)
        )
        absent = negated(has_entries) if value is None else NEVER
        if sub_attribute is None:
            return absent
        node = Comparison(AttrPath(sub_attribute), op, value)
        if self._has_members(attribute):
            found = self._members().filter(self._on_entry(binding, whole, node, _member))
            return absent | Q(Exists(found))
        return absent | self._any_entry(binding, whole, node)

    def _any_entry(self, binding: AttributeBinding, names: Names, node: FilterNode | None) -> Q:
        entries = self.places.entries(binding, names)
        if node is None:
            return entries.any(lambda _read: ALWAYS)
        return entries.any(lambda read: self._on_entry(binding, names, node, read))

    def _on_entry(self, binding: AttributeBinding, names: Names, node: FilterNode, read: Any) -> Q:
        return EntryConditions(binding, partial(self._exact, names), read).visit(node)

    def _exact(self, names: Names, sub_attribute: str) -> bool:
        urn, attribute, _sub = names
        return bool(resolve_path(self.model, AttrPath(attribute, sub_attribute, urn)).case_exact)

    def _is_status(self, attribute: str) -> bool:
        return attribute == "active" and isinstance(self.mapping, UserMapping)

    def _is_active(self, op: CompareOperator, value: Any) -> Q:
        if not isinstance(self.mapping, UserMapping) or op != CompareOperator.eq:
            raise ScimError("bad_filter", reason="active can only be compared for equality")
        if value is None:
            return NEVER
        if str(value).lower() not in ("true", "false"):
            raise ScimError("bad_filter", reason="active is either true or false")
        status = self.mapping.status
        inactive = Q(**{f"{self.mapping.link}__{status.column}": status.inactive})
        return ~inactive if str(value).lower() == "true" else inactive

    def _has_members(self, attribute: str) -> bool:
        return attribute == "members" and isinstance(self.mapping, GroupMapping)

    def _members(self) -> QuerySet[Any]:
        lookup = member_lookup(self.mapping)
        return UserResource.objects.filter(
            connection=self.mapping.connection, scim_managed=True, **{f"user__{lookup}": OuterRef("group_id")}
        )


def _member(name: str) -> Operand:
    """Return a sub-attribute of a member, in a query of user resources."""
    if name == "value":
        return Identifier("id")
    if name == "type":
        return Constant("User")
    if name == "display":
        return text("user_name")
    raise ScimError("bad_filter", reason="members are compared by value, type or display")


def member_lookup(mapping: ResourceMapping) -> str:
    """Return how a user's queryset calls the groups of the mapping's ``members`` relation."""
    if not isinstance(mapping, GroupMapping):
        raise TypeError("only a group has members")
    field: Any = mapping.model._meta.get_field(mapping.members)
    return str(field.related_query_name() if hasattr(field, "related_query_name") else field.field.name)
