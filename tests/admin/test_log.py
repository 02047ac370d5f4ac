"""The provisioning log: by key, by filter and by name; inert on the page and in a spreadsheet (T34)."""

import csv
import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from scim_provisioning.admin import cycles, log_search
from scim_provisioning.admin.export import inert
from scim_provisioning.models import Connection, Event
from tests.admin.conftest import url_of
from tests.scim import ScimClient, add_members, user_body

HTML = "<img src=x onerror=alert(1)>"
FORMULA = '=HYPERLINK("https://evil.example","x")'


def write(connection: Connection, count: int, **columns: Any) -> None:
    values: dict[str, Any] = {"operation": "update", "outcome": "success", "status": 200, **columns}
    now = timezone.now()
    Event.objects.bulk_create(
        Event(connection=connection, connection_key=connection.pk, created_at=now, **values)
        for _number in range(count)
    )


def shown(client: Client, connection: Connection, **query: Any) -> list[Event]:
    context = client.get(url_of("log", connection.pk), query).context
    return events_of(context)


def events_of(context: Any) -> list[Event]:
    """Return the events of a page, in their order."""
    return [line.event for section in context["sections"] for line in section.lines]


def all_pages(client: Client, connection: Connection, **query: Any) -> list[int]:
    """Follow *Older* to the end."""
    url, keys = url_of("log", connection.pk), []
    answer = client.get(url, query)
    for _page in range(50):
        keys += [event.pk for event in events_of(answer.context)]
        if not answer.context["older"]:
            return keys
        answer = client.get(url + answer.context["older"])
    raise AssertionError("the log has no end")


@pytest.mark.parametrize("count", [0, 49, 50, 51, 120])
def test_every_event_is_on_one_page(client: Client, connection: Connection, count: int) -> None:
    write(connection, count)
    expected = Event.objects.filter(connection_key=connection.pk).order_by("-pk").values_list("pk", flat=True)
    assert all_pages(client, connection) == list(expected)


def test_a_search_goes_on_behind_what_it_examined(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_search, "EXAMINED", 10)
    write(connection, 2, operation="delete")
    write(connection, 25)
    write(connection, 1, operation="delete")
    first = client.get(url_of("log", connection.pk), {"operation": "delete"}).context
    assert len(events_of(first)) == 1
    assert first["older"]
    assert len(all_pages(client, connection, operation="delete")) == 3
    assert all_pages(client, connection, q="nobody") == []


def test_filters(client: Client, connection: Connection) -> None:
    write(connection, 1, operation="delete", outcome="refused")
    write(connection, 2, operation="delete")
    write(connection, 4)
    assert len(shown(client, connection, operation="delete")) == 3
    assert len(shown(client, connection, operation="delete", outcome="refused")) == 1
    assert len(shown(client, connection, operation="nonsense")) == 7
    write(connection, 1, outcome="failed", resource_type="Group")
    assert len(shown(client, connection, outcome="errors")) == 2
    assert len(shown(client, connection, outcome="errors", operation="delete")) == 1
    assert len(shown(client, connection, resource_type="Group")) == 1


def test_search_by_name_external_id_and_request(client: Client, connection: Connection) -> None:
    idp = ScimClient(connection)
    external_id = str(uuid.uuid4())
    ada = idp.create_user("ada", externalId=external_id)
    idp.create_user("adalbert")
    idp.create_group("Team A")
    created = Event.objects.get(resource_id=ada.id)
    for wanted in ("ADA@contoso.example", external_id, ada.id, created.request_id):
        assert shown(client, connection, q=wanted) == [created], wanted
    assert len(shown(client, connection, q="ada")) == 2
    assert len(shown(client, connection, q="team a")) == 1
    idp.delete(f"/Users/{ada.id}")
    assert created in shown(client, connection, q=external_id), "a user that is gone is still found"


@pytest.mark.parametrize(
    "query", [{"before": "x"}, {"before": "9" * 30}, {"q": "\0"}, {"q": "%_'\""}, {"q": "x" * 300}]
)
def test_nonsense_is_no_error(client: Client, connection: Connection, query: dict[str, str]) -> None:
    write(connection, 1)
    assert client.get(url_of("log", connection.pk), query).status_code == 200
    assert client.get(url_of("log_csv", connection.pk), query).status_code == 200


def test_T26_no_event_of_another_connection(
    client: Client, connection: Connection, other_organization: Any, make_connection: Any
) -> None:
    foreign = make_connection("flow_connect", other_organization)
    ScimClient(foreign).create_user("mallory")
    event = Event.objects.get()
    assert client.get(url_of("event", connection.pk, event.pk)).status_code == 404
    for wanted in ("", "mallory", str(event.resource_id), event.request_id):
        assert shown(client, connection, q=wanted) == []
    assert client.get(url_of("event", connection.pk, 10**30)).status_code == 404


