"""T34: HTML and formulas in names, through every page there is and the CSV."""

import csv
from html.parser import HTMLParser
from io import StringIO
from typing import Any

import pytest
from django.test import Client

from scim_provisioning.admin.export import FORMULA
from scim_provisioning.models import Connection, Event
from tests.admin.pages import address, page_names
from tests.scim import ScimClient, user_body

HTML = "<img src=x onerror=alert(1)>\"'><script>alert(2)</script>{{ 7|add:7 }}"
FORMULAS = ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1+1", "＝1+1"]


class Elements(HTMLParser):
    """Collects what a browser would take for markup of the names."""

    def __init__(self) -> None:
        super().__init__()
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if any(name.startswith("on") for name in given) or given.get("src") == "x":
            self.bad.append(f"{tag} {given}")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and "alert(2)" in data:
            self.bad.append(data)


@pytest.fixture
def used(connection: Connection) -> ScimClient:
    """Return the client of a connection in which everything that can be named is named badly."""
    type(connection.organization).objects.filter(pk=connection.organization_id).update(name=f"Contoso {HTML}")
    Connection.objects.update(name=HTML)
    connection.refresh_from_db()
    client = ScimClient(connection)
    user = client.create_user(displayName=HTML, title=HTML, name={"familyName": HTML})
    client.create_group(HTML, user.id)
    client.post("/Users", user_body("<script>alert(2)</script>", externalId=HTML))
    client.patch(f"/Users/{user.id}", {"op": "replace", "path": "displayName", "value": f"{HTML} 2"})
    return client


@pytest.mark.parametrize("name", page_names())
def test_T34_no_page_takes_a_name_for_markup(name: str, used: ScimClient, client: Client) -> None:
    for event in Event.objects.order_by("-pk") if "event" in name else [None]:
        url = address(name, used.connection)
        if event is not None:
            url = url.replace(f"/log/{Event.objects.order_by('-pk')[0].pk}/", f"/log/{event.pk}/")
        for query in ("", f"?q={HTML}&outcome={HTML}&before={HTML}"):
            answer = client.get(url + query, follow=True)
            if answer.streaming or "html" not in answer["Content-Type"]:
                continue
            elements = Elements()
            elements.feed(answer.text)
            assert elements.bad == [], url


def test_T34_the_organizations_page_takes_no_name_for_markup(used: ScimClient, client: Client) -> None:
    elements = Elements()
    elements.feed(client.get(f"/admin/hub/organization/{used.organization.pk}/change/").text)
    assert elements.bad == []


def test_T34_the_parser_sees_what_is_looked_for() -> None:
    elements = Elements()
    elements.feed(f"<p>{HTML}</p>")
    assert len(elements.bad) == 2


def test_T34_no_cell_of_the_export_is_a_formula(connection: Connection, client: Client) -> None:
    scim = ScimClient(connection)
    for number, formula in enumerate(FORMULAS):
        scim.create_user(f"user{number}", displayName=formula)
        scim.create_group(f"{formula.strip()} {number}")
    url = address("scim_provisioning_connection_log_csv", connection)
    answer: Any = client.get(url)
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text)))
    assert len(rows) > 2 * len(FORMULAS)
    cells = [cell for row in rows for cell in row]
    assert any(FORMULAS[0] in cell for cell in cells)
    assert [cell for cell in cells if cell.lstrip().startswith(FORMULA)] == []
