"""The Hub's admin pages: stock Django admin, narrowed to the organization of who looks."""

from django.contrib import admin
from django.contrib.auth.models import Group as DjangoGroup
from django.utils.translation import gettext_lazy as _

from example_project.hub.admin.groups import GroupAdmin
from example_project.hub.admin.organizations import (
    CountryAdmin,
    DepartmentAdmin,
    OfficeAdmin,
    OrganizationAdmin,
)
from example_project.hub.admin.tags import CustomTagAdmin, CustomTagCategoryAdmin
from example_project.hub.admin.users import HubUserAdmin
from example_project.hub.models import (
    Country,
    CustomTag,
    CustomTagCategory,
    Department,
    Group,
    Office,
    Organization,
    User,
)

admin.site.site_header = _("Hub administration")
admin.site.site_title = _("Hub")
admin.site.index_title = _("Your organization")

# The Hub has groups of its own; a second page called "Groups" would only confuse.
if admin.site.is_registered(DjangoGroup):
    admin.site.unregister(DjangoGroup)

admin.site.register(Organization, OrganizationAdmin)
admin.site.register(Country, CountryAdmin)
admin.site.register(Department, DepartmentAdmin)
admin.site.register(Office, OfficeAdmin)
admin.site.register(CustomTagCategory, CustomTagCategoryAdmin)
admin.site.register(CustomTag, CustomTagAdmin)
admin.site.register(User, HubUserAdmin)
admin.site.register(Group, GroupAdmin)
