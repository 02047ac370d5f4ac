"""Limits, and JSON of any shape."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import strategies as st

from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import Limits

LIMITS = Limits(
    body_bytes=10_000,
    json_depth=8,
    operations=20,
    members=20,
    filter_characters=300,
    filter_depth=5,
    filter_terms=10,
    page=50,
)


@pytest.fixture
def limits() -> Limits:
    """Return limits that a test can reach."""
    return LIMITS


NAMES = st.sampled_from(
    ["userName", "USERNAME", "active", "emails", "name", "name.givenName", "roles", "addresses", "manager", "members",
     "displayName", "externalId", "id", "meta", "schemas", "groups", "password", "x", "", "value", "type", "primary",
     "Primary", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
     "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", 'emails[type eq "work"].value',
     'emails[type eq "work"]', "emails[", "name.", "phoneNumbers[primary eq true].value", "urn:x:y", "title"]
)  # fmt: skip
SCALARS: st.SearchStrategy[Any] = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8)
    | st.sampled_from(["True", "False", "work", "", '{"value": "x"}', "{", "2020-01-01T00:00:00Z"])
)  # fmt: skip


def json_values() -> st.SearchStrategy[Any]:
    """Return JSON of any shape, with names that mean something."""
    return st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(NAMES | st.text(max_size=5), inner, max_size=4)
        ),
        max_leaves=12,
    )


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return what a function returns, or the refusal that it raises; anything else goes through."""
    try:
        return function(*arguments)
    except ScimError as error:
        return error
