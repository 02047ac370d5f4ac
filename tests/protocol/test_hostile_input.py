"""Whatever comes in, the readers of paths, bodies and headers refuse it or read it, and quickly (F22, T19, T30)."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scim_provisioning.api.authentication import LONGEST_HEADER, read_header
from scim_provisioning.models.tokens import read_token
from scim_provisioning.protocol.dialects import Tolerance
from scim_provisioning.protocol.documents import patch
from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.messages import load_object
from scim_provisioning.protocol.operations import read_patch
from scim_provisioning.protocol.schemas import user_model
from tests.protocol.conftest import LIMITS, json_values, outcome

MODEL = user_model()
TOLERANCE = Tolerance()
SECONDS = 1.0
PIECES = st.sampled_from(
    ["emails", "userName", "name", ".", "[", "]", "type", " eq ", '"work"', "value", '"', "urn:x:", "2.0", "User", ":",
     "(", ")", " and ", "\\", "\x00", "é", " ", "members", "manager", "$ref", "active", "roles", "primary", "True"]
)  # fmt: skip
PATHS = st.lists(PIECES, max_size=12).map("".join) | st.text(max_size=60)
HEADERS = st.lists(
    st.sampled_from(
        [
            "Bearer",
            "bearer",
            "Token",
            " ",
            "\t",
            "token=",
            '"',
            ",",
            ";",
            "=",
            "scim_",
            "a" * 12,
            "b" * 43,
            "_",
            "x",
            "é",
        ]
    ),
    max_size=14,
).map("".join) | st.text(max_size=700)


def quick(function: Callable[..., Any], *arguments: Any) -> Any:
    """Return the outcome of a function that must not take long."""
    # In seconds, and not in steps: a pattern that searches back and forth does so within one of them.
    start = time.process_time()
    found = outcome(function, *arguments)
    assert time.process_time() - start < SECONDS
    return found


@given(PATHS, st.sampled_from(["add", "replace", "remove"]), json_values())
def test_F22_no_path_raises_anything_but_a_refusal(path: str, op: str, value: Any) -> None:
    def change() -> Any:
        operations = read_patch([{"op": op, "path": path, "value": value}], TOLERANCE)
        return patch(MODEL, {"userName": "ada", "active": True}, operations, TOLERANCE)

    found = quick(change)
    assert not isinstance(found, ScimError) or found.status == 400


@given(st.binary(max_size=300) | json_values().map(lambda value: json.dumps(value).encode()))
def test_F22_T30_no_bytes_raise_anything_but_a_refusal(body: bytes) -> None:
    found = quick(load_object, body, LIMITS)
    if isinstance(found, ScimError):
        assert found.status in (400, 413)
    else:
        assert isinstance(found, dict)
        # What was read is what another strict reader reads.
        assert found == json.loads(body.removeprefix(b"\xef\xbb\xbf").decode())


@given(HEADERS)
def test_F22_no_header_raises_anything(header: str) -> None:
    found = quick(read_header, header)
    assert found is None or (found.isascii() and 0 < len(found) <= LONGEST_HEADER and '"' not in found)
    read = quick(read_token, found or "")
    assert read is None or [len(part) for part in read] == [12, 43]


@pytest.mark.parametrize(
    "header",
    ["Bearer " + " " * 500, "Bearer token=" * 39, 'Bearer token="' + "a" * 490, "Token" + "\t " * 250 + "x,"],
)
def test_F22_no_header_is_read_slowly(header: str) -> None:
    quick(read_header, header)
