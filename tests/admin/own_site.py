"""An admin site of stock pages by which members can change: a group's members, and the relation itself."""

from typing import Any

from django.contrib.admin import AdminSite
from django.urls import include, path

from scim_provisioning.admin import ConnectionAdmin, GuardedAdminMixin, ScimManagedAdminMixin
from scim_provisioning.mapping.groups import members_field
from scim_provisioning.models import Connection
from tests.factories import GROUPS, USERS

THROUGH: Any = members_field(GROUPS).through


class MembersAdmin(ScimManagedAdminMixin):
    """Groups, with the members for choice."""

    fields = ["organization", "name", "members"]


class RowAdmin(GuardedAdminMixin):
    """The relation itself."""


class LenientAdmin(ScimManagedAdminMixin):
    """Users, of whom one column stays the Hub's."""

    fields = ["username", "title"]
    scim_editable = ["title"]


site = AdminSite()
site.register(GROUPS.model, MembersAdmin)
site.register(USERS.model, LenientAdmin)
site.register(THROUGH, RowAdmin)
site.register(Connection, ConnectionAdmin)

urlpatterns = [path("admin/", site.urls), path("scim/", include("scim_provisioning.urls"))]
