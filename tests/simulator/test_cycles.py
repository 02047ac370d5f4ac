"""The cycle engine against a server in memory: users (C1–C9, C15)."""

import httpx
import pytest

from scim_provisioning.simulator import (
    MAPPINGS,
    Directory,
    DirectoryGroup,
    DirectoryUser,
    EntraApp,
    JobSettings,
    expression,
)
from scim_provisioning.simulator.paths import ENTERPRISE
from tests.simulator.conftest import MakeApp
from tests.simulator.target import Target, reply

DIALECTS = ["legacy", "optscim"]


def rules(app: EntraApp) -> list[str]:
    """Return the catalogue numbers of the last cycle's requests, in order."""
    return [exchange.rule for exchange in app.log if exchange.cycle == app.job.cycle]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_c1_initial_cycle_creates_first_and_references_later(
    dialect: str, make_app: MakeApp, directory: Directory, team: DirectoryGroup, target: Target
) -> None:
    directory.assign(team)
    app = make_app(dialect=dialect)
    result = app.cycle()
    assert (result.created, result.references, result.failures) == (3, 2, [])
    check = ["R11"] if dialect == "legacy" else []
    assert rules(app) == ["R2", "R4", "R2", "R4", "R15", "R17", *check, "R10", "R18"]
    assert target.member_names("Team A") == {"ada@contoso.example", "bo@contoso.example"}
    ada, bo = target.users["ada@contoso.example"], target.users["bo@contoso.example"]
    assert bo[ENTERPRISE]["manager"] == {"value": ada["id"]}
    assert "cyd@contoso.example" not in target.users


@pytest.mark.parametrize("dialect", DIALECTS)
def test_c1_no_change_no_requests(
    dialect: str, make_app: MakeApp, directory: Directory, team: DirectoryGroup
) -> None:
    directory.assign(team)
    app = make_app(dialect=dialect)
    app.cycle()
    started = app.clock.now
    result = app.cycle()
    assert result.requests == 0
    assert (result.started - started).total_seconds() == 40 * 60


