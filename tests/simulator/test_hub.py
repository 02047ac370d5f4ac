"""The simulator against a Hub over real HTTP: whole lives in both dialects, under both presets."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from scim_provisioning.models import Connection, Token, UserResource
from scim_provisioning.simulator import Directory, EntraApp, Recipe, generate_directory
from scim_provisioning.simulator.life import play
from tests.factories import OrganizationFactory, seed_places

pytestmark = pytest.mark.django_db(transaction=True)

Provisioned = Callable[..., EntraApp]
DIALECTS = ["legacy", "optscim"]


@pytest.fixture
def provisioned(live_server: LiveServer) -> Iterator[Provisioned]:
    """Return a function that makes an application provisioning a directory to a connection."""
    made: list[EntraApp] = []

    def make(connection: Connection, directory: Directory, mapping: str, **options: Any) -> EntraApp:
        _, secret = Token.issue(connection)
        path = reverse("scim_provisioning:users", kwargs={"connection": connection.pk})
        app = EntraApp(live_server.url + path.removesuffix("/Users"), secret, directory, mapping, **options)
        made.append(app)
        return app

    yield make
    for app in made:
        app.close()


def problems(app: EntraApp) -> list[str]:
    """Return every answer that was not a success, short enough to read."""
    return [f"{e.rule} {e.method} {e.status} {e.detail[:200]}" for e in app.log if not e.ok]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_flow_connect_through_a_whole_life(
    dialect: str, provisioned: Provisioned, make_connection: Callable[..., Connection]
) -> None:
    directory = generate_directory(Recipe(users=25, groups=4, seed=3))
    app = provisioned(make_connection("flow_connect"), directory, "flow_connect", dialect=dialect)
    assert app.test_connection().ok
    unexpected = [(r.title, r.seen, r.notes) for r in play(app) if not r.ok]
    assert (problems(app), unexpected) == ([], [])
    assert app.cycle().requests == 0
    assert len(app.discover_accounts(count=5)) > 10


@pytest.mark.examplehub
@pytest.mark.parametrize("dialect", DIALECTS)
def test_flowcase_through_a_whole_life(
    dialect: str, provisioned: Provisioned, make_connection: Callable[..., Connection]
) -> None:
    organization = OrganizationFactory.create(slug="fabrikam")
    seed_places(organization)
    recipe = Recipe(users=25, groups=4, seed=4, departments=["Engineering"], places=[("NO", "Oslo", "nb-NO")])
    connection = make_connection("flowcase", organization)
    app = provisioned(connection, generate_directory(recipe), "flowcase", dialect=dialect, token_form="token")
    assert app.test_connection().ok
    unexpected = [(r.title, r.seen, r.notes) for r in play(app) if not r.ok]
    assert (problems(app), unexpected) == ([], [])


def test_c4_a_second_evaluation_finds_no_difference(
    provisioned: Provisioned, make_connection: Callable[..., Connection]
) -> None:
    directory = generate_directory(Recipe(users=15, groups=2, seed=6, sparse_share=0))
    app = provisioned(make_connection("flow_connect"), directory, "flow_connect")
    assert app.cycle().created > 5
    app.restart()
    again = app.cycle()
    assert [row.name for row in again.actions if row.action != "None" and not row.reference] == []


def test_a11_the_match_finds_who_was_there_before(
    provisioned: Provisioned, make_connection: Callable[..., Connection]
) -> None:
    connection = make_connection("flow_connect")
    directory = generate_directory(Recipe(users=6, groups=1, seed=7))
    first = provisioned(connection, directory, "flow_connect")
    created = first.cycle().created
    assert created > 1
    second = provisioned(connection, directory, "flow_connect")
    assert (second.cycle().created, UserResource.objects.filter(connection=connection).count()) == (
        0,
        created - 1,
    )


@pytest.mark.examplehub
@pytest.mark.parametrize(
    ("mistake", "quarantine"),
    [("groups_left_on", "ScimCompliance"), ("without_to_lower", ""), ("both_countries", "")],
)
def test_a_mistake_on_the_mapping_screen_is_answered_in_words(
    mistake: str, quarantine: str, provisioned: Provisioned, make_connection: Callable[..., Connection]
) -> None:
    organization = OrganizationFactory.create(slug="fabrikam")
    seed_places(organization)
    directory = Directory()
    user = directory.add_user("Ada@contoso.example", mail="Ada@contoso.example", country="NO")
    directory.assign(user)
    directory.assign(directory.add_group("Team", [user]))
    app = provisioned(make_connection("flowcase", organization), directory, "flowcase")
    app.use_mapping(app.job.mapping.with_mistake(mistake))
    result = app.cycle()
    assert (result.quarantine, bool(result.failures)) == (quarantine, True)
    assert len(result.failures[0].exchanges[-1].detail) > 20


def test_a34_a_cycle_comes_every_forty_minutes_and_brings_what_changed(
    provisioned: Provisioned, make_connection: Callable[..., Connection]
) -> None:
    directory = generate_directory(Recipe(users=5, groups=1, seed=8))
    app = provisioned(make_connection("flow_connect"), directory, "flow_connect")
    app.cycle()
    began = app.clock.now
    directory.change(next(iter(directory.users.values())), job_title="Director")
    assert app.cycle().requests > 0
    assert app.clock.now - began == timedelta(minutes=40)
