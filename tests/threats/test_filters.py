"""SQL and jokers in filters: a value is a value (T21)."""

from collections.abc import Callable

import pytest

from scim_provisioning.models import Event
from tests.scim import ScimClient, database_digest

pytestmark = pytest.mark.django_db

CORPUS = [
    "' OR '1'='1", "' OR 1=1 --", "'; DROP TABLE hub_user; --", '" OR ""="', "' UNION SELECT password FROM hub_user --",
    "1' AND SLEEP(5) --", "'||pg_sleep(5)||'", "\\'; SELECT pg_sleep(5) --", "x') OR ('x'='x", "%27%20OR%201=1",
    "%", "%%", "_", "__", "a_a", "a%", "\\%", "\\_", "\\", "\\\\", "[a-z]", "*", "?", "$1", "%s", "%(x)s", "{0}",
    "$.userName", '$ ? (@ like_regex "a")', "(.*)", "^a", "a{1000}", "\N{FULLWIDTH PERCENT SIGN}", "ﬁ", "Ω", "é",
]  # fmt: skip
OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "eq": lambda held, value: held == value,
    "co": lambda held, value: value in held,
    "sw": lambda held, value: held.startswith(value),
    "ew": lambda held, value: held.endswith(value),
}
ATTRIBUTES = ["userName", "displayName", "title", "nickName", 'emails[type eq "home"].value']


@pytest.fixture
def people(rfc: ScimClient) -> dict[str, str]:
    """Return users whose attributes hold the corpus: their text by id."""
    found = {}
    for number, text in enumerate([*CORPUS, "ada", "a%a", "aXa", "anna"]):
        user = rfc.create_user(
            f"user{number}",
            displayName=text,
            title=text,
            nickName=text,
            emails=[{"type": "work", "value": f"user{number}@x.example"}, {"type": "home", "value": text}],
        )
        found[user.id] = text
    return found


@pytest.mark.parametrize("attribute", [*ATTRIBUTES[1:4], ATTRIBUTES[4]])
@pytest.mark.parametrize("operator", OPERATORS)
def test_T21_a_value_finds_what_holds_it_and_nothing_else(
    rfc: ScimClient, people: dict[str, str], attribute: str, operator: str
) -> None:
    before = database_digest()
    for value in CORPUS:
        quoted = value.replace("\\", "\\\\").replace('"', '\\"')
        answer = rfc.find("/Users", f'{attribute} {operator} "{quoted}"')
        assert answer.status == 200, answer.json
        expected = {
            user for user, text in people.items() if OPERATORS[operator](text.casefold(), value.casefold())
        }
        assert {each["id"] for each in answer["Resources"]} == expected, value
    assert database_digest() == before
    assert not Event.objects.filter(outcome="failed").exists()


@pytest.mark.parametrize(
    "place", ["sortBy", "sortOrder", "attributes", "excludedAttributes", "cursor", "startIndex", "count"]
)
def test_T21_no_other_parameter_is_sql(rfc: ScimClient, place: str) -> None:
    rfc.create_user("ada")
    before = database_digest()
    for value in CORPUS:
        answer = rfc.get("/Users", **{place: value})
        assert answer.status in (200, 400)
        assert b"syntax error" not in answer.content
    assert database_digest() == before


@pytest.mark.parametrize("path", ["/Users/{}", "/Groups/{}", "/Schemas/{}", "/ResourceTypes/{}"])
def test_T21_no_id_is_sql(rfc: ScimClient, path: str) -> None:
    for value in CORPUS:
        assert rfc.get(path.format(value.replace("%", "%25").replace("?", "%3F"))).status == 404
