"""The package as text: its modules, parsed, for the tests that hold the shape of the code."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

PACKAGE = "scim_provisioning"
ROOT = Path(__file__).resolve().parent.parent / PACKAGE


@dataclass(frozen=True)
class Import:
    """One imported module, and where and how it is imported."""

    module: str
    line: int
    inside: str = ""  # the function that holds it
    for_types: bool = False  # under `if TYPE_CHECKING:`


@dataclass(frozen=True)
class Module:
    """One module of the package."""

    name: str
    source: str
    is_package: bool = False

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.source, filename=self.name)

    @cached_property
    def imports(self) -> list[Import]:
        return list(self._imports(self.tree))

    def _imports(self, node: ast.AST, inside: str = "", for_types: bool = False) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, child.lineno, inside, for_types)
            elif isinstance(child, ast.ImportFrom):
                source = self._absolute(child)
                for alias in child.names:
                    # `from a import b` may mean the module a.b or the name b in a: `resolve` knows which.
                    yield Import(f"{source}.{alias.name}", child.lineno, inside, for_types)
            elif isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
                yield from self._imports(child, getattr(child, "name", "lambda"), for_types)
            elif isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
                yield from self._imports(child, inside, for_types=True)
            else:
                yield from self._imports(child, inside, for_types)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.name.split(".")
        package = package[: len(package) - node.level + self.is_package]
        return ".".join([*package, *(node.module or "").split(".")]).rstrip(".")


def package_modules(root: Path = ROOT) -> dict[str, Module]:
    """Return every module of the package by its dotted name; migrations are history, not design."""
    modules = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        if "migrations" in parts:
            continue
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        modules[name] = Module(name, path.read_text(encoding="utf-8"), is_package)
    return modules


def resolve(target: str, modules: dict[str, Module]) -> str | None:
    """Return the module of the package that an import names, or None for one outside the package."""
    if target.partition(".")[0] != PACKAGE:
        return None
    while target not in modules and "." in target:
        target = target.rpartition(".")[0]
    return target