def test_the_detail_shows_the_change_before_and_after(client: Client, connection: Connection) -> None:
    idp = ScimClient(connection)
    ada = idp.create_user("ada", displayName="Ada")
    idp.patch(f"/Users/{ada.id}", {"op": "replace", "path": "displayName", "value": "Ada L."})
    idp.patch(
        f"/Users/{ada.id}", {"op": "add", "path": 'phoneNumbers[type eq "work"].value', "value": "+47 1"}
    )
    phone, name = Event.objects.order_by("-pk")[:2]
    page = client.get(url_of("event", connection.pk, name.pk))
    assert page.context["changes"] == [("displayName", "Ada", "Ada L.")]
    assert name.request_id in page.text
    page = client.get(url_of("event", connection.pk, phone.pk))
    assert "the values are not kept" in page.text
    assert "+47 1" not in page.text


def test_the_detail_of_a_refusal_says_what_mends_it(client: Client, connection: Connection) -> None:
    ScimClient(connection).post("/Users", user_body("kurt", externalId="kurt"))
    page = client.get(url_of("event", connection.pk, Event.objects.get().pk)).text
    assert "What mends it:" in page
    assert "external_id_not_guid" in page
    assert "POST /Users" in page
    assert "&quot;externalId&quot;: &quot;kurt&quot;" in page
    assert "&quot;scimType&quot;: &quot;invalidValue&quot;" in page, "the answer of a refusal"


def test_the_detail_shows_request_and_answer_without_what_is_not_kept(
    client: Client, connection: Connection
) -> None:
    body = user_body("ada", phoneNumbers=[{"type": "work", "value": "+47 1"}], password="hunter2")
    answer = ScimClient(connection).post("/Users", body)
    page = client.get(url_of("event", connection.pk, Event.objects.get().pk)).text
    assert "hunter2" not in page
    assert "+47 1" not in page
    assert page.count("•••") >= 3
    assert answer.id in page
    assert answer.headers["SCIM-Request-Id"] in page


def test_the_detail_of_an_ignored_member_shows_the_request_it_came_with(
    client: Client, connection: Connection
) -> None:
    idp = ScimClient(connection)
    group, ada = idp.create_group("Team A").id, idp.create_user("ada").id
    idp.patch(f"/Groups/{group}", add_members(ada, str(uuid.uuid4())))
    ignored = Event.objects.get(outcome="ignored")
    page = client.get(url_of("event", connection.pk, ignored.pk))
    assert page.context["kept"].method == "PATCH"
    assert [line.event.outcome for line in page.context["others"]] == ["success"]


def test_an_event_of_the_hub_itself_has_no_request(client: Client, connection: Connection) -> None:
    write(connection, 1, operation="activate")
    assert "Request</h2>" not in client.get(url_of("event", connection.pk, Event.objects.get().pk)).text


@pytest.mark.parametrize("name", ["overview", "log", "log_csv", "event", "disconnect", "changelist"])
def test_T34_names_are_inert(client: Client, connection: Connection, name: str) -> None:
    idp = ScimClient(connection)
    idp.create_user("grace", displayName=HTML)
    idp.create_group(HTML)
    idp.post("/Users", user_body("kurt", externalId=HTML))
    Connection.objects.update(name=HTML)
    event = Event.objects.filter(resource_name=HTML)[0]
    arguments = {"changelist": [], "event": [connection.pk, event.pk]}.get(name, [connection.pk])
    answer = client.get(url_of(name, *arguments))
    if name == "log_csv":
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "attachment" in answer["Content-Disposition"]
    else:
        assert "<img src=x" not in answer.text
        assert "&lt;img src=x" in answer.text


