"""Names are equal by a key that is computed in Python and stored, so that no database folds letters (T22)."""

import unicodedata
from typing import Any

import pytest
from django.db.models import Q
from hypothesis import given
from hypothesis import strategies as st

from scim_provisioning.models import UserResource, name_key
from tests.models.names import PAIRS, Pair

pytestmark = pytest.mark.django_db


def test_T22_the_table_has_sixty_pairs_and_no_two_of_them_are_one() -> None:
    assert len(PAIRS) == 60
    assert len({(pair.one, pair.other) for pair in PAIRS}) == 60
    assert all(pair.one != pair.other for pair in PAIRS)


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.why)
def test_T22_two_spellings_have_one_key_and_two_names_have_two(pair: Pair) -> None:
    assert (name_key(pair.one) == name_key(pair.other)) is pair.same


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_T22_a_key_is_its_own_key_and_is_in_normal_form(text: str) -> None:
    key = name_key(text)
    assert name_key(key) == key
    assert unicodedata.is_normalized("NFC", key)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_T22_the_key_does_not_depend_on_the_normal_form_that_was_sent(text: str) -> None:
    keys = {name_key(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert keys == {name_key(text)}
