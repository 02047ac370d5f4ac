"""Defaults of the database for columns that came later: the release before writes rows without them (F21)."""

import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scim_provisioning", "0009_departed_users"),
    ]

    operations = [
        migrations.AlterField(
            model_name="connection",
            name="allowed_roles",
            field=models.TextField(
                blank=True,
                db_default="",
                default="",
                help_text="The only roles that may be given, one in each line or separated by commas; an asterisk at the end stands for any continuation. Empty: all that the policy lets.",
                verbose_name="allowed roles",
            ),
        ),
        migrations.AlterField(
            model_name="connection",
            name="brake",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Mass deprovisioning is held until an administrator has approved or rejected it.",
                verbose_name="brake",
            ),
        ),
        migrations.AlterField(
            model_name="connection",
            name="brake_count",
            field=models.PositiveIntegerField(
                db_default=500,
                default=500,
                help_text="More users deactivated, deleted or taken out of groups than this are held.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(1000000),
                ],
                verbose_name="brake: count",
            ),
        ),
        migrations.AlterField(
            model_name="connection",
            name="brake_share",
            field=models.PositiveSmallIntegerField(
                db_default=50,
                default=50,
                help_text="More than this percentage of the managed users is held, even if it is fewer than the count.",
                validators=[
                    django.core.validators.MinValueValidator(1),
                    django.core.validators.MaxValueValidator(100),
                ],
                verbose_name="brake: share",
            ),
        ),
        migrations.AlterField(
            model_name="connection",
            name="brake_window",
            field=models.PositiveIntegerField(
                db_default=120,
                default=120,
                help_text="Minutes in which that many is too many.",
                validators=[
                    django.core.validators.MinValueValidator(5),
                    django.core.validators.MaxValueValidator(10080),
                ],
                verbose_name="brake: window",
            ),
        ),
        migrations.AlterField(
            model_name="connection",
            name="dependent_attributes",
            field=models.CharField(
                choices=[("reject", "Refuse"), ("ignore", "Ignore")],
                db_default="ignore",
                default="ignore",
                help_text="What happens when an attribute arrives without the one it belongs to.",
                max_length=16,
                verbose_name="dependent attributes",
            ),
        ),
        migrations.AlterField(
            model_name="connection",
            name="high_roles",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Roles that the Hub calls high may be given through this connection.",
                verbose_name="high roles",
            ),
        ),
        migrations.AlterField(
            model_name="connection",
            name="retention_days",
            field=models.PositiveSmallIntegerField(
                db_default=0,
                default=0,
                help_text="Days after which a user that was deactivated and never deleted is removed; 0 keeps it.",
                validators=[
                    django.core.validators.MinValueValidator(0),
                    django.core.validators.MaxValueValidator(3650),
                ],
                verbose_name="retention of Inactive users",
            ),
        ),
        migrations.AlterField(
            model_name="connection",
            name="token_principal",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="A token works only while the person it was issued to holds the role that the Hub asks for.",
                verbose_name="principal of a token",
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="answer_body",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="answer"),
        ),
        migrations.AlterField(
            model_name="event",
            name="method",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=8, verbose_name="method"
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="path",
            field=models.CharField(
                blank=True, db_default="", default="", max_length=200, verbose_name="path"
            ),
        ),
        migrations.AlterField(
            model_name="event",
            name="request_body",
            field=models.TextField(blank=True, db_default="", default="", verbose_name="request"),
        ),
        migrations.AlterField(
            model_name="token",
            name="has_principal",
            field=models.BooleanField(
                db_default=False, default=False, editable=False, verbose_name="has a principal"
            ),
        ),
    ]
