"""What was seen of identity providers, confirmed steps of the setup guide, and links that open it."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scim_provisioning", "0006_expiry_notices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SetupLink",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("nonce", models.CharField(editable=False, max_length=32, unique=True, verbose_name="nonce")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="created at"),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "opened_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="first opened at"),
                ),
                ("revoked_at", models.DateTimeField(editable=False, null=True, verbose_name="revoked at")),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="setup_links",
                        to="scim_provisioning.connection",
                        verbose_name="connection",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="created by",
                    ),
                ),
            ],
            options={
                "verbose_name": "setup link",
                "verbose_name_plural": "setup links",
            },
        ),
        migrations.CreateModel(
            name="Confirmation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("step", models.CharField(max_length=32, verbose_name="step")),
                (
                    "confirmed_at",
                    models.DateTimeField(default=django.utils.timezone.now, verbose_name="confirmed at"),
                ),
                ("confirmed_by", models.CharField(max_length=255, verbose_name="confirmed by")),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="confirmations",
                        to="scim_provisioning.connection",
                        verbose_name="connection",
                    ),
                ),
            ],
            options={
                "verbose_name": "confirmation",
                "verbose_name_plural": "confirmations",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "step"), name="scim_confirmation_one_of_each"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Observation",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("subject", models.CharField(max_length=32, verbose_name="subject")),
                (
                    "verdict",
                    models.CharField(
                        choices=[("ok", "Right"), ("wrong", "Wrong")], max_length=8, verbose_name="verdict"
                    ),
                ),
                ("count", models.PositiveBigIntegerField(default=0, verbose_name="requests")),
                ("first_at", models.DateTimeField(verbose_name="first seen")),
                ("last_at", models.DateTimeField(verbose_name="last seen")),
                ("sample", models.CharField(blank=True, max_length=160, verbose_name="sample")),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="observations",
                        to="scim_provisioning.connection",
                        verbose_name="connection",
                    ),
                ),
            ],
            options={
                "verbose_name": "observation",
                "verbose_name_plural": "observations",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("connection", "subject", "verdict"), name="scim_observation_one_of_each"
                    )
                ],
            },
        ),
    ]
