"""Which tests prove which rule: read out of the names of the tests, and nothing is run."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TESTS = ROOT / "tests"
DEMO = ROOT / "example_project" / "demo"
# test_A26_A27_…, test_B32_to_B39_…, test_R18b_…, test_fact_07_…, and the same in lower case.
NUMBERS = re.compile(r"test_((?:[abcfrtz]\d+[ab]?_(?:to_(?=[a-z]\d))?)+|fact_\d+_)", re.IGNORECASE)
NUMBER = re.compile(r"([a-z]+)_?(\d+)([ab]?)(_to_)?", re.IGNORECASE)
# Two catalogues may use one letter; then the folder says which one is meant: what Entra asks for, or what we fear.
ENTRA = {"entra", "discovery", "simulator"}
CATALOGUES = {
    "A": ("rules", "rules"),
    "B": ("rules", "rules"),
    "Z": ("rules", "rules"),
    "R": ("requests", "requests"),
    "C": ("engine", "engine"),
    "T": ("certification", "threats"),
    "F": ("failures", "faults"),
    "FACT": ("facts", "facts"),
}


@dataclass(frozen=True, order=True)
class Proof:
    """One test."""

    path: str
    name: str


def numbers_in(name: str) -> Iterator[tuple[str, str]]:
    """Yield (letter, number) of each rule that the name of a test begins with."""
    match = NUMBERS.match(name)
    if match is None:
        return
    start = None
    for letter, digits, suffix, to in NUMBER.findall(match[1].replace("_to_", "_to__")):
        first = int(digits) if start is None else start + 1
        start = int(digits) if to else None
        for number in range(first, int(digits) + 1):
            yield letter.upper(), f"{number}{suffix}"


@cache
def tests_in(path: str) -> list[Proof]:
    """Return the tests of one file below ``tests/``."""
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return [Proof(path, node.name) for node in functions if node.name.startswith("test_")]


@cache
def proofs() -> dict[tuple[str, str], list[Proof]]:
    """Return the tests of each rule, by (catalogue, number)."""
    found: dict[tuple[str, str], list[Proof]] = defaultdict(list)
    for file in sorted(TESTS.rglob("test_*.py")):
        path = file.relative_to(TESTS)
        for proof in tests_in(path.as_posix()):
            for letter, number in numbers_in(proof.name):
                catalogue = CATALOGUES[letter][0 if path.parts[0] in ENTRA else 1]
                label = number if letter == "FACT" else f"{letter}{number}"
                found[catalogue, label].append(proof)
    return found


@cache
def rehearsed() -> set[tuple[str, str]]:
    """Return the rules that the demo rehearses: the numbers that its functions are decorated with."""
    found: set[tuple[str, str]] = set()
    for file in sorted(DEMO.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.FunctionDef):
                continue
            for decorator in node.decorator_list:
                if isinstance(decorator, ast.Call) and getattr(decorator.func, "attr", "") == "rule":
                    found |= _labels(decorator.args[0])
    return found


def _labels(argument: ast.expr) -> set[tuple[str, str]]:
    """Return the numbers in ``"A9"``, ``"B25 a"`` or ``"B32–B39"``."""
    text = argument.value if isinstance(argument, ast.Constant) else ""
    numbers = re.findall(r"([A-Z])(\d+)", str(text))
    if len(numbers) == 2 and "–" in str(text):
        (letter, first), (_letter, last) = numbers
        numbers = [(letter, str(number)) for number in range(int(first), int(last) + 1)]
    return {(CATALOGUES[letter][1], f"{letter}{number}") for letter, number in numbers}


# Begins a catalogue; its rows hold a number, what it says, and for one without tests how it stands.
MARKER = re.compile(r"<!-- proofs: (\w+) -->")
ROW = re.compile(r"\| ([A-Z]?\d+[ab]?) \| (.+?) \|(?: (.+?) \|)?")
# Rows that name their tests themselves: `file.py`, or `file.py:word` for the tests whose names hold the word.
FILES = "files"
FILE_ROW = re.compile(r"\| (.+?) \| (.+?) \| ([\w/]+\.py\S*(?:, [\w/]+\.py\S*)*) \|")
OPEN = "no test by that name"


def with_proofs(text: str) -> str:
    """Complete the rows of the catalogues of a page with their status and their tests."""
    catalogue = ""
    lines = []
    for line in text.splitlines():
        if marker := MARKER.fullmatch(line):
            catalogue = marker[1]
        lines.append(_completed(catalogue, line))
    return "\n".join(lines)


def _completed(catalogue: str, line: str) -> str:
    if catalogue == FILES and (row := FILE_ROW.fullmatch(line)):
        return f"| {row[1]} | {row[2]} | {shown(chosen(row[3]))} |"
    if catalogue in {"", FILES} or (row := ROW.fullmatch(line)) is None:
        return line
    label, text, remark = row.groups()
    tests = proofs().get((catalogue, label), [])
    known = ["tested"] * bool(tests) + ["rehearsed by the demo"] * ((catalogue, label) in rehearsed())
    status = ", ".join(known) or remark or OPEN
    return f"| [{label}]{{#{catalogue}-{label.lower()}}} | {text} | {status} | {shown(tests)} |"


def rows_of(text: str) -> set[tuple[str, str]]:
    """Return (catalogue, number) of each row of the catalogues of a page."""
    catalogue = ""
    found = set()
    for line in text.splitlines():
        if marker := MARKER.fullmatch(line):
            catalogue = marker[1]
        elif catalogue not in {"", FILES} and (row := ROW.fullmatch(line)):
            found.add((catalogue, row[1]))
    return found


def chosen(names: str) -> list[Proof]:
    """Return the tests of ``file.py, file.py:word``."""
    found: list[Proof] = []
    for name in names.split(", "):
        path, _colon, word = name.partition(":")
        found += [proof for proof in tests_in(path) if word in proof.name]
    return found


def shown(tests: list[Proof]) -> str:
    """Return tests as a cell: their files, and in each their names to unfold."""
    by_path: dict[str, list[str]] = defaultdict(list)
    for test in sorted(set(tests)):
        by_path[test.path].append(test.name)
    cells = []
    for path, names in by_path.items():
        listed = "".join(f"<br>`{name}`" for name in names)
        cells.append(f"<details><summary>{path} ({len(names)})</summary>{listed}</details>")
    return "".join(cells) or "–"
