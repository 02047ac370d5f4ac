"""Microsoft's own certification of a SCIM server, T1 to T25, run from here against any server over HTTP.

The lifecycle tests (T1 to T14) go through the simulated provisioning service, as Microsoft's go through
Entra; the direct tests (T15 to T25) speak to the server themselves. `Certification` is where to start.
"""

from scim_provisioning.simulator.certification.candidate import Candidate, OAuthClient
from scim_provisioning.simulator.certification.catalogue import CertificationTest
from scim_provisioning.simulator.certification.outcomes import (
    CertificationResult,
    CertificationRow,
    Outcome,
)
from scim_provisioning.simulator.certification.specimens import Place, Specimens
from scim_provisioning.simulator.certification.suite import TESTS, Certification

__all__ = [
    "TESTS",
    "Candidate",
    "Certification",
    "CertificationResult",
    "CertificationRow",
    "CertificationTest",
    "OAuthClient",
    "Outcome",
    "Place",
    "Specimens",
]
