"""A stand-in for Microsoft's sign-in: an OpenID Connect issuer of directories, on the loopback interface.

It needs joserfc (extra `simulator`) and nothing of Django. `Issuer` is where to start.
"""

from scim_provisioning.simulator.issuer.grants import Registration
from scim_provisioning.simulator.issuer.server import Issuer
from scim_provisioning.simulator.issuer.tokens import SigningKey

__all__ = ["Issuer", "Registration", "SigningKey"]
