"""Conditions on one entry of a multi-valued attribute, in the host's columns and in JSON.

An entry may be in two places: its value in the column of the host that the mapping names for it, the rest of it
in JSON. Where the JSON has no such rest, the column alone is the entry. ``mapping.targets`` puts them together
for an answer; here the same is said in SQL.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Q, TextField, Value, When
from django.db.models.lookups import Exact, IsNull
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

from scim_provisioning.api.elements import (
    EARLIER,
    ENTRY,
    AnyElement,
    ElementText,
    FirstElement,
    HasOnly,
    StandsBefore,
)
from scim_provisioning.api.operands import NEVER, Constant, Operand, positive
from scim_provisioning.mapping.targets import scim_names
from scim_provisioning.models import folded
from scim_provisioning.protocol.errors import ScimError


def negated(condition: Q) -> Q:
    """Return the rows for which *condition* is not true, those where it is unknown included."""
    return Q(Exact(Case(When(condition, then=Value(True)), default=Value(False)), False))


@dataclass(frozen=True, slots=True)
class Slot:
    """The entry with a selector, as ``type eq "work"``, of which the host has columns."""

    name: str
    value: str
    columns: dict[str, Operand] = field(default_factory=dict)

    def selected(self, alias: str = ENTRY) -> Q:
        """Return whether the entry at hand is one that the selector selects."""
        return Operand(ElementText(self.name, alias)).compare(CompareOperator.eq, self.value, False)

    def filled(self) -> Q:
        """Return whether the host has any value of it."""
        condition = NEVER
        for column in self.columns.values():
            condition |= column.present()
        return condition

    def lacking(self, sub_attribute: str, alias: str = ENTRY) -> Q:
        """Return whether the entry at hand is one that a column's value may belong to."""
        return self.selected(alias) & Q(IsNull(ElementText(sub_attribute, alias), True))


class Entries:
    """The entries of one multi-valued attribute.

    :param kept: the JSON list.
    :param slots: the entries that the host has columns of.
    """

    def __init__(self, binding: AttributeBinding, kept: Any, slots: list[Slot]) -> None:
        self.binding = binding
        self.kept = kept
        self.slots = slots

    def any(self, condition: Callable[["Read"], Q]) -> Q:
        """Return whether any entry satisfies a condition."""
        found = Q(AnyElement(self.kept, self.shown() & condition(self.in_json)))
        for slot in self.slots:
            found |= self.is_bare(slot) & condition(_bare(slot))
        return found

    def shown(self) -> Q:
        """Return whether the entry at hand is shown: one that has lost its value to the host is not."""
        condition = Q()
        for slot in self.slots:
            lost = slot.selected() & Q(HasOnly(slot.name, "primary")) & ~slot.filled()
            condition &= negated(lost)
        return condition

    def is_bare(self, slot: Slot) -> Q:
        """Return whether a column's value is an entry by itself, as of a user whom the host made."""
        condition = NEVER
        for name, column in slot.columns.items():
            condition |= column.present() & ~Q(AnyElement(self.kept, slot.lacking(name)))
        return condition

    def in_json(self, name: str) -> Operand:
        """Return a sub-attribute of the JSON entry at hand; the first that lacks it has the host's."""
        cases = []
        for slot in self.slots:
            if name in slot.columns:
                earlier = Q(AnyElement(self.kept, Q(StandsBefore()) & slot.lacking(name, EARLIER), EARLIER))
                column = slot.columns[name]
                cases.append(When(slot.lacking(name) & ~earlier & column.present(), then=column.expression))
        if not cases:
            return Operand(ElementText(name))
        return Operand(Case(*cases, default=ElementText(name), output_field=TextField()))

    def leading(self, name: str) -> Any:
        """Return a sub-attribute of the primary entry, or of the first where none is (RFC 7644 section 3.4.2.3)."""
        primary = Operand(ElementText("primary")).compare(CompareOperator.eq, True, False)
        value = self.in_json(name).expression
        cases = [
            When(
                Q(AnyElement(self.kept, self.shown() & primary)),
                then=FirstElement(self.kept, value, self.shown() & primary),
            )
        ]
        for slot in reversed(self.slots):
            bare = slot.columns.get(name, Constant(slot.value if slot.name == name else None))
            cases.append(When(self.is_bare(slot), then=bare.expression))
        return Case(*cases, default=FirstElement(self.kept, value, self.shown()), output_field=TextField())


# Returns what an entry has under the name of a sub-attribute.
Read = Callable[[str], Operand]


def _bare(slot: Slot) -> Read:
    def read(name: str) -> Operand:
        return slot.columns.get(name, Constant(slot.value if name == slot.name else None))

    return read


class EntryConditions(FilterVisitor[Q]):
    """The conditions of a filter in brackets, on one entry.

    :param exact: tells whether the case of letters matters in a sub-attribute.
    """

    def __init__(self, binding: AttributeBinding, exact: Callable[[str], bool], read: Read) -> None:
        self.binding = binding
        self.exact = exact
        self.read = read

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        """Join conditions."""
        return joined(node, self.visit)

    def visit_not(self, node: Not) -> Q:
        """Negate a condition."""
        return negated(self.visit(node.expr))

    def visit_comparison(self, node: Comparison) -> Q:
        """Compare a sub-attribute."""
        op = positive(node.op, node.value)
        name = self._name(node.attr_path)
        condition = self.read(name).compare(op, node.value, self.exact(name))
        return negated(condition) if node.op == CompareOperator.ne else condition

    def visit_present(self, node: Present) -> Q:
        """Test a sub-attribute."""
        return self.read(self._name(node.attr_path)).present()

    def visit_value_path(self, node: ValuePath) -> Q:
        """Refuse a selection inside a selection."""
        raise ScimError("bad_filter", reason="a selection cannot stand in a selection")

    def _name(self, path: AttrPath) -> str:
        for name in scim_names(self.binding.field_type):
            if name.lower() == path.attr.lower():
                return name
        raise ScimError("unknown_filter_attribute", field=str(path))


def joined(node: LogicalExpr, visit: Callable[[FilterNode], Q]) -> Q:
    """Return the terms of a logical expression, each visited, as one condition."""
    condition = Q()
    for term in node.terms:
        visited = visit(term)
        condition = condition & visited if node.op == LogicalOperator.and_ else condition | visited
    return condition


@dataclass(frozen=True, slots=True)
class Sought:
    """One value in a host's column, which a filter wants, and perhaps more than that."""

    slot: Slot
    sub_attribute: str
    value: str
    alone: bool

    def in_json(self, kept: Any) -> Q:
        """Return whether an entry of the JSON has the value by itself."""
        value = Operand(ElementText(self.sub_attribute)).compare(CompareOperator.eq, self.value, False)
        return Q(AnyElement(kept, self.slot.selected() & value))


def sought(node: FilterNode, slots: list[Slot]) -> Sought | None:
    """Return the value in a host's column that a filter in brackets wants, as R2 does, if it wants one."""
    terms = node.terms if isinstance(node, LogicalExpr) and node.op == LogicalOperator.and_ else ()
    wanted = {
        term.attr_path.attr.lower(): term.value
        for term in terms
        if isinstance(term, Comparison) and term.op == CompareOperator.eq and isinstance(term.value, str)
    }
    for slot in slots:
        if folded(wanted.get(slot.name.lower(), "")) != folded(slot.value):
            continue
        for name in slot.columns:
            if value := wanted.get(name.lower()):
                return Sought(slot, name, value, alone=len(terms) == len(wanted) == 2)
    return None
