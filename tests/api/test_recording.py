"""Each answer names its request; the log takes part in the transaction of a change and never fails a request."""

import logging
import uuid
from collections.abc import Iterator

import pytest
from django.db import connection

from scim_provisioning.models import Event
from tests.conftest import MakeClient
from tests.factories import make_user
from tests.lifecycle.rows import replace
from tests.scim import ScimClient, add_members, user_body

pytestmark = pytest.mark.django_db
HEADER = "SCIM-Request-Id"


def test_a_write_and_a_refusal_are_found_by_the_id_in_their_answers(contoso: ScimClient) -> None:
    done = contoso.create_user("ada")
    refused = contoso.post("/Users", user_body("ada"))
    assert [refused.headers[HEADER], done.headers[HEADER]] == list(
        Event.objects.order_by("-pk").values_list("request_id", flat=True)
    )


def test_every_answer_has_an_id_of_its_own(contoso: ScimClient) -> None:
    answers = [
        contoso.get("/Users"),
        contoso.get("/Users"),
        contoso.get(f"/Users/{uuid.uuid4()}"),
        contoso.request("GET", "/Users", authorization=""),
        contoso.get("/ServiceProviderConfig"),
        contoso.request("OPTIONS", "/Users"),
    ]
    assert len({uuid.UUID(each.headers[HEADER]) for each in answers}) == len(answers)


def test_a_request_is_kept_with_one_of_its_events(make_client: MakeClient) -> None:
    client = make_client("flow_connect")
    group = client.create_group("Team A").id
    ada = client.create_user("ada").id
    client.patch(f"/Groups/{group}", add_members(ada, str(uuid.uuid4()), str(uuid.uuid4())))
    events = list(Event.objects.order_by("-pk")[:3])
    assert [each.outcome for each in events] == ["success", "ignored", "ignored"]
    assert {each.status for each in events} == {204}
    assert [bool(each.request_body) for each in events] == [True, False, False], "a body is kept once"


@pytest.fixture
def no_log(transactional_db: None) -> Iterator[None]:
    """Take the table of events away, and bring it back."""
    table = Event._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO away")
    yield
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE away RENAME TO {table}")


def test_a_change_goes_through_without_the_log(
    contoso: ScimClient, no_log: None, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="scim_provisioning"):
        created = contoso.post("/Users", user_body("ada"))
    assert created.status == 201
    assert created.headers[HEADER] in caplog.text
    assert "ada" not in caplog.text
    assert contoso.patch(f"/Users/{created.id}", replace("displayName", "Ada")).status in (200, 204)
    assert contoso.user(created.id)["displayName"] == "Ada"
    assert contoso.delete(f"/Users/{created.id}").status == 204


def test_a_refusal_stays_a_refusal_without_the_log(contoso: ScimClient, no_log: None) -> None:
    make_user(contoso.organization, "eva")
    assert contoso.post("/Users", user_body("ada", active="perhaps")).status == 400
    assert contoso.post("/Users", user_body("eva")).status == 201


def test_bulk_goes_through_without_the_log(make_client: MakeClient, no_log: None) -> None:
    client = make_client("rfc")
    answer = client.post(
        "/Bulk",
        {
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
            "Operations": [
                {"method": "POST", "path": "/Users", "bulkId": name, "data": user_body(name)}
                for name in ("ada", "eva")
            ],
        },
    )
    assert [each["status"] for each in answer["Operations"]] == ["201", "201"]


def test_a_change_that_is_undone_leaves_no_event(contoso: ScimClient) -> None:
    user = contoso.create_user("ada").id
    contoso.patch(f"/Users/{user}", replace("displayName", "Ada"), replace("active", "perhaps"))
    assert list(Event.objects.order_by("pk").values_list("outcome", flat=True)) == ["success", "refused"]
