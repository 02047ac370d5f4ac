"""A token is issued to somebody, who has to hold the Hub's role for it to work (B3)."""

from typing import Any

import pytest

from scim_provisioning.models import Connection, Event, Token
from tests.conftest import MakeConnection
from tests.factories import IS_EXAMPLE, USERS, make_user
from tests.scim import ScimClient, database_digest, user_body

pytestmark = pytest.mark.django_db


def set_state(user: Any, state: str) -> None:
    """Change the status of a user as the Hub does."""
    setattr(user, USERS.status.column, getattr(USERS.status, state))
    user.save()


def give_role(user: Any) -> None:
    """Give a user what the host asks of a principal."""
    if IS_EXAMPLE:
        user.role_assignments.create(value="internationalmanager", source="hub")


def take_role(user: Any) -> None:
    """Take it away again."""
    if IS_EXAMPLE:
        user.role_assignments.all().delete()
    else:
        set_state(user, "inactive")


@pytest.fixture
def connection(make_connection: MakeConnection) -> Connection:
    """Return a connection whose tokens need their principal."""
    return make_connection("flowcase")


@pytest.fixture
def principal(connection: Connection) -> Any:
    """Return a user who holds the role."""
    user = make_user(connection.organization, "frida")
    give_role(user)
    return user


@pytest.fixture
def client(connection: Connection, principal: Any) -> ScimClient:
    """Return a client with a token of the principal's."""
    return ScimClient(connection, Token.issue(connection, created_by=principal)[1])


def test_B3_the_preset_asks_for_the_principal(connection: Connection) -> None:
    assert connection.token_principal


def test_B3_a_token_works_while_its_principal_holds_the_role(client: ScimClient, principal: Any) -> None:
    assert client.create_user("ada").status == 201
    take_role(principal)
    before = database_digest()
    for refused in (
        client.get("/Users"),
        client.post("/Users", user_body("eva")),
        client.get("/ServiceProviderConfig"),
        client.post("/Bulk", {}),
    ):
        assert refused.status == 403
        assert f"'{USERS.principal_role}'" in refused["detail"]
        assert refused["detail"].endswith("[principal_lacks_role]")
    assert database_digest() == before
    set_state(principal, "active")
    give_role(principal)
    assert client.get("/Users").status == 200


def test_B3_a_refused_write_is_in_the_log(client: ScimClient, principal: Any) -> None:
    take_role(principal)
    client.post("/Users", user_body("eva"))
    event = Event.objects.get(connection=client.connection)
    assert (event.outcome, event.status, event.code) == ("refused", 403, "principal_lacks_role")


def test_B3_an_inactive_principal_is_none(client: ScimClient, principal: Any) -> None:
    set_state(principal, "inactive")
    assert client.get("/Users").status == 403


def test_B3_a_deleted_principal_is_none(client: ScimClient, principal: Any) -> None:
    principal.delete()
    assert client.get("/Users").status == 403


def test_B3_a_principal_of_another_organization_is_none(
    connection: Connection, other_organization: Any
) -> None:
    stranger = make_user(other_organization, "stranger")
    give_role(stranger)
    client = ScimClient(connection, Token.issue(connection, created_by=stranger)[1])
    assert client.get("/Users").status == 403


def test_B3_a_superuser_is_one_wherever(connection: Connection) -> None:
    operator = USERS.model._default_manager.create_superuser("operator@hub.example")  # type: ignore[attr-defined]
    client = ScimClient(connection, Token.issue(connection, created_by=operator)[1])
    assert client.get("/Users").status == 200


def test_B3_a_token_of_the_operator_from_a_shell_has_no_principal(connection: Connection) -> None:
    assert ScimClient(connection).get("/Users").status == 200


def test_B3_where_the_policy_does_not_ask_nobody_is_asked_for(
    make_connection: MakeConnection, principal: Any
) -> None:
    connection = make_connection("rfc")
    client = ScimClient(connection, Token.issue(connection, created_by=principal)[1])
    take_role(principal)
    assert client.get("/Users").status == 200


def test_B3_an_unknown_token_is_401_before_anybody_is_asked(client: ScimClient, principal: Any) -> None:
    take_role(principal)
    assert client.request("GET", "/Users", authorization="Bearer x").status == 401


def test_B3_the_question_costs_no_query(client: ScimClient, django_assert_num_queries: Any) -> None:
    user = client.create_user("ada").id
    with django_assert_num_queries(2):
        assert client.get(f"/Users/{user}").status == 200
