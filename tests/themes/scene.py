"""What the pages show under every theme."""

from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from example_project.hub.models import Organization, User
from example_project.hub.seeding import seed
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Token
from tests.admin.pages import address, page_names
from tests.scim import ScimClient, user_body

TENANT = "8f1b2a9c-6f0e-4c8c-9d5e-0a1b2c3d4e5f"


def prepare() -> dict[str, Any]:
    """Make a connection that was used, and return the pages to look at and the organization's own."""
    seed()
    organization = Organization.objects.get(slug="contoso")
    connection = create_connection(organization, "flow_connect", TENANT, name="Contoso directory")
    old, text = Token.issue(connection)
    client = ScimClient(connection, text)
    users = [client.create_user(name).id for name in ("ada", "grace", "alan")]
    client.create_group("Engineering team", *users)
    client.post("/Users", user_body("kurt", externalId="kurt"))
    now = timezone.now()
    Token.objects.filter(pk=old.pk).update(
        created_at=now - timedelta(days=345), expires_at=now + timedelta(days=20)
    )
    browser = Client()
    browser.force_login(User.objects.get(username="olivia@contoso.example"))
    addresses = {name: address(name, connection) for name in page_names()}
    return {
        "organization": f"/admin/hub/organization/{organization.pk}/change/",
        "pages": {name: path for name, path in addresses.items() if is_shown(browser, path)},
    }


def is_shown(browser: Client, path: str) -> bool:
    """Return whether an address is a page to look at, and neither a button's nor a file."""
    answer = browser.get(path, follow=True)
    return answer.status_code == 200 and "html" in answer.headers["Content-Type"]
