"""The catalogues of rules: every number that a test is named after is there, and every test that is named."""

import re

import pytest

from docs._ext.proofs import FILE_ROW, chosen, numbers_in, proofs, rows_of
from tests.docs.pages import DOCS, page

PAGES = ("reference/rules", "reference/conformance")


def listed() -> set[tuple[str, str]]:
    """Return (catalogue, number) of each row."""
    return {row for name in PAGES for row in rows_of((DOCS / f"{name}.md").read_text(encoding="utf-8"))}


def test_every_number_that_a_test_is_named_after_is_listed() -> None:
    assert set(proofs()) - listed() == set()


@pytest.mark.parametrize(
    ("letter", "catalogue", "last"),
    [
        ("A", "rules", 38),
        ("B", "rules", 45),
        ("R", "requests", 24),
        ("C", "engine", 24),
        ("T", "certification", 25),
        ("F", "failures", 26),
        ("", "facts", 40),
        ("T", "threats", 35),
        ("F", "faults", 26),
    ],
)
def test_every_catalogue_is_whole(letter: str, catalogue: str, last: int) -> None:
    assert {(catalogue, f"{letter}{number}") for number in range(1, last + 1)} <= listed()


@pytest.mark.parametrize(("letter", "last"), [("A", 38), ("B", 45)])
def test_every_rule_of_both_products_has_a_test_of_its_name(letter: str, last: int) -> None:
    rules = [f"{letter}{number}" for number in range(1, last + 1)]
    assert [rule for rule in rules if not proofs().get(("rules", rule))] == []


@pytest.mark.parametrize(("letter", "catalogue", "last"), [("T", "threats", 35), ("F", "faults", 26)])
def test_every_threat_and_every_fault_has_a_test_of_its_name(letter: str, catalogue: str, last: int) -> None:
    names = [f"{letter}{number}" for number in range(1, last + 1)]
    assert [name for name in names if not proofs().get((catalogue, name))] == []


def test_a_row_with_tests_names_them() -> None:
    row = next(line for line in page("reference/rules").splitlines() if line.startswith("| [A10]"))
    assert "| tested, rehearsed by the demo |" in row
    assert "test_A10_first_login_makes_pending_active" in row


def test_a_row_without_tests_says_how_it_stands() -> None:
    for name in PAGES:
        assert "no test by that name" not in page(name), name


def test_every_row_that_names_files_finds_tests_there() -> None:
    text = (DOCS / "reference/conformance.md").read_text(encoding="utf-8")
    found = [row for line in text.splitlines() if (row := FILE_ROW.fullmatch(line))]
    assert len(found) > 10
    for row in found:
        assert all(chosen(name) for name in row[3].split(", ")), row[1]


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("test_A10_first_login", ["A10"]),
        ("test_A26_A27_with_reject", ["A26", "A27"]),
        ("test_B32_to_B35_the_optional_attributes", ["B32", "B33", "B34", "B35"]),
        ("test_R18b_replace_adds", ["R18b"]),
        ("test_T05_a_manager", ["T5"]),
        ("test_a33_b27_direct_members", ["A33", "B27"]),
        ("test_fact_07_add", ["FACT7"]),
        ("test_a_number_of_things", []),
    ],
)
def test_numbers_are_read_off_the_names_of_tests(name: str, numbers: list[str]) -> None:
    assert [f"{letter}{number}" for letter, number in numbers_in(name)] == numbers


def test_links_inside_tables_have_targets() -> None:
    targets = {target for name in PAGES for target in re.findall(r"\{#([\w-]+)\}", page(name))}
    for name in PAGES:
        wanted = re.findall(
            r"\((?:conformance\.md|rules\.md)?#((?:rules|requests|engine|certification|failures|facts|threats|faults)-\w+)\)",
            page(name),
        )
        assert set(wanted) <= targets
