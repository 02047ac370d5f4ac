"""A small directory, a server in memory, and an application between them."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from scim_provisioning.simulator import Directory, DirectoryGroup, DirectoryUser, EntraApp
from tests.simulator.target import BASE, SECRET, Target

MakeApp = Callable[..., EntraApp]


@pytest.fixture
def directory() -> Directory:
    """Ada, Bo and Cyd; Ada and Bo are the team, and Ada manages Bo. Nobody is assigned yet."""
    directory = Directory()
    for name in ("Ada", "Bo", "Cyd"):
        address = f"{name.lower()}@contoso.example"
        directory.add_user(address, mail=address, given_name=name, surname="L", display_name=f"{name} L")
    directory.add_group("Team A", ["ada@contoso.example", "bo@contoso.example"])
    directory.change("bo@contoso.example", manager="ada@contoso.example")
    return directory


@pytest.fixture
def ada(directory: Directory) -> DirectoryUser:
    return directory.user("ada@contoso.example")


@pytest.fixture
def bo(directory: Directory) -> DirectoryUser:
    return directory.user("bo@contoso.example")


@pytest.fixture
def cyd(directory: Directory) -> DirectoryUser:
    return directory.user("cyd@contoso.example")


@pytest.fixture
def team(directory: Directory) -> DirectoryGroup:
    return directory.group("Team A")


@pytest.fixture
def target() -> Target:
    return Target()


@pytest.fixture
def make_app(directory: Directory, target: Target) -> Iterator[MakeApp]:
    """Make an application that provisions the directory to the server in memory."""
    made: list[EntraApp] = []

    def make(mapping: Any = "flow_connect", dialect: Any = None, **options: Any) -> EntraApp:
        url, token = options.pop("url", BASE), options.pop("token", SECRET)
        app = EntraApp(url, token, directory, mapping, dialect, transport=target.transport(), **options)
        made.append(app)
        return app

    yield make
    for app in made:
        app.close()
