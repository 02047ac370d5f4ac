"""The table of refusals: every row can be said, and every place that refuses says all that its row names."""

import ast
import string
from typing import Any

import pytest

from scim_provisioning.protocol.codes import CODES, ErrorCode
from scim_provisioning.protocol.errors import ERROR_SCHEMA, SHOWN_CHARACTERS, ScimError, shown
from tests.package_source import package_modules

SCIM_TYPES = {
    "invalidFilter", "tooMany", "uniqueness", "mutability", "invalidSyntax", "invalidPath", "noTarget",
    "invalidValue", "invalidVers", "sensitive", "invalidCursor", "expiredCursor", "invalidCount",
}  # fmt: skip
OWN = {"field", "value"}
# Refusals for which table 9 of the RFC has no keyword.
WITHOUT_TYPE = {"unresolved_bulk_id", "bad_host"}


def placeholders(row: ErrorCode) -> set[str]:
    """Return what a row's sentence and fix name."""
    return {name for _text, name, _spec, _conv in string.Formatter().parse(row.sentence + row.fix) if name}


@pytest.mark.parametrize("row", CODES.values(), ids=lambda row: row.code)
def test_every_refusal_can_be_said(row: ErrorCode) -> None:
    context: dict[str, Any] = dict.fromkeys(placeholders(row) - OWN, "CONTEXT")
    error = ScimError(row.code, field="FIELD", value="VALUE", **context)
    body = error.body()
    assert body["schemas"] == [ERROR_SCHEMA]
    assert body["status"] == str(row.status) == str(error.status)
    assert body.get("scimType") == row.scim_type == error.scim_type
    assert body["detail"].endswith(f"[{row.code}]")
    assert "{" not in body["detail"]
    for name in placeholders(row):
        assert {"field": "FIELD", "value": "'VALUE'"}.get(name, "CONTEXT") in body["detail"]


@pytest.mark.parametrize("row", CODES.values(), ids=lambda row: row.code)
def test_every_refusal_has_a_status_a_type_and_a_sentence_of_the_rfc(row: ErrorCode) -> None:
    assert row.status in {400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 429, 500, 501, 503}
    assert row.scim_type is None or row.scim_type in SCIM_TYPES
    assert row.scim_type is None or row.status in (400, 409)
    assert row.scim_type or row.status not in (400, 409) or row.code in WITHOUT_TYPE
    assert row.scim_type != "uniqueness" or row.status == 409
    assert row.sentence.rstrip().endswith(".")
    assert not row.fix or row.fix.rstrip().endswith(".")


def raised_with_a_literal_code() -> list[tuple[str, str, set[str]]]:
    """Return (place, code, keywords) of every ``ScimError("code", …)`` in the package."""
    found = []
    for module in package_modules().values():
        for node in ast.walk(module.tree):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "ScimError" and node.args):
                continue
            code = node.args[0]
            keywords = {keyword.arg for keyword in node.keywords if keyword.arg}
            starred = any(keyword.arg is None for keyword in node.keywords)
            if isinstance(code, ast.Constant) and not starred:
                found.append((f"{module.name}:{node.lineno}", str(code.value), keywords))
    return found


def test_every_place_that_refuses_names_what_its_sentence_needs() -> None:
    places = raised_with_a_literal_code()
    assert len(places) > 50
    for place, code, keywords in places:
        assert code in CODES, place
        assert placeholders(CODES[code]) - OWN <= keywords, place


def test_a_value_is_shown_quoted_printable_and_short() -> None:
    assert shown("ada") == "'ada'"
    assert (
        shown("a\x00\u202eb\n")
        == "'a\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}b\N{REPLACEMENT CHARACTER}'"
    )
    assert len(shown("x" * 10_000)) == SHOWN_CHARACTERS + 3
    assert shown({"a": 1}) == "'{'a': 1}'"
    assert shown(None) == "'None'"


def test_a_value_with_braces_is_not_read_as_a_placeholder() -> None:
    error = ScimError("bad_value", field="{field}", value="{value} {0} {x.y}", reason="{reason}")
    assert "{value} {0} {x.y}" in error.detail
