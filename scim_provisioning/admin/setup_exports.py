"""What Entra's screens take from the Hub's mapping: app roles as JSON, attributes as a table."""

import json

from django.http import HttpResponse
from django.utils.translation import gettext as _

from scim_provisioning.admin.guide import setup_for
from scim_provisioning.admin.pages import Page
from scim_provisioning.guide.app_roles import app_roles
from scim_provisioning.guide.attribute_table import attribute_rows
from scim_provisioning.guide.blocks import Table


def export(page: Page) -> HttpResponse:
    """Show both, ready to copy."""
    setup = setup_for(page)
    rows = attribute_rows(setup)
    roles = app_roles(setup)
    table = Table(
        _("Attribute mapping"),
        (
            _("Target"),
            _("Type"),
            _("Required"),
            _("Multi-value"),
            _("Mapping type"),
            _("Source or expression"),
            _("Precedence"),
            _("Note"),
        ),
        [
            (
                row.target,
                row.type,
                _("yes") if row.required else "",
                _("yes") if row.multi_valued else "",
                row.mapping_type,
                row.source,
                row.precedence or "",
                row.note,
            )
            for row in rows
        ],
    )
    return page.render(
        "export",
        title=_("Export for Entra"),
        table=table,
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
