"""PATCH operations without the engine do what the engine does (RFC 7644 section 3.5.2)."""

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scim2_models import ScimPolicy

from scim_provisioning.protocol import documents, plain
from scim_provisioning.protocol.dialects import Tolerance
from scim_provisioning.protocol.schemas import ENTERPRISE, GROUP, USER, ResourceModel, group_model, user_model

PRODUCT = "urn:ietf:params:scim:schemas:extension:product:2.0:User"
USERS = user_model(((PRODUCT, ("countryCode", "countryName")),))
GROUPS = group_model()
POLICY = ScimPolicy(
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.forbid,
)
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=8)
SINGLE = [
    "displayName",
    "nickName",
    "profileUrl",
    "title",
    "userType",
    "preferredLanguage",
    "locale",
    "timezone",
]
NAME_PARTS = ["formatted", "familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"]
ENTERPRISE_PARTS = ["employeeNumber", "costCenter", "organization", "division", "department"]
PLAIN_PATHS = [
    *SINGLE,
    "externalId",
    "active",
    *(f"name.{part}" for part in NAME_PARTS),
    *(f"{USER}:name.{part}" for part in NAME_PARTS[:2]),
    f"{USER}:title",
    *(f"{ENTERPRISE}:{part}" for part in ENTERPRISE_PARTS),
    f"{ENTERPRISE}:manager.value",
    f"{ENTERPRISE}:manager.$ref",
    f"{PRODUCT}:countryCode",
    f"{PRODUCT}:countryName",
]


def some(names: list[str]) -> st.SearchStrategy[dict[str, str]]:
    """Return objects with some of the names, each with a text."""
    return st.fixed_dictionaries({}, optional=dict.fromkeys(names, TEXTS))


