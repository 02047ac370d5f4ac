"""Filters: read under limits, every attribute resolved, bare values quoted (RFC 7644 section 3.4.2.2)."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_models.path import CompareOperator, Comparison, LogicalExpr

from scim_provisioning.protocol.errors import ScimError
from scim_provisioning.protocol.filters import equality, quote_bare_values, read_filter
from scim_provisioning.protocol.schemas import group_model, user_model
from tests.protocol.conftest import LIMITS, outcome
from tests.steps import steps

MODEL = user_model()
WORDS = st.sampled_from(
    ["userName", "emails", "emails.value", 'emails[type eq "work"]', ".value", "name.givenName", "x", "eq", "ne",
     "co", "sw", "ew", "gt", "ge", "lt", "le", "pr", "and", "or", "not", "(", ")", "[", "]", '"', '"ada"', "ada", "7",
     "true", "null", "\\", '"\\"', " ", "active", "meta.created", "manager", "password", "members", "EQ", "é", "\x00",
     "urn:ietf:params:scim:schemas:core:2.0:User:userName", "-", "1.5e3", "'", ".", ":", "$ref", "emails.$ref"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=14).map(" ".join) | st.text(max_size=60))
def test_no_text_raises_anything_but_invalid_filter(text: str) -> None:
    for model in (MODEL, group_model()):
        found = outcome(read_filter, model, text, LIMITS)
        assert not isinstance(found, ScimError) or (found.status, found.scim_type) == (400, "invalidFilter")


ATTRIBUTES = st.sampled_from(
    ["userName", "title", "name.givenName", "emails.value", "externalId", "displayName"]
)
OPERATORS = st.sampled_from(["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"])


@given(ATTRIBUTES, OPERATORS, st.text(max_size=20))
def test_any_quoted_text_is_a_value(attribute: str, op: str, value: str) -> None:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    if any(ord(character) < 32 or "\ud800" <= character <= "\udfff" for character in value):
        return
    node = read_filter(MODEL, f'{attribute} {op} "{escaped}"', LIMITS)
    assert isinstance(node, Comparison)
    assert (node.op, node.value) == (CompareOperator(op), value)


@given(ATTRIBUTES, st.text(alphabet="abcdefghij0123456789@.+#'&-_éø李", min_size=1, max_size=20))
def test_a_bare_value_is_read_like_a_quoted_one(attribute: str, value: str) -> None:
    # With eq alone, the operator that the documents print bare values with (R2, R11).
    if value.lower() in ("true", "false", "null"):
        return
    bare = read_filter(MODEL, f"{attribute} eq {value}", LIMITS)
    quoted = read_filter(MODEL, f'{attribute} eq "{value}"', LIMITS)
    assert isinstance(bare, Comparison)
    assert isinstance(quoted, Comparison)
    assert bare.value == quoted.value == value


@given(
    st.lists(
        st.tuples(ATTRIBUTES, OPERATORS, st.text(alphabet='ab c"\\()[]', max_size=8)), min_size=1, max_size=4
    )
)
def test_quoted_values_are_left_as_they_are(terms: list[tuple[str, str, str]]) -> None:
    text = " and ".join(
        '{} {} "{}"'.format(name, op, value.replace("\\", "\\\\").replace('"', '\\"'))
        for name, op, value in terms
    )
    assert quote_bare_values(text) == text


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("externalId eq jyoung", 'externalId eq "jyoung"'),
        ("externalId eq 7", 'externalId eq "7"'),
        ("id eq a and manager eq b", 'id eq "a" and manager eq "b"'),
        ("active eq true", "active eq true"),
        ('title eq "a eq b" and x eq c', 'title eq "a eq b" and x eq "c"'),
        ("(userName eq a)", '(userName eq "a")'),
        ("emails[type eq work].value eq x", 'emails[type eq "work"].value eq "x"'),
        ("title pr", "title pr"),
    ],
)
def test_bare_values_get_quotes(text: str, quoted: str) -> None:
    assert quote_bare_values(text) == quoted


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x" * 301, "filter_too_long"),
        ("(" * 6 + "title pr" + ")" * 6, "filter_too_complex"),
        ("not (" * 6 + "title pr" + ")" * 6, "filter_too_complex"),
        (" or ".join(["title pr"] * 11), "filter_too_complex"),
        ('nowhere eq "x"', "unknown_filter_attribute"),
        ("name.nowhere pr", "unknown_filter_attribute"),
        ('emails[nowhere eq "x"]', "unknown_filter_attribute"),
        ('title[value eq "x"]', "bad_filter"),
        ('password eq "x"', "unknown_filter_attribute"),
        ("title", "bad_filter"),
        ("", "bad_filter"),
    ],
)
def test_a_filter_is_refused_with_its_code(text: str, code: str) -> None:
    found = outcome(read_filter, MODEL, text, LIMITS)
    assert isinstance(found, ScimError)
    assert found.code == code


@pytest.mark.parametrize(
    "text", ["(" * 4000, "[" * 4000, "not (" * 800, "a.b." * 1000, '"' * 4096, "a eq " * 800]
)
def test_a_hostile_filter_is_refused_after_it_is_cut_into_words(text: str) -> None:
    limits = type(LIMITS)(
        **{name: getattr(LIMITS, name) for name in LIMITS.__slots__} | {"filter_characters": 4096}
    )
    start = time.perf_counter()
    found, cost = steps(lambda: outcome(read_filter, MODEL, text, limits))
    assert time.perf_counter() - start < 0.5
    assert isinstance(found, ScimError)
    assert cost < 1000 + 10 * len(text)


def test_brackets_in_a_value_do_not_count_as_depth() -> None:
    assert isinstance(read_filter(MODEL, f'title eq "{"(" * 50}"', LIMITS), Comparison)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('userName eq "x"', ("userName", "x")),
        ('USERNAME EQ "x"', ("USERNAME", "x")),
        ('name.givenName eq "x"', None),
        ('userName co "x"', None),
        ("active eq true", None),
        ('userName eq "x" and title pr', None),
        ("userName pr", None),
    ],
)
def test_the_filter_of_every_cycle_is_told_from_others(text: str, expected: tuple[str, str] | None) -> None:
    assert equality(read_filter(MODEL, text, LIMITS)) == expected


def test_and_binds_tighter_than_or() -> None:
    node = read_filter(MODEL, 'title pr or userName eq "x" and active eq true', LIMITS)
    assert isinstance(node, LogicalExpr)
    assert len(node.terms) == 2
    assert isinstance(node.terms[1], LogicalExpr)
