from django.db import migrations

from scim_provisioning.operations import ProtectMemberships


class Migration(migrations.Migration):
    dependencies = [
        ("hub", "0001_initial"),
        ("scim_provisioning", "0001_initial"),
    ]

    operations = [ProtectMemberships("group", "members")]
