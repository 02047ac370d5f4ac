"""The log keeps requests and answers, and outlives its connection."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.SCIM_ORGANIZATION_MODEL),
        ("scim_provisioning", "0002_principals_and_roles"),
    ]

    operations = [
        migrations.CreateModel(
            name="FormerConnection",
            fields=[
                (
                    "id",
                    models.UUIDField(editable=False, primary_key=True, serialize=False, verbose_name="id"),
                ),
                ("name", models.CharField(max_length=255, verbose_name="name")),
                ("preset", models.CharField(max_length=32, verbose_name="preset")),
                ("tenant_id", models.UUIDField(null=True, verbose_name="Entra tenant ID")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("ended_at", models.DateTimeField(verbose_name="removed at")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scim_former_connections",
                        to=settings.SCIM_ORGANIZATION_MODEL,
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "former connection",
                "verbose_name_plural": "former connections",
            },
        ),
        migrations.RemoveIndex(model_name="event", name="scim_event_resource"),
        migrations.RemoveField(model_name="event", name="connection"),
        # A relation without a column: there is nothing for the database to do.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    model_name="event",
                    name="connection",
                    field=models.ForeignObject(
                        from_fields=("connection_key",),
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="scim_provisioning.connection",
                        to_fields=("id",),
                        verbose_name="connection",
                    ),
                )
            ]
        ),
        migrations.AddField(
            model_name="event",
            name="method",
            field=models.CharField(blank=True, max_length=8, verbose_name="method"),
        ),
        migrations.AddField(
            model_name="event",
            name="path",
            field=models.CharField(blank=True, max_length=200, verbose_name="path"),
        ),
        migrations.AddField(
            model_name="event",
            name="request_body",
            field=models.TextField(blank=True, verbose_name="request"),
        ),
        migrations.AddField(
            model_name="event",
            name="answer_body",
            field=models.TextField(blank=True, verbose_name="answer"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["resource_id", "-id"], name="scim_event_resource_log"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["request_id"], name="scim_event_request"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(
                condition=models.Q(("outcome__in", ("refused", "failed"))),
                fields=["connection_key", "-id"],
                name="scim_event_errors",
            ),
        ),
    ]
