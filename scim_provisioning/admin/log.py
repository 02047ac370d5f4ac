"""The provisioning log of a connection, by cycles, and one event of it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from scim_provisioning.admin.cycles import Cycle, cycles_around
from scim_provisioning.admin.explanations import Explanation, explain
from scim_provisioning.admin.log_search import OPERATIONS, LogForm, Search
from scim_provisioning.admin.pages import Page
from scim_provisioning.models import Event
from scim_provisioning.protocol.errors import ERROR_SCHEMA

SHOWN_SIBLINGS = 50


@dataclass(frozen=True, slots=True)
class Line:
    """An event as a line of the log."""

    event: Event
    operation: Any
    explanation: Explanation
    url: str


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one cycle, under its heading; of none where the Hub itself or an unknown cycle wrote them."""

    cycle: Cycle | None
    is_beyond: bool = False
    only_url: str = ""
    lines: list[Line] = field(default_factory=list)


def log(page: Page) -> HttpResponse:
    """Show one page of the log."""
    search = Search.of(page.connection.pk, page.request.GET)
    before = page.request.GET.get("before", "")
    found = search.slice(int(before) if before.isdecimal() and len(before) < 19 else None)
    return page.render(
        "log",
        title=_("Provisioning log"),
        form=LogForm(initial=search.values(), auto_id="scim-%s"),
        sections=sections_of(page, search, found.events),
        only_cycle=bool(search.cycle),
        older="?" + search.query_string(before=found.older) if found.older else "",
        newest="?" + search.query_string() if before else "",
        csv_url=f"{page.url('log_csv')}?{search.query_string()}",
    )


def sections_of(page: Page, search: Search, events: Sequence[Event]) -> list[Section]:
    """Return the events of a page under the headings of their cycles."""
    sections: list[Section] = []
    if not events:
        return sections
    cycles = cycles_around(page.connection.pk, events[0].pk)
    for event in events:
        cycle = cycles.at(event.pk)
        beyond = cycle is None and cycles.oldest is not None and event.pk <= cycles.oldest
        if not sections or (sections[-1].cycle, sections[-1].is_beyond) != (cycle, beyond):
            only = "?" + search.query_string(cycle=cycle.key) if cycle else ""
            sections.append(Section(cycle, beyond, only))
        sections[-1].lines.append(_line(page, event))
    return sections


def _line(page: Page, event: Event) -> Line:
    operation = dict(OPERATIONS).get(event.operation, event.operation)
    return Line(event, operation, explain(event), page.url("event", event.pk))


def event(page: Page, event_id: int) -> HttpResponse:
    """Show one event: what was asked and answered, what changed, why it was refused and what mends that."""
    mine = Event.objects.filter(connection_key=page.connection.pk)
    found = mine.filter(pk=event_id).first()
    if found is None:
        raise Http404
    of_request = list(mine.filter(request_id=found.request_id).order_by("-pk")[:SHOWN_SIBLINGS])
    kept = next((each for each in of_request if each.method), found) if not found.method else found
    return page.render(
        "event",
        title=dict(OPERATIONS).get(found.operation, found.operation),
        event=found,
        explanation=explain(found),
        changes=[change_of(name, value) for name, value in found.changes.items()],
        kept=kept,
        request_body=readable(kept.request_body),
        answer_body=answer_of(kept),
        others=[_line(page, each) for each in of_request if each.pk != found.pk],
        same_resource="?" + urlencode({"q": str(found.resource_id)}) if found.resource_id else "",
        from_here="?" + urlencode({"before": found.pk + 1}),
        log_url=page.url("log"),
    )


def answer_of(kept: Event) -> str:
    """Return the body of an answer; that of a refusal is made of what is kept of it."""
    if kept.outcome not in (Event.Outcome.REFUSED, Event.Outcome.FAILED):
        return readable(kept.answer_body)
    body = {"schemas": [ERROR_SCHEMA], "status": str(kept.status), "detail": kept.detail}
    return readable(json.dumps({**body, "scimType": kept.scim_type} if kept.scim_type else body))


def readable(body: str) -> str:
    """Return kept JSON with line breaks."""
    try:
        return json.dumps(json.loads(body), ensure_ascii=False, indent=2) if body else ""
    except ValueError:
        return body


def change_of(name: str, value: Any) -> tuple[str, str | None, str | None]:
    """Return the name of a changed attribute with its values before and after; None for what is not kept."""
    if not isinstance(value, dict) or value.keys() - {"before", "after"}:
        return name, "", _text(value)
    return name, _side(value, "before"), _side(value, "after")


def _side(value: dict[str, Any], side: str) -> str | None:
    if not value:
        return None
    return "" if value.get(side) is None else _text(value[side])


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
