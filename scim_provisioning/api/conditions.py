"""From a filter's syntax tree to conditions of the ORM, with the truth of RFC 7644 section 3.4.2.2.

Nothing is narrowed in Python. An attribute is compared where it is kept: in a column of the SCIM resource, in a
column of the host, or in the JSON of attributes that the host does not hold; some live in two of these.
"""

from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from scim2_models.path import (
    AttributeBinding,
    CompareOperator,
    Comparison,
    FilterNode,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)
from scim2_models.path.visitor import FilterVisitor

from scim_provisioning.api.entries import ALWAYS, NEVER, Entry, holds, negated
from scim_provisioning.api.operands import AnyElement, ElementText, Operand, moment, text
from scim_provisioning.mapping.attributes import Attribute
from scim_provisioning.mapping.groups import GroupMapping
from scim_provisioning.mapping.rows import Rows, parse_id
from scim_provisioning.mapping.targets import Target, canonical_names
from scim_provisioning.mapping.users import ResourceMapping, UserMapping
from scim_provisioning.models import UserResource
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.filters import declares, resolve_path


class Conditions(FilterVisitor[Q]):
    """The conditions of one connection's resources of one type."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.mapping = rows.mapping
        self.model = rows.mapping.scim_model()

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
        joined = Q()
        for term in node.terms:
            condition = self.visit(term)
            joined = joined & condition if node.op == LogicalOperator.and_ else joined | condition
        return joined

    def visit_not(self, node: Not) -> Q:
        """Negate a condition; unknown (NULL) counts as false before it is negated."""
        return negated(self.visit(node.expr))

    def visit_comparison(self, node: Comparison) -> Q:
        """Compare an attribute wherever it is kept; ``ne`` holds when no value equals (as scim2-models reads it)."""
        binding = resolve_path(self.model, node.attr_path)
        if node.op == CompareOperator.ne:
            return negated(self._compare(binding, CompareOperator.eq, node.value))
        return self._compare(binding, node.op, node.value)

    def visit_present(self, node: Present) -> Q:
        """Test that an attribute has a value."""
        binding = resolve_path(self.model, node.attr_path)
        urn, attribute, sub_attribute = canonical_names(self.model, binding)
        if attribute == "members" and isinstance(self.mapping, GroupMapping):
            return Q(Exists(self._members()))
        if attribute in ("id", "meta", "schemas"):
            return ALWAYS
        own = self._own_column(urn, attribute, sub_attribute)
        if own is not None:
            return own.present()
        condition = NEVER
        for _target, line in self._lines(urn, attribute, sub_attribute):
            lookup = line.filter_lookup()
            if lookup:
                condition |= text(f"{self.mapping.link}__{lookup}").present()
        kept = KeyTransform(attribute, self._holder(urn))
        if binding.is_multivalued:
            inner = ElementText(sub_attribute or "value")
            return condition | Q(AnyElement(kept, Operand(inner).present()))
        if sub_attribute:
            return condition | Operand(KeyTextTransform(sub_attribute, kept)).present()
        return condition | Operand(KeyTextTransform(attribute, self._holder(urn))).present()

    def visit_value_path(self, node: ValuePath) -> Q:
        """Test that one entry satisfies the inner filter: one of the host's columns, or one of the JSON."""
        binding = resolve_path(self.model, node.attr_path)
        urn, attribute, _sub = canonical_names(self.model, binding)
        if attribute == "members" and isinstance(self.mapping, GroupMapping):
            return self._member_entry(node.val_filter)
        kept = KeyTransform(attribute, self._holder(urn))
        condition = Q(AnyElement(kept, Entry(binding, {}).visit(node.val_filter)))
        for selector, columns in self._slots(urn, attribute).items():
            present = NEVER
            for operand in columns.values():
                present |= operand.present()
            entry = Entry(binding, columns, selector)
            if entry.needs_json(node.val_filter):
                inside = Operand(ElementText(selector[0])).compare(CompareOperator.eq, selector[1], False)
                condition |= present & Q(AnyElement(kept, inside & entry.visit(node.val_filter)))
            condition |= present & entry.without_json().visit(node.val_filter)
        return condition

    def _compare(self, binding: AttributeBinding, op: CompareOperator, value: Any) -> Q:
        urn, attribute, sub_attribute = canonical_names(self.model, binding)
        if attribute == "members" and isinstance(self.mapping, GroupMapping):
            return self._is_member(op, value)
        if attribute == "active" and isinstance(self.mapping, UserMapping):
            return self._is_active(op, value)
        own = self._own_column(urn, attribute, sub_attribute)
        exact = bool(binding.case_exact)
        if own is not None:
            return own.compare(op, value, exact)
        if (
            sub_attribute is None
            and binding.field_type is not None
            and hasattr(binding.field_type, "model_fields")
        ):
            sub_attribute = "value"
        condition = NEVER
        for target, line in self._lines(urn, attribute, sub_attribute):
            lookup = line.filter_lookup()
            if target.selector is not None and sub_attribute == target.selector[0]:
                condition |= self._selected(target, line, op, value)
            elif lookup and target.sub_attribute == sub_attribute:
                condition |= text(f"{self.mapping.link}__{lookup}").compare(op, value, exact)
        return condition | self._compare_kept(binding, (urn, attribute, sub_attribute), op, value)

    def _compare_kept(
        self,
        binding: AttributeBinding,
        names: tuple[str | None, str, str | None],
        op: CompareOperator,
        value: Any,
    ) -> Q:
        urn, attribute, sub_attribute = names
        exact = bool(binding.case_exact)
        holder = self._holder(urn)
        if binding.is_multivalued:
            inner = Operand(ElementText(sub_attribute or "value")).compare(op, value, exact)
            return Q(AnyElement(KeyTransform(attribute, holder), inner))
        if sub_attribute:
            return Operand(KeyTextTransform(sub_attribute, KeyTransform(attribute, holder))).compare(
                op, value, exact
            )
        return Operand(KeyTextTransform(attribute, holder)).compare(op, value, exact)

    def _selected(self, target: Target, line: Attribute, op: CompareOperator, value: Any) -> Q:
        """Compare the selector of a mapped entry, which no column holds: it is there when the value is."""
        lookup = line.filter_lookup()
        wanted = str(target.selector[1]) if target.selector else ""
        if lookup is None or not holds(op, wanted.casefold(), str(value).casefold()):
            return NEVER
        return text(f"{self.mapping.link}__{lookup}").present()

    def _is_active(self, op: CompareOperator, value: Any) -> Q:
        if not isinstance(self.mapping, UserMapping) or op != CompareOperator.eq:
            raise ScimError("bad_filter", reason="active can only be compared for equality")
        if str(value).lower() not in ("true", "false"):
            raise ScimError("bad_filter", reason="active is either true or false")
        status = self.mapping.status
        inactive = Q(**{f"{self.mapping.link}__{status.column}": status.inactive})
        return ~inactive if str(value).lower() == "true" else inactive

    def _own_column(self, urn: str | None, attribute: str, sub_attribute: str | None) -> Operand | None:
        if urn is not None:
            return None
        if attribute == self.mapping.name_attribute:
            return Operand(F(self.rows.key_field), folded=True)
        if attribute == "externalId":
            return Operand(F("external_id"))
        if attribute == "id":
            return Operand(F("id"), read=_id)
        if attribute == "meta" and sub_attribute in ("created", "lastModified"):
            column = "created_at" if sub_attribute == "created" else "modified_at"
            return Operand(F(column), read=moment)
        if attribute == "meta":
            raise ScimError("unknown_filter_attribute", field=f"meta.{sub_attribute or ''}")
        return None

    def _lines(
        self, urn: str | None, attribute: str, sub_attribute: str | None
    ) -> list[tuple[Target, Attribute]]:
        return [
            (target, line)
            for target, line in self.mapping.lines()
            if (target.urn, target.attribute) == (urn, attribute)
            and (
                sub_attribute is None
                or target.sub_attribute == sub_attribute
                or (target.selector is not None and target.selector[0] == sub_attribute)
            )
        ]

    def _slots(self, urn: str | None, attribute: str) -> dict[tuple[str, Any], dict[str, Operand]]:
        slots: dict[tuple[str, Any], dict[str, Operand]] = {}
        for target, line in self._lines(urn, attribute, None):
            lookup = line.filter_lookup()
            if target.selector is not None and target.sub_attribute and lookup:
                columns = slots.setdefault(target.selector, {})
                columns[target.sub_attribute] = text(f"{self.mapping.link}__{lookup}")
        return slots

    def _holder(self, urn: str | None) -> Any:
        return KeyTransform(urn, F("attributes")) if urn else F("attributes")

    def _members(self) -> QuerySet[Any]:
        lookup = member_lookup(self.mapping)
        return UserResource.objects.filter(
            connection=self.mapping.connection, scim_managed=True, **{f"user__{lookup}": OuterRef("group_id")}
        )

    def _is_member(self, op: CompareOperator, value: Any) -> Q:
        member = parse_id(value) if isinstance(value, str) else None
        if op != CompareOperator.eq:
            raise ScimError("bad_filter", reason="members can only be compared for equality")
        return Q(Exists(self._members().filter(pk=member))) if member else NEVER

    def _member_entry(self, node: FilterNode) -> Q:
        if isinstance(node, Comparison) and node.attr_path.attr.lower() == "value":
            return self._is_member(node.op, node.value)
        raise ScimError("bad_filter", reason="members can only be selected by value")


def _id(value: Any) -> UUID:
    parsed = parse_id(value) if isinstance(value, str) else None
    # The nil UUID is no resource's, so an id that is none matches nothing.
    return parsed or UUID(int=0)


def member_lookup(mapping: ResourceMapping) -> str:
    """Return how a user's queryset calls the groups of the mapping's ``members`` relation."""
    if not isinstance(mapping, GroupMapping):
        raise TypeError("only a group has members")
    field: Any = mapping.model._meta.get_field(mapping.members)
    return str(field.related_query_name() if hasattr(field, "related_query_name") else field.field.name)
