"""Flow Connect's own steps."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scim_provisioning.guide import parts
from scim_provisioning.guide.blocks import Instructions, Notice, Paragraph, Step, Table
from scim_provisioning.guide.parts import USERS_MAPPING
from scim_provisioning.guide.setups import Setup


def steps(setup: Setup) -> Iterator[Step]:
    """Yield the steps, in the order of the guide."""
    yield Step(
        "prerequisites",
        _("Before you begin"),
        [_outcome(), *parts.limits_of(setup)],
        rests_on=parts.limits_shown_by(setup),
    )
    yield Step(
        "application",
        _("Create a new enterprise application"),
        list(parts.new_application("Flow Connect SCIM 2.0")),
        needs=["connected"],
    )
    yield Step(
        "connect",
        _("Connect your application"),
        list(parts.credentials(setup)),
        needs=["connected", "flag"],
        watches=["token_holder"],
    )
    yield _mapping(setup)
    yield Step(
        "assign",
        _("Configure provisioning: users and groups"),
        [
            *parts.assignment(setup),
            Notice(_("Only end-user groups are provisioned; admin groups are managed in the Hub.")),
        ],
        needs=["users"],
    )
    yield Step(
        "provision",
        _("Start provisioning"),
        list(parts.provisioning()),
        needs=["users", "group_sync"],
        watches=["accounts", "group_names"],
    )


def _outcome() -> Paragraph:
    """Return what becomes of users (A8 to A11)."""
    return Paragraph(
        _(
            "Users who are provisioned get no invitation; they sign in with their Microsoft account. "
            "They are Pending until their first login. A user who exists already with the same "
            "e-mail is kept, and marked as SCIM-managed."
        )
    )


def _mapping(setup: Setup) -> Step:
    wanted = [("externalId", _("Direct"), "objectId", _("instead of mailNickname"))]
    return Step(
        "mapping",
        _("Update the attribute mapping"),
        [
            Instructions(
                [
                    _("Open Provisioning, Attribute mapping, and choose “%(name)s”.")
                    % {"name": USERS_MAPPING},
                    _("Edit externalId, and set its source attribute to objectId."),
                    _("Leave the other mappings as they are, and Save."),
                ]
            ),
            Table(
                _("Attribute mapping"),
                (_("Target"), _("Mapping type"), _("Source or expression"), _("Note")),
                wanted if setup.wants_guid else [],
            ),
            *parts.groups_off(setup),
        ],
        needs=["external_id", "lower_case", "groups"],
        watches=[
            "attributes",
            "matching",
            "manager",
            "roles",
            "roles_allowed",
            "reference_known",
            "reference_unique",
            "exclusive",
            "dependent",
            "choice",
        ],
    )
