"""A preset is values of columns and nothing else: a new product needs no new code (Z1)."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings

import scim_provisioning
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.models import PRESETS, presets
from tests.conftest import MakeClient
from tests.factories import IS_EXAMPLE, make_user, seed_places, status_of
from tests.lifecycle.rows import DISABLE, add, host_group, host_user, replace
from tests.scim import ENTERPRISE, FLOWCASE, ScimClient, add_members, user_body

PACKAGE = Path(scim_provisioning.__file__).parent
ROOT = PACKAGE.parent
# Where a preset may be called by its name: what it consists of, and the texts of a product's own guide. The
# simulator's mapping tables are what the guides ask for on Entra's screen, the example's organizations are data.
NAMED_IN = {
    "scim_provisioning/models/presets.py",
    "scim_provisioning/simulator/mapping_presets.py",
    "example_project/hub/example.py",
}
GUIDES = "guide"


def sources() -> Iterator[Path]:
    """Yield every file whose behaviour could hang on a preset."""
    for folder in (PACKAGE, ROOT / "example_project" / "hub", ROOT / "example_project" / "config"):
        for suffix in ("*.py", "*.html", "*.js"):
            yield from folder.rglob(suffix)


def named(text: str, *, python: bool) -> set[str]:
    """Return the presets that a source calls by name in code; what it says of them in prose is no code."""
    if not python:
        return {name for name in ("flow_connect", "flowcase") if name in text}
    return {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in PRESETS
    }


def test_Z1_no_code_names_a_preset() -> None:
    found = {}
    for path in sources():
        place = path.relative_to(ROOT).as_posix()
        names = named(path.read_text(encoding="utf-8"), python=path.suffix == ".py")
        if names and place not in NAMED_IN and GUIDES not in path.name:
            found[place] = names
    assert found == {}


def test_Z1_the_search_for_names_finds_one() -> None:
    assert named('if connection.preset == "flowcase": ...', python=True) == {"flowcase"}
    assert named('"""A connection such as flowcase."""', python=True) == set()
    assert named("{% if preset == 'flow_connect' %}", python=False) == {"flow_connect"}


# A made-up product: groups and departments, lower-case names by itself, managers, nobody is ever deleted.
TEAMWORK = {
    "groups": True,
    "managers": True,
    "letter_case": "fold",
    "unknown_reference": "reject",
    "existing_users": "link",
    "visible_users": "organization",
    "unmatched_path_filter": "create",
    "user_deletion": "deactivate",
    "unknown_members": "ignore",
    "group_patch_response": 204,
}


@pytest.fixture
def teamwork(settings: Any) -> None:
    """Add the preset to the Hub, by a setting."""
    settings.SCIM_PROVISIONING = {**settings.SCIM_PROVISIONING, "PRESETS": {"teamwork": TEAMWORK}}


@pytest.fixture
def client(teamwork: None, make_client: MakeClient) -> ScimClient:
    """Return a client of the made-up product."""
    return make_client("teamwork")


@pytest.mark.django_db
def test_Z1_a_third_product_needs_new_values_only(client: ScimClient) -> None:
    colleague = make_user(client.organization, "bo", state="active")
    if IS_EXAMPLE:
        seed_places(client.organization)
    boss = client.create_user("Boss@Contoso.Example")
    assert client.user(boss.id)["userName"] == "boss@contoso.example"
    work = {ENTERPRISE: {"manager": boss.id, "department": "Finance"}}
    ada = client.create_user("ada", **work)
    assert client.user(ada.id)[ENTERPRISE] == {"manager": {"value": boss.id}, "department": "Finance"}
    if IS_EXAMPLE:
        assert host_user(ada).department.name == "Finance"
        unknown = client.patch(f"/Users/{ada.id}", replace(f"{ENTERPRISE}:department", "Nowhere"))
        assert "[unknown_reference]" in unknown["detail"]
    found = client.find("/Users", 'userName eq "BO@contoso.example"')["Resources"][0]
    linked = client.patch(f"/Users/{found['id']}", add("externalId", "7"))
    assert (linked.status, host_user(found["id"])) == (200, colleague)
    team = client.create_group("Team A", ada.id, found["id"])
    assert client.members(team.id) == {ada.id, found["id"]}
    absent = "00000000-0000-4000-8000-000000000000"
    assert client.patch(f"/Groups/{team.id}", add_members(absent, boss.id)).status == 204
    assert client.members(team.id) == {ada.id, found["id"], boss.id}
    assert client.patch(f"/Users/{ada.id}", DISABLE).status == 200
    user = host_user(ada)
    assert status_of(user) == "inactive"
    assert client.delete(f"/Users/{ada.id}").status == 204
    assert status_of(user) == "inactive"
    assert host_group(team.id) is not None


@pytest.mark.django_db
def test_Z1_a_hubs_preset_is_offered_by_the_command(teamwork: None, organization: Any) -> None:
    call_command("scim_connection", "create", "--organization", str(organization.pk), "--preset", "teamwork")
    connection = organization.scim_connections.get()
    assert (connection.preset, connection.letter_case) == ("teamwork", "fold")


@pytest.mark.django_db
def test_Z1_a_hub_may_say_otherwise_what_a_preset_is(organization: Any) -> None:
    with override_settings(SCIM_PROVISIONING={"PRESETS": {"rfc": {"groups": False}}}):
        assert not create_connection(organization, "rfc").groups
    assert create_connection(organization, "rfc").groups


def test_Z1_the_built_in_presets_are_there_without_a_setting() -> None:
    assert presets() == PRESETS


@pytest.mark.django_db
@pytest.mark.examplehub
def test_Z1_the_third_product_works_beside_the_other_two(
    client: ScimClient, make_client: MakeClient, fabrikam: ScimClient
) -> None:
    assert client.post("/Users", user_body("Eva@contoso.example")).status == 201
    assert fabrikam.post("/Users", user_body("Eva@contoso.example")).status == 400
    assert fabrikam.create_user("eva", **{FLOWCASE: {"countryCode": "NO"}}).status == 201
