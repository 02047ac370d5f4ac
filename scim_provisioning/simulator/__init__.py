"""A stand-in for Entra ID's provisioning service, to rehearse against any SCIM server over HTTP.

It needs httpx and rich (extra `simulator`) and nothing of Django. `EntraApp` is where to start.
"""

from scim_provisioning.simulator.app import EntraApp
from scim_provisioning.simulator.client import Exchange, TokenForm
from scim_provisioning.simulator.clock import Clock
from scim_provisioning.simulator.dialects import DIALECTS, LEGACY, OPTSCIM, Dialect, variant
from scim_provisioning.simulator.directory import Directory, UnknownObject
from scim_provisioning.simulator.directory_file import DirectoryFileError, load_directory, save_directory
from scim_provisioning.simulator.faults import ProvisioningFault
from scim_provisioning.simulator.generator import Recipe, generate_directory
from scim_provisioning.simulator.job import JobSettings
from scim_provisioning.simulator.mapping import (
    MISTAKES,
    AttributeMapping,
    MappingTable,
    constant,
    direct,
    expression,
)
from scim_provisioning.simulator.mapping_presets import MAPPINGS
from scim_provisioning.simulator.objects import AppRole, DirectoryGroup, DirectoryUser
from scim_provisioning.simulator.quarantine import QuarantineRules
from scim_provisioning.simulator.results import (
    ConnectionTest,
    CycleResult,
    OnDemandResult,
    ProvisioningAction,
)

__all__ = [
    "DIALECTS",
    "LEGACY",
    "MAPPINGS",
    "MISTAKES",
    "OPTSCIM",
    "AppRole",
    "AttributeMapping",
    "Clock",
    "ConnectionTest",
    "CycleResult",
    "Dialect",
    "Directory",
    "DirectoryFileError",
    "DirectoryGroup",
    "DirectoryUser",
    "EntraApp",
    "Exchange",
    "JobSettings",
    "MappingTable",
    "OnDemandResult",
    "ProvisioningAction",
    "ProvisioningFault",
    "QuarantineRules",
    "Recipe",
    "TokenForm",
    "UnknownObject",
    "constant",
    "direct",
    "expression",
    "generate_directory",
    "load_directory",
    "save_directory",
    "variant",
]
