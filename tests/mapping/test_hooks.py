"""What a Hub developer overrides: each hook is called, and its answer is obeyed."""

from collections.abc import Sequence
from typing import Any

import pytest
from django.test import override_settings

from scim_provisioning import conf
from scim_provisioning.mapping import Column, ScimError
from tests.conftest import MakeClient
from tests.factories import GROUPS, USERS, column, make_group, make_user, status_of
from tests.lifecycle.rows import DISABLE, ENABLE, groups_of, host_group, host_user, replace, users_of
from tests.scim import ScimClient, group_body, user_body

pytestmark = pytest.mark.django_db

DISPLAY = column("displayName")


class HookedUsers(USERS):  # type: ignore[valid-type, misc]
    """Users with every hook overridden."""

    def new(self) -> Any:
        user = super().new()
        user.is_superuser = True
        return user

    def match(self, document: dict[str, Any]) -> Any:
        return self.queryset().filter(**{DISPLAY: document.get("nickName", "nobody")})

    def clean(self, user: Any, document: dict[str, Any]) -> None:
        if getattr(user, DISPLAY) == "Forbidden":
            raise ScimError("bad_value", field="displayName", value="Forbidden", reason="the Hub says so")

    def activate(self, user: Any) -> Sequence[str]:
        setattr(user, DISPLAY, "came back")
        return (*super().activate(user), DISPLAY)

    def deactivate(self, user: Any) -> Sequence[str]:
        setattr(user, DISPLAY, "went away")
        return (*super().deactivate(user), DISPLAY)

    def delete(self, user: Any) -> None:
        setattr(user, DISPLAY, "was deleted")
        user.save(update_fields=[DISPLAY])


class HookedGroups(GROUPS):  # type: ignore[valid-type, misc]
    """Groups with every hook overridden."""

    attributes = {"displayName": Column(str(GROUPS.attributes["displayName"]))}

    def new(self) -> Any:
        group = super().new()
        group.made_by = "scim"
        return group

    def reserved_names(self) -> list[str]:
        return ["Root"]

    def delete(self, group: Any) -> None:
        setattr(group, str(GROUPS.attributes["displayName"]), "archived")
        group.save()


@pytest.fixture
def hooked(make_client: MakeClient) -> Any:
    """Return a client of a host whose mappings override all hooks."""
    mappings = {"USER_MAPPING": f"{__name__}.HookedUsers", "GROUP_MAPPING": f"{__name__}.HookedGroups"}
    with override_settings(SCIM_PROVISIONING={**conf.given(), **mappings}):
        yield make_client("rfc", existing_users="link", group_name_clash="reject")


def test_new_makes_the_row(hooked: ScimClient) -> None:
    assert host_user(hooked.create_user("ada")).is_superuser is True


def test_match_finds_the_user_who_was_there(hooked: ScimClient) -> None:
    eva = make_user(hooked.organization, "eva", display="E")
    adopted = hooked.create_user("another", nickName="E")
    assert host_user(adopted) == eva
    assert host_user(hooked.create_user("stranger")) != eva


def test_clean_refuses_and_nothing_is_stored(hooked: ScimClient) -> None:
    refused = hooked.post("/Users", user_body("ada", displayName="Forbidden"))
    assert (refused.status, refused["scimType"]) == (400, "invalidValue")
    assert "the Hub says so" in refused["detail"]
    assert users_of(hooked.organization) == 0
    user = hooked.create_user("ada", displayName="Ada").id
    assert hooked.patch(f"/Users/{user}", replace("displayName", "Forbidden")).status == 400
    assert hooked.user(user)["displayName"] == "Ada"


def test_deactivate_and_activate_may_change_more_than_the_status(hooked: ScimClient) -> None:
    user = hooked.create_user("ada").id
    answer = hooked.patch(f"/Users/{user}", DISABLE)
    assert (status_of(host_user(user)), getattr(host_user(user), DISPLAY)) == ("inactive", "went away")
    assert answer["displayName"] == hooked.user(user)["displayName"] == "went away"
    hooked.patch(f"/Users/{user}", ENABLE)
    assert (status_of(host_user(user)), getattr(host_user(user), DISPLAY)) == ("active", "came back")


def test_delete_decides_what_becomes_of_the_row(hooked: ScimClient) -> None:
    user = hooked.create_user("ada").id
    row = host_user(user)
    assert hooked.delete(f"/Users/{user}").status == 204
    row.refresh_from_db()
    assert getattr(row, DISPLAY) == "was deleted"
    assert hooked.get(f"/Users/{user}").status == 404


def test_reserved_names_are_refused_in_any_case(hooked: ScimClient) -> None:
    for name in ("Root", "ROOT", "r\uff4fot"):
        assert hooked.post("/Groups", group_body(name)).status == 409
    assert groups_of(hooked.organization) == 0


def test_a_name_column_may_be_written_as_a_line(hooked: ScimClient) -> None:
    make_group(hooked.organization, "Made by hand")
    assert hooked.post("/Groups", group_body("made BY hand")).status == 409
    assert hooked.create_group("Team A").status == 201


def test_delete_of_a_group_decides_what_becomes_of_it(hooked: ScimClient) -> None:
    group = hooked.create_group("Team A").id
    row = host_group(group)
    assert hooked.delete(f"/Groups/{group}").status == 204
    row.refresh_from_db()
    assert getattr(row, str(GROUPS.attributes["displayName"])) == "archived"
    assert hooked.get(f"/Groups/{group}").status == 404
