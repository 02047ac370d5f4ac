"""The overview and the list: health, numbers, errors; and a number of queries that never grows."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from scim_provisioning.admin import first_cycle, numbers
from scim_provisioning.admin.chart import BARS, chart_of
from scim_provisioning.admin.cycles import Cycle
from scim_provisioning.admin.explanations import explain
from scim_provisioning.admin.health import NEWEST, Health, observe
from scim_provisioning.lifecycle.connections import create_connection
from scim_provisioning.lifecycle.observing import recorder
from scim_provisioning.models import Connection, Event, Token, UserResource
from tests.admin.conftest import url_of
from tests.scim import ScimClient, user_body


def health(connection: Connection) -> Health:
    connection.refresh_from_db()
    return observe([connection])[connection.pk].health


def log(connection: Connection, *outcomes: str, ago: timedelta = timedelta(), resource: Any = None) -> None:
    """Write events, the first outcome first."""
    Event.objects.bulk_create(
        Event(
            connection=connection,
            connection_key=connection.pk,
            operation="update",
            outcome=outcome,
            status=200,
            token_key_id="abc",
            resource_id=resource or uuid.uuid4(),
            created_at=timezone.now() - ago,
        )
        for outcome in outcomes
    )


@pytest.fixture
def token(connection: Connection) -> Token:
    """Return a token that was used a minute ago."""
    used = timezone.now() - timedelta(minutes=1)
    token, _secret = Token.issue(connection)
    Token.objects.update(first_used_at=used, last_used_at=used)
    return token


def test_never_connected(connection: Connection) -> None:
    assert health(connection) == Health.NEVER
    Token.issue(connection)
    assert health(connection) == Health.NEVER


@pytest.fixture
def settled(connection: Connection) -> None:
    """Let a first cycle be over, too long ago for its changes to be judged."""
    log(connection, "success", ago=timedelta(hours=3))


def test_the_first_cycle_runs_until_a_pause_follows_it(connection: Connection, token: Token) -> None:
    assert health(connection) == Health.FIRST, "only the connection was tested"
    log(connection, *["success"] * 3, ago=timedelta(minutes=29))
    log(connection, "success", ago=timedelta(minutes=16))
    assert health(connection) == Health.HEALTHY
    log(connection, "success", ago=timedelta(minutes=14))
    assert health(connection) == Health.FIRST, "it went on, without a pause so far"
    Event.objects.update(created_at=F("created_at") - timedelta(minutes=2))
    assert health(connection) == Health.HEALTHY


def test_a_second_cycle_ends_the_first_one_for_good(connection: Connection, token: Token) -> None:
    log(connection, "success", ago=timedelta(minutes=41))
    log(connection, "success")
    assert health(connection) == Health.HEALTHY


@pytest.mark.parametrize("newer", [0, 1, 2 * NEWEST])
def test_what_happens_without_a_token_is_in_no_cycle(
    connection: Connection, token: Token, newer: int
) -> None:
    log(connection, "success", ago=timedelta(minutes=20))
    log(connection, "success", ago=timedelta(minutes=10))
    Event.objects.filter(pk=Event.objects.latest("pk").pk).update(token_key_id="")
    log(connection, *["success"] * newer)
    assert health(connection) == Health.HEALTHY


def test_a_sign_in_is_no_change(connection: Connection, token: Token) -> None:
    log(connection, "success", ago=timedelta(minutes=40))
    Event.objects.update(token_key_id="")
    assert health(connection) == Health.FIRST


@pytest.mark.parametrize("newer", [NEWEST - 1, NEWEST, NEWEST + 1, 3 * NEWEST])
def test_a_long_cycle_is_the_first_one_only_if_none_was_before(
    connection: Connection, token: Token, newer: int
) -> None:
    log(connection, *["success"] * newer)
    assert health(connection) == Health.FIRST
    Event.objects.all().delete()
    log(connection, "success", ago=timedelta(minutes=40))
    log(connection, *["success"] * newer)
    assert health(connection) == Health.HEALTHY


def test_a_pause_is_looked_for_in_a_bounded_part_of_the_log(
    connection: Connection, token: Token, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_cycle, "CONSIDERED", 2 * NEWEST)
    log(connection, "success", ago=timedelta(minutes=40))
    log(connection, *["success"] * (2 * NEWEST - 1))
    assert health(connection) == Health.HEALTHY
    log(connection, "success")
    assert health(connection) == Health.FIRST, "so long a run is one that began from the start again"


def test_never_connected_then_first_cycle_then_healthy_then_quiet(connection: Connection) -> None:
    assert health(connection) == Health.NEVER
    ScimClient(connection).create_user("ada")
    assert health(connection) == Health.FIRST
    for minutes, state in ((16, Health.HEALTHY), (81, Health.QUIET)):
        then = timezone.now() - timedelta(minutes=minutes)
        Event.objects.update(created_at=then)
        Token.objects.update(last_used_at=then)
        assert health(connection) == state


def test_each_connection_has_a_first_cycle_of_its_own(connection: Connection, token: Token) -> None:
    other = create_connection(connection.organization, "rfc", name="Other")
    used, _secret = Token.issue(other)
    Token.objects.filter(pk=used.pk).update(last_used_at=timezone.now())
    log(connection, "success", ago=timedelta(minutes=40))
    for each in (other, connection):
        log(each, *["success"] * 2 * NEWEST)
    seen = observe([connection, other])
    assert [seen[each.pk].health for each in (connection, other)] == [Health.HEALTHY, Health.FIRST]


def test_quiet_after_two_cadences(connection: Connection, token: Token) -> None:
    log(connection, "success", ago=timedelta(hours=2))
    for minutes, state in ((79, Health.HEALTHY), (82, Health.QUIET)):
        Token.objects.update(last_used_at=timezone.now() - timedelta(minutes=minutes))
        assert health(connection) == state


@pytest.mark.parametrize(
    ("outcomes", "state"),
    [
        (["success"] * 4 + ["refused"] * 3, Health.HEALTHY),
        (["success"] * 3 + ["refused"] * 3, Health.FAILING),
        (["success", "refused", "refused"], Health.HEALTHY),
        (["failed"] * 3, Health.FAILING),
        (["ignored"] * 9 + ["success"], Health.HEALTHY),
    ],
)
def test_failing_when_half_of_the_changes_are_refused(
    connection: Connection, token: Token, settled: None, outcomes: list[str], state: Health
) -> None:
    log(connection, *outcomes)
    assert health(connection) == state


def test_failing_when_one_resource_fails_again_and_again(
    connection: Connection, token: Token, settled: None
) -> None:
    one = uuid.uuid4()
    log(connection, *["success"] * 20)
    log(connection, *["refused"] * 3, resource=one)
    assert health(connection) == Health.FAILING
    log(connection, "success", resource=one)
    assert health(connection) == Health.HEALTHY


def test_old_failures_are_forgotten(connection: Connection, token: Token) -> None:
    log(connection, "success")
    log(connection, *["refused"] * 9, ago=timedelta(minutes=81))
    assert health(connection) == Health.HEALTHY


def test_expiring_expired_and_paused(connection: Connection, token: Token, settled: None) -> None:
    Token.objects.update(expires_at=timezone.now() + timedelta(days=29))
    assert health(connection) == Health.EXPIRING
    Token.issue(connection)
    assert health(connection) == Health.HEALTHY, "a second token that lives longer is a renewal"
    Token.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert health(connection) == Health.EXPIRED
    Connection.objects.update(enabled=False)
    assert health(connection) == Health.PAUSED


def test_users_are_counted_by_status(client: Client, connection: Connection) -> None:
    idp = ScimClient(connection)
    first, *_others = [idp.create_user(name).id for name in ("u1", "u2", "u3")]
    idp.patch(f"/Users/{first}", {"op": "Replace", "path": "active", "value": "False"})
    idp.create_group("Team A")
    context = client.get(url_of("overview", connection.pk)).context
    assert context["users"] == [("Pending", 2), ("Active", 0), ("Inactive", 1)]
    assert context["groups"] == 1


def test_beyond_a_bound_users_are_counted_on_a_page_of_their_own(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    idp = ScimClient(connection)
    for name in ("u1", "u2", "u3"):
        idp.create_user(name)
    third = UserResource.objects.filter(user_name__startswith="u3")
    third.update(scim_managed=False)
    monkeypatch.setattr(numbers, "AT_A_GLANCE", 2)
    url = url_of("overview", connection.pk)
    assert client.get(url).context["users"] == [("Pending", 2), ("Active", 0), ("Inactive", 0)]
    third.update(scim_managed=True)
    answer = client.get(url)
    assert answer.context["users"] is None
    assert "<strong>2+</strong>" in answer.text
    exact = url_of("numbers", connection.pk)
    assert f'data-scim-fetch="{exact}"' in answer.text
    assert f'href="{exact}"' in answer.text
    counted = client.get(exact)
    assert counted.context["users"] == [("Pending", 3), ("Active", 0), ("Inactive", 0)]
    assert "data-scim-fetch" not in counted.text


def test_the_last_errors_say_what_mends_them(client: Client, connection: Connection) -> None:
    ScimClient(connection).post("/Users", user_body("kurt", externalId="kurt"))
    page = client.get(url_of("overview", connection.pk)).text
    assert "externalId must be the user&#x27;s object ID (a GUID), but is &#x27;kurt&#x27;." in page
    assert (
        "<td>In Entra&#x27;s attribute mapping set the source attribute of externalId to objectId.</td>"
        in page
    )


@pytest.mark.parametrize(
    ("code", "outcome", "detail", "sentence", "fix"),
    [
        (
            "not_found",
            "refused",
            "The resource does not exist. [not_found]",
            "The resource does not exist.",
            "",
        ),
        (
            "not_lower_case",
            "refused",
            (
                "userName must be lower-case, but 'A' is not. In Entra's attribute mapping use the expression "
                "ToLower([mail], ) for this attribute. [not_lower_case]"
            ),
            "userName must be lower-case, but 'A' is not.",
            "In Entra's attribute mapping use the expression ToLower([mail], ) for this attribute.",
        ),
        (
            "unknown_member",
            "ignored",
            "42",
            "The member '42' is not a user that this connection manages.",
            "Provision the user before adding it to the group.",
        ),
        ("gone_by_now", "refused", "Something. [gone_by_now]", "Something. [gone_by_now]", ""),
        ("", "success", "", "", ""),
    ],
)
def test_a_detail_is_taken_apart(code: str, outcome: str, detail: str, sentence: str, fix: str) -> None:
    found = explain(Event(code=code, outcome=outcome, detail=detail))
    assert (found.sentence, found.fix) == (sentence, fix)


def test_the_chart_counts_by_cycle(client: Client, connection: Connection) -> None:
    for number, outcomes in enumerate((["success"], ["success", "success", "refused"], ["refused"])):
        log(connection, *outcomes, ago=timedelta(minutes=40 * (2 - number)))
    chart = client.get(url_of("overview", connection.pk)).context["chart"]
    assert [(bar.cycle.changes, bar.cycle.refusals) for bar in chart.bars] == [(1, 0), (2, 1), (0, 1)]
    assert (chart.changes, chart.failures, chart.most) == (3, 2, 3)
    assert [bar.height for bar in chart.bars] == ["32.0", "64.0", "0.0"]
    assert [bar.x for bar in chart.bars] == ["422.0", "442.0", "462.0"]


def test_the_chart_shows_the_newest_cycles_and_may_be_empty() -> None:
    now = timezone.now()
    cycles = [Cycle(first=number, last=number, start=now, end=now, changes=number) for number in range(40)]
    assert [bar.cycle.first for bar in chart_of(cycles).bars] == list(range(BARS))[::-1]
    assert chart_of([]).most == 0


def test_pause_and_resume(client: Client, connection: Connection) -> None:
    idp = ScimClient(connection)
    assert client.get(url_of("pause", connection.pk)).status_code == 405
    client.post(url_of("pause", connection.pk))
    answer = idp.get("/Users")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "120")
    client.post(url_of("resume", connection.pk))
    assert idp.get("/Users").status == 200


@pytest.fixture
def many(connection: Connection) -> Connection:
    """Return a connection with more of everything."""
    idp = ScimClient(connection)
    for number in range(5):
        idp.create_user(f"u{number}")
        idp.post("/Users", user_body(f"u{number}", externalId="no"))
    return connection


@pytest.mark.parametrize("name", ["overview", "log"])
def test_a_page_costs_the_same_however_much_there_is(
    client: Client,
    connection: Connection,
    django_assert_max_num_queries: Any,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
) -> None:
    # Observations are written after an answer, a few times a minute.
    monkeypatch.setattr(recorder, "flush_if_due", lambda: None)
    idp = ScimClient(connection)
    counts = []
    log(connection, *["success"] * NEWEST)
    for number in range(2):
        idp.create_user(f"u{number}")
        idp.post("/Users", user_body(f"u{number}", externalId="no"))
        log(connection, *["refused", "success"] * number * 100)
        with django_assert_max_num_queries(24) as queries:
            client.get(url_of(name, connection.pk))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_costs_the_same_for_any_number_of_connections(
    client: Client, connection: Connection, django_assert_max_num_queries: Any
) -> None:
    counts = []
    log(connection, *["success"] * NEWEST)
    for number in range(2):
        for each in range(number * 8):
            made = create_connection(connection.organization, "rfc", name=f"No. {each}")
            Token.issue(made)
            log(made, *["success"] * (NEWEST + 10))
        with django_assert_max_num_queries(20) as queries:
            page = client.get(url_of("changelist"))
        counts.append(len(queries))
        assert page.text.count('class="scim-badge ') == 1 + number * 8
    assert counts[0] == counts[1]


def test_the_list_shows_what_is_managed(client: Client, many: Connection) -> None:
    row = client.get(url_of("changelist")).text
    assert '<td class="field-users">5</td>' in row
    assert '<td class="field-days_left">364</td>' in row
    assert url_of("overview", many.pk) in row
