"""What the pages show under every theme."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from example_project.hub.models import Organization
from example_project.hub.seeding import seed
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import Token
from tests.admin.pages import address, page_names
from tests.scim import ScimClient, user_body

TENANT = "8f1b2a9c-6f0e-4c8c-9d5e-0a1b2c3d4e5f"


def prepare() -> dict[str, Any]:
    """Make a connection that was used, and return the pages there are and the organization's own."""
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
    return {
        "organization": f"/admin/hub/organization/{organization.pk}/change/",
        "pages": {name: address(name, connection) for name in page_names()},
    }
