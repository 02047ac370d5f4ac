"""Imports point down only: the outer modules → api → lifecycle → mapping and models → protocol."""

from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

import pytest

from tests.package_source import PACKAGE, Module, package_modules, resolve

OUTER = 5
# A part that is not named here (urls, admin, tasks, receivers, simulator, management, …) is an outer one:
# it may import everything, and nothing below may import it.
LAYERS = {"protocol": 1, "models": 2, "mapping": 2, "lifecycle": 3, "api": 4}
# Leaves are imported from every layer but the protocol, and import nothing of the package themselves.
LEAVES = {"conf", "signals"}
# The HTTP libraries: for the api, and for what it offers to the tests of a Hub.
MAY_SPEAK_HTTP = {"api", "testing"}
HTTP_LIBRARIES = ("rest_framework", "django_scim.views", "django_scim.adapters")
NOT_IN_PROTOCOL = ("django.apps", "django.conf", "django.contrib", "django.db", "django.http", "celery")
# Django imports receivers and checks when the app registry is ready, not before.
MAY_IMPORT_LATE = {(f"{PACKAGE}.apps", "ready")}
BANNED_NAMES = {"utils", "util", "helpers", "helper", "misc", "common"}


def part(module: str) -> str:
    """Return the part of the package a module lies in: `api` for scim_provisioning.api.users."""
    return module.removeprefix(PACKAGE).lstrip(".").partition(".")[0]


def is_within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def violations(modules: dict[str, Module]) -> Iterator[str]:
    for module in modules.values():
        yield from import_violations(module, modules)
        if BANNED_NAMES & set(module.name.split(".")):
            yield f"{module.name}: name the module after what it is about"
    yield from cycles(modules)


def import_violations(module: Module, modules: dict[str, Module]) -> Iterator[str]:
    here = part(module.name)
    for found in module.imports:
        where = f"{module.name}:{found.line} imports {found.module}"
        target = resolve(found.module, modules)
        if found.inside and (module.name, found.inside) not in MAY_IMPORT_LATE:
            yield f"{where} inside {found.inside}()"
        if target is None:
            if is_within(found.module, HTTP_LIBRARIES) and here not in MAY_SPEAK_HTTP:
                yield f"{where}, which only the api does"
            if here == "protocol" and is_within(found.module, NOT_IN_PROTOCOL):
                yield f"{where}, but the protocol knows no database, settings or requests"
        elif not may_import(here, part(target)):
            yield f"{where}, against the direction of the layers"


def may_import(here: str, there: str) -> bool:
    if here == there:
        return True
    if here in LEAVES:
        return False
    if there in LEAVES:
        return here != "protocol"
    if not there:
        return True  # the package itself: its version; what it imports in turn is checked there
    return LAYERS.get(there, OUTER) <= LAYERS.get(here, OUTER)


def cycles(modules: dict[str, Module]) -> Iterator[str]:
    """Find modules that need each other to be imported; an import for types alone needs nothing."""
    graph: dict[str, set[str]] = {}
    for module in modules.values():
        targets = {resolve(found.module, modules) for found in module.imports if not found.for_types}
        graph[module.name] = {target for target in targets if target and target != module.name}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield "a cycle: " + " → ".join(error.args[1])


def test_imports_point_down_only() -> None:
    modules = package_modules()
    assert f"{PACKAGE}.protocol" in modules
    assert list(violations(modules)) == []


def example(**sources: str) -> dict[str, Module]:
    """Build a small package; `api__users` stands for scim_provisioning.api.users."""
    modules = {PACKAGE: Module(PACKAGE, "", is_package=True)}
    for key, source in sources.items():
        name = f"{PACKAGE}.{key.replace('__', '.')}"
        is_package = any(other.startswith(f"{key}__") for other in sources)
        modules[name] = Module(name, source, is_package)
    return modules


@pytest.mark.parametrize(
    ("sources", "complaint"),
    [
        ({"protocol__members": f"from {PACKAGE}.models import Connection", "models": ""}, "direction"),
        ({"protocol__members": f"from {PACKAGE} import conf", "conf": ""}, "direction"),
        ({"lifecycle__users": f"import {PACKAGE}.api.users", "api__users": ""}, "direction"),
        ({"lifecycle": "from .api import users", "api__users": ""}, "direction"),
        ({"lifecycle__users": "from ..api import users", "api__users": "", "lifecycle": ""}, "direction"),
        (
            {"mapping__users": f"from {PACKAGE}.lifecycle.states import X", "lifecycle__states": ""},
            "direction",
        ),
        ({"api__users": f"from {PACKAGE}.simulator import engine", "simulator__engine": ""}, "direction"),
        ({"conf": f"from {PACKAGE}.protocol import errors", "protocol__errors": ""}, "direction"),
        (
            {
                "models__tokens": f"from typing import TYPE_CHECKING\n"
                f"if TYPE_CHECKING:\n    from {PACKAGE}.api import users",
                "api__users": "",
            },
            "direction",
        ),
        ({"lifecycle__users": "from rest_framework.response import Response"}, "only the api"),
        ({"admin__pages": "import rest_framework"}, "only the api"),
        ({"models__tokens": "from django_scim.adapters import SCIMUser"}, "only the api"),
        ({"protocol__errors": "from django.db import models"}, "no database"),
        ({"api__users": f"def get():\n    from {PACKAGE}.models import Token", "models": ""}, "inside get()"),
        ({"admin__pages": "class A:\n    def b(self):\n        import json"}, "inside b()"),
        ({"apps": "def load():\n    import json"}, "inside load()"),
        ({"api__utils": ""}, "name the module"),
        (
            {
                "models__a": f"from {PACKAGE}.mapping import b",
                "mapping__b": f"from {PACKAGE}.models import a",
            },
            "a cycle",
        ),
        (
            {"models": f"from {PACKAGE}.models.a import A", "models__a": f"from {PACKAGE}.models import B"},
            "a cycle",
        ),
    ],
)
def test_a_violation_is_seen(sources: dict[str, str], complaint: str) -> None:
    found = list(violations(example(**sources)))
    assert len(found) == 1, found
    assert complaint in found[0]


@pytest.mark.parametrize(
    "sources",
    [
        {
            "api__users": f"from {PACKAGE}.lifecycle import users",
            "lifecycle__users": "import rest_frameworks",
        },
        {"admin__pages": f"from {PACKAGE}.conf import settings\nimport django_scim.constants", "conf": ""},
        {"mapping__users": f"from {PACKAGE}.models import Connection", "models": ""},
        {"apps": f"class A:\n    def ready(self):\n        from {PACKAGE} import receivers", "receivers": ""},
        {
            "models__a": f"if TYPE_CHECKING:\n    from {PACKAGE}.mapping import b",
            "mapping__b": f"from {PACKAGE}.models import a",
        },
        {"brand_new": f"from {PACKAGE}.api import users", "api__users": ""},
    ],
)
def test_what_the_layers_allow_is_not_reported(sources: dict[str, str]) -> None:
    assert list(violations(example(**sources))) == []
