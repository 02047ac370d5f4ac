"""Members as sets: many operations fold into one change, with the meaning they have one after another."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.members import MemberChange, apply_operation, is_members_path, member_ids
from tests.protocol.conftest import json_values, outcome

IDS = st.sampled_from(["u1", "u2", "u3", "u4", "u5"])


def entries(ids: list[str], shape: int) -> Any:
    """Return the ids in one of the shapes that clients use."""
    return [
        [{"value": member} for member in ids],
        [{"$ref": None, "VALUE": member, "display": "x"} for member in ids],
        list(ids),
    ][shape % 3]


@st.composite
def operations(draw: st.DrawFn) -> dict[str, Any]:
    """Draw one normalized operation on members."""
    kind = draw(st.sampled_from(["add", "remove", "replace"]))
    ids = draw(st.lists(IDS, max_size=3))
    if kind == "remove" and draw(st.booleans()):
        if not ids:
            return {"op": "remove", "path": "members"}
        text = " or ".join(f'value eq "{member}"' for member in ids)
        return {"op": "remove", "path": f"members[{text}]"}
    return {"op": kind, "path": "members", "value": entries(ids, draw(st.integers(0, 2)))}


def played(before: set[str], operation: dict[str, Any], *, replace_adds: bool) -> set[str]:
    """Return what one operation makes of a set: the model that the folding is held to."""
    path, kind = operation["path"], operation["op"]
    if "[" in path:
        return before - {part.split('"')[1] for part in path.split(" or ")}
    if "value" not in operation:
        return set()
    ids = set(member_ids(operation["value"], 100))
    if kind == "remove":
        return before - ids
    return before | ids if kind == "add" or replace_adds else ids


def result(before: set[str], change: MemberChange) -> set[str]:
    """Return what a change makes of a set."""
    start = set() if change.from_nothing else before
    return (start - set(change.removed)) | set(change.added)


@given(st.sets(IDS), st.lists(operations(), max_size=6), st.booleans())
def test_folded_operations_mean_what_they_mean_one_after_another(
    before: set[str], sequence: list[dict[str, Any]], replace_adds: bool
) -> None:
    change, expected = MemberChange(), set(before)
    for operation in sequence:
        apply_operation(change, operation, replace_adds=replace_adds, limit=100)
        expected = played(expected, operation, replace_adds=replace_adds)
    assert result(before, change) == expected
    assert not set(change.added) & set(change.removed)


@given(st.lists(operations(), max_size=6))
def test_no_operation_or_only_empty_ones_are_no_change(sequence: list[dict[str, Any]]) -> None:
    change = MemberChange()
    for operation in sequence:
        apply_operation(change, operation, replace_adds=True, limit=100)
    assert bool(change) == (result({"x"}, change) != {"x"} or change.from_nothing or bool(change.removed))


@given(json_values(), st.sampled_from(["add", "remove", "replace"]), st.sampled_from(
    ["members", "members[", 'members[value eq "u1"]', "members[x pr]", "members.value", "MEMBERS", "members ", ""]
))  # fmt: skip
def test_nothing_raises_anything_but_a_refusal(value: Any, kind: str, path: str) -> None:
    change = MemberChange()
    found = outcome(
        lambda: apply_operation(
            change, {"op": kind, "path": path, "value": value}, replace_adds=False, limit=3
        )
    )
    assert found is None or (isinstance(found, ScimError) and found.status == 400)


@pytest.mark.parametrize(
    "path",
    ["members", "Members", " members ", 'members[value eq "x"]', "members.value", "members [value pr]",
     "urn:ietf:params:scim:schemas:core:2.0:Group:members", "URN:ietf:params:scim:schemas:core:2.0:group:MEMBERS"],
)  # fmt: skip
def test_a_path_to_members_is_known_in_any_spelling(path: str) -> None:
    assert is_members_path(path)


@pytest.mark.parametrize("path", ["displayName", "membership", "membersOf", "x.members", "", "urn:x:members"])
def test_a_path_to_something_else_is_not(path: str) -> None:
    assert not is_members_path(path)


def test_an_operation_names_no_more_members_than_the_limit() -> None:
    assert len(member_ids(["x"] * 5, 5)) == 5
    with pytest.raises(ScimError) as caught:
        member_ids(["x"] * 6, 5)
    assert (caught.value.code, caught.value.scim_type) == ("too_many_members", "tooMany")


def test_a_value_under_a_filter_puts_the_member_in() -> None:
    change = MemberChange()
    operation = {"op": "add", "path": 'members[value eq "u1"]', "value": {"display": "x"}}
    apply_operation(change, operation, replace_adds=False, limit=5)
    assert list(change.added) == ["u1"]


@pytest.mark.parametrize(
    ("path", "code"),
    [("members[display eq \"x\"]", "no_target"), ("members[value ne \"x\"]", "no_target"),
     ("members[value eq \"x\" and value eq \"y\"]", "no_target"), ("members[value eq 7]", "no_target"),
     ("members[", "bad_path"), ("members.display", "unknown_path")],
)  # fmt: skip
def test_a_selection_that_names_no_member_is_refused(path: str, code: str) -> None:
    with pytest.raises(ScimError) as caught:
        apply_operation(MemberChange(), {"op": "remove", "path": path}, replace_adds=False, limit=5)
    assert caught.value.code == code
