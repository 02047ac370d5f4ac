"""Conditions on one entry of a multi-valued attribute, in the host's columns and in JSON."""

from typing import Any

from django.db.models import Case, Q, Value, When
from scim2_models.path import (
    AttributeBinding,
    AttrPath,
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

from scim_provisioning.api.operands import ElementText, Operand
from scim_provisioning.mapping.targets import scim_names
from scim_provisioning.protocol.errors import ScimError

NEVER = Q(pk__in=[])
# Not an empty Q, which cannot be negated.
ALWAYS = Q(pk__isnull=False)


def negated(condition: Q) -> Q:
    """Return the rows for which *condition* is not true, those where it is unknown included."""
    truth = Case(When(condition, then=Value(True)), default=Value(False))
    return Q(_is_false(truth))


def _is_false(truth: Any) -> Any:
    return Operand(truth).equals(False)


def holds(op: CompareOperator, left: str, right: str) -> bool:
    """Return the truth of a comparison between two constants."""
    return {
        CompareOperator.eq: left == right,
        CompareOperator.co: right in left,
        CompareOperator.sw: left.startswith(right),
        CompareOperator.ew: left.endswith(right),
        CompareOperator.gt: left > right,
        CompareOperator.ge: left >= right,
        CompareOperator.lt: left < right,
        CompareOperator.le: left <= right,
    }[op]


class Entry(FilterVisitor[Q]):
    """Conditions on one entry of a multi-valued attribute."""

    def __init__(
        self,
        binding: AttributeBinding,
        columns: dict[str, Operand],
        selector: tuple[str, Any] | None = None,
        *,
        json: bool = True,
    ) -> None:
        self.binding = binding
        self.columns = columns
        self.selector = selector
        self.json = json

    def without_json(self) -> "Entry":
        """Return the entry as the host alone holds it: what only JSON could say is unassigned."""
        return Entry(self.binding, self.columns, self.selector, json=False)

    def needs_json(self, node: FilterNode) -> bool:
        """Return whether the filter asks for anything that the host's columns do not say."""
        if isinstance(node, LogicalExpr):
            return any(self.needs_json(term) for term in node.terms)
        if isinstance(node, Not):
            return self.needs_json(node.expr)
        name = self._name(node.attr_path) if isinstance(node, (Comparison, Present)) else ""
        return name not in self.columns and not (self.selector and self.selector[0] == name)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        """Join conditions."""
        joined = Q()
        for term in node.terms:
            condition = self.visit(term)
            joined = joined & condition if node.op == LogicalOperator.and_ else joined | condition
        return joined

    def visit_not(self, node: Not) -> Q:
        """Negate a condition."""
        return negated(self.visit(node.expr))

    def visit_comparison(self, node: Comparison) -> Q:
        """Compare a sub-attribute."""
        op = CompareOperator.eq if node.op == CompareOperator.ne else node.op
        condition = self._compare(self._name(node.attr_path), op, node.value)
        return negated(condition) if node.op == CompareOperator.ne else condition

    def visit_present(self, node: Present) -> Q:
        """Test a sub-attribute."""
        name = self._name(node.attr_path)
        if self.selector and self.selector[0] == name:
            return ALWAYS
        if name in self.columns:
            return self.columns[name].present()
        return Operand(ElementText(name)).present() if self.json else NEVER

    def visit_value_path(self, node: ValuePath) -> Q:
        """Refuse a selection inside a selection."""
        raise ScimError("bad_filter", reason="a selection cannot stand in a selection")

    def _compare(self, name: str, op: CompareOperator, value: Any) -> Q:
        if self.selector and self.selector[0] == name:
            return ALWAYS if holds(op, str(self.selector[1]).casefold(), str(value).casefold()) else NEVER
        if name in self.columns:
            return self.columns[name].compare(op, value, False)
        return Operand(ElementText(name)).compare(op, value, False) if self.json else NEVER

    def _name(self, path: AttrPath) -> str:
        for name in scim_names(self.binding.field_type):
            if name.lower() == path.attr.lower():
                return name
        raise ScimError("unknown_filter_attribute", field=str(path))
