"""Since when a user is deactivated, and after how long it goes."""

import django.core.validators
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scim_provisioning", "0008_brake"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="retention_days",
            field=models.PositiveSmallIntegerField(
                default=0,
                help_text="Days after which a user that was deactivated and never deleted is removed; 0 keeps it.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(3650),
                ],
                verbose_name="retention of Inactive users",
            ),
        ),
        migrations.AddField(
            model_name="userresource",
            name="deactivated_at",
            field=models.DateTimeField(editable=False, null=True, verbose_name="deactivated at"),
        ),
        migrations.AddIndex(
            model_name="userresource",
            index=models.Index(
                condition=models.Q(("deactivated_at__isnull", False)),
                fields=["connection", "deactivated_at"],
                name="scim_user_deactivated",
            ),
        ),
    ]
