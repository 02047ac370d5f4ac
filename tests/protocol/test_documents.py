"""Bodies and PATCH operations of any shape: a document or a refusal, and never half of one."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_models import ScimPolicy

from scim_provisioning.mapping.targets import BadTarget, read_target
from scim_provisioning.protocol import documents, plain
from scim_provisioning.protocol.dialects import Tolerance, read_resource, without_empties
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.operations import read_patch
from scim_provisioning.protocol.schemas import ENTERPRISE, user_model
from tests.protocol.conftest import NAMES, json_values, outcome

MODEL = user_model()
TOLERANCES = st.builds(
    Tolerance,
    managers=st.booleans(),
    roles_add_replaces=st.booleans(),
    refuse_unmapped=st.booleans(),
    create_unmatched=st.booleans(),
)
TEXT = st.text(min_size=1, max_size=6)
KINDS = st.sampled_from(["work", "home", "other"])
EMAILS = st.lists(st.fixed_dictionaries({"value": TEXT, "type": KINDS}), min_size=1, max_size=3)
DOCUMENTS = st.fixed_dictionaries(
    {"userName": TEXT, "active": st.booleans()},
    optional={
        "title": TEXT,
        "displayName": TEXT,
        "name": st.fixed_dictionaries({"givenName": TEXT}, optional={"familyName": TEXT}),
        "emails": EMAILS,
        ENTERPRISE: st.fixed_dictionaries({"department": TEXT}, optional={"employeeNumber": TEXT}),
    },
)
OPERATIONS = st.fixed_dictionaries(
    {"op": st.sampled_from(["add", "Add", "replace", "remove", "REMOVE", "x"]) | json_values()},
    optional={"path": NAMES | st.text(max_size=8) | json_values(), "value": json_values()},
)


def is_clean(value: Any) -> bool:
    """Return whether nothing in a document is empty."""
    if isinstance(value, dict):
        return bool(value) and all(is_clean(item) for item in value.values())
    if isinstance(value, list):
        return bool(value) and all(is_clean(item) for item in value)
    return value is not None and value != ""


def created(body: dict[str, Any], tolerance: Tolerance) -> Any:
    """Return the document of a POST."""
    return documents.validate(MODEL, read_resource(body, tolerance), tolerance)


@given(st.dictionaries(NAMES | st.text(max_size=6), json_values(), max_size=6), TOLERANCES)
def test_a_body_of_any_shape_is_a_document_or_a_refusal(body: dict[str, Any], tolerance: Tolerance) -> None:
    before = copy.deepcopy(body)
    found = outcome(created, body, tolerance)
    assert body == before
    if isinstance(found, ScimError):
        assert found.status == 400
    else:
        assert found["userName"]
        assert not {"id", "meta", "schemas", "password", "groups", "members"} & found.keys()


@given(DOCUMENTS, TOLERANCES)
def test_a_document_is_read_as_itself(document: dict[str, Any], tolerance: Tolerance) -> None:
    assert created(document, tolerance) == document


@given(json_values())
def test_without_empties_leaves_none_and_does_nothing_twice(value: Any) -> None:
    once = without_empties(value)
    assert without_empties(once) == once
    if isinstance(once, (dict, list)) and once:
        assert is_clean(once)


@given(DOCUMENTS, st.lists(OPERATIONS | json_values(), max_size=4), TOLERANCES)
def test_operations_of_any_shape_are_done_or_refused_and_never_half_done(
    document: dict[str, Any], operations: list[Any], tolerance: Tolerance
) -> None:
    before = copy.deepcopy(document)

    def patched() -> Any:
        return documents.patch(MODEL, document, read_patch(operations, tolerance), tolerance)

    found = outcome(patched)
    assert document == before
    if isinstance(found, ScimError):
        assert found.status == 400
    else:
        assert found["userName"]
        assert not {"id", "meta", "schemas", "password", "groups", "members"} & found.keys()


PLAIN = st.fixed_dictionaries(
    {
        "op": st.sampled_from(["add", "replace", "remove"]),
        "path": st.sampled_from(
            ["title", "displayName", "name.givenName", "NAME.familyName", f"{ENTERPRISE}:department",
             "urn:ietf:params:scim:schemas:core:2.0:User:title", f"{ENTERPRISE}:employeeNumber", "active"]
        ),
        "value": TEXT,
    }
)  # fmt: skip


@given(DOCUMENTS, st.lists(PLAIN, min_size=1, max_size=5))
def test_the_short_way_of_plain_operations_ends_where_the_engine_does(
    document: dict[str, Any], operations: list[dict[str, Any]]
) -> None:
    for operation in operations:
        if operation["path"] == "active":
            operation.update(op="replace", value=True)
        elif operation["op"] == "remove":
            operation.pop("value", None)
    short = plain.patched(MODEL, document, operations)
    policy = ScimPolicy()
    assert short is not None
    assert short == documents._patched(MODEL, document, operations, policy)


TARGETS = {
    path: read_target(MODEL, path)
    for path in ("title", "name.givenName", 'emails[type eq "work"].value', 'phoneNumbers[type eq "mobile"].value',
                 f"{ENTERPRISE}:department", 'emails[primary eq true].value')
}  # fmt: skip


@given(DOCUMENTS, st.sampled_from(list(TARGETS)), TEXT)
def test_what_is_put_at_a_place_is_found_there_and_can_be_taken_out(
    document: dict[str, Any], path: str, value: str
) -> None:
    target = TARGETS[path]
    while target.get(document) is not None:
        target.discard(document)
        target.prune(document)
    before = copy.deepcopy(document)
    target.set(document, value)
    assert target.get(document) == value
    assert documents.validate(MODEL, document, Tolerance())["userName"] == document["userName"]
    target.discard(document)
    target.prune(document)
    assert target.get(document) is None
    assert document == before


@pytest.mark.parametrize(
    "path",
    ["nowhere", "emails.value", 'emails[type eq "work"]', 'emails[type ne "work"].value', "emails[", "", "name.x",
     'emails[type eq "a" and type eq "b"].value', "urn:x:y"],
)  # fmt: skip
def test_a_mapping_names_no_place_that_is_none(path: str) -> None:
    with pytest.raises(BadTarget):
        read_target(MODEL, path)


@pytest.mark.parametrize("path", ["emails", "roles", "members", "addresses"])
def test_R19_a_removal_whose_list_names_nothing_takes_nothing_out(path: str) -> None:
    assert read_patch([{"op": "Remove", "path": path, "value": []}], Tolerance()) == []
    assert read_patch([{"op": "Remove", "path": path}], Tolerance()) == [{"op": "remove", "path": path}]