def read(client: Client, connection: Connection, **query: Any) -> list[dict[str, str]]:
    answer: Any = client.get(url_of("log_csv", connection.pk), query)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_T34_a_formula_in_a_name_is_text_in_the_export(client: Client, connection: Connection) -> None:
    ScimClient(connection).create_group(FORMULA)
    (line,) = read(client, connection)
    assert line["resource_name"] == f"'{FORMULA}"
    assert not [cell for cell in line.values() if cell.lstrip().startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize("text", ["=1", "+1", "-1", "@a", "\t=1", "\r=1", "  =1", "＝1", "\n=1"])
def test_T34_every_beginning_of_a_formula(text: str) -> None:
    assert inert(text) == f"'{text}"


def test_other_cells_stay_as_they_are() -> None:
    assert [inert(value) for value in ("a=b", 200, None, {"a": "æ"})] == ["a=b", "200", "", '{"a": "æ"}']


def test_the_export_holds_everything_that_fits(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scim_provisioning.admin.export.CHUNK", 7)
    write(connection, 30)
    write(connection, 3, outcome="refused")
    assert len(read(client, connection)) == 33
    assert len(read(client, connection, outcome="refused")) == 3


def cycle(connection: Connection, count: int, ago: timedelta, **columns: Any) -> list[int]:
    """Write a cycle of an identity provider, one change a second; return its keys."""
    start = timezone.now() - ago
    values: dict[str, Any] = {"operation": "update", "outcome": "success", **columns}
    events = Event.objects.bulk_create(
        Event(
            connection_key=connection.pk,
            status=200,
            token_key_id="abc",
            created_at=start + timedelta(seconds=number),
            **values,
        )
        for number in range(count)
    )
    return [event.pk for event in events]


def headings(client: Client, connection: Connection, **query: Any) -> list[tuple[int, int, int, int] | None]:
    """Return (changes, refusals, ignored, lines shown) of each section of a page."""
    context = client.get(url_of("log", connection.pk), query).context
    return [
        (each.cycle.changes, each.cycle.refusals, each.cycle.ignored, len(each.lines)) if each.cycle else None
        for each in context["sections"]
    ]


MINUTE = timedelta(minutes=1)


def test_a34_a_pause_ends_a_cycle(client: Client, connection: Connection) -> None:
    cycle(connection, 3, 80 * MINUTE)
    cycle(connection, 2, 40 * MINUTE)
    cycle(connection, 1, 30 * MINUTE, outcome="refused")
    cycle(connection, 1, 0 * MINUTE, outcome="ignored")
    assert headings(client, connection) == [(0, 0, 1, 1), (2, 1, 0, 3), (3, 0, 0, 3)]


def test_a34_a_cycle_has_its_whole_heading_on_every_page_it_reaches_into(
    client: Client, connection: Connection
) -> None:
    cycle(connection, 30, 80 * MINUTE)
    long = cycle(connection, 60, 40 * MINUTE)
    cycle(connection, 20, 0 * MINUTE)
    assert headings(client, connection) == [(20, 0, 0, 20), (60, 0, 0, 30)]
    second = {"before": long[30]}
    assert headings(client, connection, **second) == [(60, 0, 0, 30), (30, 0, 0, 20)]


def test_a34_one_cycle_alone(client: Client, connection: Connection) -> None:
    cycle(connection, 30, 80 * MINUTE)
    wanted = cycle(connection, 60, 40 * MINUTE)
    cycle(connection, 20, 0 * MINUTE)
    page = client.get(url_of("log", connection.pk))
    link = page.context["sections"][1].only_url
    assert link == f"?cycle={wanted[0]}-{wanted[-1]}"
    key = link.removeprefix("?cycle=")
    assert all_pages(client, connection, cycle=key) == wanted[::-1]
    assert headings(client, connection, cycle=key) == [(60, 0, 0, 50)]
    assert len(read(client, connection, cycle=key)) == 60
    for nonsense in ("x", "1", "-", f"{wanted[0]}-{'9' * 30}"):
        assert len(all_pages(client, connection, cycle=nonsense)) == 110


def test_what_the_hub_does_itself_joins_no_cycles(client: Client, connection: Connection) -> None:
    cycle(connection, 2, 60 * MINUTE)
    for minutes in (50, 40, 30):
        Event.objects.filter(pk__in=cycle(connection, 1, minutes * MINUTE, operation="activate")).update(
            token_key_id=""
        )
    cycle(connection, 2, 20 * MINUTE)
    assert headings(client, connection) == [(2, 0, 0, 2), None, (2, 0, 0, 2)]


def test_a_cycle_longer_than_what_is_looked_at_says_so(
    client: Client, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cycles, "CONSIDERED", 20)
    keys = cycle(connection, 90, 40 * MINUTE)
    [section, beyond] = client.get(url_of("log", connection.pk)).context["sections"]
    assert (section.cycle.is_cut, section.cycle.changes, len(section.lines)) == (True, 20, 20)
    assert (beyond.cycle, beyond.is_beyond, len(beyond.lines)) == (None, True, 30)
    [section, _beyond] = client.get(url_of("log", connection.pk), {"before": keys[50]}).context["sections"]
    assert (section.cycle.is_cut, section.cycle.changes) == (True, 40)


def test_a_cycle_is_kept_when_something_is_searched_in_it(client: Client, connection: Connection) -> None:
    wanted = cycle(connection, 3, 40 * MINUTE)
    cycle(connection, 3, 0 * MINUTE)
    key = f"{wanted[0]}-{wanted[-1]}"
    page = client.get(url_of("log", connection.pk), {"cycle": key})
    assert f'<input type="hidden" name="cycle" value="{key}"' in page.text
    assert len(shown(client, connection, cycle=key, outcome="success")) == 3
