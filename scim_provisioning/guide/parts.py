"""Pieces that the guides are put together from; each follows the policy and the mapping of the connection."""

import json
from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from scim_provisioning.guide.app_roles import app_roles, fits_entra, role_values
from scim_provisioning.guide.attribute_table import attribute_rows
from scim_provisioning.guide.blocks import (
    Block,
    Copyable,
    Document,
    Instructions,
    Notice,
    Paragraph,
    Step,
    Table,
)
from scim_provisioning.guide.names import referable_names
from scim_provisioning.guide.setups import FLAG, Setup
from scim_provisioning.models import Connection

USERS_MAPPING = "Provision Microsoft Entra ID Users"
GROUPS_MAPPING = "Provision Microsoft Entra ID Groups"


def limits_of(setup: Setup) -> Iterator[Block]:
    """Yield what to know before anything is configured; missing one is what most failures come from."""
    if not setup.groups:
        yield Notice(
            _(
                "Groups are not provisioned. The group mapping must be disabled, or calls to /Groups are "
                "answered 404, which halts the provisioning cycle."
            )
        )
    if not setup.connection.managers:
        yield Notice(_("The manager of a user is not kept. Map no attribute to manager."))
    if setup.flag:
        yield Notice(
            _("%(flag)s must be appended to the tenant URL, or app roles will not work.") % {"flag": FLAG}
        )
    if setup.lower_case:
        yield Notice(_("userName and the work e-mail must be lower-case; their mappings use ToLower()."))
    if setup.connection.existing_users != Connection.ExistingUsers.REJECT:
        yield Paragraph(
            _(
                "Users who exist already are matched by user name and e-mail. Make sure that both are the "
                "same here and in Entra, and try one user with Provision on demand first."
            )
        )
    if setup.references and setup.reports_unknown:
        yield Notice(
            _(
                "Departments must exist before users arrive; provisioning creates none. Their names are "
                "below, as they must be spelled."
            )
        )
        yield from names_of(setup)


def limits_shown_by(setup: Setup) -> list[str]:
    """Return the subjects that show that what :func:`limits_of` says was heeded; each is told in a later step."""
    found = {
        "groups": not setup.groups,
        "manager": not setup.connection.managers,
        "flag": setup.flag,
        "lower_case": setup.lower_case,
        "matching": setup.connection.existing_users != Connection.ExistingUsers.REJECT,
        "accounts": setup.connection.existing_users != Connection.ExistingUsers.REJECT,
        "reference_known": setup.reports_unknown,
        "reference_unique": setup.reports_unknown,
    }
    return [name for name, matters in found.items() if matters] or ["connected"]


def names_of(setup: Setup) -> Iterator[Block]:
    """Yield the names that the mapping refers to, and which of them need a second attribute."""
    for found in referable_names(setup):
        rows = [(name, _("%(count)d times") % {"count": n} if n > 1 else "") for name, n in found.names]
        caption = _("The first %(count)d names") if found.is_cut else _("Names")
        yield Table(
            caption % {"count": len(rows)} if found.is_cut else caption,
            (found.path, _("exists several times")),
            rows,
        )
        if found.has_doubles and found.narrowed_by:
            yield Notice(
                _("Some names exist more than once. Map one of these as well, never both: %(paths)s")
                % {"paths": ", ".join(found.narrowed_by)}
            )


def new_application(name: str) -> Iterator[Block]:
    """Yield how to create the enterprise application (A31)."""
    yield Instructions(
        [
            _("Sign in to the Microsoft Entra admin center, at least as Cloud Application Administrator."),
            _("Open Entra ID, Enterprise apps, All applications, and choose New application."),
            _("Choose Create your own application, and name it, for example “%(name)s”.") % {"name": name},
            _("Choose “Integrate any other application you don't find in the gallery”, and Create."),
        ]
    )


def credentials(setup: Setup) -> Iterator[Block]:
    """Yield what to paste: the tenant URL and the form of the token (A6, B1, B2)."""
    yield Instructions(
        [
            _("Open the enterprise application, then Provisioning, and set Provisioning Mode to Automatic."),
            _("Open Admin Credentials, choose Bearer authentication, and paste the tenant URL."),
            _("Paste the secret token in the form below, with your token in the place of YOUR_TOKEN."),
            _("Choose Test Connection, and save when it has succeeded."),
        ]
    )
    yield Copyable("tenant-url", _("Tenant URL"), setup.pasted_url)
    yield Copyable("token-form", _("Form of the secret token"), setup.token_form)
    if setup.flag:
        yield Notice(_("Do not leave out %(flag)s at the end of the tenant URL.") % {"flag": FLAG})
    if setup.connection.token_principal:
        yield Notice(
            _("The token works only while the person who generated it holds the role “%(role)s”.")
            % {"role": setup.mapping.principal_role}
        )
    yield Paragraph(
        _(
            "The token is generated on the overview of this connection, by whoever administers the "
            "organization, and shown once. It is valid for %(days)d days."
        )
        % {"days": setup.connection.token_lifetime}
    )


