"""Projection as a function (RFC 7644 section 3.9); its HTTP face is tested with paging."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.projection import read_projection
from tests.protocol.conftest import NAMES, json_values

RESOURCES = st.dictionaries(NAMES, json_values(), max_size=6).map(
    lambda resource: {**resource, "id": "7", "schemas": ["s"]}
)
PATHS = st.lists(NAMES | st.text(max_size=6), max_size=4).map(",".join)


@given(RESOURCES, PATHS)
def test_id_and_schemas_are_always_there(resource: dict[str, Any], paths: str) -> None:
    for name in ("attributes", "excludedAttributes"):
        kept = read_projection({name: paths}).apply(resource)
        assert (kept["id"], kept["schemas"]) == ("7", ["s"])
        assert kept.keys() <= resource.keys()


@given(RESOURCES, PATHS)
def test_the_resource_itself_is_not_changed(resource: dict[str, Any], paths: str) -> None:
    before = repr(resource)
    read_projection({"attributes": paths}).apply(resource)
    read_projection({"excludedAttributes": paths}).apply(resource)
    assert repr(resource) == before


@given(RESOURCES)
def test_nothing_asked_for_is_everything(resource: dict[str, Any]) -> None:
    assert read_projection({}).apply(resource) == resource


@given(RESOURCES, st.sampled_from(["userName", "title", "active", "displayName"]))
def test_asking_and_leaving_out_share_a_resource_between_them(resource: dict[str, Any], name: str) -> None:
    asked = read_projection({"attributes": name}).apply(resource)
    left = read_projection({"excludedAttributes": name}).apply(resource)
    assert asked.keys() | left.keys() == resource.keys()
    assert asked.keys() & left.keys() == {"id", "schemas"}


def test_whether_an_attribute_appears_is_known_beforehand() -> None:
    for spelling in (
        "members",
        "MEMBERS",
        "members.value",
        "urn:ietf:params:scim:schemas:core:2.0:Group:members",
    ):
        assert read_projection({"attributes": spelling}).wants("members")
    assert read_projection({}).wants("members")
    assert not read_projection({"attributes": "displayName"}).wants("members")
    assert not read_projection({"excludedAttributes": "Members"}).wants("members")
    assert read_projection({"excludedAttributes": "members.display"}).wants("members")


def test_both_at_once_is_refused() -> None:
    with pytest.raises(ScimError) as caught:
        read_projection({"attributes": "a", "excludedAttributes": "b"})
    assert caught.value.code == "bad_projection"
