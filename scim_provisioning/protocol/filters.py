"""Filters: read under limits, every attribute resolved, so that none is ever silently ignored (section 3.4.2.2)."""

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, TypeGuard

from scim2_models import ScimFilter
from scim2_models.exceptions import SCIMException
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

from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import Limits
from scim_provisioning.protocol.schemas import ENTERPRISE, ResourceModel

# A comparison whose value has no quotes: Entra's own documents show externalId eq jyoung (R2, R11).
_BARE_VALUE = re.compile(r"\b(eq|ne|co|sw|ew|gt|ge|lt|le)\s+(?![\"\[(])([^\s()\[\]\"]+)", re.IGNORECASE)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_UNSTORABLE = re.compile(r"[\x00\ud800-\udfff]")
_LITERALS = frozenset({"true", "false", "null"})


def read_filter(
    model: ResourceModel, text: str, limits: Limits, others: Sequence[ResourceModel] = ()
) -> FilterNode:
    """Return the syntax tree of a filter whose every attribute the model declares.

    :param others: models of the other types that the search is over; what any of them declares is known.
    :raises ScimError: ``invalidFilter``.
    """
    if len(text) > limits.filter_characters:
        raise ScimError("filter_too_long", limit=limits.filter_characters)
    check_escapes(text)
    _check_complexity(text, limits)
    filter_class: Any = ScimFilter.__class_getitem__(model)
    try:
        parsed = filter_class(text)
    except SCIMException as error:
        try:
            parsed = filter_class(quote_bare_values(text))
        except SCIMException:
            raise ScimError("bad_filter", reason=error.detail.rstrip(".")) from None
    if sum(1 for _node in _terms(parsed.ast)) > limits.filter_terms:
        raise ScimError("filter_too_complex", limit=f"{limits.filter_terms} terms")
    _check_attributes((model, *others), parsed.ast)
    node: FilterNode = parsed.ast
    return node


def check_escapes(text: str) -> None:
    """Refuse what no database can compare or hold: NUL, and half of a surrogate pair, also as an escape."""
    if any(_UNSTORABLE.search(piece) for piece in (text, *map(_decoded, _STRING.findall(text)))):
        raise ScimError("bad_filter", reason="it holds NUL or half of a surrogate pair")


def _decoded(string: str) -> str:
    try:
        return str(json.loads(string, strict=False))
    except ValueError:
        # The parser says what is wrong with it.
        return ""


def quote_bare_values(text: str) -> str:
    """Put quotes round bare words that a filter compares with; only after it could not be read as it was (R2)."""
    pieces: list[str] = []
    last = 0
    for string in _STRING.finditer(text):
        pieces += [_quoted(text[last : string.start()]), string[0]]
        last = string.end()
    pieces.append(_quoted(text[last:]))
    return "".join(pieces)


def _quoted(text: str) -> str:
    def replacement(match: re.Match[str]) -> str:
        operator, value = match[1], match[2]
        if value.lower() in _LITERALS:
            return match[0]
        return f'{operator} "{value}"'

    return _BARE_VALUE.sub(replacement, text)


def equality(node: FilterNode) -> tuple[str, str] | None:
    """Return (path, value) when the filter is one ``eq`` with a string, as nearly all of Entra's are (C3)."""
    if _is_equality(node) and node.attr_path.sub_attr is None:
        return node.attr_path.attr, node.value
    return None


def looked_for(node: FilterNode) -> tuple[str, str] | None:
    """Return (path, value) like :func:`equality`, also of a sub-attribute, and of a value with others beside it.

    Entra writes ``emails[type eq "work"].value eq "x"`` where an address is what matches (R2).
    """
    if _is_equality(node):
        return str(node.attr_path), node.value
    if isinstance(node, ValuePath):
        inside = node.val_filter
        terms: Sequence[FilterNode] = [inside]
        if isinstance(inside, LogicalExpr) and inside.op == LogicalOperator.and_:
            terms = inside.terms
        found = [each for each in map(equality, terms) if each is not None]
        values = [value for path, value in found if path.lower() == "value"]
        return (f"{node.attr_path}.value", values[0]) if values and len(found) == len(terms) else None
    return None


def _is_equality(node: FilterNode) -> TypeGuard[Comparison]:
    return isinstance(node, Comparison) and node.op == CompareOperator.eq and isinstance(node.value, str)


def _check_complexity(text: str, limits: Limits) -> None:
    # Before parsing, so that neither the parser nor the walk over its tree recurses deeper.
    depth = 0
    for character in _STRING.sub('""', text):
        if character in "([":
            depth += 1
            if depth > limits.filter_depth:
                raise ScimError("filter_too_complex", limit=f"{limits.filter_depth} levels")
        elif character in ")]":
            depth -= 1


def _terms(node: FilterNode) -> Iterator[FilterNode]:
    if isinstance(node, LogicalExpr):
        for term in node.terms:
            yield from _terms(term)
    elif isinstance(node, Not):
        yield from _terms(node.expr)
    elif isinstance(node, ValuePath):
        yield from _terms(node.val_filter)
    else:
        yield node


def _check_attributes(models: Sequence[ResourceModel], node: FilterNode) -> None:
    if isinstance(node, LogicalExpr):
        for term in node.terms:
            _check_attributes(models, term)
    elif isinstance(node, Not):
        _check_attributes(models, node.expr)
    elif isinstance(node, (Comparison, Present, ValuePath)):
        model = next((model for model in models if declares(model, node.attr_path)), models[0])
        binding = resolve_path(model, node.attr_path)
        if isinstance(node, ValuePath):
            if not binding.is_multivalued:
                raise ScimError("bad_filter", reason=f"{node.attr_path} does not have several values")
            for term in _terms(node.val_filter):
                if isinstance(term, (Comparison, Present)):
                    resolve_path(
                        model, AttrPath(node.attr_path.attr, term.attr_path.attr, node.attr_path.uri)
                    )


def declares(model: ResourceModel, attr_path: AttrPath) -> bool:
    """Return whether a model has an attribute that filters may ask for."""
    try:
        resolve_path(model, attr_path)
    except ScimError:
        return False
    return True


def resolve_path(model: ResourceModel, attr_path: AttrPath) -> AttributeBinding:
    """Return what the model declares under a path.

    :raises ScimError: ``invalidFilter`` for what it does not declare, and for what no filter may ask (a password).
    """
    if attr_path.uri is None and attr_path.attr.lower() == "manager":
        # Entra's reference check writes it without the URN (R11).
        attr_path = AttrPath(attr_path.attr, attr_path.sub_attr, ENTERPRISE)
    binding = _any_filter(model).resolve(attr_path, strict=False)
    if binding is None or binding.field_name in ("password", "schemas"):
        raise ScimError("unknown_filter_attribute", field=str(attr_path))
    return binding  # type: ignore[no-any-return]


def is_complex(binding: AttributeBinding) -> bool:
    """Return whether a path names an attribute that has sub-attributes, and none of them."""
    return binding.sub_field_name is None and hasattr(binding.field_type, "model_fields")


def value_of(model: ResourceModel, attr_path: AttrPath) -> AttrPath:
    """Return the path of ``value`` where one names a whole attribute that has it (``emails co "x"``, R11)."""
    binding = resolve_path(model, attr_path)
    if not is_complex(binding) or "value" not in getattr(binding.field_type, "model_fields", {}):
        return attr_path
    return AttrPath(attr_path.attr, "value", attr_path.uri)


@lru_cache(maxsize=64)
def _any_filter(model: ResourceModel) -> Any:
    return ScimFilter.__class_getitem__(model)("id pr")
