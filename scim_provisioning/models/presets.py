"""Presets: what a product's connections begin with, as values of policy columns; a Hub may add its own."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from scim_provisioning import conf
from scim_provisioning.models.policies import Policy

PRESETS: Mapping[str, Mapping[str, Any]] = {
    "flow_connect": {
        "initial_status": Policy.InitialStatus.PENDING,
        "existing_users": Policy.ExistingUsers.LINK,
        "visible_users": Policy.VisibleUsers.ORGANIZATION,
        "unknown_members": Policy.Unknown.IGNORE,
        "unmatched_path_filter": Policy.UnmatchedPath.CREATE,
        "external_id_format": Policy.ExternalIdFormat.GUID,
        "external_id_unique": True,
        "group_patch_response": Policy.PatchResponse.NO_CONTENT,
    },
    "flowcase": {
        "groups": False,
        "managers": False,
        "existing_users": Policy.ExistingUsers.UPDATE,
        "visible_users": Policy.VisibleUsers.ORGANIZATION,
        "letter_case": Policy.LetterCase.REJECT,
        "unknown_reference": Policy.Unknown.REJECT,
        "exclusive_attributes": Policy.Unknown.REJECT,
        "unmatched_path_filter": Policy.UnmatchedPath.CREATE,
        "high_roles": True,
        "token_principal": True,
    },
    "rfc": {
        "group_name_clash": Policy.NameClash.ALLOW,
    },
}

# What the forms call them; a Hub's own go by their name.
PRESET_LABELS: Mapping[str, Any] = {
    "flow_connect": _("Users and groups, new users are Pending (flow_connect)"),
    "flowcase": _("Users with departments and roles, no groups (flowcase)"),
    "rfc": _("As the RFCs read (rfc)"),
}
# Those of products that are provisioned from Entra alone, so that a connection needs a tenant (A2).
NEED_TENANT = frozenset({"flow_connect", "flowcase"})


def presets() -> Mapping[str, Mapping[str, Any]]:
    """Return the presets, and those that the Hub adds by the setting ``PRESETS``, which win."""
    return {**PRESETS, **conf.value("PRESETS")}
