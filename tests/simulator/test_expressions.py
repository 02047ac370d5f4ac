"""Entra's expression language."""

import pytest

from scim_provisioning.simulator import AppRole
from scim_provisioning.simulator.expressions import Expression, ExpressionError, RoleSet, Value
from scim_provisioning.simulator.mapping_presets import MAPPINGS, SWITCH_ACTIVE

ROLES = (AppRole("consultant", "Consultant", "1"), AppRole("external", "External", "2"))


class Source:
    """Attributes from a dict, by exact name."""

    def __init__(self, **values: Value) -> None:
        self.values = values

    def attribute(self, name: str) -> Value:
        return self.values.get(name)


def evaluate(text: str, **values: Value) -> Value:
    return Expression(text).evaluate(Source(**values))


@pytest.mark.parametrize(
    ("text", "values", "expected"),
    [
        ("[mail]", {"mail": "A@X"}, "A@X"),
        ('"constant"', {}, "constant"),
        ("ToLower([mail], )", {"mail": "Ada@X.Example"}, "ada@x.example"),
        ("tolower([mail])", {"mail": "ÅSE"}, "åse"),
        ("ToLower([mail])", {}, None),
        ("ToUpper([mail])", {"mail": "ada"}, "ADA"),
        (SWITCH_ACTIVE, {"IsSoftDeleted": "False"}, "True"),
        (SWITCH_ACTIVE, {"IsSoftDeleted": "True"}, "False"),
        ('Switch([c], "else", "a", "b")', {"c": "z"}, "else"),
        ('Switch([c], , "a", "b")', {"c": "z"}, None),
        ('Join(" ", [givenName], [surname])', {"givenName": "Ada", "surname": "L"}, "Ada L"),
        ('Join(" ",[givenName],[surname])', {"surname": "L"}, "L"),
        ('Join(" ", [givenName], [surname])', {}, None),
        ("Coalesce([mail], [upn])", {"upn": "u"}, "u"),
        ('Coalesce([mail], "none")', {}, "none"),
        ("StripSpaces([department])", {"department": "Soft ware  Eng"}, "SoftwareEng"),
        ("Mid([phone], 2, 3)", {"phone": "12345"}, "234"),
        ("Mid([phone], 2, 3)", {}, None),
        ('Append([mailNickname], "@x.example")', {"mailNickname": "ada"}, "ada@x.example"),
        ('Append([mailNickname], "@x")', {}, None),
        ('Replace([upn], "@old", , , "@new", , )', {"upn": "a@old"}, "a@new"),
        ('Replace([phone], , "[^0-9]", , "", , )', {"phone": "+47 1-2"}, "4712"),
        ('Replace([phone], "x", , , "", , )', {}, None),
        ("Not([flag])", {"flag": "True"}, "False"),
        ("Trim([title])", {"title": " Eng "}, "Eng"),
        ("NormalizeDiacritics([surname])", {"surname": "Pérez"}, "Perez"),
        ('Join("-", ToLower([a]), StripSpaces([b]))', {"a": "X", "b": "y z"}, "x-yz"),
        ('Join(", ", "say \\"hi\\"", [a])', {"a": "you"}, 'say "hi", you'),
        ("SingleAppRoleAssignment([appRoleAssignments])", {"appRoleAssignments": ROLES}, "consultant"),
        ("SingleAppRoleAssignment([appRoleAssignments])", {"appRoleAssignments": ()}, None),
    ],
)
def test_an_expression_evaluates(text: str, values: dict[str, Value], expected: Value) -> None:
    assert evaluate(text, **values) == expected


def test_r13_complex_roles_add_and_assertive_ones_replace() -> None:
    added = evaluate("AppRoleAssignmentsComplex([appRoleAssignments])", appRoleAssignments=ROLES)
    full = evaluate("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", appRoleAssignments=ROLES)
    assert added == RoleSet(ROLES)
    assert full == RoleSet(ROLES, assertive=True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ToLower",
        "ToLower(",
        "ToLower([mail]",
        "Frobnicate([mail])",
        "ToLower([mail]) x",
        "ToLower([mail] 1)",
        "#",
    ],
)
def test_a_broken_expression_is_refused_with_its_text(text: str) -> None:
    with pytest.raises(ExpressionError, match="cannot read"):
        Expression(text)


@pytest.mark.parametrize("name", MAPPINGS)
def test_every_expression_of_the_presets_parses(name: str) -> None:
    for line in (*MAPPINGS[name].users, *MAPPINGS[name].groups):
        assert line.target.text == line.target_text
