import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="Country",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=2, unique=True, verbose_name="code")),
                ("name", models.CharField(max_length=128, unique=True, verbose_name="name")),
            ],
            options={
                "verbose_name": "country",
                "verbose_name_plural": "countries",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="CustomTagCategory",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("euid", models.CharField(max_length=128, verbose_name="external id")),
                ("name", models.CharField(max_length=256, verbose_name="name")),
            ],
            options={
                "verbose_name": "custom tag category",
                "verbose_name_plural": "custom tag categories",
                "ordering": ["euid"],
            },
        ),
        migrations.CreateModel(
            name="Organization",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("slug", models.SlugField(max_length=64, unique=True, verbose_name="slug")),
                ("name", models.CharField(max_length=256, verbose_name="name")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
            ],
            options={
                "verbose_name": "organization",
                "verbose_name_plural": "organizations",
                "ordering": ["slug"],
                "permissions": [
                    ("create_application_packages", "Create Application Packages"),
                    ("edit_all_application_packages", "Edit all Application Packages"),
                    ("manage_users_and_groups", "Manage Users and Groups"),
                    ("manage_organization_components", "Manage Organization Components"),
                    ("edit_organization_metadata", "Edit Organization Metadata"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CustomTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("euid", models.CharField(max_length=128, verbose_name="external id")),
                ("name", models.CharField(max_length=256, verbose_name="name")),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tags",
                        to="hub.customtagcategory",
                        verbose_name="category",
                    ),
                ),
            ],
            options={
                "verbose_name": "custom tag",
                "verbose_name_plural": "custom tags",
                "ordering": ["category__euid", "euid"],
            },
        ),
        migrations.CreateModel(
            name="Department",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=256, verbose_name="name")),
                (
                    "country",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="departments",
                        to="hub.country",
                        verbose_name="country",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="departments",
                        to="hub.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "department",
                "verbose_name_plural": "departments",
                "ordering": ["name", "country__name"],
            },
        ),
        migrations.CreateModel(
            name="User",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                ("username", models.CharField(max_length=320, verbose_name="user name")),
                ("email", models.CharField(blank=True, default="", max_length=320, verbose_name="email")),
                (
                    "first_name",
                    models.CharField(blank=True, default="", max_length=256, verbose_name="first name"),
                ),
                (
                    "last_name",
                    models.CharField(blank=True, default="", max_length=256, verbose_name="last name"),
                ),
                (
                    "display_name",
                    models.CharField(blank=True, default="", max_length=512, verbose_name="display name"),
                ),
                ("title", models.CharField(blank=True, default="", max_length=256, verbose_name="title")),
                ("phone", models.CharField(blank=True, default="", max_length=256, verbose_name="phone")),
                (
                    "status",
                    models.CharField(
                        choices=[("pending", "Pending"), ("active", "Active"), ("inactive", "Inactive")],
                        default="pending",
                        max_length=16,
                        verbose_name="status",
                    ),
                ),
                ("is_staff", models.BooleanField(default=False, verbose_name="may use the admin pages")),
                ("is_superuser", models.BooleanField(default=False, verbose_name="superuser")),
                (
                    "date_joined",
                    models.DateTimeField(
                        default=django.utils.timezone.now, editable=False, verbose_name="created"
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="users",
                        to="hub.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        help_text="Empty for superusers only.",
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="users",
                        to="hub.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
            },
        ),
        migrations.CreateModel(
            name="Office",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=256, verbose_name="name")),
                (
                    "department",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="offices",
                        to="hub.department",
                        verbose_name="department",
                    ),
                ),
            ],
            options={
                "verbose_name": "office",
                "verbose_name_plural": "offices",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Group",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=512, verbose_name="name")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("end_user", "End-user group"),
                            ("admin", "Admin group"),
                            ("built_in", "Built-in group"),
                        ],
                        default="end_user",
                        max_length=16,
                        verbose_name="kind",
                    ),
                ),
                (
                    "members",
                    models.ManyToManyField(
                        blank=True, related_name="groups", to=settings.AUTH_USER_MODEL, verbose_name="members"
                    ),
                ),
                (
                    "permissions",
                    models.ManyToManyField(
                        blank=True,
                        limit_choices_to={
                            "codename__in": [
                                "create_application_packages",
                                "edit_all_application_packages",
                                "manage_users_and_groups",
                                "manage_organization_components",
                                "edit_organization_metadata",
                            ],
                            "content_type__app_label": "hub",
                        },
                        related_name="hub_groups",
                        to="auth.permission",
                        verbose_name="permissions",
                    ),
                ),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="groups",
                        to="hub.organization",
                        verbose_name="organization",
                    ),
                ),
            ],
            options={
                "verbose_name": "group",
                "verbose_name_plural": "groups",
                "ordering": ["name"],
            },
        ),
        migrations.AddField(
            model_name="customtagcategory",
            name="organization",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="tag_categories",
                to="hub.organization",
                verbose_name="organization",
            ),
        ),
        migrations.CreateModel(
            name="RoleAssignment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("value", models.CharField(max_length=512, verbose_name="role")),
                (
                    "source",
                    models.CharField(
                        choices=[("scim", "SCIM"), ("hub", "Hub")],
                        default="hub",
                        max_length=8,
                        verbose_name="source",
                    ),
                ),
                (
                    "department",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="hub.department",
                        verbose_name="department",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="hub.customtag",
                        verbose_name="custom tag",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="role_assignments",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="user",
                    ),
                ),
            ],
            options={
                "verbose_name": "role",
                "verbose_name_plural": "roles",
                "ordering": ["value"],
            },
        ),
        migrations.AddConstraint(
            model_name="customtag",
            constraint=models.UniqueConstraint(fields=("category", "euid"), name="hub_tag_unique"),
        ),
        migrations.AddConstraint(
            model_name="office",
            constraint=models.UniqueConstraint(
                fields=("department", "name"), name="hub_office_unique_in_department"
            ),
        ),
        migrations.AddIndex(
            model_name="group",
            index=models.Index(
                models.F("organization"),
                django.db.models.functions.text.Upper("name"),
                name="hub_group_name_folded",
            ),
        ),
        migrations.AddIndex(
            model_name="department",
            index=models.Index(
                models.F("organization"),
                django.db.models.functions.text.Upper("name"),
                name="hub_department_name_folded",
            ),
        ),
        migrations.AddConstraint(
            model_name="department",
            constraint=models.UniqueConstraint(
                fields=("organization", "name", "country"), name="hub_department_unique_in_country"
            ),
        ),
        migrations.AddConstraint(
            model_name="customtagcategory",
            constraint=models.UniqueConstraint(
                fields=("organization", "euid"), name="hub_tag_category_unique"
            ),
        ),
        migrations.AddIndex(
            model_name="user",
            index=models.Index(
                models.F("organization"),
                django.db.models.functions.text.Upper("email"),
                name="hub_user_email_folded",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                models.F("organization"),
                django.db.models.functions.text.Upper("username"),
                name="hub_user_unique_in_organization",
                violation_error_message="This organization has a user of that name already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.UniqueConstraint(
                django.db.models.functions.text.Upper("username"),
                condition=models.Q(("organization", None)),
                name="hub_user_unique_superuser",
                violation_error_message="There is a superuser of that name already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="roleassignment",
            constraint=models.UniqueConstraint(fields=("user", "value", "source"), name="hub_role_unique"),
        ),
    ]
