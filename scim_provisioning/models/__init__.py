"""The tables of the app; the host's tables are pointed at, never altered."""

from scim_provisioning.models.brakes import Brake, HeldChange
from scim_provisioning.models.connections import Connection
from scim_provisioning.models.effects import Effect
from scim_provisioning.models.events import Event, FormerConnection
from scim_provisioning.models.failures import FailedAuthentication
from scim_provisioning.models.guides import Confirmation, SetupLink
from scim_provisioning.models.letters import Folded, folded, same_letters
from scim_provisioning.models.notices import ExpiryNotice
from scim_provisioning.models.observations import Observation
from scim_provisioning.models.policies import Policy, policy_fields
from scim_provisioning.models.presets import NEED_TENANT, PRESET_LABELS, PRESETS, presets
from scim_provisioning.models.resources import GroupResource, UserResource, name_key
from scim_provisioning.models.sessions import UserSession
from scim_provisioning.models.tokens import Token, TooManyTokens

__all__ = [
    "NEED_TENANT",
    "PRESETS",
    "PRESET_LABELS",
    "Brake",
    "Confirmation",
    "Connection",
    "Effect",
    "Event",
    "ExpiryNotice",
    "FailedAuthentication",
    "Folded",
    "FormerConnection",
    "GroupResource",
    "HeldChange",
    "Observation",
    "Policy",
    "SetupLink",
    "Token",
    "TooManyTokens",
    "UserResource",
    "UserSession",
    "folded",
    "name_key",
    "policy_fields",
    "presets",
    "same_letters",
]
