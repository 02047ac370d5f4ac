"""Columns for the principal of a token, roles that a connection may give, and attributes that need another."""

from django.db import migrations, models


def note_principals(apps, schema_editor):
    """Tokens that a person generated were issued to that person."""
    tokens = apps.get_model("scim_provisioning", "Token").objects.using(schema_editor.connection.alias)
    tokens.exclude(created_by=None).update(has_principal=True)


class Migration(migrations.Migration):
    dependencies = [
        ("scim_provisioning", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="connection",
            name="allowed_roles",
            field=models.TextField(
                blank=True,
                help_text="The only roles that may be given, one in each line or separated by commas; an asterisk at the end stands for any continuation. Empty: all that the policy lets.",
                verbose_name="allowed roles",
            ),
        ),
        migrations.AddField(
            model_name="connection",
            name="dependent_attributes",
            field=models.CharField(
                choices=[("reject", "Refuse"), ("ignore", "Ignore")],
                default="ignore",
                help_text="What happens when an attribute arrives without the one it belongs to.",
                max_length=16,
                verbose_name="dependent attributes",
            ),
        ),
        migrations.AddField(
            model_name="connection",
            name="high_roles",
            field=models.BooleanField(
                default=False,
                help_text="Roles that the Hub calls high may be given through this connection.",
                verbose_name="high roles",
            ),
        ),
        migrations.AddField(
            model_name="connection",
            name="token_principal",
            field=models.BooleanField(
                default=False,
                help_text="A token works only while the person it was issued to holds the role that the Hub asks for.",
                verbose_name="principal of a token",
            ),
        ),
        migrations.AddField(
            model_name="token",
            name="has_principal",
            field=models.BooleanField(default=False, editable=False, verbose_name="has a principal"),
        ),
        migrations.RunPython(note_principals, migrations.RunPython.noop),
    ]
