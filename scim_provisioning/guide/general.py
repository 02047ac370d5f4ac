"""The guide of a connection whose product has none of its own: made from policy and mapping alone."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from scim_provisioning.guide import parts
from scim_provisioning.guide.blocks import Step
from scim_provisioning.guide.setups import Setup


def steps(setup: Setup) -> Iterator[Step]:
    """Yield the steps."""
    yield Step(
        "prerequisites",
        _("Before you begin"),
        list(parts.limits_of(setup)),
        rests_on=parts.limits_shown_by(setup),
    )
    yield Step(
        "application",
        _("Create an enterprise application"),
        list(parts.new_application("SCIM")),
        needs=["connected"],
    )
    yield Step(
        "connect",
        _("Connect it"),
        list(parts.credentials(setup)),
        needs=["connected", "flag"],
        watches=["token_holder"],
    )
    yield from _people(setup)


def _people(setup: Setup) -> Iterator[Step]:
    """Yield what decides who comes, and with what."""
    yield from parts.roles_step(setup)
    yield Step("assign", _("Assign users and groups"), list(parts.assignment(setup)), needs=["users"])
    yield Step(
        "mapping",
        _("Map attributes"),
        [*parts.attribute_list(setup), *parts.attribute_mapping(setup), *parts.groups_off(setup)],
        needs=["attributes", "lower_case", "external_id", "groups", "manager"],
        watches=["matching", "reference_known", "reference_unique", "exclusive", "dependent", "choice"],
    )
    yield Step(
        "provision",
        _("Provision users"),
        list(parts.provisioning()),
        needs=["users", "group_sync"],
        watches=["accounts", "group_names"],
    )
