"""Makes the example organizations; what is there already stays as it is."""

import json

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Permission
from django.db import transaction

from example_project.hub import example
from example_project.hub.models import (
    Country,
    CustomTag,
    CustomTagCategory,
    Department,
    Group,
    Office,
    Organization,
    RoleAssignment,
    User,
)


@transaction.atomic
def seed() -> list[Organization]:
    """Make whatever is missing of the example, and return its organizations."""
    Country.objects.bulk_create(
        (
            Country(code=code, name=name)
            for code, name in json.loads(example.COUNTRIES.read_text("utf-8")).items()
        ),
        ignore_conflicts=True,
    )
    name, password = example.SUPERUSER
    if not User.objects.filter(username=name, organization=None).exists():
        User.objects.create_superuser(name, "admin@hub.example", password, display_name="Hub Operator")
    # One hash for everybody: hashing is made to be slow.
    hashed = make_password(example.PASSWORD)
    return [seed_organization(organization, hashed) for organization in example.ORGANIZATIONS]


def seed_organization(wanted: example.ExampleOrganization, password: str) -> Organization:
    """Make one organization with all that is its own."""
    organization, _created = Organization.objects.get_or_create(
        slug=wanted.slug, defaults={"name": wanted.name}
    )
    seed_departments(organization)
    seed_tags(organization)
    for group in example.GROUPS:
        seed_group(organization, group)
    for user in wanted.users:
        seed_user(organization, user, password)
    return organization


def seed_departments(organization: Organization) -> None:
    """Make the departments and their offices."""
    countries = Country.objects.in_bulk(field_name="code")
    departments = {
        (name, code): Department.objects.get_or_create(
            organization=organization, name=name, country=countries[code]
        )[0]
        for name, code in example.DEPARTMENTS
    }
    for name, code, place in example.OFFICES:
        Office.objects.get_or_create(department=departments[name, code], name=place)


def seed_tags(organization: Organization) -> None:
    """Make the custom tags and their categories."""
    for (euid, name), tags in example.TAGS.items():
        category, _created = CustomTagCategory.objects.get_or_create(
            organization=organization, euid=euid, defaults={"name": name}
        )
        for tag_euid, tag_name in tags.items():
            CustomTag.objects.get_or_create(category=category, euid=tag_euid, defaults={"name": tag_name})


def seed_group(organization: Organization, wanted: example.ExampleGroup) -> None:
    """Make a group; its permissions are given once, so that what an admin changed stays changed."""
    # By kind too: provisioning may have made an end-user group of that very name.
    group, created = Group.objects.get_or_create(
        organization=organization, name=wanted.name, kind=wanted.kind
    )
    if created:
        group.permissions.set(
            Permission.objects.filter(content_type__app_label="hub", codename__in=wanted.permissions)
        )


def seed_user(organization: Organization, wanted: example.ExampleUser, password: str) -> None:
    """Make a user with groups and roles, once."""
    username = f"{wanted.name}@{organization.slug}.example"
    if organization.users.filter(username__iexact=username).exists():
        return
    user = User.objects.create(
        organization=organization,
        username=username,
        email=username,
        password=password,
        first_name=wanted.first_name,
        last_name=wanted.last_name,
        display_name=f"{wanted.first_name} {wanted.last_name}",
        status=wanted.status,
        is_staff=wanted.is_staff,
    )
    groups = [group for group in example.GROUPS if group.name in wanted.groups]
    user.groups.set(
        Group.objects.get(organization=organization, name=group.name, kind=group.kind) for group in groups
    )
    RoleAssignment.objects.bulk_create(RoleAssignment(user=user, value=value) for value in wanted.roles)
