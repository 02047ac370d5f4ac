"""Two organizations with a connection each, and everybody who might look; for the example Hub alone."""

from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Connection

IS_EXAMPLE = settings.AUTH_USER_MODEL == "hub.User"
collect_ignore_glob = [] if IS_EXAMPLE else ["test_*.py"]

TENANT = "8f1b2a9c-6f0e-4c8c-9d5e-0a1b2c3d4e5f"
SignIn = Callable[[Any], Client]
Url = Callable[..., str]

if IS_EXAMPLE:
    from example_project.hub.models import Organization, User
    from example_project.hub.seeding import seed

    @pytest.fixture(autouse=True)
    def quick_passwords(settings: Any) -> None:
        """Hash passwords with an algorithm that takes no time."""
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    @pytest.fixture
    def seeded(db: None) -> None:
        """Seed the example Hub."""
        seed()

    @pytest.fixture
    def organization(seeded: None) -> Organization:
        """Return the organization that is configured."""
        return Organization.objects.get(slug="contoso")

    @pytest.fixture
    def other_organization(seeded: None) -> Organization:
        """Return the organization that its admin must never notice."""
        return Organization.objects.get(slug="fabrikam")

    @pytest.fixture
    def people(organization: Organization, other_organization: Organization) -> dict[str, User | None]:
        """Return one person of each kind."""
        return {
            "superuser": User.objects.get(username="admin"),
            "admin": User.objects.get(username="olivia@contoso.example"),
            "foreign": User.objects.get(username="frida@fabrikam.example"),
            "staff": User.objects.create(
                organization=organization, username="sam@contoso.example", status="active", is_staff=True
            ),
            "anonymous": None,
        }


@pytest.fixture
def sign_in() -> SignIn:
    """Return a function that opens a browser in which a person is signed in."""

    def opened(person: Any) -> Client:
        client = Client()
        if person is not None:
            client.force_login(person)
        return client

    return opened


@pytest.fixture
def client(people: dict[str, Any], sign_in: SignIn) -> Client:
    """Return the browser of the organization's own admin."""
    return sign_in(people["admin"])


@pytest.fixture
def connection(organization: Any) -> Connection:
    """Return the connection that is looked at."""
    return create_connection(organization, "flow_connect", TENANT, name="Contoso directory")


def url_of(name: str, *arguments: Any) -> str:
    """Return the address of a page of connections."""
    return reverse(f"admin:scim_provisioning_connection_{name}", args=arguments)
