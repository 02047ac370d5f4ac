"""The left column of a mapping: one place in a document, read, written, taken out (RFC 7644 section 3.10)."""

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_provisioning.mapping.targets import BadTarget, Target, read_target
from scim_provisioning.protocol.schemas import ENTERPRISE, user_model

OWN = "urn:ietf:params:scim:schemas:extension:acme:2.0:User"
MODEL = user_model(((OWN, ("badge",)),))
PATHS: dict[str, dict[str, Any]] = {
    "userName": {"userName": "x"},
    "title": {"title": "x"},
    "name.givenName": {"name": {"givenName": "x"}},
    'emails[type eq "work"].value': {"emails": [{"type": "work", "value": "x"}]},
    'emails[type eq "work"].display': {"emails": [{"type": "work", "display": "x"}]},
    'phoneNumbers[type eq "mobile"].value': {"phoneNumbers": [{"type": "mobile", "value": "x"}]},
    "emails[primary eq true].value": {"emails": [{"primary": True, "value": "x"}]},
    f"{ENTERPRISE}:department": {ENTERPRISE: {"department": "x"}},
    f"{ENTERPRISE}:manager.value": {ENTERPRISE: {"manager": {"value": "x"}}},
    f"{OWN}:badge": {OWN: {"badge": "x"}},
}


def target(path: str) -> Target:
    return read_target(MODEL, path)


@pytest.mark.parametrize("path", PATHS)
def test_a_value_is_read_from_its_place(path: str) -> None:
    assert target(path).get(PATHS[path]) == "x"
    assert target(path).get({}) is None


@pytest.mark.parametrize("path", PATHS)
def test_a_value_is_put_into_an_empty_document(path: str) -> None:
    document: dict[str, Any] = {}
    target(path).set(document, "x")
    assert document == PATHS[path]


@pytest.mark.parametrize("path", [path for path in PATHS if "[" not in path])
def test_what_is_left_empty_goes_with_the_value(path: str) -> None:
    document = copy.deepcopy(PATHS[path])
    target(path).discard(document)
    assert document == {}


@pytest.mark.parametrize("path", [path for path in PATHS if "[" in path])
def test_an_entry_keeps_its_selector_until_it_is_pruned(path: str) -> None:
    document = copy.deepcopy(PATHS[path])
    place = target(path)
    place.discard(document)
    [entry] = document[place.attribute]
    assert set(entry) <= {"type", "primary"}
    place.prune(document)
    assert document == {}


@pytest.mark.parametrize("path", PATHS)
def test_taking_nothing_out_of_nothing_is_no_error(path: str) -> None:
    for document in ({}, {"other": 1}):
        before = copy.deepcopy(document)
        target(path).discard(document)
        target(path).prune(document)
        assert document == before


def test_other_entries_and_their_order_are_left_alone() -> None:
    place = target('emails[type eq "work"].value')
    home, work, third = (
        {"type": "home", "value": "h"},
        {"type": "work", "value": "w", "primary": True},
        {"type": "work", "value": "second"},
    )
    document: dict[str, Any] = {"emails": [home, work, third]}
    before = copy.deepcopy(document)
    assert place.get(document) == "w"
    place.discard(document)
    assert document["emails"] == [home, {"type": "work", "primary": True}, third]
    place.set(document, "w")
    assert document == before


def test_a_selector_matches_in_any_case_and_the_stored_letters_stay() -> None:
    place = target('emails[type eq "work"].value')
    document: dict[str, Any] = {"emails": [{"type": "Work"}]}
    place.set(document, "x")
    assert document == {"emails": [{"type": "Work", "value": "x"}]}
    assert place.get(document) == "x"


def test_an_entry_with_more_than_its_selector_is_not_pruned() -> None:
    document: dict[str, Any] = {"emails": [{"type": "work", "display": "Ada"}, {"type": "work"}]}
    target('emails[type eq "work"].value').prune(document)
    assert document == {"emails": [{"type": "work", "display": "Ada"}]}


@pytest.mark.parametrize(
    "path",
    [
        "nonsense",
        "name.nonsense",
        "emails.value",
        "emails[type eq].value",
        'emails[type ne "work"].value',
        'emails[type eq "work" and primary eq true].value',
        'emails[type eq "work"]',
        f"{ENTERPRISE}:nonsense",
        "urn:nobody:2.0:User:badge",
        "",
        "a b",
        "userName.",
    ],
)
def test_a_path_that_names_no_single_place_is_no_target(path: str) -> None:
    with pytest.raises(BadTarget):
        target(path)


@pytest.mark.parametrize(
    "path", ["username", "USERNAME", "Name.GivenName", f"{ENTERPRISE.upper()}:Department"]
)
def test_a_path_is_read_in_any_case_and_written_in_the_rfcs(path: str) -> None:
    document: dict[str, Any] = {}
    target(path).set(document, "x")
    assert document in ({"userName": "x"}, {"name": {"givenName": "x"}}, {ENTERPRISE: {"department": "x"}})


ENTRIES = st.lists(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["work", "home", "other"]), "value": st.text(min_size=1, max_size=5)}
    ),
    max_size=4,
)


@given(ENTRIES, st.text(min_size=1, max_size=5))
def test_what_is_set_is_got_and_the_rest_is_as_before(entries: list[dict[str, Any]], value: str) -> None:
    place = target('emails[type eq "work"].value')
    document: dict[str, Any] = {"emails": copy.deepcopy(entries)} if entries else {}
    had = place.get(document)
    place.discard(document)
    place.set(document, value)
    if had is not None:
        assert place.get(document) == value
        others = [entry for entry in entries if entry["type"] != "work"]
        assert [entry for entry in document["emails"] if entry["type"] != "work"] == others
    else:
        assert document["emails"] == [{"type": "work", "value": value}, *entries]
