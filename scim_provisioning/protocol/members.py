"""Members of a group as sets: a relation, not document content (RFC 7644 section 3.5.2, R17 to R19).

A group's members are never loaded to be changed. The operations of one request are folded into one
:class:`MemberChange`, which becomes set-based SQL.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from scim2_models import Path
from scim2_models.exceptions import SCIMException
from scim2_models.path import AttrPath, CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator

from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.schemas import GROUP

MEMBERS = "members"


@dataclass(slots=True)
class MemberChange:
    """What becomes of a group's members: start from nothing or from what is there, take out, then put in."""

    from_nothing: bool = False
    added: dict[str, None] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)

    def add(self, ids: Iterable[str]) -> None:
        """Put members in; one that is there already stays (R18)."""
        for member in ids:
            self.removed.pop(member, None)
            self.added[member] = None

    def remove(self, ids: Iterable[str]) -> None:
        """Take these members out, and no others (R19)."""
        for member in ids:
            self.added.pop(member, None)
            self.removed[member] = None

    def replace(self, ids: Iterable[str]) -> None:
        """Make these the only members."""
        self.from_nothing = True
        self.removed.clear()
        self.added = dict.fromkeys(ids)

    def __bool__(self) -> bool:
        return self.from_nothing or bool(self.added or self.removed)


def is_members_path(path: str) -> bool:
    """Return whether a PATCH path designates members, whatever its spelling."""
    name = path.strip()
    if name[: len(GROUP) + 1].lower() == f"{GROUP.lower()}:":
        name = name[len(GROUP) + 1 :]
    name = name.lower()
    return name == MEMBERS or name.startswith((f"{MEMBERS}[", f"{MEMBERS}.", f"{MEMBERS} "))


def apply_operation(
    change: MemberChange, operation: dict[str, Any], *, replace_adds: bool, limit: int
) -> None:
    """Fold one normalized operation on ``members`` into *change*.

    :param replace_adds: read ``replace`` as ``add``, for clients that send only the new member (R18b).
    :param limit: how many members one operation may name.
    """
    kind, path, value = operation["op"], operation["path"], operation.get("value")
    selected = _selected_ids(path)
    if selected is None:
        ids = member_ids(value, limit)
        if kind == "add" or (kind == "replace" and replace_adds):
            change.add(ids)
        elif kind == "replace":
            change.replace(ids)
        elif value is None:
            change.replace(())
        else:
            change.remove(ids)
    elif kind == "remove":
        if path.rpartition("]")[2].lower() not in ("", ".value"):
            # How a member is labelled cannot be taken away, and is no reason to take the member out.
            raise ScimError("read_only", field=path)
        change.remove(selected)
    else:
        # A value under a filter that names the member: the member is put in, its labels are ours to make.
        change.add(selected)


def member_ids(value: Any, limit: int) -> list[str]:
    """Return the ids in a ``members`` value: objects, bare strings, or one of either (R18)."""
    entries = [] if value is None else value if isinstance(value, list) else [value]
    if len(entries) > limit:
        raise ScimError("too_many_members", limit=limit, value=str(len(entries)))
    return [_member_id(entry) for entry in entries]


def _member_id(entry: Any) -> str:
    if isinstance(entry, dict):
        found = [value for key, value in entry.items() if key.lower() == "value"]
        entry = found[0] if found else None
    if not isinstance(entry, str) or not entry:
        raise ScimError(
            "bad_value", field=MEMBERS, value=entry, reason="a member is named by the id of a user"
        )
    return entry


def _selected_ids(path: str) -> list[str] | None:
    """Return the ids that ``members[value eq "…"]`` selects, or None for plain ``members``."""
    try:
        parsed = Path(path)
    except SCIMException:
        raise ScimError("bad_path", value=path) from None
    if parsed.value_filter is None:
        if isinstance(parsed.ast, AttrPath) and parsed.ast.sub_attr is None:
            return None
        raise ScimError("unknown_path", value=path)
    return _ids_in(parsed.value_filter, path)


def _ids_in(node: FilterNode, path: str) -> list[str]:
    if isinstance(node, LogicalExpr) and node.op == LogicalOperator.or_:
        return [member for term in node.terms for member in _ids_in(term, path)]
    if (
        isinstance(node, Comparison)
        and node.op == CompareOperator.eq
        and node.attr_path.attr.lower() == "value"
        and isinstance(node.value, str)
    ):
        return [node.value]
    raise ScimError("no_target", value=path)
