from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies: list[tuple[str, str]] = []

    operations = [
        migrations.CreateModel(
            name="Sighting",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("effect_id", models.BigIntegerField(unique=True)),
                ("kind", models.CharField(max_length=32)),
                ("resource_id", models.UUIDField()),
                ("resource_version", models.PositiveIntegerField()),
                ("runs", models.PositiveIntegerField(default=0)),
                ("first_at", models.DateTimeField(auto_now_add=True)),
            ],
        ),
    ]
