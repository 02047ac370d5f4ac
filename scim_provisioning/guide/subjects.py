"""What is watched on the wire, one row each: when it matters, what being wrong means, and which screen mends it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from scim_provisioning.guide.setups import Setup
from scim_provisioning.mapping.attributes import Choice


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that a setup guide asks for and requests show.

    :param right: what is seen when it is right.
    :param wrong: what was seen when it is not.
    :param ignored: what was seen when it is not and the policy passes that over instead of refusing it.
    :param fix: what mends it, and on which of Entra's screens.
    :param applies: whether a connection asks for it at all.
    :param by_absence: right means that something did not come for a whole cycle.
    """

    name: str
    right: Any
    wrong: Any = ""
    fix: Any = ""
    applies: Callable[[Setup], bool] = bool
    by_absence: bool = False
    ignored: Any = ""


_ROWS = (
    Subject(
        "connected",
        _("A test of the connection has arrived: a search that matches nobody was answered."),
    ),
    Subject(
        "flag",
        _("The tenant URL carries the flag aadOptscim062020."),
        _("Changes arrive without the flag aadOptscim062020, so app roles may not work."),
        _("Provisioning, Admin Credentials: append ?aadOptscim062020 to the Tenant URL, test it and save."),
        lambda setup: setup.flag,
    ),
    Subject(
        "token_holder",
        _("The person to whom the token was issued holds the role that the product asks for."),
        _("Every call is refused, because the person to whom the token was issued lost the role."),
        _(
            "Give the role back here, or have somebody who holds it generate a token, and paste that under "
            "Provisioning, Admin Credentials."
        ),
        lambda setup: setup.connection.token_principal,
    ),
    Subject(
        "matching",
        _("The matching attributes can be searched for."),
        _("The identity provider searches by an attribute that cannot be searched for."),
        _(
            "Provisioning, Mappings, Provision Microsoft Entra ID Users: set the matching precedence on "
            "userName only, and on the work e-mail where the guide says so."
        ),
    ),
    Subject(
        "lower_case",
        _("Every userName and work e-mail is lower-case."),
        _("A userName or work e-mail with capital letters was refused."),
        _(
            "Provisioning, Mappings, Provision Microsoft Entra ID Users: use the expressions "
            "ToLower([userPrincipalName], ) and ToLower([mail], ) for userName and the work e-mail."
        ),
        lambda setup: setup.lower_case,
    ),
    Subject(
        "external_id",
        _("externalId is the object ID, a GUID."),
        _("A user without an object ID as externalId was refused."),
        _(
            "Provisioning, Mappings, Provision Microsoft Entra ID Users: edit externalId and set its source "
            "attribute to objectId."
        ),
        lambda setup: setup.wants_guid,
    ),
    Subject(
        "roles",
        _("Every role exists here."),
        _("A role that does not exist here, or means several things, was refused."),
        _(
            "App registrations, App roles: correct the Value of the app role; upper and lower case count. "
            "The values are listed in the step on app roles."
        ),
        lambda setup: setup.roles is not None,
        ignored=_("A role that does not exist here, or means several things, was ignored."),
    ),
    Subject(
        "roles_allowed",
        _("Every role may be given through this connection."),
        _("A role that may not be given through this connection was refused."),
        _(
            "Enterprise apps, Users and groups: assign another role; the step on app roles lists those that may "
            "be given. Or let the connection give the role, in its policy here."
        ),
        lambda setup: setup.roles is not None,
    ),
    Subject(
        "reference_known",
        _("Every department, or other value that must exist here, does."),
        _("A department, or other value that must exist here, does not; provisioning creates none."),
        _(
            "Create it here first, or correct the user's value in Entra under Users, Properties. The guide "
            "lists the names."
        ),
        lambda setup: bool(setup.references),
        ignored=_("A department, or other value that must exist here, was not known, and ignored."),
    ),
    Subject(
        "reference_unique",
        _("Every department, or other value that must exist here, means one thing."),
        _("A name that exists more than once was refused, because nothing came with it that tells which."),
        _(
            "Provisioning, Mappings, Provision Microsoft Entra ID Users: map the attribute that tells them "
            "apart, one country attribute for departments, and fill it for the user."
        ),
        lambda setup: any(line.narrowed_by for _target, line in setup.references),
        ignored=_(
            "A name that exists more than once was ignored, because nothing came with it that tells which."
        ),
    ),
    Subject(
        "exclusive",
        _("Only one of two attributes that exclude each other is mapped."),
        _("Two attributes that exclude each other were sent for one user."),
        _("Provisioning, Mappings, Provision Microsoft Entra ID Users: delete one of the two mappings."),
        lambda setup: setup.excludes,
    ),
    Subject(
        "dependent",
        _("No attribute arrives without the one it belongs to."),
        _("A user was refused, because an attribute came without the one it belongs to."),
        _(
            "Fill the missing attribute of the user in Entra under Users, Properties, or delete the mapping of "
            "the one that says nothing without it under Provisioning, Mappings, Provision Microsoft Entra ID "
            "Users."
        ),
        lambda setup: setup.depends,
    ),
    Subject(
        "choice",
        _("Every value of a list exists here."),
        _("A value that is not on the list of permitted ones was refused."),
        _(
            "Correct the value in Entra under Users, Properties, or the expression under Provisioning, "
            "Mappings, Provision Microsoft Entra ID Users."
        ),
        lambda setup: setup.has(Choice),
        ignored=_("A value that is not on the list of permitted ones was kept as it came."),
    ),
    Subject(
        "manager",
        _("No manager is mapped."),
        _("A manager was sent. It is not kept; the attribute must not be mapped."),
        _("Provisioning, Mappings, Provision Microsoft Entra ID Users: delete the mapping of manager."),
        lambda setup: not setup.connection.managers,
        by_absence=True,
    ),
    Subject(
        "groups",
        _("No group is provisioned."),
        _("Groups were asked for. Each of these calls is answered 404, which halts the whole cycle."),
        _("Provisioning, Mappings, Provision Microsoft Entra ID Groups: set Enabled to No and save."),
        lambda setup: not setup.groups,
        by_absence=True,
    ),
    Subject(
        "attributes",
        _("The attributes that arrive are known."),
        _("An attribute was refused: it is unknown, missing, too long, or does not fit."),
        _(
            "Provisioning, Mappings, Provision Microsoft Entra ID Users: delete or correct the mapping of "
            "the attribute; Edit attribute list holds the names."
        ),
    ),
    Subject(
        "accounts",
        _("No account gets in the way of another."),
        _(
            "An account that exists already got in the way: a user was refused, or several accounts were found "
            "for one user."
        ),
        _(
            "Compare the user's name, e-mail and external ID here and in Entra; they must be the same, and "
            "no two users may share them. The provisioning log says which."
        ),
    ),
    Subject("users", _("Users arrive.")),
    Subject("group_sync", _("Groups arrive."), applies=lambda setup: setup.groups),
    Subject(
        "group_names",
        _("No group name gets in the way of another."),
        _("A group was refused because its name is taken or reserved."),
        _("Rename the group in Entra under Groups, Properties, or the group here."),
        lambda setup: setup.groups,
    ),
)

SUBJECTS: Mapping[str, Subject] = {row.name: row for row in _ROWS}
