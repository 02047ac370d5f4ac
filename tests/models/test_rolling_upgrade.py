"""While a release is rolled out, processes of the one before write rows to tables that are new already (F21)."""

from typing import Any

import pytest
from django.db import connection as database
from django.db.migrations.loader import MigrationLoader

from scim_provisioning.models import Connection, Event, Token
from tests.conftest import MakeClient
from tests.scim import ScimClient, user_body
from tests.tasks.outbox import owe

pytestmark = pytest.mark.django_db

APP = "scim_provisioning"
FIRST = "0001_initial"
WRITTEN = {"connection", "token", "userresource", "groupresource", "event", "effect"}
# Events lost a column here, before anything was released; processes older than that cannot write them.
EVENTS_SINCE = "0003_provisioning_log"


def releases() -> list[str]:
    """Return the names of all migrations but the newest: what a former release may have known."""
    names = {name for app, name in MigrationLoader(None).disk_migrations if app == APP}
    return sorted(names)[:-1]


def models_of(release: str) -> dict[str, Any]:
    """Return the models as they were after a migration, by their names."""
    state = MigrationLoader(None).project_state((APP, release))
    return {str(model._meta.model_name): model for model in state.apps.get_app_config(APP).get_models()}


def written_again(model: Any) -> int:
    """Take a row of a table out and insert it by SQL that names only the columns which the model knows."""
    meta = model._meta
    quote = database.ops.quote_name
    table, key = quote(meta.db_table), quote(meta.pk.column)
    columns = ", ".join(quote(field.column) for field in meta.local_concrete_fields)
    with database.cursor() as cursor:
        cursor.execute(f"SELECT {columns}, {key} FROM {table}")
        *values, pk = cursor.fetchone()
        cursor.execute(f"DELETE FROM {table} WHERE {key} = %s", [pk])
        casts = ", ".join(
            "%s::jsonb"
            if database.vendor == "postgresql" and field.get_internal_type() == "JSONField"
            else "%s"
            for field in meta.local_concrete_fields
        )
        cursor.execute(f"INSERT INTO {table} ({columns}) VALUES ({casts})", values)
        return int(cursor.rowcount)


@pytest.fixture
def client(make_client: MakeClient) -> ScimClient:
    """Return a client whose connection has a row in each table that requests write to."""
    client = make_client("flow_connect")
    user = client.create_user("ada").id
    client.create_group("Team A", user)
    client.post("/Users", user_body("wrong", externalId="no"))
    owe(client.connection)
    return client


@pytest.mark.parametrize("release", releases())
def test_F21_a_former_release_goes_on_writing_its_rows(client: ScimClient, release: str) -> None:
    known = models_of(release)
    assert known.keys() >= WRITTEN
    for name in sorted(WRITTEN):
        if name == "event" and release < EVENTS_SINCE:
            continue
        assert written_again(known[name]) == 1, name


def test_F21_a_connection_that_a_former_release_made_has_the_policy_that_a_new_one_has(
    client: ScimClient,
) -> None:
    Connection.objects.filter(pk=client.connection.pk).update(brake=True, brake_count=7, retention_days=30)
    models = models_of(FIRST)
    for name in ("connection", "token"):
        assert written_again(models[name]) == 1
    written = Connection.objects.get(pk=client.connection.pk)
    new = Connection()
    later = {field.name for field in Connection._meta.local_concrete_fields} - {
        field.name for field in models["connection"]._meta.local_concrete_fields
    }
    assert later >= {"brake", "brake_count", "brake_share", "brake_window", "retention_days", "high_roles"}
    assert {name: getattr(written, name) for name in later} == {name: getattr(new, name) for name in later}
    assert not Token.objects.get(connection=written).has_principal
    assert client.get("/Users").status == 200


def test_F21_an_event_that_a_former_release_wrote_can_be_read(client: ScimClient) -> None:
    columns = {field.column for field in models_of(EVENTS_SINCE)["event"]._meta.local_concrete_fields}
    assert {"method", "path", "request_body", "answer_body"} <= columns
    event = models_of(FIRST)["event"]
    fields = [f for f in event._meta.local_concrete_fields if f.column not in ("id", "connection_id")]
    quote = database.ops.quote_name
    names = ", ".join(quote(field.column) for field in fields)
    with database.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(event._meta.db_table)} ({names}) SELECT {names} FROM "
            f"{quote(event._meta.db_table)}"
        )
    newest = Event.objects.latest("pk")
    assert (newest.method, newest.path, newest.request_body, newest.answer_body) == ("", "", "", "")
