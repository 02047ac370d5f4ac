"""Checks that need models of another shape than the example Hub's."""

from typing import Any

import pytest
from django.db import models
from django.db.models.functions import Lower
from django.test.utils import isolate_apps

from example_project.hub.models import Organization
from example_project.hub.models import User as HubUser
from scim_provisioning.mapping import GroupMapping, Status, UserMapping
from tests.checks.conftest import SetMapping, found

STATUS = Status("active", active=True, inactive=False)
LINES = {"userName": "login", 'emails[type eq "work"].value': "mail"}


def user_model(
    constraints: list[models.BaseConstraint] | None = None,
    unique_together: Any = (),
    **columns: Any,
) -> Any:
    """Return a model of users with the example Hub's label, in a registry of the test's own."""
    meta = {"app_label": "hub", "constraints": constraints or [], "unique_together": unique_together}
    fields: dict[str, Any] = {
        "organization": models.ForeignKey(Organization, models.CASCADE, related_name="+"),
        "login": models.CharField(max_length=100),
        "mail": models.CharField(max_length=100),
        "active": models.BooleanField(default=True),
        "__module__": __name__,
        "Meta": type("Meta", (), meta),
    }
    return type("User", (models.Model,), {**fields, **columns})


def users_of(user: Any) -> type[UserMapping]:
    return type("Users", (UserMapping,), {"model": user, "status": STATUS, "attributes": LINES})


def test_a_model_with_two_organizations_needs_both_hooks(set_user_mapping: SetMapping) -> None:
    with isolate_apps("example_project.hub"):
        set_user_mapping(users_of(user_model()))
        assert found() == []
    employer = models.ForeignKey(Organization, models.CASCADE, related_name="+")
    with isolate_apps("example_project.hub"):
        set_user_mapping(users_of(user_model(employer=employer)))
        assert found() == ["E012", "E012"]


def unique(*fields: str, **options: Any) -> models.UniqueConstraint:
    return models.UniqueConstraint(*options.pop("expressions", ()), fields=fields, name="u", **options)


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ({"login": models.CharField(max_length=100, unique=True)}, ["W002"]),
        ({"mail": models.EmailField(unique=True)}, ["W002"]),
        ({"constraints": [unique("login")]}, ["W002"]),
        ({"constraints": [unique(expressions=[Lower("login")])]}, ["W002"]),
        ({"constraints": [unique(expressions=["login"])]}, ["W002"]),
        ({"unique_together": [("login",)]}, ["W002"]),
        ({"unique_together": [("organization", "login")]}, []),
        ({"constraints": [unique("organization", "login")]}, []),
        ({"constraints": [unique(expressions=["organization", Lower("login")])]}, []),
        ({"constraints": [unique("login", condition=models.Q(organization=None))]}, []),
        ({"constraints": [models.CheckConstraint(condition=~models.Q(login=""), name="c")]}, []),
    ],
)
def test_t18_a_name_that_is_unique_in_the_whole_table(
    set_user_mapping: SetMapping, shape: dict[str, Any], expected: list[str]
) -> None:
    with isolate_apps("example_project.hub"):
        set_user_mapping(users_of(user_model(**shape)))
        assert found() == expected


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (models.DateField(), ["E023"]),
        (models.IntegerField(), ["E023"]),
        (models.ForeignKey(Organization, models.CASCADE, related_name="+"), ["E023"]),
        (models.DateField(null=True), []),
        (models.DateField(auto_now_add=True), []),
        (models.DateField(auto_now=True), []),
        (models.IntegerField(default=7), []),
        (models.IntegerField(db_default=7), []),
        (models.CharField(max_length=9), []),
    ],
)
def test_the_table_of_members_fills_itself(
    set_group_mapping: SetMapping, column: Any, expected: list[str]
) -> None:
    with isolate_apps("example_project.hub"):

        class Group(models.Model):
            organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
            name = models.CharField(max_length=100)
            people = models.ManyToManyField(HubUser, through="Joined", related_name="+")

            class Meta:
                app_label = "hub"

            def __str__(self) -> str:
                return self.name

        meta = type("Meta", (), {"app_label": "hub"})
        type(
            "Joined",
            (models.Model,),
            {
                "group": models.ForeignKey(Group, models.CASCADE),
                "user": models.ForeignKey(HubUser, models.CASCADE, related_name="+"),
                "more": column,
                "__module__": __name__,
                "Meta": meta,
            },
        )
        set_group_mapping(type("Groups", (GroupMapping,), {"model": Group, "members": "people"}))
        assert found() == expected


@pytest.mark.parametrize(
    ("related_name", "members", "expected"),
    [
        ("people", "people", []),
        (None, "user_set", ["E022"]),  # which a lookup calls "user"
        (None, "user", ["E022"]),  # which an attribute calls "user_set"
    ],
)
def test_members_may_be_declared_on_the_users_model(
    set_group_mapping: SetMapping, related_name: str | None, members: str, expected: list[str]
) -> None:
    with isolate_apps("example_project.hub"):

        class Group(models.Model):
            organization = models.ForeignKey(Organization, models.CASCADE, related_name="+")
            name = models.CharField(max_length=100)

            class Meta:
                app_label = "hub"

            def __str__(self) -> str:
                return self.name

        user_model(groups=models.ManyToManyField(Group, related_name=related_name))
        set_group_mapping(type("Groups", (GroupMapping,), {"model": Group, "members": members}))
        assert found() == expected
