"""What Entra's screens take from the Hub's mapping: app roles as JSON, attributes as a table."""

import json

from django.http import HttpResponse
from django.utils.translation import gettext as _

from scim_provisioning.admin.guide import setup_for
from scim_provisioning.admin.pages import Page
from scim_provisioning.guide import parts
from scim_provisioning.guide.app_roles import app_roles
from scim_provisioning.guide.blocks import Table


def export(page: Page) -> HttpResponse:
    """Show both, ready to copy."""
    setup = setup_for(page)
    roles = app_roles(setup)
    blocks = [*parts.attribute_list(setup), *parts.attribute_mapping(setup)]
    return page.render(
        "export",
        title=_("Export for Entra"),
        tables=[block for block in blocks if isinstance(block, Table)],
        roles=json.dumps(roles, indent=2, ensure_ascii=False) if roles else "",
        roles_url=page.url("export_roles"),
    )


def export_roles(page: Page) -> HttpResponse:
    """Return the app roles as a file."""
    roles = json.dumps(app_roles(setup_for(page)), indent=2, ensure_ascii=False)
    return HttpResponse(
        roles,
        content_type="application/json",
        headers={"Content-Disposition": 'attachment; filename="app-roles.json"'},
    )
