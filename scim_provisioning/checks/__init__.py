"""System checks: misuse is told at start, with an id and a fix (``catalogue.CHECKS``)."""

from django.core.checks import register

from scim_provisioning.checks.catalogue import CHECKS, TAG, Check
from scim_provisioning.checks.deployment import check_databases, check_deployment, check_urls
from scim_provisioning.checks.mappings import check_mappings
from scim_provisioning.checks.settings import check_settings

for function in (check_settings, check_mappings, check_databases, check_urls):
    register(function, TAG)
register(check_deployment, TAG, deploy=True)

__all__ = ["CHECKS", "TAG", "Check"]