def test_c2_matching_stops_at_the_first_hit_in_order_of_precedence(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    emails = [{"type": "work", "value": "ADA@contoso.example"}]
    target.stored["Users"]["u9"] = {"id": "u9", "userName": "other", "active": True, "emails": emails}
    directory.assign(ada)
    app = make_app("flowcase")
    result = app.cycle()
    assert rules(app)[:3] == ["R2", "R2", "R3"]
    assert result.updated == 1
    assert target.stored["Users"]["u9"]["userName"] == "ada@contoso.example"
    connection = app.connection_of(ada)
    assert connection is not None
    assert connection.target_id == "u9"


def test_c2_more_than_one_match_is_a_duplicate(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    for key in ("u1", "u2"):
        target.stored["Users"][key] = {"id": key, "userName": "ada@contoso.example"}
    directory.assign(ada)
    assert [row.code for row in make_app().cycle().failures] == ["DuplicateTargetEntries"]


def test_c2_one_account_never_serves_two_users(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, bo: DirectoryUser, target: Target
) -> None:
    target.stored["Users"]["u1"] = {"id": "u1", "userName": "Shared@contoso.example"}
    directory.change(ada, userPrincipalName="shared@contoso.example")
    directory.change(bo, userPrincipalName="SHARED@contoso.example")
    directory.assign(ada)
    directory.assign(bo)
    assert [row.code for row in make_app().cycle().failures] == ["DuplicateSourceEntries"]


def test_a_server_that_ignores_the_filter_is_found_out(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    stranger = {"totalResults": 1, "Resources": [{"id": "u1", "userName": "stranger"}]}
    target.intercept = lambda request: reply(200, stranger) if b"filter" in request.url.query else None
    directory.assign(ada)
    failure = make_app().cycle().failures[0]
    assert "stranger" in failure.detail
    assert failure.outcome == "Failure"


@pytest.mark.parametrize("dialect", DIALECTS)
def test_c4_only_differences_are_written(
    dialect: str, make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app(dialect=dialect)
    app.cycle()
    directory.change(ada, jobTitle="Boss", displayName="Ada Lovelace")
    result = app.cycle()
    assert (result.requests, result.updated) == (2, 1)
    operations = app.log[-1].request_body["Operations"]
    legacy = [
        {"op": "Replace", "path": "displayName", "value": "Ada Lovelace"},
        {"op": "Add", "path": "title", "value": "Boss"},
    ]
    folded = [
        {"op": "add", "value": {"title": "Boss"}},
        {"op": "replace", "value": {"displayName": "Ada Lovelace"}},
    ]
    assert operations == (legacy if dialect == "legacy" else folded)
    assert target.users["ada@contoso.example"]["title"] == "Boss"


def test_c4_what_the_server_does_not_return_is_sent_again(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.change(ada, jobTitle="Eng")
    directory.assign(ada)
    app = make_app()
    app.cycle()
    for title in ("Boss", "Head"):
        directory.change(ada, jobTitle=title)
        app.cycle()
        target.users["ada@contoso.example"].pop("title")
        assert app.log[-1].request_body["Operations"][-1] == {
            "op": "Replace" if title == "Boss" else "Add", "path": "title", "value": title,
        }  # fmt: skip


def test_c5_a_value_cleared_in_entra_is_not_cleared(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.change(ada, jobTitle="Eng")
    directory.assign(ada)
    app = make_app()
    app.cycle()
    directory.change(ada, jobTitle=None)
    assert app.cycle().updated == 0
    assert target.users["ada@contoso.example"]["title"] == "Eng"


@pytest.mark.parametrize("leave", ["unassign", "disable", "soft_delete"])
@pytest.mark.parametrize("dialect", DIALECTS)
def test_c6_c7_leaving_disables_and_coming_back_enables_the_same_account(
    *, leave: str, dialect: str, make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    back = {"unassign": "assign", "disable": "enable", "soft_delete": "restore"}[leave]
    directory.assign(ada)
    app = make_app(dialect=dialect)
    app.cycle()
    getattr(directory, leave)(ada)
    result = app.cycle()
    assert (result.disabled, rules(app)) == (1, ["R3", "R8"])
    assert target.users["ada@contoso.example"]["active"] is False
    assert app.cycle().requests == 0
    getattr(directory, back)(ada)
    result = app.cycle()
    assert (result.enabled, result.created, rules(app)) == (1, 0, ["R3", "R9"])
    assert target.users["ada@contoso.example"]["active"] is True


def test_c6_hard_delete_after_thirty_days(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app()
    app.cycle()
    directory.soft_delete(ada)
    app.cycle()
    app.clock.advance(days=29)
    assert app.cycle().requests == 0
    app.clock.advance(days=1)
    result = app.cycle()
    assert (result.deleted, rules(app)) == (1, ["R14"])
    assert target.users == {}
    assert app.cycle().requests == 0


def test_c6_a_hard_delete_by_hand_comes_at_once(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app()
    app.cycle()
    directory.hard_delete(ada)
    assert app.cycle().deleted == 1
    assert target.users == {}


def test_c6_unassigned_first_deleted_later_sends_no_delete(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app()
    app.cycle()
    directory.unassign(ada)
    app.cycle()
    directory.hard_delete(ada)
    assert app.cycle().requests == 0
    assert target.users["ada@contoso.example"]["active"] is False
    assert app.connection_of(ada) is None


def test_a_delete_of_what_is_gone_is_a_success(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app()
    app.cycle()
    target.stored["Users"].clear()
    directory.hard_delete(ada)
    assert app.cycle().ok


def test_c7_a_user_disabled_from_the_start_is_not_provisioned(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser
) -> None:
    directory.disable(ada)
    directory.assign(ada)
    assert make_app().cycle().requests == 0


def test_c9_a_lost_account_stays_lost_until_the_link_is_reset(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app()
    app.cycle()
    target.stored["Users"].clear()
    directory.change(ada, jobTitle="Boss")
    assert [row.code for row in app.cycle().failures] == ["InvalidAnchor"]
    app.restart()
    assert [row.code for row in app.cycle().failures] == ["InvalidAnchor"]
    app.restart(full=True)
    assert app.cycle().created == 1


def test_c10_r10_a_later_creation_carries_its_manager(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, bo: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app()
    app.cycle()
    directory.assign(bo)
    result = app.cycle()
    assert (result.created, result.references) == (1, 0)
    assert app.log[-1].request_body[ENTERPRISE]["manager"] == target.users["ada@contoso.example"]["id"]


def test_c11_a_manager_out_of_scope_is_passed_over_until_a_restart(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, bo: DirectoryUser
) -> None:
    directory.assign(bo)
    app = make_app()
    assert app.cycle().references == 0
    directory.assign(ada)
    assert app.cycle().references == 0
    app.restart()
    assert app.cycle().references == 1


def test_r11_a_manager_that_is_set_already_is_not_written(
    make_app: MakeApp, directory: Directory, team: DirectoryGroup, target: Target
) -> None:
    directory.assign(team)
    make_app().cycle()
    again = make_app()
    again.cycle()
    assert not [exchange for exchange in again.log if exchange.rule == "R10"]
    assert target.users["bo@contoso.example"][ENTERPRISE]["manager"]["value"]


def test_c15_skip_out_of_scope_deletions(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app(settings=JobSettings(skip_out_of_scope_deletions=True))
    app.cycle()
    directory.unassign(ada)
    assert app.cycle().requests == 0
    assert target.users["ada@contoso.example"]["active"] is True


@pytest.mark.parametrize(("delete", "expected"), [(False, 0), (True, 1)])
def test_b29_without_a_mapping_to_active(
    delete: bool, expected: int, make_app: MakeApp, directory: Directory, ada: DirectoryUser
) -> None:
    directory.assign(ada)
    app = make_app(settings=JobSettings(delete_when_active_unmapped=delete))
    app.use_mapping(app.job.mapping.with_mistake("active_not_mapped"))
    app.cycle()
    directory.soft_delete(ada)
    result = app.cycle()
    assert (result.disabled, result.deleted) == (0, expected)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_r13_b25_a_withdrawn_role_stays(
    dialect: str, make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    for role in ("consultant", "external"):
        directory.add_role(role)
        directory.assign(ada, role)
    app = make_app("flowcase", dialect)
    app.cycle()
    directory.unassign(ada, "external")
    assert app.cycle().updated == 0
    assert [role["value"] for role in target.users["ada@contoso.example"]["roles"]] == [
        "consultant",
        "external",
    ]
    directory.add_role("countrymanager")
    directory.assign(ada, "countrymanager")
    app.cycle()
    assert "countrymanager" in [role["value"] for role in target.users["ada@contoso.example"]["roles"]]


def test_r13_assertive_roles_follow_entra(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    for role in ("consultant", "external"):
        directory.add_role(role)
        directory.assign(ada, role)
    assertive = expression("AssertiveAppRoleAssignmentsComplex([appRoleAssignments])", "roles")
    app = make_app(MAPPINGS["flowcase"].with_user_line(assertive))
    app.cycle()
    directory.unassign(ada, "external")
    assert app.cycle().updated == 1
    assert [role["value"] for role in target.users["ada@contoso.example"]["roles"]] == ["consultant"]


def test_c20_requests_have_no_user_agent_but_a_media_type(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app(token_form="token")
    assert app.cycle().ok
    post = target.seen[-1]
    assert "user-agent" not in post.headers
    assert post.headers["content-type"] == "application/scim+json"
    assert post.headers["authorization"] == 'Bearer token="a-secret"'


def test_a_timed_out_creation_is_found_again_in_the_next_cycle(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)

    def too_slow(request: httpx.Request) -> None:
        if request.method == "POST":
            target.intercept = None
            target.answer(request)
            raise httpx.ReadTimeout("took too long", request=request)

    target.intercept = too_slow
    app = make_app()
    assert [row.code for row in app.cycle().failures] == ["Timeout"]
    result = app.cycle()
    assert (result.ok, result.created, len(target.users)) == (True, 0, 1)


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"jobTitle": "Boss"}, "R5"),
        ({"mobile": "1"}, "R6"),
        ({"userPrincipalName": "new@contoso.example"}, "R7"),
        ({"country": "NO"}, "R12"),
    ],
)
def test_every_patch_carries_its_number_in_the_catalogue(
    changes: dict[str, str], rule: str, make_app: MakeApp, directory: Directory, ada: DirectoryUser
) -> None:
    directory.assign(ada)
    app = make_app("flowcase" if rule == "R12" else "flow_connect")
    app.cycle()
    directory.change(ada, **changes)
    app.cycle()
    assert rules(app) == ["R3", rule]


def test_a_patch_answered_with_a_body_must_be_readable(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app()
    app.cycle()
    directory.change(ada, jobTitle="Boss")
    target.intercept = lambda request: reply(200, {"no": "id"}) if request.method == "PATCH" else None
    assert len(app.cycle().failures) == 1


def test_an_object_connection_is_found_by_any_name(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser
) -> None:
    directory.assign(ada)
    with make_app() as app:
        assert app.connection_of(ada) is None
        app.cycle()
        found = {id(app.connection_of(name)) for name in (ada, ada.object_id, "ada@contoso.example")}
        assert len(found) == 1
        assert app.cycle().statuses() == {}
