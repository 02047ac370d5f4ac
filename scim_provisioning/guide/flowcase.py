"""The eight steps of the Flowcase guide."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scim_provisioning.guide import parts
from scim_provisioning.guide.blocks import Block, Notice, Paragraph, Step
from scim_provisioning.guide.setups import Setup


def steps(setup: Setup) -> Iterator[Step]:
    """Yield the steps, in the order and under the names of the guide."""
    notes = Paragraph(_("Please read these notes first. Missing one is the most common cause of failures."))
    quoted = Notice(_('The token must be wrapped as token="…", the quotation marks included.'))
    yield Step(
        "prerequisites",
        _("Prerequisites and important notes"),
        [notes, *parts.limits_of(setup)],
        rests_on=parts.limits_shown_by(setup),
    )
    yield Step(
        "application",
        _("Create the enterprise application"),
        list(parts.new_application("Flowcase SCIM")),
        needs=["connected"],
    )
    yield Step(
        "connect",
        _("Connect to the SCIM API"),
        [*parts.credentials(setup), quoted],
        needs=["connected", "flag"],
        watches=["token_holder"],
    )
    yield from parts.roles_step(setup)
    yield Step("assign", _("Assign users and groups"), list(parts.assignment(setup)), needs=["users"])
    yield from _attributes(setup)
    yield Step(
        "provision",
        _("Provision users"),
        [*parts.provisioning(), *_deletion()],
        needs=["users"],
        watches=["accounts"],
    )


def _attributes(setup: Setup) -> Iterator[Step]:
    yield Step(
        "attributes",
        _("Configure the attribute list"),
        list(parts.attribute_list(setup)),
        needs=["attributes"],
        watches=["choice"],
    )
    yield Step(
        "mapping",
        _("Map attributes and disable group support"),
        list(_mapping(setup)),
        needs=["lower_case", "external_id", "groups", "manager"],
        watches=["matching", "reference_known", "reference_unique", "exclusive", "dependent"],
    )


def _mapping(setup: Setup) -> Iterator[Block]:
    yield Paragraph(_("This is the most important step. Take each row into account."))
    yield from parts.attribute_mapping(setup)
    yield from parts.groups_off(setup)


def _deletion() -> Iterator[Block]:
    """Yield what becomes of users who leave (B28 to B30)."""
    yield Paragraph(
        _(
            "A user who is deleted in Entra, or disabled, is set inactive here if isSoftDeleted is mapped to "
            "active. Thirty days later Entra deletes the user for good, and so does this product."
        )
    )
