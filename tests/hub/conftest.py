"""A seeded example Hub; on another host project there is nothing here to collect."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

collect_ignore_glob = [] if settings.AUTH_USER_MODEL == "hub.User" else ["test_*.py"]

if settings.AUTH_USER_MODEL == "hub.User":
    from example_project.hub.models import Organization, User
    from example_project.hub.seeding import seed

    @pytest.fixture(autouse=True)
    def quick_passwords(settings: Any) -> None:
        """Hash passwords with an algorithm that takes no time."""
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    @pytest.fixture
    def contoso(db: None) -> Organization:
        """Return the first example organization."""
        seed()
        return Organization.objects.get(slug="contoso")

    @pytest.fixture
    def fabrikam(contoso: Organization) -> Organization:
        """Return the second example organization."""
        return Organization.objects.get(slug="fabrikam")

    @pytest.fixture
    def owner(contoso: Organization) -> User:
        """Return an organization admin of contoso, read afresh."""
        return User.objects.get(username="olivia@contoso.example")

    @pytest.fixture
    def owner_client(owner: User) -> Client:
        """Return a browser in which the organization admin is signed in."""
        client = Client()
        client.force_login(owner)
        return client
