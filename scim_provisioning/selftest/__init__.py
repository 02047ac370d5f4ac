"""The self-test of a connection: an identity provider's requests, played inside a transaction that is rolled back."""

from scim_provisioning.selftest.run import run_self_test
from scim_provisioning.selftest.steps import Step

__all__ = ["Step", "run_self_test"]
