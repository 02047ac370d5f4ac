"""What a linter has no rule for: modules and functions that fit on a screen or two."""

import ast
from collections.abc import Iterator

import pytest

from tests.package_source import Module, package_modules

LINES_OF_A_MODULE = 300
LINES_OF_A_FUNCTION = 40
MODULES = package_modules().values()


def too_long(module: Module) -> Iterator[str]:
    lines = module.source.count("\n")
    if lines > LINES_OF_A_MODULE:
        yield f"{module.name} has {lines} lines"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > LINES_OF_A_FUNCTION:
                yield f"{module.name}:{node.lineno} {node.name}() has {lines} lines"


def branches_on_the_preset(module: Module) -> Iterator[str]:
    """A preset fills columns; what happens depends on a column, never on the name of the preset."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Compare):
            names = {
                getattr(side, "attr", getattr(side, "id", "")) for side in (node.left, *node.comparators)
            }
            literals = [side for side in (node.left, *node.comparators) if isinstance(side, ast.Constant)]
            if "preset" in names and literals:
                yield f"{module.name}:{node.lineno} {ast.unparse(node)}"


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_modules_and_functions_are_short(module: Module) -> None:
    assert list(too_long(module)) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_no_behaviour_hangs_on_a_preset(module: Module) -> None:
    assert list(branches_on_the_preset(module)) == []


def test_both_checks_can_fail() -> None:
    lines = "".join(f"    x = {number}\n" for number in range(LINES_OF_A_FUNCTION))
    assert list(too_long(Module("m", f"def f():\n{lines}"))) == ["m:1 f() has 41 lines"]
    assert list(too_long(Module("m", "\n" * 301))) == ["m has 301 lines"]
    assert list(branches_on_the_preset(Module("m", 'if c.preset == "rfc": pass'))) == [
        "m:1 c.preset == 'rfc'"
    ]