def roles_step(setup: Setup) -> Iterator[Step]:
    """Yield the step in which app roles are made, where the Hub has roles."""
    if setup.roles is not None:
        yield Step(
            "roles",
            _("Create app roles"),
            list(_roles(setup)),
            needs=["roles"],
            watches=["roles_allowed"],
        )


def _roles(setup: Setup) -> Iterator[Block]:
    """Yield the role values, and how an app role is made for each (B19 to B22)."""
    values = role_values(setup)
    yield Table(
        _("Roles"), (_("Value"), _("Description")), [(each.value, each.description) for each in values]
    )
    yield Instructions(
        [
            _("Open App registrations, All applications, and choose the application."),
            _("Choose App roles, then Create app role."),
            _(
                "Enter a display name and a description, and set Allowed member types to "
                "“Both (Users/Groups + Applications)”."
            ),
            _("Set Value to exactly one of the values above; upper and lower case count."),
            _("Leave “Do you want to enable this app role?” ticked, and Apply. Repeat for each role."),
        ]
    )
    yield Paragraph(
        _("Or paste them all into appRoles, under App registrations, Manifest; their ids never change.")
    )
    roles = json.dumps(app_roles(setup), indent=2, ensure_ascii=False)
    yield Document("app-roles", _("App roles as JSON"), roles)
    if any(each.is_form for each in values) or not all(fits_entra(each.value) for each in values):
        yield Notice(
            _("Entra takes no spaces in the value of an app role; use a form that works without them.")
        )


def assignment(setup: Setup) -> Iterator[Block]:
    """Yield how users, and groups of them, come into scope (A33, B4, B27)."""
    yield Instructions(
        [
            _("Provisioning, Settings: set Scope to “Sync only assigned users and groups”."),
            _("Open Users and groups, and choose Add user/group."),
            _("Select the users or groups, and a role where there is one, then choose Assign."),
        ]
    )
    if setup.groups:
        yield Paragraph(
            _("An assigned group is created here with its direct members; nested groups do not cascade.")
        )
    else:
        yield Paragraph(
            _(
                "An assigned group brings its direct members, and is not created itself; nested groups do "
                "not cascade."
            )
        )


def attribute_list(setup: Setup) -> Iterator[Block]:
    """Yield the attribute list to define before attributes can be mapped (B11)."""
    yield Instructions(
        [
            _("Open Provisioning, Mappings, and choose “%(name)s”.") % {"name": USERS_MAPPING},
            _("Tick “Show advanced options”, and choose “Edit attribute list for customappsso”."),
            _("Add what is missing of the attributes below, and Save."),
        ]
    )
    yes = _("yes")
    rows: list[tuple[Any, ...]] = [("id", "String", yes, yes, "")]
    rows += [
        (row.target, row.type, "", yes if row.required else "", yes if row.multi_valued else "")
        for row in attribute_rows(setup)
    ]
    yield Table(
        _("Attribute list"),
        (_("Name"), _("Type"), _("Primary key"), _("Required"), _("Multi-value")),
        rows,
    )
    for urn, names in setup.mapping.extensions.items():
        for name in names:
            yield Copyable(f"urn-{name}", name, f"{urn}:{name}")


def attribute_mapping(setup: Setup) -> Iterator[Block]:
    """Yield the mapping table, row by row as on Entra's screen (B7, B12, B25, B28)."""
    yield Instructions(
        [
            _("Open Provisioning, Mappings, and choose “%(name)s”.") % {"name": USERS_MAPPING},
            _("For each row below: Add New Mapping, or Edit the one there is."),
            _("Set the mapping type, the source or expression, the target, and the matching precedence."),
            _("Delete the mappings of attributes that are not wanted, and Save."),
        ]
    )
    rows = [
        (row.target, row.mapping_type, row.source, row.precedence or "", row.note)
        for row in attribute_rows(setup)
    ]
    yield Table(
        _("Attribute mapping"),
        (_("Target"), _("Mapping type"), _("Source or expression"), _("Precedence"), _("Note")),
        rows,
    )
    if setup.excludes:
        yield Notice(
            _("Of attributes that exclude each other map one only: sending both is refused for every user.")
        )


def groups_off(setup: Setup) -> Iterator[Block]:
    """Yield how to disable the group mapping, where groups are off (B5, C23)."""
    if setup.groups:
        return
    yield Notice(
        _("Entra provisions groups by default. Disable that, or the whole provisioning cycle is halted.")
    )
    yield Instructions(
        [
            _("Open Provisioning, Mappings, and choose “%(name)s”.") % {"name": GROUPS_MAPPING},
            _("Set Enabled to No, and Save."),
        ]
    )


def provisioning() -> Iterator[Block]:
    """Yield how to try one user, then start (B31, C16)."""
    yield Instructions(
        [
            _("Open Provisioning, choose Provision on demand, select one user, and choose Provision."),
            _("Compare the user here with the one in Entra: e-mail, name and status."),
            _("When it is right, choose Start provisioning. A cycle comes every 40 minutes."),
            _("View provisioning logs shows what was done, and the reason of each refusal."),
        ]
    )
