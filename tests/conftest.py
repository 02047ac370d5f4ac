"""What every test has, whichever host project and database it runs on."""

import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.core.servers.basehttp import WSGIRequestHandler
from hypothesis import settings

from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.lifecycle.strangers import STRANGERS
from scim_provisioning.models import Connection
from tests import canary
from tests.factories import IS_EXAMPLE, OrganizationFactory, seed_places
from tests.scim import ScimClient

# A property test fails on a wrong answer, not on a slow machine; and a CI run can be repeated exactly.
settings.register_profile("default", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# Marked `once`: what neither the database nor the host project can change, and what takes long.
ONCE = {
    *("browser", "crashes", "docs", "fuzz", "machine", "protocol", "simulator", "themes"),
    *("test_layers.py", "test_style.py"),
}
TESTS = Path(__file__).parent

MakeConnection = Callable[..., Connection]
MakeClient = Callable[..., ScimClient]


def pytest_configure(config: pytest.Config) -> None:
    canary.install()
    # The live server writes an answer in two packets, the second of which would wait 40 ms for word of the first.
    WSGIRequestHandler.disable_nagle_algorithm = True
    config.addinivalue_line("markers", "examplehub: needs what only the example Hub has (roles, departments)")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None, Any, Any]:
    """Forget the tokens of the test before; those that the fixtures issue belong to this one."""
    canary.CANARY.secrets.clear()
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Let no test leave a token's secret anywhere (T24)."""
    return (yield from canary.watching(item))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(TESTS) and item.path.relative_to(TESTS).parts[0] in ONCE:
            item.add_marker(pytest.mark.once)
    if IS_EXAMPLE:
        return
    for item in items:
        if item.get_closest_marker("examplehub") or "fabrikam" in getattr(item, "fixturenames", ()):
            item.add_marker(
                pytest.mark.skip(
                    reason="needs roles and departments: run it with --ds=example_project.config.settings"
                )
            )


@pytest.fixture(autouse=True)
def nobody_has_called() -> None:
    """Forget what the process has counted of other tests' requests."""
    cache.clear()
    STRANGERS.forget()


@pytest.fixture
def organization(db: None) -> Any:
    """Return an organization."""
    return OrganizationFactory.create(slug="contoso")


@pytest.fixture
def other_organization(db: None) -> Any:
    """Return an organization that the first one must never notice."""
    return OrganizationFactory.create(slug="northwind")


@pytest.fixture
def make_connection(organization: Any) -> MakeConnection:
    """Return a function that makes a connection: ``make_connection("flow_connect", **columns)``."""

    def make(preset: str, of: Any = None, **columns: Any) -> Connection:
        return create_connection(of or organization, preset, **columns)

    return make


@pytest.fixture
def make_client(make_connection: MakeConnection) -> MakeClient:
    """Return a function that makes a connection and the client of it."""

    def make(preset: str, of: Any = None, **columns: Any) -> ScimClient:
        return ScimClient(make_connection(preset, of, **columns))

    return make


@pytest.fixture
def contoso(make_client: MakeClient) -> ScimClient:
    """Return a client of preset flow_connect."""
    return make_client("flow_connect")


@pytest.fixture
def rfc(make_client: MakeClient) -> ScimClient:
    """Return a client of preset rfc."""
    return make_client("rfc")


@pytest.fixture
def northwind(make_client: MakeClient, other_organization: Any) -> ScimClient:
    """Return a client of the other organization."""
    return make_client("flow_connect", other_organization)


@pytest.fixture
def fabrikam(make_client: MakeClient, db: None) -> ScimClient:
    """Return a client of preset flowcase, whose organization has departments and custom tags."""
    organization = OrganizationFactory.create(slug="fabrikam")
    seed_places(organization)
    return make_client("flowcase", organization)


@pytest.fixture(autouse=True)
def nothing_seen() -> Iterator[None]:
    """Begin each test with a process that has seen nothing, as its connections are its own."""
    recorder.forget()
    yield
    recorder.forget()
