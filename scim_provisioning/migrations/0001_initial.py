"""The tables; the host's models are named by settings, as swappable dependencies."""

import uuid

import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.SCIM_ORGANIZATION_MODEL),
        migrations.swappable_dependency(settings.SCIM_GROUP_MODEL),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Connection",
            fields=[
                (
                    "groups",
                    models.BooleanField(
                        default=True, help_text="Groups are provisioned.", verbose_name="groups"
                    ),
                ),
                (
                    "managers",
                    models.BooleanField(
                        default=True, help_text="The manager of a user is kept.", verbose_name="managers"
                    ),
                ),
                (
                    "initial_status",
                    models.CharField(
                        choices=[("pending", "Pending"), ("active", "Active")],
                        default="active",
                        help_text="What a new user is; Pending becomes Active at the first login.",
                        max_length=16,
                        verbose_name="initial status",
                    ),
                ),
                (
                    "existing_users",
                    models.CharField(
                        choices=[
                            ("link", "Link and keep as is"),
                            ("update", "Link and update"),
                            ("reject", "Refuse"),
                        ],
                        default="reject",
                        help_text="What becomes of a user of the organization that existed before and has the same user name or e-mail.",
                        max_length=16,
                        verbose_name="existing users",
                    ),
                ),
                (
                    "visible_users",
                    models.CharField(
                        choices=[
                            ("managed", "Only those that SCIM manages"),
                            ("organization", "All of the organization"),
                        ],
                        default="managed",
                        help_text="Which users the identity provider finds when it looks for a match.",
                        max_length=16,
                        verbose_name="visible users",
                    ),
                ),
                (
                    "reactivate_to",
                    models.CharField(
                        choices=[("active", "Active"), ("previous", "What it was before")],
                        default="active",
                        help_text="What an Inactive user becomes when it is added to provisioning again.",
                        max_length=16,
                        verbose_name="reactivate to",
                    ),
                ),
                (
                    "adopted_removal",
                    models.CharField(
                        choices=[("deactivate", "Deactivate"), ("release", "Release from SCIM")],
                        default="deactivate",
                        help_text="What happens to a user that existed before provisioning when it is removed from provisioning.",
                        max_length=16,
                        verbose_name="removal of adopted users",
                    ),
                ),
                (
                    "user_deletion",
                    models.CharField(
                        choices=[("delete", "Delete"), ("deactivate", "Deactivate")],
                        default="delete",
                        help_text="What happens in the Hub when a user is deleted from the directory.",
                        max_length=16,
                        verbose_name="user deletion",
                    ),
                ),
                (
                    "letter_case",
                    models.CharField(
                        choices=[("preserve", "Keep"), ("fold", "Make lower-case"), ("reject", "Refuse")],
                        default="preserve",
                        help_text="What happens to capital letters in the user name and the work e-mail.",
                        max_length=16,
                        verbose_name="letter case",
                    ),
                ),
                (
                    "unknown_reference",
                    models.CharField(
                        choices=[("reject", "Refuse"), ("ignore", "Ignore")],
                        default="ignore",
                        help_text="What happens to a department, role or other value that does not exist in the Hub.",
                        max_length=16,
                        verbose_name="unknown references",
                    ),
                ),
                (
                    "exclusive_attributes",
                    models.CharField(
                        choices=[("reject", "Refuse"), ("ignore", "Ignore")],
                        default="ignore",
                        help_text="What happens when two attributes arrive of which only one may be set.",
                        max_length=16,
                        verbose_name="exclusive attributes",
                    ),
                ),
                (
                    "unmapped_attributes",
                    models.CharField(
                        choices=[("keep", "Keep and return"), ("ignore", "Ignore"), ("reject", "Refuse")],
                        default="keep",
                        help_text="What happens to attributes that the Hub has no place for.",
                        max_length=16,
                        verbose_name="unmapped attributes",
                    ),
                ),
                (
                    "members_replace",
                    models.CharField(
                        choices=[("replace", "The full set"), ("add", "Add these members")],
                        default="replace",
                        help_text="Whether a replace of members is the full set, or members to add.",
                        max_length=16,
                        verbose_name="replace of members",
                    ),
                ),
                (
                    "roles_add",
                    models.CharField(
                        choices=[("merge", "Add to the present roles"), ("replace", "The full set")],
                        default="merge",
                        help_text="Whether an add of roles keeps the present roles, or is the full set.",
                        max_length=16,
                        verbose_name="add of roles",
                    ),
                ),
                (
                    "unknown_members",
                    models.CharField(
                        choices=[("reject", "Refuse"), ("ignore", "Ignore")],
                        default="reject",
                        help_text="What happens to a member of a group that is no user this connection manages.",
                        max_length=16,
                        verbose_name="unknown members",
                    ),
                ),
                (
                    "unmatched_path_filter",
                    models.CharField(
                        choices=[("create", "Create the entry"), ("reject", "Refuse")],
                        default="reject",
                        help_text="What happens when a change names an e-mail or address entry that does not exist yet.",
                        max_length=16,
                        verbose_name="unmatched path filter",
                    ),
                ),
                (
                    "group_name_clash",
                    models.CharField(
                        choices=[("reject", "Refuse"), ("allow", "Create a second group")],
                        default="reject",
                        help_text="What happens when a group that was made by hand has the name of a new group.",
                        max_length=16,
                        verbose_name="group name clash",
                    ),
                ),
                (
                    "external_id_format",
                    models.CharField(
                        choices=[("any", "Anything"), ("guid", "A GUID")],
                        default="any",
                        help_text="What an externalId must look like; Entra sends a GUID when it is mapped from objectId.",
                        max_length=16,
                        verbose_name="externalId format",
                    ),
                ),
                (
                    "external_id_unique",
                    models.BooleanField(
                        default=False,
                        help_text="No two users of this connection may have the same externalId.",
                        verbose_name="externalId is unique",
                    ),
                ),
                (
                    "protect_groups",
                    models.BooleanField(
                        default=True,
                        help_text="Members of SCIM-managed groups change only through SCIM.",
                        verbose_name="protect groups",
                    ),
                ),
                (
                    "user_patch_response",
                    models.PositiveSmallIntegerField(
                        choices=[(200, "200 with the resource"), (204, "204 without a body")],
                        default=200,
                        help_text="What the identity provider gets back after it has changed a user.",
                        verbose_name="answer to PATCH of a user",
                    ),
                ),
                (
                    "group_patch_response",
                    models.PositiveSmallIntegerField(
                        choices=[(200, "200 with the resource"), (204, "204 without a body")],
                        default=200,
                        help_text="What the identity provider gets back after it has changed a group.",
                        verbose_name="answer to PATCH of a group",
                    ),
                ),
                (
                    "token_lifetime",
                    models.PositiveSmallIntegerField(
                        default=365,
                        help_text="Days until a new token expires.",
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(730),
                        ],
                        verbose_name="token lifetime",
                    ),
                ),
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="id",
                    ),
                ),
                ("name", models.CharField(blank=True, max_length=200, verbose_name="name")),
                ("preset", models.CharField(max_length=32, verbose_name="preset")),
                (
                    "tenant_id",
                    models.UUIDField(
                        blank=True,
                        help_text="The directory (tenant) ID it provisions from.",
                        null=True,
                        verbose_name="Entra tenant ID",
                    ),
                ),
                (
                    "verified_domains",
                    models.TextField(
                        blank=True,
                        help_text="Domains to which the e-mail of an adopted user may change, separated by spaces.",
                        verbose_name="verified domains",
                    ),
                ),
                ("enabled", models.BooleanField(default=True, verbose_name="enabled")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scim_connections",
                        to=settings.SCIM_ORGANIZATION_MODEL,
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "connection",
                "verbose_name_plural": "connections",
            },
        ),
        migrations.CreateModel(
            name="Effect",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=32, verbose_name="kind")),
                ("resource_type", models.CharField(max_length=16, verbose_name="resource type")),
                ("resource_id", models.UUIDField(verbose_name="resource id")),
                ("resource_version", models.PositiveIntegerField(verbose_name="resource version")),
                ("payload", models.JSONField(default=dict, verbose_name="payload")),
                (
                    "state",
                    models.CharField(
                        choices=[("due", "Due"), ("done", "Done"), ("dead", "Given up")],
                        default="due",
                        max_length=8,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("next_attempt_at", models.DateTimeField(verbose_name="next attempt at")),
                ("last_error", models.TextField(blank=True, verbose_name="last error")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("done_at", models.DateTimeField(null=True, verbose_name="done at")),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="effects",
                        to="scim_provisioning.connection",
                        verbose_name="connection",
                    ),
                ),
            ],
            options={
                "verbose_name": "effect",
                "verbose_name_plural": "effects",
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("connection_key", models.UUIDField(verbose_name="connection id")),
                ("request_id", models.CharField(max_length=36, verbose_name="request id")),
                ("token_key_id", models.CharField(blank=True, max_length=12, verbose_name="token")),
                ("operation", models.CharField(max_length=32, verbose_name="operation")),
                ("resource_type", models.CharField(blank=True, max_length=16, verbose_name="resource type")),
                ("resource_id", models.UUIDField(null=True, verbose_name="resource id")),
                ("resource_name", models.CharField(blank=True, max_length=255, verbose_name="resource name")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("success", "Success"),
                            ("refused", "Refused"),
                            ("ignored", "Ignored"),
                            ("failed", "Failed"),
                        ],
                        max_length=16,
                        verbose_name="outcome",
                    ),
                ),
                ("status", models.PositiveSmallIntegerField(verbose_name="HTTP status")),
                ("scim_type", models.CharField(blank=True, max_length=32, verbose_name="scimType")),
                ("code", models.CharField(blank=True, max_length=64, verbose_name="code")),
                ("detail", models.TextField(blank=True, verbose_name="detail")),
                ("changes", models.JSONField(default=dict, verbose_name="changes")),
                ("duration_ms", models.PositiveIntegerField(default=0, verbose_name="duration in ms")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                (
                    "connection",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="events",
                        to="scim_provisioning.connection",
                        verbose_name="connection",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
            },
        ),
        migrations.CreateModel(
            name="GroupResource",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="SCIM id",
                    ),
                ),
                (
                    "external_id",
                    models.CharField(blank=True, db_index=True, max_length=255, verbose_name="externalId"),
                ),
                ("external_id_key", models.CharField(editable=False, max_length=255, null=True)),
                ("scim_managed", models.BooleanField(default=True, verbose_name="SCIM-managed")),
                ("attributes", models.JSONField(default=dict, editable=False, verbose_name="attributes")),
                ("keeps_mapped", models.BooleanField(default=False, editable=False)),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("modified_at", models.DateTimeField(verbose_name="modified at")),
                ("display_name", models.CharField(max_length=255, verbose_name="displayName")),
                ("name_key", models.CharField(editable=False, max_length=255)),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="group_resources",
                        to="scim_provisioning.connection",
                        verbose_name="connection",
                    ),
                ),
                (
                    "group",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scim_resources",
                        to=settings.SCIM_GROUP_MODEL,
                        verbose_name="group",
                    ),
                ),
            ],
            options={
                "verbose_name": "group resource",
                "verbose_name_plural": "group resources",
            },
        ),
        migrations.CreateModel(
            name="Token",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key_id", models.CharField(max_length=12, unique=True, verbose_name="key id")),
                ("digest", models.CharField(editable=False, max_length=64, verbose_name="digest")),
                ("slot", models.PositiveSmallIntegerField(editable=False, null=True, verbose_name="slot")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "first_used_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="first used at"),
                ),
                (
                    "last_used_at",
                    models.DateTimeField(editable=False, null=True, verbose_name="last used at"),
                ),
                ("revoked_at", models.DateTimeField(editable=False, null=True, verbose_name="revoked at")),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tokens",
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
                "verbose_name": "token",
                "verbose_name_plural": "tokens",
            },
        ),
        migrations.CreateModel(
            name="UserResource",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                        verbose_name="SCIM id",
                    ),
                ),
                (
                    "external_id",
                    models.CharField(blank=True, db_index=True, max_length=255, verbose_name="externalId"),
                ),
                ("external_id_key", models.CharField(editable=False, max_length=255, null=True)),
                ("scim_managed", models.BooleanField(default=True, verbose_name="SCIM-managed")),
                ("attributes", models.JSONField(default=dict, editable=False, verbose_name="attributes")),
                ("keeps_mapped", models.BooleanField(default=False, editable=False)),
                ("version", models.PositiveIntegerField(default=1, verbose_name="version")),
                ("created_at", models.DateTimeField(verbose_name="created at")),
                ("modified_at", models.DateTimeField(verbose_name="modified at")),
                ("user_name", models.CharField(max_length=255, verbose_name="userName")),
                ("user_name_key", models.CharField(editable=False, max_length=255)),
                (
                    "origin",
                    models.CharField(
                        choices=[
                            ("created", "Created by SCIM"),
                            ("adopted", "Existed before and was adopted"),
                            ("existing", "Exists and is not managed yet"),
                        ],
                        default="created",
                        max_length=16,
                        verbose_name="origin",
                    ),
                ),
                (
                    "previous_status",
                    models.CharField(blank=True, max_length=32, verbose_name="previous status"),
                ),
                (
                    "connection",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="user_resources",
                        to="scim_provisioning.connection",
                        verbose_name="connection",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scim_resources",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "user resource",
                "verbose_name_plural": "user resources",
            },
        ),
        migrations.AddConstraint(
            model_name="connection",
            constraint=models.UniqueConstraint(
                condition=models.Q(("tenant_id__isnull", False)),
                fields=("organization", "tenant_id"),
                name="scim_connection_one_per_tenant",
                violation_error_message="The organization has a connection for this directory already.",
            ),
        ),
        migrations.AddIndex(
            model_name="effect",
            index=models.Index(
                condition=models.Q(("state", "due")), fields=["next_attempt_at"], name="scim_effect_due"
            ),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["connection_key", "-id"], name="scim_event_log"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(fields=["resource_id"], name="scim_event_resource"),
        ),
        migrations.AddIndex(
            model_name="groupresource",
            index=models.Index(fields=["connection", "created_at", "id"], name="scim_group_order"),
        ),
        migrations.AddIndex(
            model_name="groupresource",
            index=models.Index(
                condition=models.Q(("keeps_mapped", True)), fields=["connection"], name="scim_group_keeps"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupresource",
            constraint=models.UniqueConstraint(fields=("connection", "name_key"), name="scim_group_name"),
        ),
        migrations.AddConstraint(
            model_name="groupresource",
            constraint=models.UniqueConstraint(
                fields=("connection", "external_id_key"), name="scim_group_external_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="groupresource",
            constraint=models.UniqueConstraint(fields=("connection", "group"), name="scim_group_row"),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.UniqueConstraint(fields=("connection", "slot"), name="scim_token_two_live"),
        ),
        migrations.AddConstraint(
            model_name="token",
            constraint=models.CheckConstraint(
                condition=models.Q(("slot__isnull", True), ("slot__in", (1, 2)), _connector="OR"),
                name="scim_token_slot",
            ),
        ),
        migrations.AddIndex(
            model_name="userresource",
            index=models.Index(fields=["connection", "created_at", "id"], name="scim_user_order"),
        ),
        migrations.AddIndex(
            model_name="userresource",
            index=models.Index(
                condition=models.Q(("keeps_mapped", True)), fields=["connection"], name="scim_user_keeps"
            ),
        ),
        migrations.AddConstraint(
            model_name="userresource",
            constraint=models.UniqueConstraint(fields=("connection", "user_name_key"), name="scim_user_name"),
        ),
        migrations.AddConstraint(
            model_name="userresource",
            constraint=models.UniqueConstraint(
                fields=("connection", "external_id_key"), name="scim_user_external_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="userresource",
            constraint=models.UniqueConstraint(fields=("connection", "user"), name="scim_user_row"),
        ),
    ]
