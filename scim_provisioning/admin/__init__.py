"""The pages on which an organization admin sets provisioning up and watches it."""

from django.contrib import admin

from scim_provisioning.admin.bases import on_base_class
from scim_provisioning.admin.connections import ConnectionAdmin
from scim_provisioning.admin.guarded import GuardedAdminMixin
from scim_provisioning.admin.managed import ScimManagedAdminMixin
from scim_provisioning.admin.organizations import ScimOrganizationAdminMixin
from scim_provisioning.models import Connection

admin.site.register(Connection, on_base_class(ConnectionAdmin))

__all__ = ["ConnectionAdmin", "GuardedAdminMixin", "ScimManagedAdminMixin", "ScimOrganizationAdminMixin"]
