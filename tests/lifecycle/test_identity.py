"""What a client may not reach: other rows by externalId (T1), protected columns (T6), Hub accounts (T4, T10)."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model

from tests.conftest import MakeClient
from tests.factories import GROUPS, USERS, make_group, make_user
from tests.lifecycle.rows import columns_of, host_group, host_user, replace, together
from tests.scim import ENTERPRISE, ScimClient, group_body, user_body

pytestmark = pytest.mark.django_db


@pytest.fixture
def victims(make_client: MakeClient, other_organization: Any) -> Iterator[dict[str, Any]]:
    """Return accounts that nobody may become: an operator, an admin, a colleague; unchanged in the end."""
    organization = make_client("rfc").organization
    rows = {
        "operator": get_user_model().objects.create_superuser("root", password="root"),
        "admin": make_user(organization, "olivia", is_staff=True),
        "foreign": make_user(other_organization, "foreign.olivia"),
    }
    before = {name: columns_of(row) for name, row in rows.items()}
    yield rows
    assert {name: columns_of(row) for name, row in rows.items()} == before


def nonsense(victims: dict[str, Any], other: str) -> list[str]:
    """Return values of externalId that mean something somewhere else."""
    keys = [str(row.pk) for row in victims.values()]
    names = [str(getattr(row, USERS.column("userName") or "")) for row in victims.values()]
    return ["0", "1", "-1", "2147483648", "null", "true", "' or 1=1 --", other, other.upper(), *keys, *names]


def test_T1_an_externalId_is_text_and_opens_nobodys_row(rfc: ScimClient, victims: dict[str, Any]) -> None:
    other = rfc.create_user("other")
    taken = columns_of(host_user(other))
    for value in nonsense(victims, other.id):
        created = rfc.create_user(f"user{uuid.uuid4()}", externalId=value)
        assert created.id not in (other.id, value)
        assert created["externalId"] == value
        assert host_user(created).pk not in {row.pk for row in victims.values()}
        path = f"/Users/{created.id}"
        for answer in (
            rfc.put(path, {**user_body(created["userName"]), "externalId": value}),
            rfc.patch(path, replace("externalId", value), replace("displayName", "Changed")),
        ):
            assert answer.status == 200
            assert answer.id == created.id
        found = rfc.find("/Users", f'externalId eq "{value.replace(chr(34), "")}"')
        assert [user["id"] for user in found["Resources"]] == [created.id]
        assert rfc.delete(path).status == 204
    assert columns_of(host_user(other)) == taken


def test_T1_an_externalId_is_no_address(rfc: ScimClient, victims: dict[str, Any]) -> None:
    external_id = str(uuid.uuid4())
    rfc.create_user("ada", externalId=external_id)
    keys = [str(row.pk) for row in victims.values()]
    for number in [external_id, "0", "1", "-1", *keys]:
        for answer in (
            rfc.get(f"/Users/{number}"),
            rfc.patch(f"/Users/{number}", replace("displayName", "Changed")),
            rfc.put(f"/Users/{number}", user_body("changed")),
            rfc.delete(f"/Users/{number}"),
        ):
            assert answer.status == 404


def test_T1_the_id_in_a_body_is_not_obeyed(rfc: ScimClient) -> None:
    ada, bob = rfc.create_user("ada"), rfc.create_user("bob")
    before = rfc.user(bob.id)
    assert rfc.put(f"/Users/{ada.id}", {**user_body("ada"), "id": bob.id}).id == ada.id
    refused = rfc.patch(f"/Users/{ada.id}", replace("id", bob.id))
    assert (refused.status, refused["scimType"]) == (400, "mutability")
    assert rfc.patch(f"/Users/{ada.id}", together(id=bob.id, title="Boss")).status == 200
    assert rfc.user(bob.id) == before


MAPPED = {
    name
    for _target, line in USERS.lines()
    for name in (*line.fields(), *(f"{name}_id" for name in line.fields()))
}
PROTECTED = [
    field.attname
    for field in get_user_model()._meta.concrete_fields
    if field.attname not in MAPPED and field.name != USERS.status.column
]
FIELD_NAMES = sorted(
    {
        name
        for field in get_user_model()._meta.get_fields()
        for name in (field.name, getattr(field, "attname", field.name))
    }
    | {"pk", "is_admin", "is_verified", "scim_managed", "origin", "connection", "version", "previous_status"}
)
NASTY: list[Any] = [True, 1, "1", "true", [1], {"value": 1}]


def test_T6_there_are_columns_to_protect() -> None:
    assert {"password", "is_staff", "is_superuser", "last_login"} <= set(PROTECTED)
    assert len(FIELD_NAMES) > 12


def protected(user: Any) -> dict[str, Any]:
    return {name: value for name, value in columns_of(user).items() if name in PROTECTED}


@pytest.mark.parametrize("name", FIELD_NAMES)
def test_T6_no_key_of_a_post_reaches_a_column_that_is_not_mapped(rfc: ScimClient, name: str) -> None:
    plain = protected(host_user(rfc.create_user("plain")))
    for value in NASTY:
        answer = rfc.post("/Users", {**user_body(f"user{uuid.uuid4()}"), name: value})
        assert answer.status in (201, 400), answer.json
        if answer.status == 201:
            made = protected(host_user(answer))
            unique = {"id", "password", "date_joined"}
            assert {key: made[key] for key in made if key not in unique} == {
                key: plain[key] for key in plain if key not in unique
            }
            assert not host_user(answer).has_usable_password()


@pytest.mark.parametrize("name", FIELD_NAMES)
def test_T6_no_path_of_a_patch_reaches_a_column_that_is_not_mapped(rfc: ScimClient, name: str) -> None:
    user = rfc.create_user("ada").id
    row = host_user(user)
    before = protected(row)
    for value in NASTY:
        for operation in (
            replace(name, value),
            {"op": "add", "path": name, "value": value},
            {"op": "remove", "path": name},
            together(**{name: value}),
            replace(f"{ENTERPRISE}:{name}", value),
            replace(f"urn:ietf:params:scim:schemas:core:2.0:User:{name}", value),
        ):
            assert rfc.patch(f"/Users/{user}", operation).status in (200, 400)
            assert protected(row) == before
        assert rfc.put(f"/Users/{user}", {**user_body("ada"), name: value}).status in (200, 400)
        assert protected(row) == before
    assert rfc.get(f"/Users/{user}").status == 200


@pytest.mark.parametrize("value", ["t1meMa$heen", "", None, ["x"], {"value": "x"}])
def test_T6_a_password_is_never_stored_kept_or_shown(rfc: ScimClient, value: Any) -> None:
    answer = rfc.post("/Users", {**user_body("ada"), "password": value})
    assert answer.status in (201, 400)
    user = rfc.create_user("bob").id
    rfc.patch(f"/Users/{user}", replace("password", value))
    rfc.put(f"/Users/{user}", {**user_body("bob"), "password": value})
    assert not host_user(user).has_usable_password()
    assert "password" not in rfc.user(user)


GROUP_NAMES = sorted(
    {
        name
        for field in GROUPS.model._meta.get_fields()
        for name in (field.name, getattr(field, "attname", field.name))
    }
    - {"members"}
)
GROUP_COLUMN = str(GROUPS.attributes["displayName"])


@pytest.mark.parametrize("name", GROUP_NAMES)
def test_T6_no_key_or_path_reaches_a_groups_other_columns(rfc: ScimClient, name: str) -> None:
    group = rfc.create_group("Team A").id
    row = host_group(group)
    before = {key: value for key, value in columns_of(row).items() if key != GROUP_COLUMN}
    for value in (*NASTY, "admin", "built_in"):
        rfc.post("/Groups", {**group_body(f"Team {uuid.uuid4()}"), name: value})
        for operation in (replace(name, value), together(**{name: value})):
            assert rfc.patch(f"/Groups/{group}", operation).status in (200, 400)
        after = {key: value for key, value in columns_of(row).items() if key != GROUP_COLUMN}
        assert after == before
    if settings.SCIM_GROUP_MODEL == "hub.Group":
        assert set(GROUPS.model._base_manager.values_list("kind", flat=True)) == {"end_user"}


def test_T2_another_connections_token_opens_nothing_here(contoso: ScimClient, northwind: ScimClient) -> None:
    """B41: the organization comes from address and key together."""
    ada = contoso.create_user("ada").id
    make_group(contoso.organization, "Made by hand")
    thief = ScimClient(contoso.connection, token=northwind.token)
    for answer in (
        thief.get("/Users"),
        thief.get(f"/Users/{ada}"),
        thief.post("/Users", user_body("eve")),
        thief.patch(f"/Users/{ada}", replace("active", False)),
        thief.delete(f"/Users/{ada}"),
        thief.get("/ServiceProviderConfig"),
    ):
        assert answer.status == 401
    assert contoso.user(ada)["active"] is True


def test_T2_a_foreign_id_and_an_absent_one_get_one_answer(contoso: ScimClient, northwind: ScimClient) -> None:
    foreign = northwind.create_user("foreign").id
    theirs = northwind.create_group("Theirs").id
    before = northwind.user(foreign)
    for collection, number in (("Users", foreign), ("Groups", theirs)):
        for method in ("GET", "DELETE"):
            bodies = {
                contoso.request(method, f"/{collection}/{found}").content for found in (number, uuid.uuid4())
            }
            assert len(bodies) == 1
        assert contoso.patch(f"/{collection}/{number}", replace("displayName", "Mine")).status == 404
    assert northwind.user(foreign) == before
