"""The directory: its edits, its file, and made-up ones."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from scim_provisioning.simulator import (
    Clock,
    Directory,
    DirectoryFileError,
    DirectoryGroup,
    DirectoryUser,
    Recipe,
    UnknownObject,
    generate_directory,
    load_directory,
    save_directory,
)
from scim_provisioning.simulator.sources import GroupSource, UserSource, local_principal_name


def test_objects_are_found_by_every_name(
    directory: Directory, ada: DirectoryUser, team: DirectoryGroup
) -> None:
    for name in (ada.object_id, "ADA@contoso.example", "Ada L"):
        assert directory.principal(name) is ada
    assert directory.principal("team a") is directory.group(team.object_id) is team
    with pytest.raises(UnknownObject, match="nobody"):
        directory.user("nobody")
    with pytest.raises(UnknownObject, match="nobody"):
        directory.principal("nobody")


def test_attributes_go_by_entra_names_in_any_case(directory: Directory, ada: DirectoryUser) -> None:
    directory.change(ada, jobTitle="Eng", employeeid="7", given_name="A")
    assert (ada.job_title, ada.employee_id, ada.given_name) == ("Eng", "7", "A")
    source = UserSource(ada, directory)
    assert source.attribute("JobTitle") == "Eng"
    assert source.attribute("department") is None
    with pytest.raises(AttributeError, match="shoeSize"):
        directory.change(ada, shoeSize=42)
    with pytest.raises(AttributeError, match="mail"):
        GroupSource(directory.group("Team A")).attribute("mail")


def test_an_object_id_is_used_once(directory: Directory, ada: DirectoryUser, team: DirectoryGroup) -> None:
    with pytest.raises(ValueError, match="taken"):
        directory.add_user("x", objectId=ada.object_id)
    with pytest.raises(ValueError, match="taken"):
        directory.add_group("x", object_id=team.object_id)


def test_a_rename_takes_the_mail_along(directory: Directory, ada: DirectoryUser) -> None:
    directory.rename(ada, "ada.l@contoso.example")
    assert ada.mail == "ada.l@contoso.example"
    ada.mail = None
    directory.rename(ada, "ada@contoso.example")
    assert ada.mail is None


def test_c6_the_recycle_bin_holds_thirty_days(
    directory: Directory, ada: DirectoryUser, bo: DirectoryUser
) -> None:
    directory.assign(ada)
    directory.soft_delete(ada)
    directory.clock.advance(days=29, hours=23)
    assert directory.purge() == []
    directory.clock.advance(hours=1)
    assert directory.purge() == [ada.object_id]
    assert bo.manager is None
    assert ada.object_id not in directory.group("Team A").members
    assert list(directory.assigned()) == []


def test_assignments_are_by_role(directory: Directory, ada: DirectoryUser, team: DirectoryGroup) -> None:
    for role in ("consultant", "external"):
        directory.add_role(role)
    directory.assign(ada, "consultant")
    directory.assign(ada, "consultant")
    directory.assign(team, "external")
    assert [role.value for role in directory.roles_of(ada)] == ["consultant", "external"]
    directory.unassign(ada, "external")
    assert len(directory.assignments) == 2
    directory.unassign(ada)
    assert [role.value for role in directory.roles_of(ada)] == ["external"]
    with pytest.raises(UnknownObject, match="boss"):
        directory.assign(ada, "boss")


@pytest.mark.parametrize(
    ("name", "local"),
    [
        ("ada@contoso.example", "ada@contoso.example"),
        ("ada_l_partner.example#EXT#@contoso.example", "ada_l@partner.example"),
        ("ada#EXT#@contoso.example", "ada"),
    ],
)
def test_c24_a_guest_is_provisioned_under_the_name_from_home(name: str, local: str) -> None:
    directory = Directory()
    guest = directory.add_user(name)
    source = UserSource(guest, directory)
    assert local_principal_name(name) == source.attribute("userPrincipalName") == local
    assert source.attribute("originalUserPrincipalName") == name
    assert guest.is_guest is ("#EXT#" in name)


def test_time_only_runs_forward() -> None:
    clock = Clock()
    start = clock.now
    assert clock.advance(days=1, minutes=1) - start == timedelta(days=1, minutes=1)
    assert clock.advance_to(start) > start
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(days=-1)


def test_a_directory_survives_its_file(tmp_path: Path) -> None:
    directory = generate_directory(Recipe(users=30, groups=4, seed=5))
    directory.soft_delete(next(iter(directory.users)))
    path = tmp_path / "directory.json"
    save_directory(directory, path)
    again = load_directory(path)
    assert again.users == directory.users
    assert again.groups == directory.groups
    assert again.app_roles == directory.app_roles
    assert again.assignments == directory.assignments


def test_a_hand_written_file_may_use_names(tmp_path: Path) -> None:
    path = tmp_path / "directory.json"
    document = {
        "users": [
            {"userPrincipalName": "bo@x.example", "manager": "ada@x.example"},
            {"userPrincipalName": "ada@x.example", "jobTitle": "Boss"},
        ],
        "groups": [{"displayName": "Outer", "members": ["Inner", "bo@x.example"]}, {"displayName": "Inner"}],
        "appRoles": [{"value": "consultant"}],
        "assignments": [{"principal": "Outer"}, {"principal": "ada@x.example", "role": "consultant"}],
    }
    path.write_text(json.dumps(document), encoding="utf-8")
    directory = load_directory(path)
    assert directory.user("bo@x.example").manager == directory.user("ada@x.example").object_id
    assert [user.user_principal_name for user in directory.members("Outer")] == ["bo@x.example"]
    assert len(list(directory.assigned())) == 2


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("{", "not JSON"),
        ("\xff", "not JSON"),
        ("[]", "must be an object"),
        ('{"users": [{}]}', "userPrincipalName"),
        ('{"users": [{"userPrincipalName": "a", "shoeSize": 1}]}', "shoeSize"),
        ('{"users": [{"userPrincipalName": "a", "manager": "b"}]}', "no user 'b'"),
        ('{"groups": [{}]}', "displayName"),
        ('{"groups": [{"displayName": "G", "members": ["x"]}]}', "no group 'x'"),
        ('{"assignments": [{"role": "x"}]}', "principal"),
        ('{"users": 3}', "not iterable"),
        ('{"users": [{"userPrincipalName": "a", "deletedAt": "yesterday"}]}', "yesterday"),
    ],
)
def test_a_bad_file_says_what_is_wrong(text: str, problem: str, tmp_path: Path) -> None:
    path = tmp_path / "directory.json"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(DirectoryFileError, match=problem):
        load_directory(path)


def test_the_same_seed_makes_the_same_directory() -> None:
    first, second = (generate_directory(Recipe(users=200, groups=12, seed=9)) for _ in range(2))
    assert first.users == second.users
    assert first.groups == second.groups
    assert generate_directory(Recipe(users=200, seed=10)).users != first.users


def test_a_generated_directory_has_what_breaks_servers() -> None:
    directory = generate_directory(Recipe(users=300, groups=12, seed=2, departments=["Engineering"]))
    users = list(directory.users.values())
    assert len({user.user_principal_name.lower() for user in users}) == 300
    assert {user.department for user in users} == {"Engineering", None}
    assert any(user.is_guest for user in users)
    assert any(not (user.display_name or "").isascii() for user in users)
    assert any(user.user_principal_name != user.user_principal_name.lower() for user in users)
    assert any(set(group.members) & set(directory.groups) for group in directory.groups.values())
    assert len({group.display_name for group in directory.groups.values()}) == 13
    assert any(user.manager for user in users)


@pytest.mark.parametrize(
    "recipe", [Recipe(users=0, groups=3), Recipe(users=1, groups=0), Recipe(users=2, roles=())]
)
def test_small_directories_can_be_made(recipe: Recipe) -> None:
    assert len(generate_directory(recipe).users) == recipe.users


def test_a_directory_has_no_negative_size() -> None:
    with pytest.raises(ValueError, match="negative"):
        Recipe(users=-1)