def without_empties(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document as it is stored: without empty objects and lists."""
    return {name: value for name, value in document.items() if value not in ({}, [])}


ENTRIES = st.lists(some(["value", "type", "display"]).filter(bool), max_size=3)
EXTENSION = st.builds(
    lambda parts, manager: without_empties({**parts, "manager": manager}),
    some(ENTERPRISE_PARTS),
    some(["value", "$ref"]),
)
DOCUMENTS: st.SearchStrategy[dict[str, Any]] = st.fixed_dictionaries(
    {"userName": TEXTS},
    optional={
        **dict.fromkeys([*SINGLE, "externalId"], TEXTS),
        "active": st.booleans(),
        "name": some(NAME_PARTS),
        "emails": ENTRIES,
        "phoneNumbers": ENTRIES,
        ENTERPRISE: EXTENSION,
        PRODUCT: some(["countryCode", "countryName"]),
    },
).map(without_empties)


@st.composite
def operations(draw: st.DrawFn) -> dict[str, Any]:
    """Return a plain operation, its path in any letter case."""
    path = draw(st.sampled_from(PLAIN_PATHS))
    written = draw(st.sampled_from([path, path, path.lower(), path.upper()]))
    op = draw(st.sampled_from(["add", "replace", "remove"]))
    if op == "remove":
        return {"op": op, "path": written, **draw(st.sampled_from([{}, {"clears": True}]))}
    return {"op": op, "path": written, "value": draw(st.booleans() if path == "active" else TEXTS)}


def by_engine(
    model: ResourceModel, document: dict[str, Any], changes: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return what the engine makes of a document."""
    return documents._patched(model, copy.deepcopy(document), changes, POLICY)


@settings(max_examples=600)
@given(DOCUMENTS, st.lists(operations(), min_size=1, max_size=6))
def test_plain_operations_do_what_the_engine_does(
    document: dict[str, Any], changes: list[dict[str, Any]]
) -> None:
    before = copy.deepcopy(document)
    changed = plain.patched(USERS, document, changes)
    assert document == before
    assert changed == by_engine(USERS, document, changes)


@settings(max_examples=100)
@given(TEXTS, TEXTS, st.sampled_from(["externalId", f"{GROUP}:externalId", "EXTERNALID"]))
def test_plain_operations_on_a_group_do_what_the_engine_does(name: str, value: str, path: str) -> None:
    document = {"displayName": name, "externalId": "old"}
    for change in ({"op": "replace", "path": path, "value": value}, {"op": "remove", "path": path}):
        assert plain.patched(GROUPS, document, [change]) == by_engine(GROUPS, document, [change])


@given(DOCUMENTS, st.sampled_from(PLAIN_PATHS))
def test_a_place_that_is_cleared_leaves_nothing_empty_behind(document: dict[str, Any], path: str) -> None:
    changed = plain.patched(USERS, document, [{"op": "remove", "path": path}])
    assert changed is not None
    assert without_empties(changed) == changed
    assert changed == plain.patched(USERS, changed, [{"op": "remove", "path": path, "clears": True}])


NOT_PLAIN: list[dict[str, Any]] = [
    {"op": "replace", "path": "userName", "value": "x"},
    {"op": "remove", "path": "userName"},
    {"op": "replace", "path": "id", "value": "x"},
    {"op": "replace", "path": "meta.version", "value": "x"},
    {"op": "replace", "path": "groups", "value": "x"},
    {"op": "replace", "path": "nowhere", "value": "x"},
    {"op": "replace", "path": "title.nowhere", "value": "x"},
    {"op": "replace", "path": "", "value": "x"},
    {"op": "replace", "path": "emails", "value": [{"value": "x"}]},
    {"op": "replace", "path": "emails.value", "value": "x"},
    {"op": "replace", "path": 'emails[type eq "work"].value', "value": "x"},
    {"op": "replace", "path": "name", "value": {"givenName": "x"}},
    {"op": "replace", "path": ENTERPRISE, "value": {"department": "x"}},
    {"op": "replace", "path": "department", "value": "x"},
    {"op": "replace", "path": f"{ENTERPRISE}:manager", "value": "x"},
    {"op": "replace", "path": f"{ENTERPRISE}:manager.displayName", "value": "x"},
    {"op": "replace", "path": f"{PRODUCT}:nowhere", "value": "x"},
    {"op": "replace", "path": "urn:x:title", "value": "x"},
    {"op": "replace", "path": "title", "value": None},
    {"op": "replace", "path": "title", "value": 1},
    {"op": "replace", "path": "title", "value": True},
    {"op": "replace", "path": "title", "value": ["x"]},
    {"op": "replace", "path": "title", "value": {"value": "x"}},
    {"op": "replace", "path": "active", "value": "true"},
    {"op": "replace", "path": "active", "value": 1},
    {"op": "replace", "path": "title"},
    {"op": "remove", "path": "title", "value": "x"},
    {"op": "remove", "path": "emails"},
    {"op": "remove", "path": "name"},
]


@pytest.mark.parametrize(
    "operation", NOT_PLAIN, ids=lambda operation: f"{operation['op']} {operation['path']}"
)
def test_anything_else_is_left_to_the_engine(operation: dict[str, Any]) -> None:
    document = {"userName": "ada", "title": "Boss", "emails": [{"value": "x", "type": "work"}]}
    before = copy.deepcopy(document)
    plainly = {"op": "replace", "path": "nickName", "value": "A"}
    assert plain.patched(USERS, document, [operation]) is None
    assert plain.patched(USERS, document, [plainly, operation]) is None
    assert document == before


def test_the_engine_is_not_asked_where_it_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(documents, "_patched")
    tolerance = Tolerance()
    change = {"op": "replace", "path": "title", "value": "Boss"}
    assert documents.patch(USERS, {"userName": "a"}, [change], tolerance) == {
        "userName": "a",
        "title": "Boss",
    }
    with pytest.raises(NameError):
        documents.patch(USERS, {"userName": "a"}, [{"op": "remove", "path": "name"}], tolerance)
