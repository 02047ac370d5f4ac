"""The right column of a mapping: what each kind of line takes, refuses and says is wrong with it."""

from typing import Any

import pytest
from django.contrib.auth import get_user_model

from scim_provisioning.mapping import Choice, Column, Reference, RolePattern, Roles, ScimError, Status
from scim_provisioning.mapping.attributes import near
from scim_provisioning.models import Connection
from tests.factories import USERS, column

USER = get_user_model()


def mapping(**columns: Any) -> Any:
    """Return the host's mapping of a connection that is in no database."""
    return USERS(Connection(**columns))


def load(line: Any, value: Any, **columns: Any) -> Any:
    return line.load(mapping(**columns), USERS.target("title"), {"title": value} if value is not None else {})


NAME = column("displayName")


def test_a_column_takes_a_text_as_it_is() -> None:
    for value in ("Ada", " Ada ", "0", "\N{LATIN SMALL LETTER SHARP S}", "<b>"):
        assert load(Column(NAME), value) == value


def test_a_column_that_is_cleared_gets_its_default() -> None:
    assert load(Column(NAME), None) == ""


def test_a_column_never_cuts_a_value_to_fit() -> None:
    field: Any = USER._meta.get_field(NAME)
    limit = int(field.max_length)
    assert load(Column(NAME), "x" * limit) == "x" * limit
    with pytest.raises(ScimError) as refused:
        load(Column(NAME), "x" * (limit + 1))
    assert (refused.value.status, refused.value.code) == (400, "value_too_long")
    assert str(limit) in refused.value.detail


def test_a_value_that_the_column_cannot_hold_is_refused() -> None:
    with pytest.raises(ScimError) as refused:
        load(Column("last_login"), "not a moment")
    assert (refused.value.status, refused.value.scim_type) == (400, "invalidValue")


def test_an_empty_column_is_no_value() -> None:
    assert Column(NAME).render({NAME: ""}) is None
    assert Column(NAME).render({NAME: None}) is None
    assert Column(NAME).render({NAME: "x"}) == "x"


def test_a_column_says_what_is_wrong_with_it() -> None:
    assert list(Column(NAME).problems(USER)) == []
    assert "nonsense" in " ".join(Column("nonsense").problems(USER))
    relation = next(field.name for field in USER._meta.concrete_fields if field.is_relation)
    assert "Reference" in " ".join(Column(relation).problems(USER))


def test_a_reference_says_what_is_wrong_with_it() -> None:
    assert list(Reference("nonsense", by="name").problems(USER))
    assert list(Reference(NAME, by="name").problems(USER))
    relation = next(field.name for field in USER._meta.concrete_fields if field.is_relation)
    assert list(Reference(relation, by="nonsense", within=None).problems(USER))
    assert list(Reference(relation, by="name", within=None).problems(USER)) == []


def test_roles_say_what_is_wrong_with_them() -> None:
    assert "nonsense" in " ".join(Roles("nonsense").problems(USER))


REJECT = {"unknown_reference": "reject"}


@pytest.mark.parametrize("choices", [["NO", "SE"], lambda _mapping: iter(["NO", "SE"])])
def test_a_choice_takes_its_values_from_a_list_or_a_function(choices: Any) -> None:
    line = Choice(choices)
    assert load(line, "NO", **REJECT) == "NO"
    assert load(line, "no", **REJECT) == "no", "as it was sent"
    with pytest.raises(ScimError) as refused:
        load(line, "XX", **REJECT)
    assert "'XX'" in refused.value.detail
    assert load(line, None, **REJECT) is None


def test_a_choice_may_be_exact() -> None:
    with pytest.raises(ScimError):
        load(Choice(["NO"], ignore_case=False), "no", **REJECT)


def test_a_choice_of_an_unknown_value_is_kept_where_the_connection_ignores_it() -> None:
    assert load(Choice(["NO"]), "XX", unknown_reference="ignore") == "XX"


def test_near_names_are_offered_and_far_ones_are_not() -> None:
    assert "'Finance'" in near("Finanse", ["Finance", "Legal"])
    assert near("Quantum", ["Finance", "Legal"]) == ""


PATTERN = RolePattern("departmentmanager:office:{country}:{department}", lambda _mapping, **parts: parts)


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        ("departmentmanager:office:NO:R&D", {"country": "NO", "department": "R&D"}),
        ("departmentmanager:office:NO:A: B: C", {"country": "NO", "department": "A: B: C"}),
        ("departmentmanager:office:NO:a\nb", {"country": "NO", "department": "a\nb"}),
        ("departmentmanager:office:NO:", None),
        ("departmentmanager:office::R&D", None),
        ("departmentmanager:office:NO", None),
        ("xdepartmentmanager:office:NO:R&D", None),
        ("departmentmanager.office.NO.R&D", None),
        ("DEPARTMENTMANAGER:office:NO:R&D", None),
    ],
)
def test_B20_the_last_part_of_a_role_takes_the_rest(value: str, parts: dict[str, str] | None) -> None:
    assert PATTERN.parts(value) == parts


def test_A18_a_status_is_active_unless_it_is_inactive() -> None:
    status = Status("status", pending="pending", active="active", inactive="inactive")
    assert [status.is_active(value) for value in ("pending", "active", "inactive", "odd")] == [
        True,
        True,
        False,
        True,
    ]


def test_A18_a_host_without_pending_has_active_in_its_place() -> None:
    status = Status("is_active", active=True, inactive=False)
    assert status.pending is True
    assert status.is_active(True)
    assert not status.is_active(False)
