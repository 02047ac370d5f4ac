"""The cycle engine against a server in memory: scope, groups and their members (C10–C12, A33)."""

import pytest

from scim_provisioning.simulator import Directory, DirectoryGroup, DirectoryUser, JobSettings
from scim_provisioning.simulator.scope import evaluate_scope
from tests.simulator.conftest import MakeApp
from tests.simulator.target import Target, reply


def test_a33_b27_direct_members_are_in_scope_nested_ones_are_not(
    directory: Directory, team: DirectoryGroup, ada: DirectoryUser, bo: DirectoryUser, cyd: DirectoryUser
) -> None:
    inner = directory.add_group("Inner", [cyd])
    directory.add_member(team, inner)
    directory.assign(team)
    scope = evaluate_scope(directory)
    assert scope.users == {ada.object_id, bo.object_id}
    assert scope.groups == {team.object_id}
    assert evaluate_scope(directory, everybody=True).users == set(directory.users)


def test_scope_wants_only_living_accounts(
    directory: Directory, ada: DirectoryUser, bo: DirectoryUser
) -> None:
    directory.assign(ada)
    directory.assign(bo)
    directory.disable(ada)
    directory.soft_delete(bo)
    scope = evaluate_scope(directory)
    assert not scope.wants(ada)
    assert not scope.wants(bo)


@pytest.mark.parametrize("dialect", ["legacy", "optscim"])
def test_r18_r19_r20_a_group_through_its_life(
    *,
    dialect: str,
    make_app: MakeApp,
    directory: Directory,
    team: DirectoryGroup,
    cyd: DirectoryUser,
    target: Target,
) -> None:
    directory.assign(team)
    app = make_app(dialect=dialect)
    app.cycle()
    directory.add_member(team, cyd)
    result = app.cycle()
    assert (result.created, result.references) == (1, 1)
    directory.remove_member(team, "ada@contoso.example")
    result = app.cycle()
    assert (result.disabled, result.references) == (1, 1)
    assert target.member_names("Team A") == {"bo@contoso.example", "cyd@contoso.example"}
    directory.rename(team, "Team B")
    assert app.cycle().updated == 1
    assert target.member_names("Team B") == {"bo@contoso.example", "cyd@contoso.example"}


def test_c10_an_unassigned_group_takes_its_people_along_and_comes_back_new(
    make_app: MakeApp, directory: Directory, team: DirectoryGroup, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(team)
    directory.assign(ada)
    app = make_app()
    app.cycle()
    before = target.groups["Team A"]["id"]
    directory.unassign(team)
    result = app.cycle()
    assert (result.disabled, result.deleted) == (1, 1)
    assert [exchange.rule for exchange in result.exchanges] == ["R3", "R8", "R16", "R21"]
    assert target.groups == {}
    directory.assign(team)
    result = app.cycle()
    assert (result.created, result.enabled, result.references) == (1, 1, 1)
    assert target.groups["Team A"]["id"] != before


def test_c10_a_group_deleted_from_entra_is_deleted(
    make_app: MakeApp, directory: Directory, team: DirectoryGroup, target: Target
) -> None:
    directory.assign(team)
    app = make_app()
    app.cycle()
    directory.delete_group(team)
    assert app.cycle().deleted == 1
    assert target.groups == {}


def test_c11_a_member_out_of_scope_is_passed_over_until_a_restart(
    make_app: MakeApp, directory: Directory, team: DirectoryGroup, bo: DirectoryUser, target: Target
) -> None:
    directory.disable(bo)
    directory.assign(team)
    app = make_app()
    app.cycle()
    directory.enable(bo)
    result = app.cycle()
    assert (result.created, target.member_names("Team A")) == (1, {"ada@contoso.example"})
    app.restart()
    app.cycle()
    assert target.member_names("Team A") == {"ada@contoso.example", "bo@contoso.example"}


def test_a30_membership_is_not_sent_again_on_restore(
    make_app: MakeApp, directory: Directory, team: DirectoryGroup, bo: DirectoryUser
) -> None:
    directory.assign(team)
    app = make_app()
    app.cycle()
    directory.soft_delete(bo)
    assert app.cycle().references == 0
    directory.restore(bo)
    assert app.cycle().references == 0


def test_a_member_whose_creation_failed_follows_later(
    make_app: MakeApp, directory: Directory, team: DirectoryGroup, target: Target
) -> None:
    directory.assign(team)
    target.intercept = lambda request: (
        reply(500, {}) if request.method == "POST" and b'"bo@contoso.example"' in request.content else None
    )
    app = make_app()
    assert [row.code for row in app.cycle().failures] == ["InternalServerError"]
    assert target.member_names("Team A") == {"ada@contoso.example"}
    target.intercept = None
    assert app.cycle().ok
    assert target.member_names("Team A") == {"ada@contoso.example", "bo@contoso.example"}


def test_r16_members_despite_excluded_attributes_are_an_error(
    make_app: MakeApp, directory: Directory, team: DirectoryGroup, target: Target
) -> None:
    directory.assign(team)
    app = make_app()
    app.cycle()
    directory.rename(team, "Team B")
    group = target.groups["Team A"]
    target.intercept = lambda request: (
        reply(200, group) if request.method == "GET" and "/Groups/" in request.url.path else None
    )
    expected = "SystemForCrossDomainIdentityManagementMultipleEntriesInResponse"
    assert [row.code for row in app.cycle().failures] == [expected]


def test_members_go_in_batches(make_app: MakeApp, directory: Directory, target: Target) -> None:
    people = [directory.add_user(f"u{number}@contoso.example") for number in range(7)]
    directory.assign(directory.add_group("Big", people))
    result = make_app(settings=JobSettings(members_per_request=3)).cycle()
    assert [exchange.rule for exchange in result.exchanges].count("R18") == 3
    assert len(target.member_names("Big")) == 7


def test_c12_members_of_the_target_are_never_read(
    make_app: MakeApp, directory: Directory, team: DirectoryGroup, target: Target
) -> None:
    directory.assign(team)
    app = make_app()
    app.cycle()
    target.groups["Team A"]["members"].clear()
    directory.rename(team, "Team B")
    app.cycle()
    assert target.member_names("Team B") == set()
    reads = [request for request in target.seen if request.method == "GET" and "Groups" in request.url.path]
    assert reads
    assert all(b"excludedAttributes=members" in request.url.query for request in reads)


def test_b45_with_the_group_mapping_off_a_group_only_brings_its_people(
    make_app: MakeApp, directory: Directory, team: DirectoryGroup, target: Target
) -> None:
    directory.assign(team)
    result = make_app("flowcase").cycle()
    assert (result.created, target.groups) == (2, {})
