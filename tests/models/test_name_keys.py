"""Names are equal by a key that is computed in Python and stored, so that no database folds letters (T22)."""

import unicodedata

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from scim_provisioning.models import UserResource, name_key
from tests.factories import make_user
from tests.models.names import PAIRS, Pair
from tests.scim import ScimClient, group_body, user_body

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


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.why)
def test_T22_the_database_holds_two_names_apart_exactly_where_python_does(
    rfc: ScimClient, pair: Pair
) -> None:
    link(rfc, pair.one)
    stored = UserResource.objects.get()
    assert stored.user_name == pair.one
    assert stored.user_name_key == name_key(pair.one)
    assert UserResource.objects.filter(user_name_key=name_key(pair.other)).exists() is pair.same
    if pair.same:
        with pytest.raises(IntegrityError), transaction.atomic():
            link(rfc, pair.other)
    else:
        link(rfc, pair.other)
    assert UserResource.objects.count() == (1 if pair.same else 2)


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if pair.same], ids=lambda pair: pair.why)
def test_T22_a_filter_finds_a_user_by_any_spelling_of_its_name(rfc: ScimClient, pair: Pair) -> None:
    link(rfc, pair.one)
    assert rfc.find("/Users", f'userName eq "{pair.other}"')["totalResults"] == 1


@pytest.mark.parametrize("pair", [pair for pair in PAIRS if not pair.same], ids=lambda pair: pair.why)
def test_T22_a_filter_does_not_find_a_user_by_a_name_that_only_looks_like_its_own(
    rfc: ScimClient, pair: Pair
) -> None:
    link(rfc, pair.one)
    assert rfc.find("/Users", f'userName eq "{pair.other}"')["totalResults"] == 0


@pytest.mark.parametrize(
    "name",
    [
        "ada\N{ZERO WIDTH SPACE}",
        "a\N{ZERO WIDTH JOINER}da",
        "\N{RIGHT-TO-LEFT OVERRIDE}ada",
        "ada\N{LEFT-TO-RIGHT MARK}",
        "a\N{SOFT HYPHEN}da",
        "ada\t",
        "a\x07da",
        "\ufeffada",
        " ada",
        "ada ",
        "\N{NO-BREAK SPACE}ada",
        "ada\n",
        "ada\N{LINE SEPARATOR}",
    ],
)
def test_T22_names_with_what_nobody_sees_are_refused(rfc: ScimClient, name: str) -> None:
    refused = rfc.post("/Users", {**user_body("x"), "userName": name})
    assert (refused.status, refused["scimType"]) == (400, "invalidValue")
    assert rfc.post("/Groups", {**group_body("x"), "displayName": name}).status == 400
    assert not UserResource.objects.exists()


def link(client: ScimClient, name: str) -> UserResource:
    """Link a Hub user under a name."""
    now = client.connection.created_at
    return UserResource.objects.create(
        connection=client.connection,
        user=make_user(client.organization),
        user_name=name,
        user_name_key=name_key(name),
        created_at=now,
        modified_at=now,
    )
