"""The whole life in chapters."""

import httpx
import pytest

from scim_provisioning.simulator import MAPPINGS, Directory
from scim_provisioning.simulator.life import play
from tests.simulator.conftest import MakeApp
from tests.simulator.target import Target, reply


@pytest.mark.parametrize("dialect", ["legacy", "optscim"])
@pytest.mark.parametrize("mapping", MAPPINGS)
def test_every_chapter_comes_out_as_documented(mapping: str, dialect: str, make_app: MakeApp) -> None:
    results = list(play(make_app(mapping, dialect)))
    assert [result.title for result in results if not result.ok] == []
    assert len(results) == 21


@pytest.mark.parametrize("mistake", ["active_not_mapped", "groups_off"])
def test_the_chapters_follow_the_mapping(mistake: str, make_app: MakeApp) -> None:
    app = make_app(MAPPINGS["flow_connect"].with_mistake(mistake))
    unexpected = [result.title for result in play(app) if not result.ok]
    # Without a mapping to active nobody is disabled, so nobody has to be enabled either.
    assert unexpected == []


def test_the_cast_leaves_one_account_behind(make_app: MakeApp, target: Target) -> None:
    app = make_app()
    list(play(app))
    left = [name for name, user in target.users.items() if not user["active"]]
    assert [name.partition(".")[0] for name in left] == ["dee"]
    assert not [name for name in target.groups if name.startswith("Rehearsal")]


def test_a_server_that_loses_accounts_is_found_out(
    make_app: MakeApp, directory: Directory, target: Target
) -> None:
    def forget_disabled(request: httpx.Request) -> httpx.Response | None:
        parts = request.url.path.split("/")
        user = target.stored["Users"].get(parts[-1], {})
        return reply(404, {"detail": "no"}) if user.get("active") is False else None

    target.intercept = forget_disabled
    results = {result.title: result for result in play(make_app())}
    assert not results["The user is assigned again"].ok
    assert results["Nothing changes"].ok


def test_a_server_in_need_of_quarantine_ends_the_life(make_app: MakeApp) -> None:
    results = list(play(make_app(token="wrong")))
    assert [result.ok for result in results] == [False]
    assert results[0].as_dict()["cycle"]["quarantine"] == "InvalidCredentials"
