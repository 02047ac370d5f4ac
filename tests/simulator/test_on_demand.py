"""Test connection, Account Discovery and provision on demand (R1, C16, C21)."""

from urllib.parse import unquote_plus

import pytest

from scim_provisioning.simulator import Directory, DirectoryGroup, DirectoryUser, EntraApp, ProvisioningFault
from tests.simulator.conftest import MakeApp
from tests.simulator.target import BASE, Target, reply


def test_r1_looks_for_a_random_user_and_group(make_app: MakeApp) -> None:
    test = make_app().test_connection()
    assert test.ok
    assert [exchange.rule for exchange in test.exchanges] == ["R1", "R1"]
    urls = [unquote_plus(exchange.url) for exchange in test.exchanges]
    assert urls[0].startswith(f'{BASE}/Users?filter=userName eq "')
    assert urls[1].startswith(f'{BASE}/Groups?excludedAttributes=members&filter=displayName eq "')


def test_r1_without_group_mapping_asks_for_no_group(make_app: MakeApp) -> None:
    assert len(make_app("flowcase").test_connection().exchanges) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, {"totalResults": 3, "Resources": [{"id": "u1"}]}),
        (200, {"Resources": "none"}),
        (200, None),
        (204, None),
        (401, {"detail": "no"}),
        (403, {"detail": "no"}),
        (404, {"detail": "no"}),
        (500, {"detail": "no"}),
    ],
)
def test_r1_accepts_only_an_empty_list(
    status: int, body: dict[str, object] | None, make_app: MakeApp, target: Target
) -> None:
    target.intercept = lambda request: reply(status, body)
    assert not make_app().test_connection().ok


def test_r1_needs_a_matching_attribute(make_app: MakeApp) -> None:
    app = make_app()
    app.use_mapping(app.job.mapping.without_user_line("userName"))
    assert not app.test_connection().ok


def test_c16_one_user_in_legacy_shape_without_roles(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.add_role("consultant")
    directory.assign(ada, "consultant")
    app = make_app("flowcase", "optscim")
    result = app.provision_on_demand("ada@contoso.example")
    assert result.ok
    assert [exchange.rule for exchange in result.exchanges] == ["R2", "R2", "R4"]
    assert target.users["ada@contoso.example"]["roles"] == []
    directory.change(ada, jobTitle="Boss")
    result = app.provision_on_demand(ada)
    assert result.exchanges[-1].request_body["Operations"] == [
        {"op": "Add", "path": "title", "value": "Boss"}
    ]
    assert "aadOptscim062020" in result.exchanges[-1].url


def test_c16_roles_follow_in_the_next_cycle(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.add_role("consultant")
    directory.assign(ada, "consultant")
    app = make_app("flowcase", "optscim")
    app.provision_on_demand(ada)
    assert app.cycle().updated == 1
    assert [role["value"] for role in target.users["ada@contoso.example"]["roles"]] == ["consultant"]


def test_c16_who_is_not_in_scope_is_skipped_or_disabled(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    app = make_app()
    result = app.provision_on_demand(ada)
    assert (result.ok, result.exchanges) == (False, [])
    assert "skipped" in result.steps[-1][1]
    directory.assign(ada)
    app.cycle()
    directory.unassign(ada)
    result = app.provision_on_demand(ada)
    assert [row.action for row in result.actions] == ["Disable"]
    assert target.users["ada@contoso.example"]["active"] is False


def test_c16_restoring_on_demand_may_create_a_duplicate(
    make_app: MakeApp, directory: Directory, ada: DirectoryUser, target: Target
) -> None:
    directory.assign(ada)
    app = make_app()
    app.cycle()
    # A server that hides the account from filters, against C8.
    target.stored["Users"]["u1"]["userName"] = "hidden"
    assert app.provision_on_demand(ada).ok
    assert sorted(target.users) == ["ada@contoso.example", "hidden"]
    connection = app.connection_of("ada@contoso.example")
    assert connection is not None
    assert connection.target_id == "u2"


def test_c16_one_group_with_up_to_five_members(
    make_app: MakeApp, directory: Directory, team: DirectoryGroup, target: Target
) -> None:
    directory.assign(team)
    app: EntraApp = make_app()
    assert app.provision_on_demand(team, members=["bo@contoso.example"]).ok
    assert target.member_names("Team A") == {"bo@contoso.example"}
    app.cycle()
    assert target.member_names("Team A") == {"ada@contoso.example", "bo@contoso.example"}
    assert app.provision_on_demand("Team A").ok
    people = [directory.add_user(f"u{number}@contoso.example") for number in range(6)]
    with pytest.raises(ValueError, match="at most 5"):
        app.provision_on_demand(team, members=people)


def test_c16_a_group_that_is_not_assigned_is_skipped(make_app: MakeApp, team: DirectoryGroup) -> None:
    result = make_app().provision_on_demand(team)
    assert (result.ok, result.exchanges) == (False, [])


def test_c16_a_stopped_run_says_so(make_app: MakeApp, directory: Directory, team: DirectoryGroup) -> None:
    directory.assign(team)
    result = make_app(token="wrong").provision_on_demand(team)
    assert not result.ok
    assert result.steps[-1][0] == "Stopped"


def test_c21_account_discovery_pages_through_everybody(
    make_app: MakeApp, directory: Directory, target: Target
) -> None:
    for number in range(12):
        directory.assign(directory.add_user(f"u{number}@contoso.example"))
    app = make_app()
    assert app.discover_accounts() == []
    app.cycle()
    assert len(app.discover_accounts(count=5)) == 12
    assert [exchange.url.partition("?")[2] for exchange in app.log[-3:]] == [
        "startIndex=1&count=5",
        "startIndex=6&count=5",
        "startIndex=11&count=5",
    ]


@pytest.mark.parametrize(
    "page",
    [
        {"totalResults": 2, "Resources": [{"id": "u1"}, {"id": "u2"}]},
        {"totalResults": 2, "startIndex": "1", "Resources": [{"id": "u1"}, {"id": "u2"}]},
        {"totalResults": 2, "startIndex": 1, "Resources": [{"id": "u1"}, {"id": "u1"}]},
        {"totalResults": 2, "startIndex": 1, "Resources": []},
        {"totalResults": "2", "startIndex": 1, "Resources": []},
    ],
)
def test_c21_bad_paging_is_found_out(page: dict[str, object], make_app: MakeApp, target: Target) -> None:
    target.intercept = lambda request: reply(200, page)
    with pytest.raises(ProvisioningFault, match="page 1"):
        make_app().discover_accounts()


@pytest.mark.parametrize(
    "options",
    [
        {"url": "hub.example/scim"},
        {"token": "a\nb"},
        {"token": "å"},
        {"token_form": "basic"},
        {"dialect": "okta"},
    ],
)
def test_settings_that_cannot_work_are_refused(options: dict[str, str], make_app: MakeApp) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        make_app(**options)


def test_b1_the_dialect_is_read_off_the_tenant_url(make_app: MakeApp) -> None:
    assert make_app(url=f"{BASE}?aadOptscim062020").job.dialect.name == "optscim"
    assert make_app().job.dialect.name == "legacy"
    assert (
        make_app(dialect="optscim")
        .test_connection()
        .exchanges[0]
        .url.startswith(f"{BASE}/Users?aadOptscim062020&filter=userName%20eq%20%22")
    )
